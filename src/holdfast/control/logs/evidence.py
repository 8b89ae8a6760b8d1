"""How often lines of each pattern were written before an instant and after it, for the diagnosis."""

from datetime import datetime

from django.db.models import Q, Sum

from holdfast.control.diagnosis.case import LOGS_MAX, LogCount
from holdfast.control.logs.models import Line, Pattern


def counts_around(at: datetime, since: datetime, until: datetime) -> tuple[LogCount, ...]:
    """Every program's patterns between two instants, the most frequent since `at` first. A pattern is new when no
    line of it was ever kept before, not only none since `since`. Raises django.db's errors."""
    found = (
        Line.objects.filter(at__gte=since, at__lt=until, pattern__isnull=False)
        .values("component", "pattern_id")
        .annotate(before=Sum("times", filter=Q(at__lt=at), default=0))
        .annotate(after=Sum("times", filter=Q(at__gte=at), default=0))
        .order_by("-after", "component", "pattern_id")[:LOGS_MAX]
    )
    counts = list(found)
    patterns = Pattern.objects.in_bulk([one["pattern_id"] for one in counts])
    before_s, after_s = max((at - since).total_seconds(), 0.0), max((until - at).total_seconds(), 0.0)
    return tuple(
        LogCount(
            one["component"],
            patterns[one["pattern_id"]].words,
            one["before"],
            one["after"],
            before_s,
            after_s,
            patterns[one["pattern_id"]].first_at.timestamp(),
        )
        for one in counts
        if one["pattern_id"] in patterns
    )
