"""Points kept and read: every ten seconds for six hours, minutes for two days, five minutes for a fortnight.

SERIES_MAX bounds what all of it can take: 2,000 series come to some 4.3 million points, 5.8 million minutes and
8.1 million spans of five minutes. A series that nobody feeds for a fortnight is forgotten. What is beyond the bound is
left out and said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from holdfast.control.metrics.deriving import Name
from holdfast.control.metrics.models import Point, Rolled, Series, Trouble

SERIES_MAX = 2_000
STEP_S = 10
MINUTE_S, LONG_S = 60, 300
KEPT = {STEP_S: timedelta(hours=6), MINUTE_S: timedelta(days=2), LONG_S: timedelta(days=14)}
"""How long points of each step are kept."""
ROWS_MAX = 5_000
TRIM_ROWS_MAX = 20_000
SPANS_MAX = 30
"""Spans made up for at a time, after the control room was away."""


def _query(name: str) -> str:
    lines = (Path(__file__).parent / "sql" / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


PUT, SEEN, ROLL, FURTHER, SIZES = map(_query, ("put_points", "seen_series", "roll_up", "roll_further", "sizes"))


@dataclass(frozen=True, slots=True)
class Line:
    """A series' values of some time: pairs of instant and value; from rolled points low and high too."""

    at: tuple[datetime, ...]
    values: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


class Store:
    """Writes what is collected. One a process: it knows the numbers of the series by heart."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], int] | None = None
        self._rolled: dict[int, datetime] = {}

    def put(self, at: datetime, values: Mapping[Name, float]) -> str:
        """Keep the values of one instant; what could not be kept, in words ("" for nothing). Raises django.db's
        errors."""
        known = self._series()
        fresh = [name for name in values if _key(name) not in known]
        room = max(0, SERIES_MAX - len(known))
        if fresh[:room]:
            self._add(at, fresh[:room])
        numbers = [(known[_key(name)], value) for name, value in values.items() if _key(name) in known]
        told: dict[str, Any] = {
            "series": [one for one, _ in numbers],
            "values": [float(value) for _, value in numbers],
            "at": at,
        }
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PUT, told)
            cursor.execute(SEEN, told)
        left = len(fresh) - len(fresh[:room])
        return f"{left} new series were left out: {SERIES_MAX} are kept at most." if left else ""

    def _series(self) -> dict[tuple[str, str, str], int]:
        if self._known is None:
            self._known = {
                (component, metric, about): number
                for number, component, metric, about in Series.objects.values_list("id", "component", "metric", "about")
            }
        return self._known

    def _add(self, at: datetime, names: Iterable[Name]) -> None:
        made = Series.objects.bulk_create(
            [
                Series(
                    component=name.component,
                    metric=name.metric,
                    about=name.about,
                    kind=name.kind.value,
                    unit=name.unit,
                    first_at=at,
                    last_at=at,
                )
                for name in names
            ]
        )
        known = self._series()
        known.update({(one.component, one.metric, one.about): one.pk for one in made})

    def number_of(self, name: Name) -> int | None:
        """The series' number, None for one that is not kept."""
        return self._series().get(_key(name))

    def roll_up(self, now: datetime) -> None:
        """Bring minutes and five minutes up to now; spans that were missed are made up for. Raises django.db's
        errors."""
        for step_s, query, more in ((MINUTE_S, ROLL, {}), (LONG_S, FURTHER, {"from_s": MINUTE_S})):
            length = timedelta(seconds=step_s)
            newest = _floor(now, step_s) - length
            done = self._rolled.get(step_s) or newest - length * SPANS_MAX
            start = max(done + length, newest - length * SPANS_MAX)
            while start <= newest:
                with connection.cursor() as cursor:
                    cursor.execute(query, {"step_s": step_s, "start": start, "end": start + length, **more})
                self._rolled[step_s] = start
                start += length

    def trim(self, now: datetime) -> int:
        """Forget what is older than is kept, a bounded number of rows a time; how many were."""
        gone = _trim(Point, now - KEPT[STEP_S])
        for step_s in (MINUTE_S, LONG_S):
            gone += _trim(Rolled, now - KEPT[step_s], step_s=step_s)
        old = list(Series.objects.filter(last_at__lt=now - KEPT[LONG_S]).values_list("id", flat=True)[:100])
        if old:
            Series.objects.filter(id__in=old).delete()
            self._known = None
        return gone + len(old)


def _trim(model: type[Point] | type[Rolled], before: datetime, **which: int) -> int:
    old = model.objects.filter(at__lt=before, **which).order_by("at").values_list("at", flat=True)
    last = old[TRIM_ROWS_MAX - 1 : TRIM_ROWS_MAX].first() if old[TRIM_ROWS_MAX - 1 : TRIM_ROWS_MAX] else None
    count, _ = model.objects.filter(at__lte=last or before, at__lt=before, **which).delete()
    return count


def _key(name: Name) -> tuple[str, str, str]:
    return name.component, name.metric, name.about


def _floor(at: datetime, step_s: int) -> datetime:
    return datetime.fromtimestamp(int(at.timestamp()) // step_s * step_s, UTC)


def window(numbers: Sequence[int], start: datetime, end: datetime) -> dict[int, Line]:
    """What is kept of some series between two instants, in the finest step that reaches so far back."""
    now = datetime.now(UTC)
    if start >= now - KEPT[STEP_S]:
        found = Point.objects.filter(series_id__in=numbers, at__gte=start, at__lt=end).order_by("at")
        return _lines(
            (number, at, value, value, value) for number, at, value in found.values_list("series_id", "at", "value")
        )
    step_s = MINUTE_S if start >= now - KEPT[MINUTE_S] else LONG_S
    rolled = Rolled.objects.filter(series_id__in=numbers, step_s=step_s, at__gte=start, at__lt=end).order_by("at")
    return _lines(rolled.values_list("series_id", "at", "low", "mean", "high"))


def _lines(rows: Iterable[tuple[int, datetime, float, float, float]]) -> dict[int, Line]:
    grouped: dict[int, list[tuple[datetime, float, float, float]]] = {}
    for number, at, low, mean, high in rows:
        grouped.setdefault(number, []).append((at, low, mean, high))
    lines = {}
    for number, found in grouped.items():
        at_all, low_all, mean_all, high_all = zip(*found, strict=True)
        lines[number] = Line(at_all, mean_all, low_all, high_all)
    return lines


def sizes() -> tuple[int, int]:
    """Bytes that the points take, and the number of series."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        taken, series = cursor.fetchone()
    return int(taken), int(series)


def note_trouble(source: str, words: str, at: datetime) -> None:
    """Say, or take back, why numbers of a source are missing."""
    if not words:
        Trouble.objects.filter(source=source).delete()
        return
    row, made = Trouble.objects.get_or_create(source=source, defaults={"words": words, "since": at, "at": at})
    if not made:
        row.words, row.at = words, at
        row.save(update_fields=["words", "at"])
