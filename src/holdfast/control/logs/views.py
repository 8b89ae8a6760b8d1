"""The pages of log lines: search, newest first, with the patterns of what was found; and one line, whole."""

import json
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.logs.collecting import OF
from holdfast.control.logs.models import Cursor, Line, Pattern
from holdfast.control.logs.searching import USUAL, BadSearch, Search, address, place_of, read
from holdfast.control.logs.store import KEPT, LINES_MAX
from holdfast.control.metrics.models import Trouble
from holdfast.telemetry.lines import LEVELS

PAGE_LINES = 100
PATTERNS_MAX = 40
FIELDS = ("q", "component", "level", "from", "until", "trace", "pattern")


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """Lines that were looked for, and their patterns; without anything said, those of the last day."""
    now = datetime.now(UTC)
    said = {name: request.GET.get(name, "")[:200] for name in FIELDS}
    context: dict[str, Any] = {
        "said": said,
        "levels": LEVELS,
        "components": sorted(Cursor.objects.values_list("program", flat=True)),
        "troubles": Trouble.objects.filter(source__startswith=OF).order_by("source"),
        "kept": f"at most {LINES_MAX:,} lines of {KEPT.days} days are kept",
    }
    try:
        search = read({**said, "before": request.GET.get("before", "")[:40]}, now)
    except BadSearch as error:
        return render(request, "logs/listing.html", {**context, "words": str(error)}, status=422)
    lines = search.page(PAGE_LINES)
    more = len(lines) > PAGE_LINES
    context |= {
        "search": search,
        "lines": lines[:PAGE_LINES],
        "older": address(**said, before=place_of(lines[PAGE_LINES - 1])) if more else "",
        "newest": address(**said) if search.before else "",
        "patterns": [] if search.before else _patterns(search, said),
        "pattern": Pattern.objects.filter(pk=search.pattern).first() if search.pattern else None,
    }
    return render(request, "logs/listing.html", context)


@allowed(EVERYONE)
def one(request: HttpRequest, number: int) -> HttpResponse:
    """One line with all its fields."""
    line = get_object_or_404(Line.objects.select_related("pattern"), pk=number)
    try:
        fields = json.loads(line.text)
    except ValueError:
        fields = {}
    traceback = fields.pop("exception", "")
    told = [(name.replace("_", " "), value) for name, value in fields.items() if name not in ("event", "level")]
    around = address(**{"from": line.at - USUAL / 288, "until": line.at + USUAL / 288})
    context = {"line": line, "fields": told, "traceback": traceback, "around": around}
    return render(request, "logs/one.html", context)


def _patterns(search: Search, said: dict[str, str]) -> list[dict[str, Any]]:
    """The patterns of what was found, the most frequent first."""
    found = search.found().filter(pattern__isnull=False).values("pattern_id")
    counts = list(found.annotate(times=Sum("times"), last_at=Max("at")).order_by("-times", "pattern_id")[:PATTERNS_MAX])
    rows = Pattern.objects.in_bulk([one["pattern_id"] for one in counts])
    return [
        {
            "row": row,
            "times": one["times"],
            "last_at": one["last_at"],
            "new": row.first_at >= search.start,
            "href": address(**{**said, "pattern": row.pk}),
        }
        for one in counts
        if (row := rows.get(one["pattern_id"])) is not None
    ]
