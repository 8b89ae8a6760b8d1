"""Decisions on cases, and disputes. Another case is the exception that the replay opened (exchange/models.py)."""

from typing import Any

from django.db import models

from holdfast.bank.sealed.fields import SealedText

DISPUTES_FROM = 10**12
"""Above it the numbers of cases are those of disputes; below it those of the journal entries that opened them."""
CLAIMS_FROM = 2 * 10**12
"""Above it they are those of claims for what others charged (redress/)."""


class Decision(models.Model):
    """What two people decided on one case; number is the case's, and payment the transfer that was booked for it.

    debit, credit and amount_minor are those of that transfer; without one payment is null and they are 0.
    """

    number = models.BigIntegerField(primary_key=True)
    decision = models.CharField(max_length=12)
    why = SealedText()
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

    def to_wire(self) -> dict[str, Any]:
        """The decision as the control room reads it."""
        return {
            "decision": self.decision,
            "why": self.why,
            "owner": self.owner,
            "asked_by": self.asked_by,
            "approved_by": self.approved_by,
            "at": self.decided_at.isoformat(),
            "payment": self.payment.hex if self.payment else None,
            "amount_minor": self.amount_minor,
        }

    def __str__(self) -> str:
        return f"decision on case {self.number}"


class Dispute(models.Model):
    """What a customer does not recognise or accept of an entry of their account; a case from the moment it is made.

    id is the form's, so that sending it again makes no second one; number counts them; amount_minor is the entry's,
    signed on the customer's side; reason is one of disputing.REASONS; words are the customer's own. answer: what the
    customer was told in the end.
    """

    number = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    payment = models.UUIDField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    other_account = models.BigIntegerField()
    title = SealedText()
    reason = models.CharField(max_length=20)
    words = SealedText()
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    answer = SealedText(blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "dispute"
        constraints = (models.UniqueConstraint(fields=["account", "payment"], name="dispute_once"),)
        indexes = (models.Index(fields=["customer", "-number"], name="dispute_customer"),)

    @property
    def case(self) -> int:
        """Its number among all cases."""
        return DISPUTES_FROM + self.number

    def __str__(self) -> str:
        return f"dispute {self.number}"
