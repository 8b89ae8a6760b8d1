"""Who froze everything, and what that stopped."""

from django.db import models

from holdfast.bank.customers.models import Customer


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
