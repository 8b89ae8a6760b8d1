"""Accounts that customers asked for."""

from django.db import models

from holdfast.bank.customers.models import Customer
from holdfast.bank.sealed.fields import SealedText

ACCOUNTS_FROM = 10**12
"""Above it the ids of accounts that customers opened themselves; a bank that is filled or imported stays below."""
WAITING, AGREED, OPENED, DECLINED, WITHDRAWN = "waiting", "agreed", "opened", "declined", "withdrawn"


class AccountRequest(models.Model):
    """A customer asked for an account, alone or with a partner who has to agree. id is the form's, so that sending it
    again asks for nothing new; number counts them and gives the account's id, account_number is kept for it from the
    beginning; state: waiting (for the partner), agreed (to be opened now), opened, declined, withdrawn."""

    number = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    asker = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="asked_accounts")
    partner = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="offered_accounts")
    product = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    title = SealedText()
    account_number = models.CharField(max_length=34, unique=True)
    state = models.CharField(max_length=10)
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "account_request"
        indexes = (models.Index(fields=["number"], name="account_request_agreed", condition=models.Q(state="agreed")),)

    @property
    def account(self) -> int:
        """The id of the account that it opens."""
        return ACCOUNTS_FROM + self.number

    def __str__(self) -> str:
        return f"request {self.number}"
