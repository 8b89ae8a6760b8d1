"""Who is on call: shifts, and the gaps between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from holdfast.control.response.acting import POSTS, Actor
from holdfast.control.response.models import Shift
from holdfast.control.staff import log
from holdfast.control.staff.models import Person

PLACES = {1: "first", 2: "second"}
SHIFT_MAX = timedelta(days=14)
AHEAD_MAX = timedelta(days=400)
SHIFTS_MAX = 1000
LOOK_AHEAD = timedelta(days=14)
"""Gaps are shown so far ahead."""
ON_CALL = POSTS["lead"]
"""The staff who can be on call: those who can acknowledge."""
Span = tuple[datetime, datetime]


def gaps(covered: Iterable[Span], since: datetime, until: datetime) -> list[Span]:
    """The parts of a time that no span covers, in order. Pure; spans may overlap and come in any order."""
    found, at = [], since
    for begins, ends in sorted(covered):
        if begins >= until:
            break
        if begins > at:
            found.append((at, begins))
        at = max(at, ends)
    if at < until:
        found.append((at, until))
    return found


def on_call(at: datetime) -> dict[int, Person]:
    """Who is on call then, by place."""
    shifts = Shift.objects.filter(from_at__lte=at, until_at__gt=at).select_related("person").order_by("-from_at")
    return {one.place: one.person for one in shifts[:10]}


def gaps_of(place: int, now: datetime) -> list[Span]:
    """When nobody is on call in this place, from now on."""
    shifts = Shift.objects.filter(place=place, until_at__gt=now, from_at__lt=now + LOOK_AHEAD)
    return gaps(shifts.values_list("from_at", "until_at")[:SHIFTS_MAX], now, now + LOOK_AHEAD)


@dataclass(frozen=True, slots=True)
class Wish:
    """A shift that somebody wants on the roster; an instant that could not be read is None."""

    who: str
    place: int
    since: datetime | None
    until: datetime | None


def add(actor: Actor, wish: Wish, now: datetime) -> str:
    """One more shift; "" when it is on the roster, otherwise why not."""
    since, until = wish.since, wish.until
    if since is None or until is None or wish.place not in PLACES:
        return "A shift needs who, first or second, and from when until when; nothing was written."
    if until <= since or until - since > SHIFT_MAX or until <= now or since > now + AHEAD_MAX:
        return f"A shift ends after it begins and in the future, and lasts {SHIFT_MAX.days} days at most."
    with transaction.atomic():
        person = Person.objects.select_for_update(no_key=True).filter(username=wish.who.strip()).first()
        if person is None or person.role not in ON_CALL:
            return f"Nobody called {wish.who[:40]!r} can be on call: it is for responders and managers."
        if clash := _clash(person, wish.place, since, until, now):
            return f"{clash}; nothing was written."
        made = Shift.objects.create(person=person, place=wish.place, from_at=since, until_at=until, made_by=actor.who)
        about = {"shift": made.pk, "who": person.username, "place": wish.place}
        times = {"from": since.isoformat(), "until": until.isoformat()}
        log.write(actor.who, actor.role, "put on call", {**about, **times})
    return ""


def _clash(person: Person, place: int, since: datetime, until: datetime, now: datetime) -> str:
    if Shift.objects.filter(until_at__gt=now).count() >= SHIFTS_MAX:
        return f"There are {SHIFTS_MAX} shifts already; take some away first"
    same = Shift.objects.filter(from_at__lt=until, until_at__gt=since)
    taken = same.filter(place=place).select_related("person").first()
    if taken is not None:
        return f"{taken.person.name} is {PLACES[place]} on call then already"
    if same.filter(person=person).exists():
        return f"{person.name} is on call then already, in the other place"
    return ""


def take_away(actor: Actor, shift: int, now: datetime) -> str:
    """Take a shift off the roster; one that has begun ends now."""
    with transaction.atomic():
        found = Shift.objects.select_for_update().filter(pk=shift, until_at__gt=now).first()
        if found is None:
            return "That shift is over, or there is none; nothing was changed."
        log.write(actor.who, actor.role, "taken off call", {"shift": shift, "who": found.person_id})
        if found.from_at >= now:
            found.delete()
        else:
            Shift.objects.filter(pk=shift).update(until_at=now)
    return ""
