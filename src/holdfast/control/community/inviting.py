"""What is written to who registered for a webinar, by the outbox: a reminder, a seat that came free, a change.

The texts are the bank's own with the webinar's title and time filled in, checked as every notice; they pass no quiet
hours, and name no address.
"""

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.control.community.models import Webinar
from holdfast.control.place import installation
from holdfast.control.tell import composing
from holdfast.control.tell.composing import Composed, Draft
from holdfast.control.tell.kinds import WEBINAR
from holdfast.control.tell.phrases import LANGUAGES, phrases
from holdfast.telemetry import get_log

REMIND_BEFORE = timedelta(days=1)
EVERY_S = 10.0
REMINDED_AT_ONCE_MAX = 20
"""Webinars that one look of the clock reminds of."""


def written(kind: str, one: Webinar, customers: Collection[int], now: datetime) -> Composed:
    """The notice of a kind to these customers, filled from the webinar."""
    asked = {}
    for language in LANGUAGES:
        book = phrases(language, installation().time_zone)
        asked[language] = {
            "webinar": one.words[language]["title"],
            "begins": f"{book.at(one.begins_at, now)} ({book.zone_words()})",
        }
    return composing.compose(Draft(WEBINAR[kind], None, asked, {"customers": sorted(customers)}, False), now)


def refused(one: Webinar, now: datetime) -> list[str]:
    """Why a notice about this webinar could not be sent, each reason once: such a one is not planned."""
    found: dict[str, None] = {}
    for kind in WEBINAR:
        made = written(kind, one, [0], now)
        found |= dict.fromkeys(
            [*made.problems, *(f"“{each.passage}” hurts: {each.advice.why}" for _, each in made.hurts)]
        )
    return list(found)


def write(kind: str, one: Webinar, customers: Collection[int], now: datetime) -> str:
    """Hand the notice to the writer of messages, in the caller's transaction. "" when that was done or there is nobody
    to write to, otherwise why not, in words; a seat stands also where nothing could be sent."""
    if not customers:
        return ""
    draft = Draft(WEBINAR[kind], None, {}, {"customers": sorted(customers)}, False)
    made = written(kind, one, customers, now)
    if made.problems:
        get_log().error("not told of a webinar", number=one.number, kind=kind, why="; ".join(made.problems)[:300])
        return "; ".join(made.problems)
    notice = composing.keep(draft, made, one.made_by, now)
    return composing.release(notice.pk, "", now)


def remind_for_ever(stop: threading.Event) -> None:
    """Until stopped; what it raises is the caller's, who begins it again."""
    while not stop.wait(EVERY_S):
        remind_due(timezone.now())


def remind_due(now: datetime) -> int:
    """Remind whoever has a seat at a webinar that begins within REMIND_BEFORE; once each. How many webinars."""
    soon = Webinar.objects.filter(called_off=False, reminded_at__isnull=True, begins_at__gt=now)
    numbers = list(
        soon.filter(begins_at__lte=now + REMIND_BEFORE).values_list("number", flat=True)[:REMINDED_AT_ONCE_MAX]
    )
    for number in numbers:
        with transaction.atomic():
            one = Webinar.objects.select_for_update().get(number=number)
            if one.reminded_at is None:
                seats = one.registrations.filter(waiting=False).values_list("customer", flat=True)
                write("webinar-reminder", one, list(seats), now)
                one.reminded_at = now
                one.save(update_fields=["reminded_at"])
    return len(numbers)
