"""The page of what the banks bear, and the address that takes a measurement."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.capacity.growth import Growth, growth
from holdfast.control.capacity.models import Measured
from holdfast.control.capacity.taking import take
from holdfast.control.changes import record as changes
from holdfast.control.metrics.models import Series
from holdfast.control.metrics.store import window

BODY_MAX = 200_000
LOOK_BACK = timedelta(days=13)
SHOWN_BEFORE = 10
SERVICES = {"account pages": ("see accounts", 1.0), "payments": ("pay", 2.0), "logins": ("log in", 2.0)}
"""Of which service of the doors each kind of work is, and how many requests one piece of it sends there."""
MAIN = "main bank"


@dataclass(frozen=True, slots=True)
class Row:
    """One result beside what is used. use: None at the spare bank, of whose use nothing regular can be said."""

    result: dict[str, Any]
    use: Growth | None


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """The newest measurement against what is used, and the ones before."""
    measured = list(Measured.objects.order_by("-at", "-id")[: SHOWN_BEFORE + 1])
    rows: list[Row] = []
    if measured:
        peaks = peaks_of([SERVICES[one["kind"]][0] for one in measured[0].found if one["kind"] in SERVICES])
        rows = [Row(one, _use(one, peaks)) for one in measured[0].found]
    said = {"newest": next(iter(measured), None), "rows": rows, "before": measured[1:], "at": timezone.now()}
    return render(request, "capacity/listing.html", said)


@allowed(frozenset(), machines=frozenset({"runtime"}))
def taken(request: HttpRequest) -> HttpResponse:
    """Take a measurement from `./holdfast stress`; 422 in words when it cannot be meant."""
    if request.method != "POST" or len(request.body) > BODY_MAX:
        return JsonResponse({"error": f"POST a measurement of {BODY_MAX} bytes at most"}, status=422)
    try:
        made = take(json.loads(request.body))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        return JsonResponse({"error": f"that is no measurement: {error}"}, status=422)
    changes.note(
        made.taken_at, "", "decision", "what the banks bear was measured: heavy load by us", "terminal: stress"
    )
    return JsonResponse({"number": made.pk})


def peaks_of(services: Sequence[str]) -> dict[str, list[float]]:
    """By service the highest requests a second of each day at the doors together, the oldest day first."""
    now = timezone.now()
    wanted = Series.objects.filter(component__startswith="door-", metric="requests", about__in=services)
    about = {one.pk: one.about for one in wanted[:100]}
    together: dict[str, dict[datetime, float]] = {service: defaultdict(float) for service in services}
    for number, line in window(list(about), now - LOOK_BACK, now).items():
        for at, mean in zip(line.at, line.values, strict=True):
            together[about[number]][at] += mean
    return {service: _daily(values) for service, values in together.items()}


def _daily(values: dict[datetime, float]) -> list[float]:
    days: dict[date, float] = {}
    for at, value in sorted(values.items()):
        day = timezone.localdate(at)
        days[day] = max(days.get(day, 0.0), value)
    return list(days.values())


def _use(result: dict[str, Any], peaks: dict[str, list[float]]) -> Growth | None:
    if result["bank"] != MAIN or result["kind"] not in SERVICES:
        return None
    service, each = SERVICES[result["kind"]]
    return growth(peaks[service], result["held_per_s"] * each)
