"""What people say and do about an incident, who is on call, pages, and runs of runbooks."""

from django.db import models

from holdfast.control.incidents.models import Incident
from holdfast.control.staff.models import Person


class Response(models.Model):
    """What people said of an incident. state: "" for nothing; severity: null leaves the computed one; the review is
    what a person wrote and signed. Apart from the incident's own row, which the desk alone writes."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, primary_key=True, related_name="response")
    state = models.CharField(max_length=16, default="")
    severity = models.IntegerField(null=True)
    severity_why = models.TextField(default="")
    review = models.TextField(default="")
    reviewed_by = models.CharField(max_length=64, default="")
    reviewed_at = models.DateTimeField(null=True)


class Post(models.Model):
    """Who leads, tells or writes down, and who did before. until_at: null for who has it now."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=16)
    person = models.ForeignKey(Person, on_delete=models.PROTECT)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    note = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["incident", "role"], condition=models.Q(until_at__isnull=True), name="one_person_a_role"
            ),
        )


class Task(models.Model):
    """Something to do. owner: a username, "" for nobody yet; due_at: null for no date."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="tasks")
    words = models.TextField()
    owner = models.CharField(max_length=64, default="")
    due_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    done_by = models.CharField(max_length=64, default="")
    done_at = models.DateTimeField(null=True)


class Decision(models.Model):
    """What was decided, and why."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    words = models.TextField()
    why = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Link(models.Model):
    """Where more is to be read: an https address, or a path of this console."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="links")
    words = models.TextField()
    url = models.TextField()
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class Contact(models.Model):
    """Where a member of staff is reached. webhook: may carry a secret, so it is shown to nobody else; phone: for SMS,
    as +4791234567."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="contact")
    email = models.CharField(max_length=254, default="")
    webhook = models.CharField(max_length=500, default="")
    phone = models.CharField(max_length=16, default="", db_default="")


class PushDevice(models.Model):
    """A browser of a member of staff that may be woken. mark: by what its address is known; sealed: address, public key
    and secret (pushing.Device), under the owner `push MARK`; name: what its owner calls it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="devices")
    mark = models.CharField(max_length=32, unique=True)
    sealed = models.TextField()
    name = models.CharField(max_length=60)
    made_at = models.DateTimeField()


class SmsGateway(models.Model):
    """The gateway by which SMS go out, as Apprise addresses it, sealed under the owner `sms gateway`; "" for none. A
    single row."""

    sealed = models.TextField(default="")


class SharedWebhook(models.Model):
    """The one address that is told of every page, whoever it goes to. A single row."""

    url = models.CharField(max_length=500)


class Shift(models.Model):
    """Who is on call from when until when; place: 1 is woken first, 2 when the first does not acknowledge."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="shifts")
    place = models.IntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    made_by = models.CharField(max_length=64)


class Page(models.Model):
    """One attempt to wake somebody of one incident by one way.

    level: 1 first on call, 2 second, 3 everybody. way: mail, webhook, sms, push (all devices of a person).
    state: waiting, sent, failed (given up), acknowledged, ended (the
    incident closed, or is not grave any more). recipient: a username, or `everyone` for the shared webhook.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="pages")
    level = models.IntegerField()
    recipient = models.CharField(max_length=64)
    way = models.CharField(max_length=8)
    address = models.CharField(max_length=500)
    state = models.CharField(max_length=12, default="waiting")
    attempts = models.IntegerField(default=0)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["incident", "level", "recipient", "way"], name="one_page_a_level_and_way"),
        )
        indexes = (models.Index(fields=["state", "next_at"], name="pages_waiting"),)


class Run(models.Model):
    """A runbook as it was followed once. The steps are copied, so that a file changed later changes no record. dry: it
    only said what machines would do. ended_at: null while it is followed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="runs")
    name = models.CharField(max_length=60)
    title = models.TextField()
    dry = models.BooleanField(default=False)
    begun_by = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["incident", "name"], condition=models.Q(ended_at__isnull=True), name="a_runbook_once_at_a_time"
            ),
        )


class RunStep(models.Model):
    """One step of a run. machine: what a machine does, "" for people's steps.

    state: open, waiting (the machine begins at due_at unless somebody stops it), running, done, failed, stopped,
    skipped, dry. by: who ticked, began, stopped or skipped it last.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    number = models.IntegerField()
    words = models.TextField()
    machine = models.CharField(max_length=40, default="")
    state = models.CharField(max_length=8, default="open")
    due_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=64, default="")
    at = models.DateTimeField(null=True)
    result = models.TextField(default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["run", "number"], name="one_row_a_step"),)
