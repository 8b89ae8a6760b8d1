"""The page of journeys: how each goes now, step by step, at which bank, and what failed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.journeys import record
from holdfast.control.journeys.models import Run
from holdfast.control.journeys.results import COMPONENT, FRESH_LOGIN, JOURNEYS, KEPT_SESSION, SPARE_BANK
from holdfast.control.metrics.drawing import draw, said
from holdfast.control.metrics.models import Series, Trouble
from holdfast.control.metrics.store import window

SPAN = timedelta(minutes=30)
LAST, FAILURES_SHOWN = 20, 20
LATE = {KEPT_SESSION: timedelta(seconds=40), FRESH_LOGIN: timedelta(minutes=3), SPARE_BANK: timedelta(minutes=3)}
"""A journey whose last run is older is not being made any more."""
BANKS = {"primary": "the main bank", "standin": "the spare bank", "": "nobody"}
WHAT = {
    KEPT_SESSION: "Each ten seconds on a session that is kept: overview and balance; each minute a payment.",
    FRESH_LOGIN: "Each minute from the form of the login, with password and code, to a payment found in the account.",
    SPARE_BANK: "Each minute by a signed call, since the doors send nobody there meanwhile: the functions of a "
    "customer’s login, overview and payment, up to but not including the taking of money.",
}


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """Each journey with its last runs and its steps' times."""
    now = datetime.now(UTC)
    steps = list(Series.objects.filter(component=COMPONENT, metric="journey step time").order_by("first_at", "pk"))
    lines = window([one.pk for one in steps], now - SPAN, now) if steps else {}
    journeys = []
    for name in JOURNEYS:
        runs = record.latest(name, LAST)
        rows: list[dict[str, Any]] = []
        for one in steps:
            journey, _, step = one.about.partition(", ")
            line = lines.get(one.pk)
            if journey == name and line:
                drawing = draw([at.timestamp() for at in line.at], line.values)
                rows.append({"step": step, "one": one, "value": said(one.last_value, one.unit), "drawing": drawing})
        journeys.append(
            {"name": name, "what": WHAT[name], "tag": tag(name, runs, now), "last": _last(runs), "rows": rows}
        )
    context = {
        "journeys": journeys,
        "failures": [{"run": one, "bank": BANKS.get(one.bank, one.bank)} for one in record.failures(FAILURES_SHOWN)],
        "trouble": Trouble.objects.filter(source="journeys").first(),
        "refresh_s": 10,
    }
    return render(request, "journeys/listing.html", context)


def tag(name: str, runs: Sequence[Run], now: datetime) -> tuple[str, str]:
    """(signal, words) for a journey's last runs, the newest first."""
    if not runs:
        return "notice", "not made yet"
    if now - runs[0].at > LATE[name]:
        return "notice", "not made any more"
    if not runs[0].failed:
        return "calm", "works"
    return ("alarm", "fails") if len(runs) > 1 and runs[1].failed else ("notice", "failed once")


def _last(runs: Sequence[Run]) -> dict[str, Any] | None:
    """The last run and how many of the last ones went well."""
    if not runs:
        return None
    newest = runs[0]
    well = sum(not one.failed for one in runs)
    bank = BANKS.get(newest.bank, newest.bank)
    return {"run": newest, "bank": bank, "took": said(newest.took_ms, "ms"), "well": well, "of": len(runs)}
