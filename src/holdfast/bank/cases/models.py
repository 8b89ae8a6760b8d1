"""Decisions on cases. The case itself is the exception that the replay opened (exchange/models.py)."""

from django.db import models


class Decision(models.Model):
    """What two people decided on one case; number is the case's, and payment the transfer that was booked for it.

    debit, credit and amount_minor are those of that transfer; without one payment is null and they are 0.
    """

    number = models.BigIntegerField(primary_key=True)
    decision = models.CharField(max_length=12)
    why = models.CharField(max_length=300)
    owner = models.CharField(max_length=64)
    asked_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    payment = models.UUIDField(null=True, db_index=True)
    debit = models.BigIntegerField(default=0)
    credit = models.BigIntegerField(default=0)
    amount_minor = models.BigIntegerField(default=0)

    class Meta:
        """Where it is stored."""

        db_table = "case_decision"

    def __str__(self) -> str:
        return f"decision on case {self.number}"
