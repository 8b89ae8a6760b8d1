"""How a span of days counts as part of a year, exactly.

ISDA 2006 definitions, section 4.16: ACT/365 (fixed) (d), ACT/360 (e), ACT/ACT (b), and 30/360 as 30E/360 (g), also
called Eurobond basis. Parts of a year are counted in 1/1,603,080: the least number that 360, 365 and 366 divide, so
that every day of every basis is a whole number of parts, nothing is rounded, and parts of spans add up to the part of
the whole span. Spans are [first, end): the first day counts, the end day does not.
"""

from datetime import date, timedelta
from enum import StrEnum

YEAR_PARTS = 1_603_080
_A_365TH, _A_366TH, _A_360TH = YEAR_PARTS // 365, YEAR_PARTS // 366, YEAR_PARTS // 360
MONTHS_A_YEAR = 12


class DayCount(StrEnum):
    """A basis, as price lists write it."""

    ACT_365 = "ACT/365"
    ACT_360 = "ACT/360"
    ACT_ACT = "ACT/ACT"
    THIRTY_360 = "30/360"

    @property
    def divisor(self) -> str:
        """By how many days a year is divided, as pages say it."""
        return {"ACT/ACT": "365/366"}.get(self.value, self.value.rpartition("/")[2])


class Every(StrEnum):
    """How often a charge is booked: at the end of each calendar month, quarter or year."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


def year_parts(first: date, end: date, count: DayCount) -> int:
    """The span [first, end) as parts of a year, in 1/YEAR_PARTS.

    ACT/ACT: 2023-12-31 to 2024-01-02 is 1/365 + 1/366. 30/360: 2026-01-30 to 2026-01-31 is 0 (both days are the
    30th), 2026-02-28 to 2026-03-01 is 3/360.
    """
    if end <= first:
        return 0
    if count is DayCount.ACT_365:
        return (end - first).days * _A_365TH
    if count is DayCount.ACT_360:
        return (end - first).days * _A_360TH
    if count is DayCount.THIRTY_360:
        return (_thirtieth(end) - _thirtieth(first)) * _A_360TH
    leap = _leap_days_until(end) - _leap_days_until(first)
    return leap * _A_366TH + ((end - first).days - leap) * _A_365TH


def days_counted(first: date, end: date, count: DayCount) -> int:
    """How many days the basis counts in the span, as pages show it."""
    if count is DayCount.THIRTY_360:
        return max(0, _thirtieth(end) - _thirtieth(first))
    return max(0, (end - first).days)


def _thirtieth(day: date) -> int:
    """The day's number where every month has 30 days; the 31st is the 30th."""
    return 360 * day.year + 30 * day.month + min(day.day, 30)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _leap_days_until(day: date) -> int:
    """Days before this one that lie in leap years, counted from the year 1."""
    before = day.year - 1
    leap_years = before // 4 - before // 100 + before // 400
    return leap_years * 366 + ((day - date(day.year, 1, 1)).days if _is_leap(day.year) else 0)


def period_of(day: date, every: Every) -> tuple[date, date]:
    """The period [first, end) in which a day lies."""
    months = _MONTHS[every]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return first, add_months(first, months)


def ends_period(day: date, every: Every) -> bool:
    """Whether the period ends with this day."""
    return period_of(day, every)[1] == day + timedelta(days=1)


def add_months(day: date, months: int, day_of_month: int = 0) -> date:
    """The day so many months later; day_of_month (default: the day's own) is kept where the month has it, else it is
    the month's last day."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    following = date(year + (month + 1) // MONTHS_A_YEAR, (month + 1) % MONTHS_A_YEAR + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day_of_month or day.day, last))
