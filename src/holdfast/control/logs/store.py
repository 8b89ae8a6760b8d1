"""Lines kept: each once, with the cursor that says so in the same transaction; bounded by count and by age.

A program that writes very many alike is kept by SAME_MAX lines of each pattern at a time; how many more there were
stands at the last of them, so that counts stay true.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db import Error as DatabaseFault
from django.db import transaction
from django.db.models import Max

from holdfast.control.diagnosis.templates import line_of
from holdfast.control.logs.models import Cursor, Line, Pattern
from holdfast.control.logs.patterns import Patterns
from holdfast.telemetry.lines import LEVELS, NAME, PROGRAMS_MAX

KEPT = timedelta(days=14)
LINES_MAX = 200_000
SAME_MAX = 20
TEXT_CHARS_MAX, EVENT_CHARS_MAX = 12_000, 300
TRIM_ROWS_MAX = 20_000
AHEAD = timedelta(minutes=1)
"""An instant further ahead of ours is of a wrong clock: ours counts then."""
OWN = {"bank": ("bank-", "foreign"), "standin": ("standin",), "doors": ("door-",), "control": ("control-",)}
"""How the programs of each source begin (the feeder stands in the bank's place): none speaks in another's name."""


@dataclass(slots=True)
class Taken:
    """What became of some lines, by program: kept as a line each, counted beside those, lost before they could be read;
    and how many were not of the agreed form."""

    kept: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """One line as a building told it (telemetry.lines)."""

    program: str
    at_us: int
    number: int
    event: Mapping[str, Any]


class Reached(Protocol):
    """How far a program was read: a cursor of any kind of what programs tell."""

    at_us: int
    number: int


C = TypeVar("C", bound=Reached)


class Store:
    """Writes what is collected. One a process: it knows the patterns by heart."""

    def __init__(self) -> None:
        self._patterns = Patterns()

    def cursors_of(self, source: str) -> dict[str, int]:
        """Up to which instant (µs) each program of a source was read. Raises django.db's errors."""
        return dict(Cursor.objects.filter(source=source).values_list("program", "at_us"))

    def take(self, source: str, told: Sequence[object], now: datetime) -> Taken:
        """Keep the lines of a source that are not kept yet. All of it or nothing: raises django.db's errors."""
        try:
            with transaction.atomic():
                return self._take(source, told, now)
        except DatabaseFault:
            self._patterns.forget()
            raise

    def _take(self, source: str, told: Sequence[object], now: datetime) -> Taken:
        taken = Taken()
        cursors = {row.program: row for row in Cursor.objects.select_for_update().filter(source=source)}
        rows: list[Line] = []
        alike: dict[int, list[Line]] = {}
        for one in news(source, told, cursors, Cursor, taken):
            line = self._line(one, now)
            if line is None:
                continue
            same = alike.setdefault(line.pattern_id or 0, [])
            if len(same) < SAME_MAX:
                same.append(line)
                rows.append(line)
                taken.kept[one.program] += 1
            else:
                same[-1].times += 1
                taken.counted[one.program] += 1
        self._patterns.write()
        Line.objects.bulk_create(rows)
        for cursor in cursors.values():
            cursor.save()
        return taken

    def _line(self, told: Told, now: datetime) -> Line | None:
        """The row of a line; None when it is older than is kept."""
        event = told.event
        at = _instant(event.get("timestamp"), now)
        if at < now - KEPT:
            return None
        level = str(event.get("level", ""))
        return Line(
            at=at,
            component=told.program,
            level=level if level in LEVELS else LEVELS[0],
            event=_clean(str(event.get("event", "")))[:EVENT_CHARS_MAX],
            text=_text(event),
            trace=_clean(str(event.get("trace_id", "")))[:32],
            pattern=self._patterns.learn(told.program, _clean(line_of(event)), at),
        )

    def trim(self, now: datetime) -> int:
        """Forget what is too old or too much, a bounded number of rows a time; how many were."""
        newest = Line.objects.aggregate(newest=Max("id"))["newest"] or 0
        gone = 0
        for old in (Line.objects.filter(id__lte=newest - LINES_MAX), Line.objects.filter(at__lt=now - KEPT)):
            some = list(old.order_by("id").values_list("id", flat=True)[:TRIM_ROWS_MAX])
            gone += Line.objects.filter(id__in=some).delete()[0] if some else 0
        old_patterns = list(Pattern.objects.filter(last_at__lt=now - KEPT).values_list("id", flat=True)[:1000])
        if old_patterns:
            Pattern.objects.filter(id__in=old_patterns).delete()
            self._patterns.forget()
        return gone


def news(
    source: str, told: Iterable[object], cursors: dict[str, C], begin: Callable[..., C], taken: Taken
) -> Iterator[Told]:
    """What of a source was not taken yet, each behind its program's cursor, which moves on; begin: makes the cursor of
    a program that is new. taken: counts what was lost before it could be read, and what has not the agreed form."""
    for raw in told:
        one = understood(source, raw)
        if one is None or (one.program not in cursors and len(cursors) >= PROGRAMS_MAX):
            taken.refused += 1
            continue
        cursor = cursors.get(one.program)
        if cursor is None:
            cursor = cursors[one.program] = begin(source=source, program=one.program, at_us=0, number=0)
        elif one.at_us <= cursor.at_us:
            continue
        elif one.number > cursor.number + 1:
            taken.lost[one.program] += one.number - cursor.number - 1
        cursor.at_us, cursor.number = one.at_us, one.number
        yield one


def understood(source: str, raw: object) -> Told | None:
    """A line as a building of this source told it; None when it has not the agreed form or is in another's name."""
    if not isinstance(raw, list) or len(raw) != 4:
        return None
    program, at_us, number, event = raw
    named = isinstance(program, str) and NAME.fullmatch(program) and program.startswith(OWN[source])
    counted = all(isinstance(one, int) and 0 <= one < 2**62 for one in (at_us, number))
    return Told(program, at_us, number, event) if named and counted and isinstance(event, dict) else None


def _instant(told: object, now: datetime) -> datetime:
    """When a line was logged; the instant of reading where it says none, or one to come."""
    try:
        at = datetime.fromisoformat(str(told)).astimezone(UTC)
    except (ValueError, OverflowError):
        return now
    return at if at <= now + AHEAD else now


def _text(event: Mapping[str, Any]) -> str:
    text = _clean(json.dumps(event, ensure_ascii=False))
    if len(text) <= TEXT_CHARS_MAX:
        return text
    return json.dumps({"event": str(event.get("event", ""))[:1000], "shortened": "the line was too long"})


def _clean(text: str) -> str:
    """What PostgreSQL takes as text: no zero characters, no halves of a character."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode()
