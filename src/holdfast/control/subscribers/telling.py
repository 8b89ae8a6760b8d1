"""What followers are told, written down for the outbox: the confirmation, and each notice that is about what they
follow, after everybody whom it affects was written to."""

from datetime import datetime, timedelta
from email.utils import make_msgid
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from holdfast.contracts.languages import LANGUAGES
from holdfast.control.subscribers.models import Subscriber
from holdfast.control.tell import announcing
from holdfast.control.tell.models import Message, Notice
from holdfast.look import MAIL_DOMAIN, read_words

WORDS = read_words(Path(__file__).parent / "texts")
FIRST = "subscription"
"""The notice that stands for all confirmations."""
BATCH_MAX = 1_000
TOLD_WITHIN = timedelta(hours=24)
OTHERS_FIRST = timedelta(seconds=10)
"""What an incident says by itself waits so long: by then the doors know whom it affects, and those are written to."""
NEVER_QUIET = 0
"""Quiet hours that begin when they end: who follows the page asked to be told at once."""


def write_first(one: Subscriber, now: datetime) -> None:
    """The message that asks to confirm, or that says to its owner that the address is subscribed already."""
    kind = "already" if one.state == "confirmed" else "confirm"
    words = {name: {"subject": said.say("confirm.subject"), "body": said.say("confirm.about")} for name, said in
             WORDS.items()}  # fmt: skip
    notice, _ = Notice.objects.get_or_create(name=FIRST, incident=None, defaults={"made_at": now, "words": words})
    subject = WORDS[one.language].say(f"{kind}.subject")
    message = Message.objects.select_for_update().filter(notice=notice, customer=-one.pk).first()
    if message is None:
        _row(notice, one, subject, "", now).save()
    elif message.state != "sending":
        anew = {"state": "created", "attempts": 0, "maybe_twice": False, "delivered_at": None, "last_error": ""}
        times = {"created_at": now, "next_attempt_at": now}
        said = {"subject": subject, "language": one.language, "message_id": _message_id(notice, one)}
        Message.objects.filter(pk=message.pk).update(**anew, **times, **said)


def write_due(now: datetime) -> int:
    """Write the next batch of the oldest notice that followers have not been told; how many. After the last it is
    `told`, as is one that is older than a day: that is no news."""
    due = Notice.objects.filter(followers="due", state="said").order_by("id")
    found = due.exclude(made_by="", made_at__gt=now - OTHERS_FIRST).values_list("pk", flat=True).first()
    return _write(found, now) if found is not None else 0


@transaction.atomic
def _write(number: int, now: datetime) -> int:
    notice = Notice.objects.select_for_update().get(pk=number)
    if notice.followers != "due" or notice.state != "said":
        return 0
    rows = []
    if now - notice.made_at < TOLD_WITHIN:
        told = Message.objects.filter(notice=notice, subscriber__isnull=False)
        who = Subscriber.objects.filter(about(notice.components), state="confirmed")
        found = who.exclude(pk__in=told.values("subscriber")).order_by("pk")[:BATCH_MAX]
        words = _newest(notice).words
        rows = [_row(notice, one, **_words(words, one.language), now=now) for one in found]
    Message.objects.bulk_create(rows, batch_size=500)
    if len(rows) < BATCH_MAX:
        notice.followers = "told"
        notice.save(update_fields=["followers"])
    return len(rows)


def about(components: list[str]) -> Q:
    """Who follows one of these components; all of them where none is named."""
    return Q(components=[]) | Q(components__has_any_keys=components) if components else Q()


def _newest(notice: Notice) -> Notice:
    """What the status page says by itself is said again as facts come in: the last words of the same case are told."""
    if notice.made_by or notice.incident_id is None:
        return notice
    same = Notice.objects.filter(incident=notice.incident_id, name=notice.name, pk__gte=notice.pk)
    return same.order_by("-id").first() or notice


def _words(words: dict[str, dict[str, str]], language: str) -> dict[str, str]:
    said = words[language if language in words else LANGUAGES[0]]
    return {"subject": str(said["subject"]), "body": str(said["body"])}


def _row(notice: Notice, one: Subscriber, subject: str, body: str, now: datetime) -> Message:
    """A follower's message carries neither address nor link: both are put in when it leaves (letters.py). It is less
    urgent than any customer's."""
    return Message(
        notice=notice,
        customer=-one.pk,
        subscriber=one,
        channel=one.channel,
        email="",
        language=one.language,
        urgent=False,
        quiet_from=NEVER_QUIET,
        quiet_until=NEVER_QUIET,
        code=announcing.new_code(),
        subject=subject,
        body=body,
        message_id=_message_id(notice, one),
        created_at=now,
        next_attempt_at=now,
    )


def _message_id(notice: Notice, one: Subscriber) -> str:
    return make_msgid(f"{notice.name.replace(':', '-')}.{notice.pk}.{one.pk}", MAIL_DOMAIN)
