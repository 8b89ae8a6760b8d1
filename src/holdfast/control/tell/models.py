"""What was said, to whom, and what became of it."""

from django.db import models

from holdfast.control.incidents.models import Incident


class Notice(models.Model):
    """One public statement or mailing; `words` holds its text by language."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="notices")
    name = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    words = models.JSONField(default=dict)


class Bundle(models.Model):
    """What the doors serve: signed when sent. state: made, taken, superseded, given up."""

    number = models.BigIntegerField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="bundles")
    reason = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    has_banner = models.BooleanField(default=False)
    updates = models.BooleanField(default=True)
    payload = models.JSONField()
    state = models.CharField(max_length=16, default="made")
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")


class Promise(models.Model):
    """Something promised by a time; state: open, kept, broken."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="promises")
    name = models.CharField(max_length=32)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default="open")


class Message(models.Model):
    """One mail to one customer. state: created, sending, delivered, temporary, permanent, superseded."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="messages")
    customer = models.BigIntegerField()
    email = models.TextField()
    language = models.CharField(max_length=8)
    needs_first = models.BooleanField(default=False)
    code = models.CharField(max_length=16, unique=True)
    message_id = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    bundle_number = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, default="created")
    attempts = models.IntegerField(default=0)
    maybe_twice = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["notice", "customer"], name="one_message_a_customer"),)
        indexes = (models.Index(fields=["state", "next_attempt_at"], name="message_due"),)
