"""The pages of measurements: each part's series, and one series over time with its table."""

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.metrics.drawing import LARGE, draw, said
from holdfast.control.metrics.models import Series, Trouble
from holdfast.control.metrics.store import KEPT, LONG_S, SERIES_MAX, sizes, window

FRESH = timedelta(seconds=40)
SMALL_SPAN = timedelta(minutes=30)
SPANS = {
    "hour": ("the last hour", timedelta(hours=1)),
    "six-hours": ("the last six hours", timedelta(hours=6) - timedelta(minutes=1)),
    "two-days": ("the last two days", timedelta(days=2) - timedelta(minutes=10)),
    "fortnight": ("the last fortnight", timedelta(days=14)),
}
TABLE_ROWS_MAX = 60
SHOWN_MAX = 400


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """All parts, or one with its series and small pictures of them."""
    now = datetime.now(UTC)
    chosen, searched = request.GET.get("part", "")[:48], request.GET.get("q", "").strip()[:48]
    components = sorted(set(Series.objects.values_list("component", flat=True)))
    wanted = Series.objects.order_by("component", "metric", "about")
    if chosen:
        wanted = wanted.filter(component=chosen)
    if searched:
        wanted = wanted.filter(metric__icontains=searched) | wanted.filter(about__icontains=searched)
    found = list(wanted[:SHOWN_MAX]) if chosen or searched else []
    lines = window([one.pk for one in found], now - SMALL_SPAN, now) if found else {}
    rows: list[dict[str, Any]] = []
    for one in found:
        line = lines.get(one.pk)
        drawing = draw([at.timestamp() for at in line.at], line.values) if line else None
        stale = now - one.last_at > FRESH
        rows.append({"one": one, "value": said(one.last_value, one.unit), "drawing": drawing, "stale": stale})
    taken, count = sizes()
    groups = [(part, list(some)) for part, some in groupby(rows, key=lambda row: row["one"].component)]
    context = {
        "components": components,
        "chosen": chosen,
        "searched": searched,
        "groups": groups,
        "troubles": Trouble.objects.order_by("source"),
        "kept": f"{count} of at most {SERIES_MAX} series, {said(taken, 'bytes')}; a fortnight is kept",
        "refresh_s": 10,
    }
    return render(request, "metrics/listing.html", context)


@allowed(EVERYONE)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One series over time, drawn and as a table."""
    series = _series(number)
    chosen = request.GET.get("span", "hour")
    words, length = SPANS.get(chosen, SPANS["hour"])
    now = datetime.now(UTC)
    line = window([number], max(now - length, now - KEPT[LONG_S]), now).get(number)
    drawing = draw([at.timestamp() for at in line.at], line.values, LARGE) if line else None
    table = []
    if line:
        every = max(1, len(line.at) // TABLE_ROWS_MAX)
        table = [
            (timezone.localtime(at), said(low, series.unit), said(value, series.unit), said(high, series.unit))
            for at, low, value, high in list(zip(line.at, line.low, line.values, line.high, strict=True))[::-every]
        ]
    context = {
        "series": series,
        "value": said(series.last_value, series.unit),
        "drawing": drawing,
        "top": said(drawing.top, series.unit) if drawing else "",
        "bottom": said(drawing.bottom, series.unit) if drawing else "",
        "table": table,
        "words": words,
        "spans": [(name, spoken, name == chosen) for name, (spoken, _) in SPANS.items()],
    }
    return render(request, "metrics/one.html", context)


@allowed(EVERYONE, machines=frozenset({"runtime"}))
def latest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """The latest value of every series, for machines."""
    return JsonResponse(
        {
            "series": [
                {
                    "component": one.component,
                    "metric": one.metric,
                    "about": one.about,
                    "kind": one.kind,
                    "unit": one.unit,
                    "value": one.last_value,
                    "at": one.last_at.isoformat(),
                }
                for one in Series.objects.order_by("component", "metric", "about")[:SERIES_MAX]
            ],
            "trouble": {one.source: one.words for one in Trouble.objects.all()},
        }
    )


def _series(number: int) -> Series:
    found = Series.objects.filter(pk=number).first()
    if found is None:
        raise Http404(f"there is no series {number}")
    return found
