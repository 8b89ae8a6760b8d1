"""How many chats will come hour by hour, and how many people they take. Pure.

An hour is expected as it was on the same weekday in the last weeks, drawn towards what that hour was on any day while
there are few weeks. What comes above that at this moment (an outage) is carried on and halves each hour. Chats
come by chance one by one, so the high end is the Poisson distribution's, by its normal approximation. People needed are
by Erlang's formula for waiting (A. K. Erlang, 1917; M/M/c), each with as many places as chats at a time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
WEEKS = 4
DRAWN_WEEKS = 1.0
"""An hour of a weekday counts as if the hour of any day had been seen for so many weeks beside."""
SURGE_MAX = 50.0
HIGH = 1.2816
"""Nine hours of ten stay below the high end (normal distribution)."""
WAITS_MAX = 0.2
"""Of the customers at most so many should wait at all."""
PEOPLE_MAX = 500


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour to come. begins: its first instant; expected, high: chats; people: who it takes."""

    begins: datetime
    expected: float
    high: float
    people: int


def expected_at(counts: Mapping[datetime, int], begins: datetime, since: datetime) -> float:
    """Chats expected in an hour. counts: of past hours by their first instant, hours without a chat left out; since:
    from when on they were counted."""
    weeks, total = 0, 0
    for back in range(1, WEEKS + 1):
        same = begins - timedelta(weeks=back)
        if same >= since:
            weeks, total = weeks + 1, total + counts.get(same, 0)
    days, any_day = 0, 0
    for back in range(1, 7 * WEEKS + 1):
        same = begins - timedelta(days=back)
        if same >= since:
            days, any_day = days + 1, any_day + counts.get(same, 0)
    usual = any_day / days if days else 0.0
    return (total + DRAWN_WEEKS * usual) / (weeks + DRAWN_WEEKS)


def surge(now_count: int, expected: float) -> float:
    """How many more came in the last hour than the high end of what was expected, at most SURGE_MAX times that."""
    usual = high_end(expected)
    return min(max(0.0, now_count - usual), SURGE_MAX * max(1.0, usual))


def high_end(expected: float) -> float:
    """Nine hours of ten bring no more."""
    return expected + HIGH * math.sqrt(expected)


def waits_share(load: float, places: int) -> float:
    """The share of customers who wait at all: Erlang's C. load: chats per hour times hours a chat lasts."""
    if places <= load:
        return 1.0
    blocked = 1.0
    for number in range(1, places + 1):  # Erlang's B, one place at a time
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1.0 - (load / places) * (1.0 - blocked))


def people_needed(chats_an_hour: float, chat_s: float, chats_each: int) -> int:
    """The fewest people with whom at most WAITS_MAX of the customers wait; 0 for no chats, PEOPLE_MAX at most."""
    load = chats_an_hour * chat_s / 3600
    if load <= 0:
        return 0
    first = max(1, math.ceil(load / chats_each))
    for people in range(min(first, PEOPLE_MAX), PEOPLE_MAX):
        if waits_share(load, people * chats_each) <= WAITS_MAX:
            return people
    return PEOPLE_MAX


def forecast(  # noqa: PLR0917  # the order is the formula's own
    counts: Mapping[datetime, int], since: datetime, now: datetime, chat_s: float, chats_each: int, hours: int
) -> list[Hour]:
    """The coming hours, the one that runs first. counts hold the last 60 minutes under `now` itself."""
    this = now.replace(minute=0, second=0, microsecond=0)
    above = surge(counts.get(now, 0), expected_at(counts, this, since))
    found = []
    for number in range(hours):
        begins = this + number * HOUR
        expected = expected_at(counts, begins, since) + above / 2**number
        high = high_end(expected)
        found.append(Hour(begins, expected, high, people_needed(high, chat_s, chats_each)))
    return found
