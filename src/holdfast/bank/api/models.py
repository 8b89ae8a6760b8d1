"""Tokens that customers made for their programs, and which payments came by which."""

from django.db import models

from holdfast.bank.customers.models import Customer
from holdfast.bank.sealed.fields import SealedText


class ApiToken(models.Model):
    """A token; digest is SHA-256 of its text in hex, the text itself is kept nowhere. scopes: contracts.api.Scope;
    day_minor: what it may pay on one day, in minor units; ends: from then on it is refused; used: when it was last
    used, to the minute; revoked: null while it holds."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    name = SealedText()
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    day_minor = models.BigIntegerField(default=0)
    made = models.DateTimeField()
    ends = models.DateTimeField()
    used = models.DateTimeField(null=True)
    revoked = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "api_token"
        indexes = (models.Index(fields=["customer", "-id"], name="api_token_customer"),)

    def __str__(self) -> str:
        return f"token {self.id} of customer {self.customer_id}"


class ApiPayment(models.Model):
    """A payment that a program asked for, written before it is judged; payment is its id. content: SHA-256 in hex of
    what was asked, by which the same key with other content is told, sealed since short words can be guessed from it;
    empty for what the spare bank took."""

    payment = models.UUIDField(primary_key=True)
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT)
    content = SealedText()
    amount_minor = models.BigIntegerField()
    created = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "api_payment"
        indexes = (models.Index(fields=["token", "created"], name="api_payment_token"),)

    def __str__(self) -> str:
        return f"payment {self.payment}"


class ApiWaiting(models.Model):
    """The metadata of a payment that a program asked for and the customer must confirm; payment is its id."""

    payment = models.UUIDField(primary_key=True)
    metadata = models.JSONField()
    created = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "api_waiting"
        indexes = (models.Index(fields=["created"], name="api_waiting_created"),)

    def __str__(self) -> str:
        return f"waiting {self.payment}"
