"""What customers asked to be paid, and what they were told."""

from django.db import models

from holdfast.bank.sealed.fields import SealedText


class Intent(models.Model):
    """A payment a customer asked for, written before the books are asked.

    birth and epoch are epochs; outcome is "" until the books answered: `posted` or `refused`. The books,
    not this row, say what became of it; this row says that something must be said. metadata: what the customer's
    program attached, name to text; null for none.
    """

    id = models.UUIDField(primary_key=True)
    customer = models.BigIntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    payer = SealedText()
    payee = SealedText()
    text = SealedText(blank=True)
    birth = models.BigIntegerField(default=0)
    cohort = models.IntegerField()
    epoch = models.BigIntegerField()
    created = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=30, blank=True)
    source = models.CharField(max_length=8, blank=True)
    metadata = models.JSONField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "intent"
        indexes = (
            models.Index(fields=["customer", "created"], name="intent_customer"),
            models.Index(fields=["created"], name="intent_open", condition=models.Q(outcome="")),
        )

    def __str__(self) -> str:
        return f"intent {self.id}"


class Told(models.Model):
    """A refusal that was claimed at the register, so that it may be, or was, told to the customer."""

    payment = models.UUIDField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Where it is stored."""

        db_table = "told"

    def __str__(self) -> str:
        return f"told {self.payment}"


class SavedPayee(models.Model):
    """An account on a customer's list of payees. name: what the customer calls its owner; checked: how that name
    compared with the owners' when it was saved (guard.NameCheck)."""

    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    number = models.CharField(max_length=34)
    name = SealedText()
    checked = models.CharField(max_length=12)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Where it is stored."""

        db_table = "saved_payee"
        constraints = (models.UniqueConstraint(fields=["customer", "account"], name="saved_payee_once"),)

    def __str__(self) -> str:
        return f"payee {self.id}"


class OwnLimit(models.Model):
    """The limits that a customer chose; body: guard.own.OwnLimits, as the fact `own_limits` has it."""

    customer = models.BigIntegerField(primary_key=True)
    body = models.JSONField()
    changed = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "own_limit"

    def __str__(self) -> str:
        return f"limits of customer {self.customer}"


class UndoWindow(models.Model):
    """For how many seconds a customer wants payments by form held back; no row: not at all."""

    customer = models.BigIntegerField(primary_key=True)
    seconds = models.SmallIntegerField()

    class Meta:
        """Where it is stored."""

        db_table = "undo_window"

    def __str__(self) -> str:
        return f"customer {self.customer}, {self.seconds} s"


class HeldPayment(models.Model):
    """A payment by form that waits until goes_at, so that it may be undone; the id is the form's.

    state: `held`; `going` (taken up to be paid), then `gone` or `refused`; `undone` by the customer; `late` when this
    bank was away for too long. The books, not this row, say whether it was paid. settled: when nothing was left to do.
    """

    id = models.UUIDField(primary_key=True)
    customer = models.BigIntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    credit_currency = models.CharField(max_length=3)
    payer = SealedText()
    payee = SealedText()
    text = SealedText(blank=True)
    birth = models.BigIntegerField(default=0)
    cohort = models.IntegerField()
    created = models.DateTimeField(auto_now_add=True)
    goes_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="held")
    settled = models.DateTimeField(null=True)
    metadata = models.JSONField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "held_payment"
        indexes = (
            models.Index(fields=["goes_at"], name="held_open", condition=models.Q(settled=None)),
            models.Index(fields=["customer"], name="held_customer", condition=models.Q(settled=None)),
        )

    def __str__(self) -> str:
        return f"held payment {self.id}, {self.state}"


class KidNeed(models.Model):
    """Payments to this account may or must carry a KID (contracts.kid)."""

    account = models.BigIntegerField(primary_key=True)
    need = models.CharField(max_length=4)

    class Meta:
        """Where it is stored."""

        db_table = "kid_need"

    def __str__(self) -> str:
        return f"account {self.account} {self.need} have a KID"
