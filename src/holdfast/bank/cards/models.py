"""Cards, and each use of one that this bank was asked for or learnt of from the spare bank's journal."""

from collections.abc import Collection
from uuid import UUID

from django.db import models

from holdfast.bank.sealed.fields import SealedText
from holdfast.contracts import cards


class Card(models.Model):
    """A card; id is its token, never the number printed on it. changed_us: of the last freeze or unfreeze;
    own_use_minor, own_day_minor: the customer's own limits, below the bank's; null: none."""

    id = models.CharField(max_length=32, primary_key=True)
    account = models.BigIntegerField()
    customer = models.BigIntegerField(db_index=True)
    last4 = models.CharField(max_length=4)
    network = models.CharField(max_length=64)
    frozen = models.BooleanField(default=False)
    per_use_minor = models.BigIntegerField()
    per_day_minor = models.BigIntegerField()
    own_use_minor = models.BigIntegerField(null=True)
    own_day_minor = models.BigIntegerField(null=True)
    ends = models.CharField(max_length=7)
    changed_us = models.BigIntegerField(default=0)

    class Meta:
        """Where it is stored."""

        db_table = "card"

    def __str__(self) -> str:
        return f"card {self.id}"

    def as_known(self) -> cards.Card:
        """The card as both banks know it, with the limits that hold."""
        return cards.Card(
            self.id,
            self.account,
            self.customer,
            self.last4,
            self.network,
            self.frozen,
            min(self.per_use_minor, self.own_use_minor or self.per_use_minor),
            min(self.per_day_minor, self.own_day_minor or self.per_day_minor),
            self.ends,
            self.changed_us,
        )


class CardUse(models.Model):
    """One use of a card, written before the books are asked; id is the payment's, derived.

    outcome is "" until the books answered: `posted` (or held), `refused`, or `released` when the network took back what
    was held. The books, not this row, say what became of it. hold: what this use posted or freed.
    cohort and epoch: under which it was asked, 0 for what the spare bank took.
    """

    id = models.UUIDField(primary_key=True)
    card = models.CharField(max_length=32)
    customer = models.BigIntegerField()
    debit = models.BigIntegerField()
    credit = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    merchant = SealedText()
    merchant_code = models.CharField(max_length=4, blank=True)
    cause = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    final = models.BooleanField(default=True)
    hold = models.UUIDField(null=True)
    cohort = models.IntegerField()
    epoch = models.BigIntegerField()
    created = models.DateTimeField()
    outcome = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=30, blank=True)
    source = models.CharField(max_length=8, blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "card_use"
        indexes = (
            models.Index(fields=["card", "created"], name="card_use_card"),
            models.Index(fields=["customer", "created"], name="card_use_customer"),
            models.Index(fields=["created"], name="card_use_open", condition=models.Q(outcome="")),
            models.Index(fields=["hold"], name="card_use_hold", condition=models.Q(hold__isnull=False)),
        )

    def __str__(self) -> str:
        return f"card use {self.id}"


def merchants_of(uses: Collection[UUID]) -> dict[UUID, str]:
    """Where these card uses were; those that are none are absent."""
    return dict(CardUse.objects.filter(id__in=uses).values_list("id", "merchant")) if uses else {}
