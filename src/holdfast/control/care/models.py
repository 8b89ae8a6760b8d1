"""Who the customers are, as far as telling them needs it, who called them, and what they were given back."""

from django.db import models

from holdfast.control.incidents.models import Incident


class Customer(models.Model):
    """A customer from the bank's profile stream; known here also when the bank is down.

    phone: where they want to be called, "" for nowhere; quiet_from, quiet_until: minutes of the bank's day between
    which nothing but the urgent is sent; equal: never quiet; null: as the bank does. channels: by which they want to be
    told beside mail; sms: the number that takes SMS, "" for none; push: the browsers that are told
    (contracts.ways.Browser).
    """

    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    language = models.CharField(max_length=8)
    cohort = models.IntegerField(db_index=True)
    needs = models.JSONField(default=list)
    needs_first = models.BooleanField(default=False)
    phone = models.CharField(max_length=16, default="", db_default="", blank=True)
    quiet_from = models.SmallIntegerField(null=True)
    quiet_until = models.SmallIntegerField(null=True)
    channels = models.JSONField(default=list, db_default=[])
    sms = models.CharField(max_length=16, default="", db_default="", blank=True)
    push = models.JSONField(default=list, db_default=[])


class BankFact(models.Model):
    """The facts `limits`, `bank` and `help` of the profile stream."""

    kind = models.CharField(max_length=16, primary_key=True)
    body = models.JSONField()


class Refund(models.Model):
    """One refund that the bank booked for an incident; amounts in minor units of currency."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="refunds")
    customer = models.BigIntegerField()
    account = models.BigIntegerField()
    payment = models.CharField(max_length=64)
    charged_minor = models.BigIntegerField()
    would_have_been_minor = models.BigIntegerField()
    refunded_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    why = models.TextField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["incident", "account", "payment"], name="one_row_a_refund"),)


class PhoneCall(models.Model):
    """Somebody called, or tried to call, a customer because of an incident. outcome: one of calls.OUTCOMES; agreed: in
    words; again_at: when they are to be called again, null for not."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="calls")
    customer = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16)
    agreed = models.CharField(max_length=500, default="", blank=True)
    again_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["incident", "customer"], name="calls_of_an_incident"),)
