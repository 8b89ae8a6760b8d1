"""Webinars: who has a seat, who waits for one, and what each may see.

A seat is given under the lock of the webinar's row, so that the last one goes once; one that is given up goes to who
has waited the longest, who is written to.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from holdfast.contracts import community as told
from holdfast.contracts.community import Place, Refused, School, Who
from holdfast.control.community import calendar, inviting, names, reading
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Post, Registration, Webinar
from holdfast.control.community.writing import known

SHOWN_AFTER = timedelta(days=400)
"""Recordings and materials of earlier ones are found for so long."""
WAITING_MAX = 500


def school(who: Who, now: datetime) -> School:
    """The page of webinars: those to come, the next first, then earlier ones, the latest first."""
    coming = list(Webinar.objects.filter(ends_at__gt=now).order_by("begins_at")[: told.WEBINARS_SHOWN_MAX])
    past = Webinar.objects.filter(ends_at__lte=now, ends_at__gt=now - SHOWN_AFTER, called_off=False)
    earlier = list(past.order_by("-begins_at")[: told.WEBINARS_SHOWN_MAX])
    return School(now.timestamp(), tuple(view(one, who, ()) for one in (*coming, *earlier)), "")


def one(who: Who, number: int, now: datetime) -> School:
    """One webinar with its questions and its calendar file. Raises NotTaken where there is none."""
    found = Webinar.objects.filter(number=number).first()
    if found is None:
        raise NotTaken(Refused.GONE)
    rows = _questions(found, who)
    asked = tuple(told.Asked(post, row.answer) for post, row in zip(reading.posts(rows, who), rows, strict=True))
    return School(now.timestamp(), (view(found, who, asked),), calendar.calendar(found, who.language, now))


def _questions(found: Webinar, who: Who) -> list[Post]:
    return list(found.questions.filter(reading.visible(who)).order_by("number")[: told.COMMENTS_SHOWN_MAX])


def view(found: Webinar, who: Who, asked: tuple[told.Asked, ...]) -> told.Webinar:
    """A webinar as this customer may see it: the stream's address only with a seat."""
    own = found.registrations.filter(customer=who.customer).first() if who.customer else None
    place = Place.NONE if own is None else Place.WAITING if own.waiting else Place.SEAT
    waiting = found.registrations.filter(waiting=True)
    words = found.words
    return told.Webinar(
        found.number,
        {language: one["title"] for language, one in words.items()},
        {language: one["about"] for language, one in words.items()},
        found.spoken,
        found.begins_at.timestamp(),
        found.ends_at.timestamp(),
        found.called_off,
        found.seats,
        max(found.seats - taken(found).count(), 0),
        waiting.count(),
        place.value,
        waiting.filter(pk__lt=own.pk).count() if own and own.waiting else 0,
        found.stream if place is Place.SEAT and not found.called_off else "",
        found.recording,
        tuple(told.Material(one["title"], one["link"]) for one in found.materials),
        asked,
    )


def taken(found: Webinar) -> QuerySet[Registration]:
    """The seats that are taken."""
    return found.registrations.filter(waiting=False)


@transaction.atomic
def register(who: Who, number: int, now: datetime) -> Place:
    """Take a seat, or a place in the line where none is left. Raises NotTaken once it has begun, or was called off."""
    customer = known(who)
    names.member(customer, now)
    found = _locked(number)
    if found.called_off or found.begins_at <= now:
        raise NotTaken(Refused.OVER)
    own = found.registrations.filter(customer=customer).first()
    if own is None:
        waiting = taken(found).count() >= found.seats
        if waiting and found.registrations.filter(waiting=True).count() >= WAITING_MAX:
            raise NotTaken(Refused.OFTEN)
        own = Registration.objects.create(webinar=found, customer=customer, at=now, waiting=waiting)
    return Place.WAITING if own.waiting else Place.SEAT


@transaction.atomic
def give_up(who: Who, number: int, now: datetime) -> None:
    """Give the seat, or the place in the line, back; whoever waits gets it and is written to."""
    customer = known(who)
    found = _locked(number)
    found.registrations.filter(customer=customer).delete()
    if not found.called_off and found.begins_at > now:
        move_up(found, now)


def move_up(found: Webinar, now: datetime) -> int:
    """Seats that are free go to who waits, in their order; how many. In the caller's transaction, under the lock."""
    free = found.seats - taken(found).count()
    if free <= 0:
        return 0
    next_ones = list(found.registrations.filter(waiting=True).order_by("pk")[:free])
    Registration.objects.filter(pk__in=[one.pk for one in next_ones]).update(waiting=False)
    if next_ones:
        inviting.write("webinar-seat", found, [one.customer for one in next_ones], now)
    return len(next_ones)


def _locked(number: int) -> Webinar:
    found = Webinar.objects.select_for_update().filter(number=number).first()
    if found is None:
        raise NotTaken(Refused.GONE)
    return found
