"""A proposal: what one person wants done and another approves, and what came of it."""

from django.db import models

from holdfast.control.incidents.models import Incident


class Proposal(models.Model):
    """One proposal. state: open, approved (being carried out, for a minute at most), done, failed, declined, expired.

    subject names what it is about (`incident 3`, `case 12`, `limits`): one open proposal a deed and subject.
    break_glass: one person went on alone; it waits for a review until reviewed_at. door_event: the number of the
    doors' event when it was done at a terminal, past this room.
    """

    number = models.BigAutoField(primary_key=True)
    what = models.CharField(max_length=16)
    subject = models.CharField(max_length=32)
    words = models.TextField()
    data = models.JSONField(default=dict)
    why = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()
    until = models.DateTimeField()
    back = models.CharField(max_length=64)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="proposals")
    state = models.CharField(max_length=10, default="open")
    decided_by = models.CharField(max_length=64, default="")
    decided_at = models.DateTimeField(null=True)
    result = models.TextField(default="")
    break_glass = models.BooleanField(default=False)
    reviewed_by = models.CharField(max_length=64, default="")
    reviewed_at = models.DateTimeField(null=True)
    review = models.TextField(default="")
    door_event = models.BigIntegerField(null=True, unique=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["what", "subject"], condition=models.Q(state="open"), name="one_open_proposal_a_deed"
            ),
        )
