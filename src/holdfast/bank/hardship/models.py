"""Advances of emergency money, and how much of them this bank gave in a day."""

from django.db import models
from django.db.models import Q


class Advance(models.Model):
    """One advance. id: contracts.ids.advance_id; month, number: which of the month's it is; day: its value date; due:
    from this day on the bank takes it back from the account; state: `asked` (the books have not answered yet),
    `given`, `refused` (the books refused it for good), `suspended` (the account took nothing when the spare bank's
    journal was entered; a case for people); source: the bank that gave it, `own` or `journal`. back_attempts: how often
    the books refused its paying back; back_asked: when that was asked for last and is not answered yet."""

    id = models.UUIDField(primary_key=True)
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    cohort = models.IntegerField()
    month = models.CharField(max_length=7)
    number = models.SmallIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    day = models.DateField()
    due = models.DateField()
    state = models.CharField(max_length=10, default="asked")
    source = models.CharField(max_length=8, default="own")
    asked = models.DateTimeField(auto_now_add=True)
    back_attempts = models.IntegerField(default=0)
    back_asked = models.DateTimeField(null=True)
    paid_back = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "advance"
        indexes = (
            models.Index(fields=["customer", "month"], name="advance_customer"),
            models.Index(fields=["due", "id"], name="advance_owed", condition=Q(state="given", paid_back=None)),
            models.Index(fields=["asked"], name="advance_open", condition=Q(state="asked")),
        )

    def __str__(self) -> str:
        return f"advance {self.month}/{self.number} of customer {self.customer}, {self.state}"


class AdvanceDay(models.Model):
    """What this bank reserved for advances on one of its days; its row is locked while one is reserved."""

    day = models.DateField(primary_key=True)
    reserved_minor = models.BigIntegerField(default=0)

    class Meta:
        """Where it is stored."""

        db_table = "advance_day"

    def __str__(self) -> str:
        return f"advances of {self.day}"
