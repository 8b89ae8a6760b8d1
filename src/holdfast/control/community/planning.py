"""Polls, webinars and tours on the console: opened, planned and published by who speaks for the bank.

Each text stands in both languages and is checked as every word to customers; what is refused changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from holdfast.contracts.languages import own_address
from holdfast.control.community import inviting, tours, webinars
from holdfast.control.community.models import Poll, Registration, Tour, Webinar
from holdfast.control.community.moderation import hurting, objections
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.tell.composing import LANGUAGE_WORDS
from holdfast.control.tell.phrases import LANGUAGES

FORM = "%Y-%m-%dT%H:%M"
TEXT_MAX, TITLE_MAX, LINK_MAX, DIGITS_MAX = 600, 120, 300, 9
QUESTIONS, CHOICES = range(2, 5), range(2, 7)
POLL_MAX, WEBINAR_MAX = timedelta(days=90), timedelta(hours=8)
SEATS_MAX, MATERIALS_MAX = 500, 10
Given = Mapping[str, str]


class Refused(ValueError):
    """What was filled in cannot be; nothing was changed. The text says why, for the person who filled it in."""


def _texts(given: Given, name: str, what: str, most: int = TEXT_MAX) -> dict[str, str]:
    """A text in each language. Raises Refused where one is missing, too long, leaks or hurts."""
    found = {language: " ".join(given.get(f"{name}-{language}", "").split()) for language in LANGUAGES}
    for language, text in found.items():
        if not text:
            raise Refused(f"It lacks {what} in {LANGUAGE_WORDS[language]}; nothing was changed.")
        if len(text) > most:
            raise Refused(f"{what.capitalize()} has at most {most} characters; nothing was changed.")
    return _fit(found)


def _fit(texts: dict[str, str]) -> dict[str, str]:
    if wrong := objections(texts):
        raise Refused(f"{wrong[0]} Nothing was changed.")
    if hurts := hurting(texts)[0]:
        raise Refused(f"Words in it hurt. {hurts[0]} Nothing was changed.")
    return texts


def _at(given: Given, name: str, what: str) -> datetime:
    try:
        zone = ZoneInfo(installation().time_zone)
        return datetime.strptime(given.get(name, ""), FORM).replace(tzinfo=zone)
    except ValueError as error:
        raise Refused(f"Write {what} as 2026-12-05T17:00; nothing was changed.") from error


def _whole(given: Given, name: str) -> int:
    typed = given.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= DIGITS_MAX else 0


def open_poll(person: Person, given: Given) -> Poll:
    """Open a poll: 2 to 4 questions of 2 to 6 choices each, one choice a line, as many lines in each language."""
    now, closes_at = timezone.now(), _at(given, "closes", "when it closes")
    title = _texts(given, "title", "a title", TITLE_MAX)
    if not now < closes_at <= now + POLL_MAX:
        raise Refused(f"It closes within {POLL_MAX.days} days from now; nothing was changed.")
    incident = None
    if given.get("incident", "").strip():
        incident = Incident.objects.filter(number=_whole(given, "incident")).first()
        if incident is None:
            raise Refused("There is no incident with that number; nothing was changed.")
    questions = []
    for place in range(QUESTIONS.stop - 1):
        fields = [given.get(f"{name}-{place}-{one}", "").strip() for name in ("words", "choices") for one in LANGUAGES]
        if any(fields):
            questions.append(_question(given, place))
    if len(questions) not in QUESTIONS:
        raise Refused(f"A poll has {QUESTIONS.start} to {QUESTIONS.stop - 1} questions; nothing was changed.")
    with transaction.atomic():
        made = Poll.objects.create(
            incident=incident,
            title=title,
            questions=questions,
            opened_at=now,
            closes_at=closes_at,
            made_by=person.username,
        )
        about = {"poll": made.number, "incident": incident.number if incident else 0}
        log.write(person.username, person.role, "poll opened", about)
    return made


def _question(given: Given, place: int) -> dict[str, Any]:
    words = _texts(given, f"words-{place}", f"question {place + 1}")
    lines = {
        one: [" ".join(line.split()) for line in given.get(f"choices-{place}-{one}", "").splitlines() if line.strip()]
        for one in LANGUAGES
    }
    counts = {len(found) for found in lines.values()}
    if len(counts) != 1 or not counts <= set(CHOICES):
        raise Refused(
            f"Question {place + 1} has {CHOICES.start} to {CHOICES.stop - 1} answers, one a line, as many in each "
            "language; nothing was changed."
        )
    choices = [dict(zip(LANGUAGES, each, strict=True)) for each in zip(*(lines[one] for one in LANGUAGES), strict=True)]
    for choice in choices:
        if any(len(text) > TITLE_MAX for text in choice.values()):
            raise Refused(f"An answer has at most {TITLE_MAX} characters; nothing was changed.")
        _fit(choice)
    return {"words": words, "choices": choices}


def close_poll(person: Person, number: int) -> None:
    """Close an open poll now. Raises Refused."""
    now = timezone.now()
    with transaction.atomic():
        if not Poll.objects.filter(number=number, closes_at__gt=now).update(closes_at=now):
            raise Refused("There is no open poll with that number; nothing was changed.")
        log.write(person.username, person.role, "poll closed", {"poll": number})


@dataclass(frozen=True, slots=True)
class Times:
    """When a webinar is."""

    begins_at: datetime
    ends_at: datetime


def _times(given: Given) -> Times:
    begins_at, minutes = _at(given, "begins", "when it begins"), _whole(given, "minutes")
    ends_at = begins_at + timedelta(minutes=min(minutes, 10_000))
    if begins_at <= timezone.now():
        raise Refused("A webinar begins later than now; nothing was changed.")
    if not timedelta(0) < ends_at - begins_at <= WEBINAR_MAX:
        raise Refused(f"A webinar lasts at most {WEBINAR_MAX.total_seconds() / 60:.0f} minutes; nothing was changed.")
    return Times(begins_at, ends_at)


def _link(given: Given, name: str, what: str) -> str:
    """An address of ours or one by TLS; "" for none. Raises Refused."""
    typed = given.get(name, "").strip()
    ours = typed.startswith("/") and own_address(typed) == typed
    by_tls = typed.startswith("https://") and typed.isascii() and typed.isprintable() and not set(typed) & set("\"'<> ")
    if typed and (len(typed) > LINK_MAX or not (ours or by_tls)):
        raise Refused(f"{what} begins with https:// or with / for a page of ours; nothing was changed.")
    return typed


def _seats(given: Given) -> int:
    seats = _whole(given, "seats")
    if not 1 <= seats <= SEATS_MAX:
        raise Refused(f"A webinar has 1 to {SEATS_MAX} seats; nothing was changed.")
    return seats


def plan_webinar(person: Person, given: Given) -> Webinar:
    """Plan a webinar; customers see it at once. Raises Refused, also where its reminder could not be sent."""
    titles, about = _texts(given, "title", "a title", TITLE_MAX), _texts(given, "about", "what it is about")
    times, spoken = _times(given), given.get("spoken", "")
    if spoken not in LANGUAGES:
        raise Refused("Say in which language it is held; nothing was changed.")
    made = Webinar(
        words={one: {"title": titles[one], "about": about[one]} for one in LANGUAGES},
        spoken=spoken,
        begins_at=times.begins_at,
        ends_at=times.ends_at,
        seats=_seats(given),
        stream=_link(given, "stream", "The way in"),
        made_by=person.username,
        made_at=timezone.now(),
    )
    if wrong := inviting.refused(made, timezone.now()):
        raise Refused(f"Its reminder could not be sent: {wrong[0]} Nothing was changed.")
    with transaction.atomic():
        made.save()
        log.write(person.username, person.role, "webinar planned", {"webinar": made.number})
    return made


@transaction.atomic
def keep_links(person: Person, number: int, given: Given) -> None:
    """The way in, the recording, one more material, more seats: who waits for a seat gets it. Raises Refused."""
    one, now = _held(number), timezone.now()
    one.stream, one.recording = _link(given, "stream", "The way in"), _link(given, "recording", "The recording")
    if link := _link(given, "material", "The material"):
        if len(one.materials) >= MATERIALS_MAX:
            raise Refused(f"A webinar has at most {MATERIALS_MAX} materials; nothing was changed.")
        one.materials = [*one.materials, {"title": _texts(given, "material", "the material's title"), "link": link}]
    seats = _seats(given)
    if seats < webinars.taken(one).count():
        raise Refused("More seats are taken than that; nothing was changed.")
    one.seats = seats
    one.save()
    moved = webinars.move_up(one, now) if one.begins_at > now and not one.called_off else 0
    log.write(person.username, person.role, "webinar changed", {"webinar": number, "seats": seats, "moved_up": moved})


@transaction.atomic
def move_webinar(person: Person, number: int, given: Given) -> None:
    """Hold it at another time: everybody with a place is written to, and reminded of the new time. Raises Refused."""
    one, times, now = _held(number), _times(given), timezone.now()
    if one.called_off or one.begins_at <= now:
        raise Refused("Only what has not begun can be moved; nothing was changed.")
    one.begins_at, one.ends_at, one.reminded_at = times.begins_at, times.ends_at, None
    one.changes += 1
    one.save()
    inviting.write("webinar-changed", one, _everybody(one), now)
    log.write(person.username, person.role, "webinar moved", {"webinar": number, "to": one.begins_at.isoformat()})


@transaction.atomic
def call_off(person: Person, number: int) -> None:
    """It is not held: everybody with a place is written to. Raises Refused."""
    one, now = _held(number), timezone.now()
    if one.called_off or one.begins_at <= now:
        raise Refused("Only what has not begun can be called off; nothing was changed.")
    one.called_off = True
    one.changes += 1
    one.save()
    inviting.write("webinar-cancelled", one, _everybody(one), now)
    log.write(person.username, person.role, "webinar called off", {"webinar": number})


def _held(number: int) -> Webinar:
    one = Webinar.objects.select_for_update().filter(number=number).first()
    if one is None:
        raise Refused("There is no such webinar; nothing was changed.")
    return one


def _everybody(one: Webinar) -> list[int]:
    return list(Registration.objects.filter(webinar=one).values_list("customer", flat=True))


def publish_tour(person: Person, given: Given) -> Tour:
    """Publish a tour of 1 to 4 steps about one page. Raises Refused."""
    title, path = _texts(given, "title", "a title", TITLE_MAX), given.get("path", "")
    if path not in tours.PATHS:
        raise Refused("A tour is about one of the pages in the list; nothing was changed.")
    steps = []
    for place in range(tours.STEPS_MAX):
        if any(given.get(f"step-{place}-{one}", "").strip() for one in LANGUAGES):
            steps.append(_texts(given, f"step-{place}", f"step {place + 1}"))
    if not steps:
        raise Refused(f"A tour has 1 to {tours.STEPS_MAX} steps; nothing was changed.")
    now = timezone.now()
    if len(tours.published(now)) >= tours.PUBLISHED_MAX:
        raise Refused(f"At most {tours.PUBLISHED_MAX} tours are shown at one time; end one first. Nothing was changed.")
    with transaction.atomic():
        made = Tour.objects.create(title=title, path=path, steps=steps, published_at=now, made_by=person.username)
        log.write(person.username, person.role, "tour published", {"tour": made.number, "path": path})
    return made


def end_tour(person: Person, number: int) -> None:
    """It is shown no more. Raises Refused."""
    with transaction.atomic():
        if not Tour.objects.filter(number=number, until__isnull=True).update(until=timezone.now()):
            raise Refused("There is no such tour; nothing was changed.")
        log.write(person.username, person.role, "tour ended", {"tour": number})
