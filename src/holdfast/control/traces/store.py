"""Parts of traces kept: each once, with the cursor that says so in the same transaction; bounded by count and age."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from holdfast.control.logs.store import Taken, Told, news
from holdfast.control.traces.models import Span, Trace, TraceCursor
from holdfast.telemetry.traces import SPANS_MAX, TEXT_CHARS_MAX, VALUES_MAX, plain

KEPT = timedelta(days=14)
TRACES_MAX = 30_000
SPANS_OF_A_TRACE_MAX = 120
TRIM_ROWS_MAX = 5_000
AHEAD_US = 60_000_000
"""An instant further ahead of ours is of a wrong clock: the part is put to ours then."""
TOOK_US_MAX = 86_400_000_000
TRACE, SPAN = re.compile(r"[0-9a-f]{32}"), re.compile(r"[0-9a-f]{16}")
WORDS = re.compile(r"[A-Za-z0-9 :'-]{1,80}")
NAMES_IN_ORDER = ("route", "job")
"""What of a span says what was asked for; the first building's word stands."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """What one program did of a trace, as it told it; the first of its spans last."""

    trace: str
    drawn: bool
    spans: tuple[Span, ...]


class Store:
    """Writes what is collected."""

    def cursors_of(self, source: str) -> dict[str, int]:
        """Up to which instant (µs) each program of a source was read. Raises django.db's errors."""
        return dict(TraceCursor.objects.filter(source=source).values_list("program", "at_us"))

    def take(self, source: str, told: Sequence[object], now: datetime) -> Taken:
        """Keep the parts of a source that are not kept yet. All of it or nothing: raises django.db's errors."""
        taken, parts = Taken(), list[Part]()
        with transaction.atomic():
            cursors = {row.program: row for row in TraceCursor.objects.select_for_update().filter(source=source)}
            for one in news(source, told, cursors, TraceCursor, taken):
                part = part_of(one, now)
                if part is None:
                    taken.refused += 1
                    continue
                parts.append(part)
                taken.kept[one.program] += 1
            _write(parts, now)
            for cursor in cursors.values():
                cursor.save()
        return taken

    def trim(self, now: datetime) -> int:
        """Forget what is too old or too much, a bounded number of traces a time; how many were."""
        newest = Trace.objects.aggregate(newest=Max("id"))["newest"] or 0
        gone = 0
        for old in (Trace.objects.filter(id__lte=newest - TRACES_MAX), Trace.objects.filter(at__lt=now - KEPT)):
            some = list(old.order_by("id").values_list("id", flat=True)[:TRIM_ROWS_MAX])
            if some:
                Trace.objects.filter(id__in=some).delete()
                gone += len(some)
        return gone


def part_of(told: Told, now: datetime) -> Part | None:
    """A part as a program told it; None when it has not the agreed form. What is said of spans is cut once more as the
    program should have (telemetry.traces)."""
    event = told.event
    trace, raw = event.get("trace_id"), event.get("spans")
    if not isinstance(trace, str) or not TRACE.fullmatch(trace):
        return None
    if not isinstance(raw, list) or not 1 <= len(raw) <= SPANS_MAX + 1:
        return None
    spans = [span for one in raw if (span := _span(told.program, one)) is not None]
    if len(spans) < len(raw):
        return None
    ahead_us = max(one.began_us for one in spans) - (_us(now) + AHEAD_US)
    if ahead_us > 0:
        for one in spans:
            one.began_us -= ahead_us + AHEAD_US
    return Part(trace, event.get("drawn") is True, tuple(spans))


def _span(component: str, raw: object) -> Span | None:
    if not isinstance(raw, list) or len(raw) != 7:
        return None
    ident, parent, name, began_us, took_us, failed, about = raw
    named = (
        all(isinstance(one, str) for one in (ident, parent, name))
        and SPAN.fullmatch(ident)
        and (parent == "" or SPAN.fullmatch(parent))
        and WORDS.fullmatch(name)
    )
    timed = all(type(one) is int for one in (began_us, took_us))
    if not named or not timed or not 0 < began_us < 2**53 or not 0 <= took_us <= TOOK_US_MAX:
        return None
    if not isinstance(about, dict):
        return None
    said = plain({str(key)[:TEXT_CHARS_MAX]: one for key, one in list(about.items())[:VALUES_MAX] if _is_value(one)})
    return Span(
        ident=ident,
        parent=parent,
        component=component,
        name=name,
        began_us=began_us,
        took_us=took_us,
        failed=failed is True,
        about=said,
    )


def _is_value(one: object) -> bool:
    if isinstance(one, float):
        return abs(one) < 1e15  # neither endless nor no number
    return isinstance(one, str | bool) or (isinstance(one, int) and abs(one) < 2**53)


def _write(parts: Iterable[Part], now: datetime) -> None:
    """Put parts to the traces that they are of, which are made where there are none yet."""
    by_trace: dict[str, list[Part]] = {}
    for part in parts:
        by_trace.setdefault(part.trace, []).append(part)
    known = {row.ident: row for row in Trace.objects.select_for_update().filter(ident__in=by_trace)}
    made, changed = list[Trace](), list[Trace]()
    for ident, some in by_trace.items():
        row = known.get(ident)
        if row is not None:
            changed.append(row)
        else:
            row = Trace(ident=ident, at=now, took_us=0, failed=False, drawn=False, name="", parts=" ")
            made.append(row)
        for part in some:
            _join(row, part)
    found = {row.ident: row for row in [*Trace.objects.bulk_create(made), *changed]}
    if changed:
        Trace.objects.bulk_update(changed, ["at", "took_us", "failed", "drawn", "name", "parts"])
    for ident, some in by_trace.items():
        _add(found[ident], [span for part in some for span in part.spans], is_new=ident not in known)


def _add(row: Trace, spans: list[Span], *, is_new: bool) -> None:
    room = SPANS_OF_A_TRACE_MAX - (0 if is_new else Span.objects.filter(trace=row).count())
    for span in spans[:room]:
        span.trace = row
    Span.objects.bulk_create(spans[: max(room, 0)], ignore_conflicts=True)


def _join(row: Trace, part: Part) -> None:
    root = part.spans[-1]
    first = EPOCH + timedelta(microseconds=min(one.began_us for one in part.spans))
    if root.parent == "" or not row.name:
        row.name = _named(root)
    row.at = min(row.at, first) if row.parts.strip() else first
    row.took_us = max(row.took_us, *(one.took_us for one in part.spans))
    row.failed = row.failed or any(one.failed for one in part.spans)
    row.drawn = row.drawn or part.drawn
    if f" {root.component} " not in row.parts and len(row.parts) < 340:
        row.parts += f"{root.component} "


def _named(root: Span) -> str:
    about: Mapping[str, Any] = root.about
    what = next((str(about[name]) for name in NAMES_IN_ORDER if about.get(name)), root.name)
    method = f"{about['method']} " if about.get("method") else ""
    return f"{method}{what}"[:160]


def _us(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)
