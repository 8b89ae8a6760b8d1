"""Quiet hours: what is not urgent waits for the morning, in the bank's zone. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

QUIET_FROM, QUIET_UNTIL = 21 * 60, 8 * 60
"""Minutes of the day between which a customer who chose nothing else gets nothing but the urgent."""
DAY = 24 * 60


def quiet_until(now: datetime, zone: str, begins: int | None, ends: int | None) -> datetime | None:
    """When the quiet hours that hold at this instant end; None when none hold. begins, ends: minutes of the day, None:
    the bank's; equal: this customer has no quiet hours."""
    first = QUIET_FROM if begins is None else begins % DAY
    last = QUIET_UNTIL if ends is None else ends % DAY
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    inside = first <= minute < last if first <= last else minute >= first or minute < last
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if minute >= last else 0)
    end = datetime(day.year, day.month, day.day, last // 60, last % 60, tzinfo=ZoneInfo(zone))
    if end.astimezone(UTC) <= now:  # the hour that comes twice in autumn: it is the second one now
        end = end.replace(fold=1)
    return end.astimezone(now.tzinfo)
