"""What was said, to whom, and what became of it."""

from django.db import models

from holdfast.control.incidents.models import Incident
from holdfast.control.subscribers.models import Subscriber


class Notice(models.Model):
    """One public statement or mailing; `words` holds its text by language.

    state: said (nobody is written to, or everybody was), writing (messages are being written down), cancelled.
    audience: {"cohorts": [numbers], "needs_only": bool}, {"customers": [numbers]}, or {"all": true};
    empty where the incident says who.
    made_by, approved_by: staff; empty where it was made by itself.
    components: of the status page that it is about, empty for all. followers: "" (who follows the page does not get
    it), due, told.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="notices")
    name = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    words = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="said", db_default="said")
    audience = models.JSONField(default=dict, db_default={})
    urgent = models.BooleanField(default=True, db_default=True)
    made_by = models.CharField(max_length=64, default="", db_default="")
    approved_by = models.CharField(max_length=64, default="", db_default="")
    components = models.JSONField(default=list, db_default=[])
    followers = models.CharField(max_length=8, default="", db_default="")

    class Meta:
        indexes = (models.Index(fields=["id"], condition=models.Q(followers="due"), name="notice_for_followers"),)


class Bundle(models.Model):
    """What the doors serve: signed when sent. state: made, taken, superseded, given up."""

    number = models.BigIntegerField(primary_key=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="bundles")
    reason = models.CharField(max_length=32)
    made_at = models.DateTimeField()
    has_banner = models.BooleanField(default=False)
    updates = models.BooleanField(default=True)
    payload = models.JSONField()
    state = models.CharField(max_length=16, default="made")
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    codes_to = models.BigIntegerField(default=0, db_default=0)
    """The codes of messages up to this id are in it."""


class Promise(models.Model):
    """Something promised by a time; state: open, kept, broken."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="promises")
    name = models.CharField(max_length=32)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default="open")


WAITING = ("created", "temporary", "technical")
"""States from which a message goes (again), while it has a next attempt."""


WHOLE = ("mail", "inbox")
"""Channels whose messages carry the whole text; each customer has one of them of each notice."""


class Message(models.Model):
    """One message to one customer, or one follower of the status page, by one channel; `inbox` is the bank's own page,
    to which nobody carries it. email: the address by its channel: of mail, the number of an SMS, the browsers of a push
    as JSON.

    state: created, sending, delivered (a provider accepted it), temporary (a provider refused it for now), technical
    (no provider answered, or nobody knows what it answered), permanent (it will never go), cancelled. A temporary or
    technical failure without next_attempt_at has ended: it was tried as often or as long as there is.
    customer: of a follower the subscriber's number below zero; email is empty then: the address stays sealed with the
    subscriber until the message leaves.
    maybe_twice: it may have gone out before. sending_at: when its last attempt began. provider: whom that was by.
    seen_at: when it was first shown in the customer's inbox.
    """

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="messages")
    customer = models.BigIntegerField()
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, related_name="messages", db_index=False
    )
    channel = models.CharField(max_length=8, default="mail", db_default="mail")
    provider = models.CharField(max_length=16, default="", db_default="")
    email = models.TextField()
    language = models.CharField(max_length=8)
    needs_first = models.BooleanField(default=False)
    urgent = models.BooleanField(default=True, db_default=True)
    quiet_from = models.SmallIntegerField(null=True)
    quiet_until = models.SmallIntegerField(null=True)
    code = models.CharField(max_length=16, unique=True)
    message_id = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    bundle_number = models.BigIntegerField(default=0)
    state = models.CharField(max_length=16, default="created")
    attempts = models.IntegerField(default=0)
    maybe_twice = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["notice", "customer", "channel"], name="one_message_a_channel"),)
        indexes = (
            models.Index(fields=["state", "next_attempt_at"], name="message_due"),
            models.Index(
                models.F("urgent").desc(),
                models.F("needs_first").desc(),
                "id",
                condition=models.Q(state__in=WAITING),
                name="message_order",
            ),
            models.Index(fields=["delivered_at"], name="message_delivered"),
            models.Index(
                fields=["subscriber"], condition=models.Q(subscriber__isnull=False), name="message_of_follower"
            ),
            models.Index(fields=["customer", "-id"], name="message_of_customer"),
        )


class SmsProvider(models.Model):
    """A gateway by which customers get SMS, as Apprise addresses it, sealed (gateways.OWNER); the lowest order is used
    as long as it works."""

    order = models.SmallIntegerField(primary_key=True)
    sealed = models.TextField()


class Provider(models.Model):
    """How a provider of a channel does, as the sender saw it last; state: works, rests (it is left alone for a while),
    trial (one message shows whether it works again)."""

    name = models.CharField(max_length=16, primary_key=True)
    channel = models.CharField(max_length=8)
    place = models.TextField()
    order = models.IntegerField(default=0)
    state = models.CharField(max_length=8)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    words = models.TextField(default="")
