"""The order of an account's rows that agrees with the running balances the file states.

Rows carry a day, not a time. Going from row to row, the stated balance should move by the row's amount; the order
chosen has the fewest rows where it does not, first those that differ by more than rounding, and then the smallest sum
of differences. Days of at most EXACT_MAX rows are searched whole (dynamic programming over subsets, after Held and
Karp 1962), each from every balance with which the day before may have ended; on longer days the row that fits best is
taken next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from holdfast.bank.berka.records import Movement

EXACT_MAX = 8
ROUNDING_MINOR_MAX = 10
"""A difference of at most this is rounding: the records were rounded to 0.10 on their way."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A row in its place; difference_minor is how much more the stated balance moved than the amount says."""

    movement: Movement
    difference_minor: int

    @property
    def rounding(self) -> bool:
        """Whether the difference is rounding."""
        return 0 < abs(self.difference_minor) <= ROUNDING_MINOR_MAX


Cost = tuple[int, int, int]
"""Rows that differ by more than rounding, rows that differ, sum of differences in minor units."""


@dataclass(frozen=True, slots=True)
class _Path:
    """Rows placed so far, the last one first, and what they cost."""

    cost: Cost
    balance_minor: int
    before: "_Path | None" = None
    last: Fitted | None = None

    def then(self, row: Movement) -> "_Path":
        difference = row.balance_minor - self.balance_minor - row.change_minor
        beyond, differ, total = self.cost
        size = abs(difference)
        cost = (beyond + (size > ROUNDING_MINOR_MAX), differ + (size > 0), total + size)
        return _Path(cost, row.balance_minor, self, Fitted(row, difference))


def fit(movements: Sequence[Movement]) -> list[Fitted]:
    """The rows of one account, from its first on, in the order that fits best; in doubt the file's order."""
    ends = [_Path((0, 0, 0), 0)]
    for _, group in groupby(sorted(movements, key=attrgetter("date")), key=attrgetter("date")):
        rows = list(group)
        ends = _exact(ends, rows) if len(rows) <= EXACT_MAX else [_greedy(ends, rows)]
    out: list[Fitted] = []
    path: _Path | None = min(ends, key=attrgetter("cost"))
    while path is not None and path.last is not None:
        out.append(path.last)
        path = path.before
    return out[::-1]


def _exact(starts: list[_Path], rows: list[Movement]) -> list[_Path]:
    """The best path through all rows to each balance the day may end with."""
    if len(rows) == 1:
        return [min((start.then(rows[0]) for start in starts), key=attrgetter("cost"))]
    best: dict[tuple[int, int], _Path] = {}
    for index, row in enumerate(rows):
        best[1 << index, index] = min((start.then(row) for start in starts), key=attrgetter("cost"))
    whole = (1 << len(rows)) - 1
    for taken in range(1, whole):
        for last in range(len(rows)):
            path = best.get((taken, last))
            if path is None:
                continue
            for index, row in enumerate(rows):
                if taken >> index & 1:
                    continue
                longer, place = path.then(row), (taken | 1 << index, index)
                if place not in best or longer.cost < best[place].cost:
                    best[place] = longer
    ends: dict[int, _Path] = {}
    for last in range(len(rows)):
        path = best[whole, last]
        if path.balance_minor not in ends or path.cost < ends[path.balance_minor].cost:
            ends[path.balance_minor] = path
    return list(ends.values())


def _greedy(starts: list[_Path], rows: list[Movement]) -> _Path:
    path, left = min(starts, key=attrgetter("cost")), list(rows)
    while left:
        longer = min((path.then(row) for row in left), key=attrgetter("cost"))
        if longer.last is None:
            break
        left.remove(longer.last.movement)
        path = longer
    return path
