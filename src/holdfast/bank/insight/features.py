"""An account on a day in sixteen numbers, of which the model of the month's end makes its forecast; pure.

All amounts are shares of the account's own scale, so that large and small accounts, and currencies, look alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean, median

from holdfast.bank.insight.moves import Move, month_before, month_end
from holdfast.bank.insight.recurring import Series

MONTHS = 6
"""Whole months before this one that are looked at, at most."""
MONTHS_MIN, MOVES_MIN = 3, 10
NAMES = (
    "still expected", "the same days a month ago", "two months ago", "mean of those days", "median of those days",
    "mean of what does not recur", "median of what does not recur", "balance", "mean balance at month ends",
    "last month end", "balance over the mean", "balance over the last", "mean day to the end", "this month so far",
    "of it what does not recur", "day of the month",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """values: in the order of NAMES, amounts in scales; scale_minor: what one is, in minor units."""

    values: tuple[float, ...]
    scale_minor: float


def look_at(moves: Sequence[Move], series: Sequence[Series], balance_minor: int, today: date) -> Seen | None:
    """moves: all of the account in the order of days, up to today; None with less than three whole months before this
    one, or less than ten entries."""
    past = [one for one in moves if one.day <= today]
    months = _months(past, today)
    if len(months) < MONTHS_MIN or len(past) < MOVES_MIN:
        return None
    recurs = {id(one) for part in series for one in part.moves}
    rest = [one for one in past if id(one) not in recurs]
    end = month_end(today)
    due = sum(part.amount_minor for part in series for _ in part.expected(today, end))
    flows, others = _after_same_day(past, months, today), _after_same_day(rest, months, today)
    ends = _ends(past, months, balance_minor)
    days = (today - past[0].day).days + 1
    mean_to_end = sum(one.amount_minor for one in past) / days * (end - today).days
    this = [one for one in past if one.day >= today.replace(day=1)]
    scale = 1.0 + fmean([abs(flows[0]), abs(flows[1]), abs(fmean(flows)), abs(fmean(ends)), abs(ends[0])])
    amounts = (
        due,
        flows[0],
        flows[1],
        fmean(flows),
        median(flows),
        fmean(others),
        median(others),
        balance_minor,
        fmean(ends),
        ends[0],
        balance_minor - fmean(ends),
        balance_minor - ends[0],
        mean_to_end,
        sum(one.amount_minor for one in this),
        sum(one.amount_minor for one in this if id(one) not in recurs),
    )
    return Seen((*(one / scale for one in amounts), float(today.day)), scale)


def _months(past: Sequence[Move], today: date) -> list[date]:
    """The first days of the months before this one, the newest first; the first of all may have begun late."""
    found: list[date] = []
    first = today.replace(day=1)
    while past and len(found) < MONTHS:
        first = month_before(first)
        if first < past[0].day.replace(day=1):
            break
        found.append(first)
    return found


def _after_same_day(moves: Sequence[Move], months: Sequence[date], today: date) -> list[int]:
    """What came and went in each month after this day of it."""
    return [
        sum(one.amount_minor for one in moves if first <= one.day <= month_end(first) and one.day.day > today.day)
        for first in months
    ]


def _ends(past: Sequence[Move], months: Sequence[date], balance_minor: int) -> list[int]:
    """The balance at each month's end: today's less what came since."""
    return [balance_minor - sum(one.amount_minor for one in past if one.day > month_end(first)) for first in months]
