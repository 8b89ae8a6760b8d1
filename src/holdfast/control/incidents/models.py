"""An incident, its timeline and its checks. All instants are aware; null means not yet."""

from django.db import models


class Incident(models.Model):
    """One incident, from one cause. `began_at` is the best knowledge of when the fault began."""

    number = models.BigAutoField(primary_key=True)
    cause = models.CharField(max_length=32)
    severity = models.IntegerField()
    phase = models.CharField(max_length=16)
    cause_words = models.TextField()
    opened_by = models.TextField()
    began_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    banner_at = models.DateTimeField(null=True)
    first_message_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)
    handing_back_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    affected_cohorts = models.JSONField(default=list)
    bank_block_seen = models.BigIntegerField(default=0)
    bank_block_seen_at = models.DateTimeField(null=True)
    spare_proof = models.JSONField(null=True)
    books_proof = models.JSONField(null=True)
    suspects = models.JSONField(default=list)
    fingerprint = models.JSONField(null=True)
    answers = models.JSONField(default=dict, db_default={})
    helped = models.TextField(default="", db_default="")
    refund_from = models.DateField(null=True)
    refund_until = models.DateField(null=True)
    refunds_at = models.DateTimeField(null=True)
    review = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["cause"], condition=models.Q(closed_at__isnull=True), name="one_open_incident_a_cause"
            ),
        )


class TimelineEntry(models.Model):
    """One thing that happened: `at` when it happened, `recorded_at` when the control room wrote it."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    words = models.TextField()
    data = models.JSONField(default=dict)
    door_event = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["incident", "door_event"], name="a_door_event_once_an_incident"),
        )


class Check(models.Model):
    """A named check of an incident and how it came out last."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="checks")
    name = models.CharField(max_length=64)
    at = models.DateTimeField()
    passed = models.BooleanField()
    words = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["incident", "name"], name="one_row_a_check"),)
