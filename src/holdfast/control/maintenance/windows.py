"""When would maintenance disturb the fewest? Windows from measured use. Pure.

Use is the mean number of requests a second at the doors in each half hour of the week, in the bank's time. A half hour
that was never measured on its weekday is taken as on other days; one that was never measured at all is in no window.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from holdfast.control.maintenance.days import Days

SLOT = timedelta(minutes=30)
AHEAD = timedelta(days=21)
PROPOSED_MAX = 5
Slot = tuple[int, int]
"""Weekday (0 is Monday) and half hour of the day."""


@dataclass(frozen=True, slots=True)
class Use:
    """Requests a second in the half hours of a week, and on how many days they were measured."""

    by_slot: Mapping[Slot, float]
    by_time: Mapping[int, float]
    days: int

    def at(self, weekday: int, half_hour: int) -> float | None:
        """What is usual then, None when nobody knows."""
        return self.by_slot.get((weekday, half_hour), self.by_time.get(half_hour))


@dataclass(frozen=True, slots=True)
class Window:
    """A proposal: requests a second that are usual in it, and the share 0..1 that this is of the week's mean."""

    begins_at: datetime
    ends_at: datetime
    per_s: float
    share: float


def use_of(points: Iterable[tuple[datetime, float]], zone: ZoneInfo) -> Use:
    """Use from points: instant and requests a second of the whole bank."""
    slots: dict[Slot, list[float]] = defaultdict(list)
    times: dict[int, list[float]] = defaultdict(list)
    days: set[date] = set()
    for at, per_s in points:
        local = at.astimezone(zone)
        half_hour = local.hour * 2 + local.minute // 30
        slots[local.weekday(), half_hour].append(per_s)
        times[half_hour].append(per_s)
        days.add(local.date())
    return Use(
        {slot: sum(found) / len(found) for slot, found in slots.items()},
        {time: sum(found) / len(found) for time, found in times.items()},
        len(days),
    )


def propose(use: Use, earliest: datetime, length: timedelta, days: Days, zone: ZoneInfo) -> list[Window]:
    """The quietest windows of that length within three weeks from the earliest instant, one a day at most, none that
    touches a day on which there is no maintenance; the quietest first."""
    mean = sum(use.by_time.values()) / len(use.by_time) if use.by_time else 0.0
    begin = _next_half_hour(earliest)
    best: dict[date, Window] = {}
    for number in range(int(AHEAD / SLOT)):
        start = begin + number * SLOT
        end = start + length
        first, last = start.astimezone(zone), (end - timedelta(seconds=1)).astimezone(zone)
        if days.why_not(first.date()) or days.why_not(last.date()):
            continue
        per_s = _usual(use, start, end, zone)
        if per_s is None:
            continue
        found = Window(start, end, per_s, per_s / mean if mean else 0.0)
        if first.date() not in best or per_s < best[first.date()].per_s:
            best[first.date()] = found
    return sorted(best.values(), key=lambda one: (one.per_s, one.begins_at))[:PROPOSED_MAX]


def _next_half_hour(at: datetime) -> datetime:
    past = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    return at - past + (SLOT if past else timedelta())


def _usual(use: Use, start: datetime, end: datetime, zone: ZoneInfo) -> float | None:
    """The mean use between two instants, None where one of its half hours was never measured."""
    found, at = [], start
    while at < end:
        local = at.astimezone(zone)
        usual = use.at(local.weekday(), local.hour * 2 + local.minute // 30)
        if usual is None:
            return None
        found.append(usual)
        at += SLOT
    return sum(found) / len(found)
