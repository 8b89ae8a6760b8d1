"""What comes again and again: payments and income of one other side, at a rhythm; pure.

A series is three entries or more (of a year two) whose distances fit one rhythm, the last not much longer ago than
that. Where entries of one other side fit none together, those of like amounts are looked at by themselves: a shop may
also be paid for a subscription.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from holdfast.bank.insight.moves import Move, month_end
from holdfast.bank.orders.calendar import months_later

LOOKED_AT = 6
"""Distances, the newest, that a rhythm is read from."""
FIT_SHARE = 0.8
LIKE = 0.15
"""Amounts so near each other are of one kind."""
SAME = 0.02
EXPECTED_MAX = 60
"""Of one series within what is asked for."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """days: between two entries, from and to; months: 0 for one that counts days; least: entries needed."""

    name: str
    shortest: int
    longest: int
    months: int = 0
    least: int = 3

    @property
    def given_up(self) -> int:
        """After so many days without another it is not expected any more."""
        return self.longest + max(2, (self.longest - self.shortest) // 2)


RHYTHMS = (
    Rhythm("weekly", 6, 8),
    Rhythm("fortnightly", 12, 16),
    Rhythm("monthly", 26, 36, 1),
    Rhythm("quarterly", 83, 99, 3),
    Rhythm("yearly", 350, 381, 12, least=2),
)


@dataclass(frozen=True, slots=True)
class Series:
    """One that comes again. amount_minor: usual, of the newest three; varies: it is not always the same; last: when it
    came; day_of_month: on which it comes, 31 for the last, 0 for one that counts days; moves: its entries, the oldest
    first."""

    key: str
    title: str
    rhythm: Rhythm
    amount_minor: int
    varies: bool
    last: date
    day_of_month: int
    moves: tuple[Move, ...]

    def expected(self, after: date, until: date) -> list[date]:
        """The days after one and up to another on which it is expected. One that is overdue is expected at once, as
        long as it is not given up."""
        days: list[date] = []
        day = self.last
        for _ in range(EXPECTED_MAX):
            day = self._next(day)
            if day > until:
                break
            days.append(max(day, after + timedelta(days=1)))
        return days

    def _next(self, day: date) -> date:
        if self.rhythm.months:
            return months_later(day, self.rhythm.months, self.day_of_month)
        return day + timedelta(days=(self.rhythm.shortest + self.rhythm.longest) // 2)


def find_series(moves: Iterable[Move], today: date) -> list[Series]:
    """The series that still run on a day, the largest amounts first."""
    by_key: dict[tuple[str, bool], list[Move]] = defaultdict(list)
    for one in moves:
        if one.key and one.amount_minor:
            by_key[one.key, one.amount_minor > 0].append(one)
    found = []
    for group in by_key.values():
        whole = _series(group, today)
        found += [whole] if whole else [made for part in _alike(group) if (made := _series(part, today))]
    return sorted(found, key=lambda one: (-abs(one.amount_minor), one.key))


def _alike(group: Sequence[Move]) -> list[list[Move]]:
    """Parts of like amounts, each in the order of days."""
    parts: list[list[Move]] = []
    for one in sorted(group, key=lambda move: abs(move.amount_minor)):
        if parts and abs(one.amount_minor) <= abs(parts[-1][0].amount_minor) * (1 + LIKE):
            parts[-1].append(one)
        else:
            parts.append([one])
    return [sorted(part, key=lambda move: move.day) for part in parts] if len(parts) > 1 else []


def _series(group: Sequence[Move], today: date) -> Series | None:
    gaps = [(after.day - before.day).days for before, after in pairwise(group)][-LOOKED_AT:]
    for rhythm in RHYTHMS:
        fits = sum(rhythm.shortest <= gap <= rhythm.longest for gap in gaps)
        late = (today - group[-1].day).days > rhythm.given_up
        if len(group) < rhythm.least or late or not fits or fits < FIT_SHARE * len(gaps):
            continue
        newest = group[-3:]
        amount = int(median([one.amount_minor for one in newest]))
        varies = any(abs(one.amount_minor - amount) > SAME * abs(amount) for one in newest)
        day = _day_of_month(group[-LOOKED_AT:]) if rhythm.months else 0
        return Series(group[-1].key, group[-1].title, rhythm, amount, varies, group[-1].day, day, tuple(group))
    return None


def _day_of_month(group: Sequence[Move]) -> int:
    days = sorted(31 if one.day == month_end(one.day) else one.day.day for one in group)
    return days[len(days) // 2]
