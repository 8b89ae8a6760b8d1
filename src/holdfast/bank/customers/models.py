"""Customers, their accounts, who owns which, and sessions that were ended."""

from django.db import models

from holdfast.bank.sealed.fields import MarkedText, SealedJson, SealedText, marked


class Customer(models.Model):
    """A person or firm, sealed (bank.sealed). verifier is argon2's encoded form, "" when nobody logs in (yet); left:
    since when they are no customer any more, null while they are one; erased: since when nothing names them here;
    former_name: what they were called until lately, and until when payers may still write it; phone: where they want
    to be called, in international form, "" for nowhere."""

    id = models.BigIntegerField(primary_key=True)
    name = SealedText()
    username = MarkedText()
    cohort = models.IntegerField()
    email = MarkedText(blank=True)
    language = models.CharField(max_length=8, default="en")
    verifier = models.CharField(max_length=200, blank=True)
    needs = SealedJson(default=list)
    left = models.DateTimeField(null=True)
    erased = models.DateTimeField(null=True)
    former_name = SealedText(default="", db_default="", blank=True)
    former_until = models.DateTimeField(null=True)
    phone = SealedText(default="", db_default="", blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "customer"
        constraints = (models.UniqueConstraint(marked("username"), name="customer_username_once"),)
        indexes = (models.Index(marked("email"), name="customer_email_mark"),)

    def __str__(self) -> str:
        return f"customer {self.id}"


class Account(models.Model):
    """What a customer calls an account; id is the account's id in the books, which hold its money. closed: since when
    it takes and pays nothing any more, null while it is open; the books' flag is what decides. closing: since when it
    is being closed, null before and after."""

    id = models.BigIntegerField(primary_key=True)
    number = models.CharField(max_length=34, unique=True)
    title = SealedText()
    product = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    cohort = models.IntegerField()
    closed = models.DateTimeField(null=True)
    closing = models.DateTimeField(null=True)
    owners = models.ManyToManyField(Customer, through="Owner", related_name="accounts")

    class Meta:
        """Where it is stored."""

        db_table = "account"
        indexes = (models.Index(fields=["closing"], name="account_closing", condition=models.Q(closing__isnull=False)),)

    def __str__(self) -> str:
        return f"account {self.id}"


class Owner(models.Model):
    """This customer may see and draw on this account."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)

    class Meta:
        """Where it is stored."""

        db_table = "owner"
        constraints = (models.UniqueConstraint(fields=["customer", "account"], name="owner_once"),)

    def __str__(self) -> str:
        return f"customer {self.customer_id} owns account {self.account_id}"


class NameChange(models.Model):
    """A customer asked to be called otherwise. state: waiting, taken, declined; asked_by, approved_by: of the two who
    decided; answer: their reason, which the customer reads. was: the name until then."""

    number = models.BigAutoField(primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    name = SealedText()
    was = SealedText()
    reason = SealedText()
    state = models.CharField(max_length=10, default="waiting")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=64, default="")
    approved_by = models.CharField(max_length=64, default="")
    answer = SealedText(default="", blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "name_change"
        constraints = (
            models.UniqueConstraint(
                fields=["customer"], condition=models.Q(state="waiting"), name="name_change_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"name change {self.number}"


class RevokedSession(models.Model):
    """A session that was ended, here or at the spare bank."""

    session = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Where it is stored."""

        db_table = "revoked_session"

    def __str__(self) -> str:
        return f"session {self.session}"


class SessionsEnded(models.Model):
    """Every session of a customer's that began before before_us (microseconds since 1970 UTC, at either bank) has
    ended, but `but`: one of the spare bank that was never seen here too (contracts.sessions.AllEnded)."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True)
    before_us = models.BigIntegerField(db_index=True)
    but = models.CharField(max_length=64)

    class Meta:
        """Where it is stored."""

        db_table = "sessions_ended"

    def __str__(self) -> str:
        return f"the sessions of customer {self.customer_id} that ended at once"


class RetentionRun(models.Model):
    """How much was forgotten on one day (UTC), by kind (privacy.retention); ran: when it was looked last."""

    day = models.DateField(primary_key=True)
    ran = models.DateTimeField(auto_now=True)
    counts = models.JSONField(default=dict)

    class Meta:
        """Where it is stored."""

        db_table = "retention_run"

    def __str__(self) -> str:
        return f"retention on {self.day}"
