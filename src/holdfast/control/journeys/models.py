"""What came of each journey of the last days."""

from django.db import models


class Run(models.Model):
    """One journey. journey: its name (results.JOURNEYS); bank: who answered, `primary`, `standin`, or "" for nobody;
    failed: the step that failed, "" when none did, and why in words; steps: pairs of a step's name and how long it took
    in milliseconds, in their order."""

    journey = models.CharField(max_length=24)
    at = models.DateTimeField(db_index=True)
    bank = models.CharField(max_length=8, blank=True, default="")
    failed = models.CharField(max_length=48, blank=True, default="")
    why = models.CharField(max_length=200, blank=True, default="")
    took_ms = models.FloatField(default=0)
    steps = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=["journey", "-at"], name="runs_of_a_journey"),)
