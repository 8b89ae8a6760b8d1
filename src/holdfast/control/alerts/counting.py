"""Events that a service level counts, over several spans at once: an hour by points, a day by minutes, else by five
minutes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from django.db import connection

from holdfast.control.alerts.burning import Counted
from holdfast.control.alerts.openslo import Level, Query
from holdfast.control.metrics.models import Series
from holdfast.control.metrics.store import LONG_S, MINUTE_S, STEP_S

BY_POINTS, BY_MINUTES = timedelta(hours=1), timedelta(days=1)


def _query(name: str) -> str:
    lines = (Path(__file__).parent / "sql" / f"{name}.sql").read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith("--"))


POINTS, ROLLED = map(_query, ("count_points", "count_rolled"))
Known = Sequence[tuple[int, str, str, str]]
"""All series: number, component, metric, about."""


def known_series() -> Known:
    """All series as levels look for them. Raises django.db's errors."""
    return list(Series.objects.values_list("id", "component", "metric", "about"))


def count(level: Level, known: Known, at: datetime, spans: Iterable[timedelta]) -> dict[timedelta, Counted]:
    """Events, and bad ones, of each span that ends at `at`. Raises django.db's errors."""
    counts, total = _matching(level.counts, known), _matching(level.total, known)
    found: dict[timedelta, Counted] = {}
    for query, rolled_s, wanted in (
        (POINTS, 0, [span for span in spans if span <= BY_POINTS]),
        (ROLLED, MINUTE_S, [span for span in spans if BY_POINTS < span <= BY_MINUTES]),
        (ROLLED, LONG_S, [span for span in spans if span > BY_MINUTES]),
    ):
        if not wanted:
            continue
        told: dict[str, Any] = {
            "counts": counts,
            "total": total,
            "spans": [int(span.total_seconds()) for span in wanted],
            "at": at,
            "step_s": STEP_S,
            "rolled_s": rolled_s,
        }
        with connection.cursor() as cursor:
            cursor.execute(query, told)
            for span_s, counted, events in cursor.fetchall():
                bad = max(0.0, events - counted) if level.good_counts else counted
                found[timedelta(seconds=span_s)] = Counted(float(events), float(bad))
    return found


def _matching(query: Query, known: Known) -> list[int]:
    return [
        number
        for number, component, metric, about in known
        if fnmatchcase(component, query.component)
        and fnmatchcase(metric, query.metric)
        and fnmatchcase(about, query.about)
    ]
