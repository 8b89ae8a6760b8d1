"""Conversations with customers, what was said (sealed), who of support is there, and when support is open."""

from django.db import models

from holdfast.control.incidents.models import Incident
from holdfast.control.staff.models import Person


class Conversation(models.Model):
    """One chat. state: contracts.support.State. customer: null for a stranger. place: the page that it was opened from.
    waiting_since: when the customer asked for a person, kept while it goes back to the queue; front: it was an agent's
    who dropped out, and goes first. turn_since: since when the customer waits for a person's answer, null for not.
    version grows with each change; last_number: of its lines. score: 1 to 5, null for none. asked: what the customer's
    questions were found to be about, by name and never in words. consent: the customer's, that this agent sees their
    pages (contracts.consent), "" for none; consent_until: null for none."""

    id = models.UUIDField(primary_key=True)
    made_at = models.DateTimeField()
    language = models.CharField(max_length=8)
    customer = models.BigIntegerField(null=True)
    needs_first = models.BooleanField(default=False)
    place = models.CharField(max_length=60, default="")
    state = models.CharField(max_length=8)
    waiting_since = models.DateTimeField(null=True)
    front = models.BooleanField(default=False)
    agent = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="conversations")
    taken_at = models.DateTimeField(null=True)
    turn_since = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="conversations")
    version = models.IntegerField(default=1)
    last_number = models.IntegerField(default=0)
    customer_lines = models.IntegerField(default=0)
    seen_at = models.DateTimeField()
    score = models.SmallIntegerField(null=True)
    asked = models.CharField(max_length=40, default="")
    consent = models.TextField(default="", db_default="")
    consent_until = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "waiting_since"], name="conversations_waiting"),
            models.Index(fields=["customer"], name="conversations_of_a_customer"),
            models.Index(fields=["made_at"], name="conversations_by_time"),
        )


class Line(models.Model):
    """Something said. who: contracts.support.Who; sealed: the words, bound to their conversation; of a notice the
    name of what happened. said: the id that the sender gave it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="lines")
    number = models.IntegerField()
    who = models.CharField(max_length=8)
    by = models.CharField(max_length=64, default="")
    at = models.DateTimeField()
    sealed = models.TextField()
    page = models.CharField(max_length=60, default="")
    said = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "number"], name="one_line_a_number"),
            models.UniqueConstraint(fields=["conversation", "said"], name="a_message_once"),
        )


class PageLook(models.Model):
    """An agent was shown what the customer's pages show. by: what the agent is called; bank: which one showed it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="looks")
    customer = models.BigIntegerField(db_index=True)
    by = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)
    bank = models.CharField(max_length=8)


class Agent(models.Model):
    """A member of staff at the desk. here: they take chats now; seen_at: their last sign of life."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="desk")
    here = models.BooleanField(default=False)
    seen_at = models.DateTimeField()


class CallBack(models.Model):
    """A customer asked in the chat to be called. done_at: null while nobody reached them."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="call_back")
    customer = models.BigIntegerField()
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=64, default="")
    outcome = models.CharField(max_length=16, default="")


class OpeningHours(models.Model):
    """When support is open on a weekday (0: Monday), in minutes of the bank's day; equal: closed."""

    weekday = models.SmallIntegerField(primary_key=True)
    from_minute = models.SmallIntegerField()
    until_minute = models.SmallIntegerField()


class Extension(models.Model):
    """Support stays open beyond its hours. incident: for which; null for none."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="extensions")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    by = models.CharField(max_length=64)
    why = models.CharField(max_length=200)


class DeskShift(models.Model):
    """Who answers customers from when until when."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="desk_shifts")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)
