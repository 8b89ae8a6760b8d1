"""Who froze everything, and what that stopped."""

from django.db import models

from holdfast.bank.customers.models import Customer


class FreezeChange(models.Model):
    """When a customer last froze everything or opened it again, at either bank. changed_us: of the later of the two
    (contracts.freezing); frozen_us: when the last freeze was, by the clock of the
    bank where it was; session: the one that asked for it."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True)
    changed_us = models.BigIntegerField()
    frozen_us = models.BigIntegerField()
    session = models.CharField(max_length=64)

    class Meta:
        """Where it is stored."""

        db_table = "freeze_change"

    def __str__(self) -> str:
        return f"the last freeze of customer {self.customer_id}"


class Frozen(models.Model):
    """A customer who froze everything. accounts: those that pay nothing until then; cards: those that were open before,
    and are opened again with the rest."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True)
    since = models.DateTimeField()
    accounts = models.JSONField(default=list)
    cards = models.JSONField(default=list)

    class Meta:
        """Where it is stored."""

        db_table = "frozen"

    def __str__(self) -> str:
        return f"customer {self.customer_id} froze everything"
