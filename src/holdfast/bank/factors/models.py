"""Authenticators, recovery codes, passkeys, wrong codes, sessions, known devices, and the history of a customer's
security."""

from django.db import models

from holdfast.bank.customers.models import Customer
from holdfast.bank.sealed.fields import SealedJson, SealedText


class Authenticator(models.Model):
    """A customer's authenticator app. sealed: its secret under a key apart from the database (sealing.py);
    proved: when its first code was right, null while it is being set up, by the session that began it; devices_since:
    devices on which a code was shown before are no longer known."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True)
    sealed = models.CharField(max_length=200)
    session = models.CharField(max_length=64, blank=True, db_default="")
    created = models.DateTimeField(auto_now_add=True)
    proved = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)
    devices_since = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "authenticator"

    def __str__(self) -> str:
        return f"authenticator of customer {self.customer_id}"


class RecoverySalt(models.Model):
    """The salt of a customer's recovery codes (hex), new with each set of codes."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True)
    salt = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        """Where it is stored."""

        db_table = "recovery_salt"

    def __str__(self) -> str:
        return f"recovery codes of customer {self.customer_id}"


class RecoveryCode(models.Model):
    """The digest of one recovery code (contracts.factors). used_by: the request that used it."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    digest = models.CharField(max_length=64)
    used = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "recovery_code"
        constraints = (models.UniqueConstraint(fields=["customer", "digest"], name="recovery_code_once"),)

    def __str__(self) -> str:
        return f"a recovery code of customer {self.customer_id}"


class Passkey(models.Model):
    """A passkey. id, public_key: base64url, as in contracts.factors."""

    id = models.CharField(max_length=1400, primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    public_key = models.CharField(max_length=1400)
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list)
    name = SealedText()
    created = models.DateTimeField(auto_now_add=True)
    used = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "passkey"
        indexes = (models.Index(fields=["customer"], name="passkey_customer"),)

    def __str__(self) -> str:
        return f"passkey of customer {self.customer_id}"


class WrongCodes(models.Model):
    """Wrong codes of a customer since `began`, counted apart for each device that the customer was known on."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    device = models.CharField(max_length=64)
    began = models.DateTimeField()
    count = models.IntegerField()

    class Meta:
        """Where it is stored."""

        db_table = "wrong_codes"
        constraints = (models.UniqueConstraint(fields=["customer", "device"], name="wrong_codes_once"),)

    def __str__(self) -> str:
        return f"wrong codes of customer {self.customer_id}"


class KnownSession(models.Model):
    """A session of a customer, as the security page lists it. device: what the browser calls itself, in few words."""

    session = models.CharField(max_length=64, primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    began = models.DateTimeField()
    seen = models.DateTimeField()
    device = models.CharField(max_length=60)
    factors = models.JSONField(default=list)
    at_standin = models.BooleanField(default=False)

    class Meta:
        """Where it is stored."""

        db_table = "known_session"
        indexes = (models.Index(fields=["customer", "seen"], name="known_session_customer"),)

    def __str__(self) -> str:
        return f"session {self.session}"


class KnownDevice(models.Model):
    """A device on which a customer logged in, as the security page lists it; the token in its cookie is what counts.
    seen: when a bank last vouched for it."""

    device = models.CharField(max_length=64, primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    words = models.CharField(max_length=60)
    began = models.DateTimeField()
    seen = models.DateTimeField()

    class Meta:
        """Where it is stored."""

        db_table = "known_device"
        indexes = (models.Index(fields=["customer", "-seen"], name="known_device_customer"),)

    def __str__(self) -> str:
        return f"device of customer {self.customer_id}"


class Trust(models.Model):
    """What a login needs to know of a customer's devices, read with the customer. since: devices vouched for before are
    no longer known; gone: devices that were removed, the last one last; told: when a login on a new device was last
    written to the customer."""

    customer = models.OneToOneField(Customer, on_delete=models.PROTECT, primary_key=True)
    since = models.DateTimeField(null=True)
    gone = models.JSONField(default=list)
    told = models.DateTimeField(null=True)

    class Meta:
        """Where it is stored."""

        db_table = "trust"

    def __str__(self) -> str:
        return f"trusted devices of customer {self.customer_id}"


class SecurityEvent(models.Model):
    """One line of a customer's security history. event: its key among the words (room `event`), with its places;
    words: of lines written before there were keys."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    event = models.CharField(max_length=40, blank=True)
    places = SealedJson(default=dict)
    words = SealedText(blank=True)

    class Meta:
        """Where it is stored."""

        db_table = "security_event"
        indexes = (models.Index(fields=["customer", "-id"], name="security_event_customer"),)

    def __str__(self) -> str:
        return self.event or self.words
