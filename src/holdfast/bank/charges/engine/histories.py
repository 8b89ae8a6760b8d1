"""An account as charges see it: what stood in it at the end of each day, by value date.

Entries count on their value date, however late they were booked; so what came late for a reason of the bank's costs
nobody interest, and a history read again tomorrow may differ from today's only by what was booked since.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Movement:
    """All of one value date together: the net change in minor units, and how many entries were uses that a price list
    may charge for (payments out)."""

    day: date
    net_minor: int
    uses: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """opening_minor: what stood in the account before the day `first`; movements from then on, each day at most once,
    in order. Minor units, positive: the bank owes the customer."""

    first: date
    opening_minor: int
    movements: tuple[Movement, ...] = ()

    def balance_minor(self, day: date) -> int:
        """At the end of a day from `first` on."""
        return self.opening_minor + sum(one.net_minor for one in self.movements if one.day <= day)

    def bounds_minor(self) -> tuple[int, int]:
        """The least and the most that stood in it at the end of any day."""
        balances = list(accumulate((one.net_minor for one in self.movements), initial=self.opening_minor))
        return min(balances), max(balances)

    def with_changes(self, changes: Iterable[Movement]) -> "History":
        """As if these had happened too; a change of the opposite sign takes something away from a day."""
        days = {one.day: one for one in self.movements}
        opening = self.opening_minor
        for change in changes:
            if change.day < self.first:
                opening += change.net_minor
                continue
            old = days.get(change.day, Movement(change.day, 0))
            days[change.day] = Movement(change.day, old.net_minor + change.net_minor, old.uses + change.uses)
        return replace(self, opening_minor=opening, movements=tuple(days[day] for day in sorted(days)))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days [first, end) with the same balance at their ends, in minor units."""

    first: date
    end: date
    balance_minor: int


def stretches(history: History, first: date, end: date) -> list[Stretch]:
    """The balances of [first, end), first not before the history's; each stretch as long as its balance stays."""
    balance = history.balance_minor(first - A_DAY) if first > history.first else history.opening_minor
    out: list[Stretch] = []
    since = first
    for one in history.movements:
        if first <= one.day < end and one.net_minor:
            if one.day > since:
                out.append(Stretch(since, one.day, balance))
            balance += one.net_minor
            since = one.day
    out.append(Stretch(since, end, balance))
    return out if first < end else []


def uses_of(history: History, first: date, end: date) -> int:
    """How many payments out were made in [first, end)."""
    return sum(one.uses for one in history.movements if first <= one.day < end)
