"""Tours: what is new on a page, in a few steps, shown to each customer until they put it away."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from holdfast.contracts import community as told
from holdfast.contracts.community import STEPS_MAX, Refused, Tours, Who
from holdfast.control.community.errors import NotTaken
from holdfast.control.community.models import Tour, TourSeen
from holdfast.control.community.writing import known

__all__ = ["PATHS", "PUBLISHED_MAX", "STEPS_MAX", "published", "put_away", "tours"]
PUBLISHED_MAX = 10
"""Tours that are shown at one time."""
PATHS = ("/", "/pay", "/cards", "/money", "/security")
"""The pages of the main bank that a tour may be about."""


def published(now: datetime) -> list[Tour]:
    """Those that are shown, the latest first."""
    shown = Tour.objects.filter(Q(until__isnull=True) | Q(until__gt=now), published_at__lte=now)
    return list(shown.order_by("-number")[:PUBLISHED_MAX])


def tours(who: Who, now: datetime) -> Tours:
    """What is published, and which of it this customer put away."""
    rows = published(now)
    seen: list[int] = []
    if who.customer:
        theirs = TourSeen.objects.filter(customer=who.customer, tour__in=rows)
        seen = list(theirs.order_by("tour").values_list("tour", flat=True))
    made = tuple(
        told.Tour(one.number, one.title, one.path, tuple(one.steps), one.published_at.timestamp()) for one in rows
    )
    return Tours(made, tuple(seen))


@transaction.atomic
def put_away(who: Who, number: int) -> None:
    """It is not shown to this customer again."""
    customer = known(who)
    if not Tour.objects.filter(number=number).exists():
        raise NotTaken(Refused.GONE)
    TourSeen.objects.bulk_create([TourSeen(tour_id=number, customer=customer)], ignore_conflicts=True)
