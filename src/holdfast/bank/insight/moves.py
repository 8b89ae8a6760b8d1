"""Entries of an account as the insight reads them, and the months they lie in; pure."""

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Move:
    """One entry: amount_minor signed for the account's owner; key: who and what it was, the same for what comes again
    ("" is nobody's); title: as the customer reads it."""

    day: date
    amount_minor: int
    key: str
    title: str = ""


def month_end(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_before(day: date) -> date:
    """The first day of the month before."""
    return date(day.year - (day.month == 1), 12 if day.month == 1 else day.month - 1, 1)
