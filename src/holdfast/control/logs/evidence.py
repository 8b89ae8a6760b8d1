"""How often lines of each pattern were written before an instant and after it, for the diagnosis."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, Sum

from holdfast.control.diagnosis.case import LOGS_MAX, LogCount
from holdfast.control.logs.models import Line, Pattern

Span = tuple[datetime, datetime]


def counts_around(at: datetime, since: datetime, until: datetime, without: Sequence[Span] = ()) -> tuple[LogCount, ...]:
    """Every program's patterns between two instants, the most frequent since `at` first, without the times of other
    incidents. A pattern is new when no line of it was ever kept before, not only none since `since`. Raises django.db's
    errors."""
    spans = [(max(begin, since), min(end, at)) for begin, end in without if begin < at and end > since]
    left_out = reduce(or_, (Q(at__gte=begin, at__lt=end) for begin, end in spans), Q(pk__in=()))
    found = (
        Line.objects.filter(at__gte=since, at__lt=until, pattern__isnull=False)
        .exclude(left_out)
        .values("component", "pattern_id")
        .annotate(before=Sum("times", filter=Q(at__lt=at), default=0))
        .annotate(after=Sum("times", filter=Q(at__gte=at), default=0))
        .order_by("-after", "component", "pattern_id")[:LOGS_MAX]
    )
    counts = list(found)
    patterns = Pattern.objects.in_bulk([one["pattern_id"] for one in counts])
    after_s = max((until - at).total_seconds(), 0.0)
    before_s = max((at - since).total_seconds() - _seconds(spans), 0.0)
    return tuple(
        LogCount(
            one["component"],
            patterns[one["pattern_id"]].words,
            one["before"],
            one["after"],
            before_s,
            after_s,
            _first_seen(patterns[one["pattern_id"]].first_at, since, spans),
        )
        for one in counts
        if one["pattern_id"] in patterns
    )


def _seconds(spans: Sequence[Span]) -> float:
    """How long all spans last together, each second once."""
    total, reached = 0.0, None
    for begin, end in sorted(spans):
        begin_new = begin if reached is None else max(begin, reached)
        total += max((end - begin_new).total_seconds(), 0.0)
        reached = end if reached is None else max(reached, end)
    return total


def _first_seen(first: datetime, since: datetime, spans: Sequence[Span]) -> float:
    """When a pattern was seen first; in another incident's time it was before all that is compared: it is not new."""
    known = any(begin <= first < end for begin, end in spans)
    return (since - timedelta(days=1) if known else first).timestamp()
