"""Measured use of the bank: what the doors counted in the last fortnight."""

from collections import defaultdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from holdfast.control.maintenance.windows import Use, use_of
from holdfast.control.metrics.models import Series
from holdfast.control.metrics.store import KEPT, LONG_S, MINUTE_S, STEP_S, window

SERIES_MAX = 100
MARGIN = timedelta(seconds=30)


def measured(now: datetime, zone: ZoneInfo) -> Use:
    """Use as it is kept: by spans of five minutes; where there are none yet, by minutes or seconds. Raises django.db's
    errors."""
    series = Series.objects.filter(component__startswith="door-", metric="requests").order_by("pk")[:SERIES_MAX]
    numbers = [one.pk for one in series]
    for step in (LONG_S, MINUTE_S, STEP_S):
        together: dict[datetime, float] = defaultdict(float)
        for line in window(numbers, now - KEPT[step] + MARGIN, now).values():
            for at, value in zip(line.at, line.values, strict=True):
                together[at] += value
        if together:
            return use_of(together.items(), zone)
    return use_of((), zone)
