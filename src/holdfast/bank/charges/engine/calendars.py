"""On which day money moves when its day is none on which banks settle, by country.

Norway's days are those of orders/calendar.py. The euro area's are TARGET's closing days (ECB, since 2002): 1 January,
Good Friday, Easter Monday, 1 May, 25 and 26 December. What falls on another day moves to the next banking day; with
`modified`, as bond and loan markets have it, never into the next month (ISDA 2006, section 4.12).
"""

from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

from holdfast.bank.orders.calendar import SATURDAY, easter
from holdfast.bank.orders.calendar import is_banking_day as norwegian

TARGET_FIXED = ((1, 1), (5, 1), (12, 25), (12, 26))
TARGET_BY_EASTER = (-2, 1)
AWAY_DAYS_MAX = 15
"""No calendar has so many days in a row on which banks are closed."""


class Adjust(StrEnum):
    """Which day is taken in place of one on which banks are closed."""

    FOLLOWING = "following"
    MODIFIED = "modified"
    PRECEDING = "preceding"


def _target(day: date) -> bool:
    after = (day - easter(day.year)).days
    return day.weekday() < SATURDAY and (day.month, day.day) not in TARGET_FIXED and after not in TARGET_BY_EASTER


COUNTRIES: dict[str, Callable[[date], bool]] = {"NO": norwegian, "EU": _target}
"""Whether banks settle on a day, by country; EU is the euro area."""


def settling_day(day: date, country: str = "NO", adjust: Adjust = Adjust.FOLLOWING) -> date:
    """The day itself when banks settle on it, else the one that takes its place. KeyError for an unknown country."""
    settles = COUNTRIES[country]
    found = _walk(day, settles, -1 if adjust is Adjust.PRECEDING else 1)
    if adjust is Adjust.MODIFIED and found.month != day.month:
        return _walk(day, settles, -1)
    return found


def _walk(day: date, settles: Callable[[date], bool], step: int) -> date:
    for days in range(AWAY_DAYS_MAX):
        found = day + timedelta(days=step * days)
        if settles(found):
            return found
    raise ValueError(f"no banking day within {AWAY_DAYS_MAX} days of {day}")
