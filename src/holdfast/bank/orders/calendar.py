"""Which days are banking days, and on which days a repeating order falls.

Banking days are Monday to Friday but for Norway's public holidays: those of the law on holidays (LOV-1995-02-24-12,
section 2) and 1 and 17 May (LOV-1947-04-26-1). 24 and 31 December are banking days. An order that falls on another
day is paid on the next banking day. Easter by the anonymous Gregorian algorithm (Meeus,
Astronomical Algorithms, chapter 8).
"""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
"""(month, day)."""
BY_EASTER = (-3, -2, 0, 1, 39, 49, 50)
"""Days after Easter: Maundy Thursday, Good Friday, Easter and its Monday, Ascension, Whit Sunday and Monday."""
SATURDAY = 5


class Rhythm(StrEnum):
    """How often an order repeats."""

    ONCE = "once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


MONTHS = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3, Rhythm.YEARLY: 12}


def easter(year: int) -> date:
    """Easter Sunday."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def is_banking_day(day: date) -> bool:
    """Whether banks settle on this day."""
    after = (day - easter(day.year)).days
    return day.weekday() < SATURDAY and (day.month, day.day) not in FIXED and after not in BY_EASTER


def banking_day(day: date) -> date:
    """The day itself, or the next banking day; at most a week later (Maundy Thursday to Easter Monday are five)."""
    while not is_banking_day(day):
        day += timedelta(days=1)
    return day


def nominal(first: date, rhythm: Rhythm, number: int) -> date:
    """The day on which it falls for the number-th time (the first is 0), before holidays are looked at.

    Counted from the first day each time, so an order of the 31st falls on the last day of a shorter month and on the
    31st again afterwards.
    """
    if rhythm is Rhythm.ONCE:
        return first
    if rhythm is Rhythm.WEEKLY:
        return first + timedelta(days=7 * number)
    return months_later(first, MONTHS[rhythm] * number, first.day)


def months_later(day: date, months: int, day_of_month: int) -> date:
    """The day of that number so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day_of_month, monthrange(year, month + 1)[1]))
