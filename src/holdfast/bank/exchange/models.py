"""What crosses between this bank and the spare bank: profile facts out, the journal in."""

from django.db import models
from django.db.models import BigIntegerField, Func, TextField
from django.db.models.functions import Cast, Now

from holdfast.bank.sealed.fields import SealedJson, SealedText


class Fact(models.Model):
    """One profile fact, written in the transaction of what it tells.

    xid is that transaction's id; number is given later by the sequencer, in order (facts.py).
    """

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField(null=True, unique=True)
    xid = models.BigIntegerField(
        db_default=Cast(Cast(Func(function="pg_current_xact_id"), TextField()), BigIntegerField())
    )
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    body = SealedJson(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "fact"
        indexes = (models.Index(fields=["id"], name="fact_waiting", condition=models.Q(number=None)),)

    def __str__(self) -> str:
        return f"fact {self.kind} {self.key}"


class BankFact(models.Model):
    """A thing the bank knows of itself: `bank` (own accounts, name, business date) and `limits`."""

    key = models.CharField(max_length=20, primary_key=True)
    body = models.JSONField()

    class Meta:
        """Where it is stored."""

        db_table = "bank_fact"

    def __str__(self) -> str:
        return self.key


class BlockedPayee(models.Model):
    """Payments to this account are stopped because of fraud warnings."""

    account = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Where it is stored."""

        db_table = "blocked_payee"

    def __str__(self) -> str:
        return f"blocked {self.account}"


class HeldEpoch(models.Model):
    """Which bank held an epoch of a cohort, as far as this bank has learnt, and when it learnt it; whose sessions hold
    and who is late hang on it."""

    cohort = models.IntegerField()
    epoch = models.BigIntegerField()
    mode = models.CharField(max_length=14)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        """Where it is stored."""

        db_table = "held_epoch"
        constraints = (models.UniqueConstraint(fields=["cohort", "epoch", "mode"], name="held_epoch_once"),)

    def __str__(self) -> str:
        return f"epoch {self.epoch} of cohort {self.cohort}"


class JournalPosition(models.Model):
    """How far the spare bank's journal was replayed, and the hash of its last entry (one row, id 1)."""

    id = models.IntegerField(primary_key=True)
    position = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        """Where it is stored."""

        db_table = "journal_position"

    def __str__(self) -> str:
        return f"journal at {self.position}"


class Replayed(models.Model):
    """How one journal entry ended: posted, already, forced, suspended, refused, reversed, logout, close, card."""

    number = models.BigIntegerField(primary_key=True)
    payment = models.UUIDField(null=True, db_index=True)
    kind = models.CharField(max_length=10)
    ended = models.CharField(max_length=10)
    accepted_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    debit = models.BigIntegerField(default=0)
    credit = models.BigIntegerField(default=0)

    class Meta:
        """Where it is stored."""

        db_table = "replayed"

    def __str__(self) -> str:
        return f"journal entry {self.number}"


class JournalException(models.Model):
    """Something a person must look at after a replay: what was forced, suspended or entered under another id."""

    number = models.BigIntegerField(primary_key=True)
    payment = models.UUIDField()
    kind = models.CharField(max_length=10)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    words = SealedText()
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "journal_exception"

    def __str__(self) -> str:
        return f"exception of journal entry {self.number}"


class Outage(models.Model):
    """An outage of this bank, told by the control room once it was over: from since to until, which on the bank's own
    days were first_day to last_day."""

    incident = models.CharField(max_length=80, primary_key=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        """Where it is stored."""

        db_table = "outage"

    def __str__(self) -> str:
        return f"outage of incident {self.incident}"
