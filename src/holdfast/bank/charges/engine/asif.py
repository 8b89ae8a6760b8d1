"""What charges would have been under other facts, without touching the books.

Two questions. Of a period: what interest and fees come to by what is known now, or when some entries had happened on
other days (`recompute`), and which postings would set right what was booked. Of one payment that could not be made on
its day: whether the account would have covered it had the money that came late come in time (`cover_as_if`), and so
what the late charge would have been.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from holdfast.bank.charges.engine.days import period_of
from holdfast.bank.charges.engine.histories import History, Movement
from holdfast.bank.charges.engine.interest import Calculation, compute
from holdfast.bank.charges.engine.prices import RULES, PriceBook

NOT_COUNTED = ("charge", "refund", "fee", "interest")
"""Entries that the bank itself made: they are no money that came late."""


@dataclass(frozen=True, slots=True)
class Moved:
    """As if an entry (signed minor units) of value on one day had been of value on another; None: as if it had not
    been (as_if) or had been beside what is booked (booked). uses: 1 for a payment out that is counted for fees."""

    amount_minor: int
    booked: date | None
    as_if: date | None
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """One rule of one period that would have been another amount: signed minor units for the customer, as booked, as
    it would have been; to be booked is the difference."""

    rule: str
    first: date
    end: date
    booked_minor: int
    would_minor: int
    would: Calculation

    @property
    def difference_minor(self) -> int:
        """What the customer gets (positive) or owes."""
        return self.would_minor - self.booked_minor


def changes_of(moved: Iterable[Moved]) -> list[Movement]:
    """The changes of a history that the facts make."""
    out = []
    for one in moved:
        if one.booked is not None:
            out.append(Movement(one.booked, -one.amount_minor, -one.uses))
        if one.as_if is not None:
            out.append(Movement(one.as_if, one.amount_minor, one.uses))
    return out


def recompute(  # noqa: PLR0917  # an account, its prices, the period, and the facts
    product: str,
    history: History,
    prices: PriceBook,
    day: date,
    booked: Mapping[str, int],
    moved: Iterable[Moved] = (),
    until: date = date.max,
) -> list[Correction]:
    """Every rule of the product for the period in which a day lies, as it would have been; only what differs from what
    was booked (minor units by rule, 0 for what is not there).

    The history begins at or before the earliest of these periods. A period that ends after `until` runs still and is
    left out. Nothing booked of one rule enters another's calculation: corrections take effect from the day on which
    they are booked.
    """
    priced = prices.product(product, day)
    if priced is None:
        return []
    other = history.with_changes(changes_of(moved))
    out = []
    for rule in RULES:
        every = priced.booked(rule)
        if every is None or period_of(day, every)[1] > until:
            continue
        span = period_of(day, every)
        would = compute(rule, product, other, prices, span)
        if would is not None and would.amount_minor != booked.get(rule, 0):
            out.append(Correction(rule, *span, booked.get(rule, 0), would.amount_minor, would))
    return out


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry after a payment was refused: signed minor units, its value date, its kind."""

    amount_minor: int
    value_date: date
    kind: str


@dataclass(frozen=True, slots=True)
class Cover:
    """What the account would have had for a payment, how much of it came in late, and what it needed, in minor
    units."""

    available_minor: int
    came_late_minor: int
    needed_minor: int

    @property
    def covered(self) -> bool:
        """Whether it would have been paid on its day."""
        return self.available_minor >= self.needed_minor

    def charge_minor(self, price_minor: int) -> int:
        """What the late charge would have been, by its price on the day."""
        return 0 if self.covered else price_minor


def cover_as_if(available_minor: int, since: Sequence[Entry], needed_minor: int, due: date) -> Cover:
    """Whether the payment would have been covered had what came in late for its day come in time.

    available_minor: what the account has now above its floor; since: every entry after the refusal. Money that came
    in afterwards, but for the payment's day or before, counts as if it had come in time. What came for later days,
    what left the account and what the bank itself booked are taken back. Only what is in the books enters, so the same
    question has the same answer.
    """
    available, late = available_minor, 0
    for one in since:
        if one.amount_minor > 0 and one.value_date <= due and one.kind not in NOT_COUNTED:
            late += one.amount_minor
        else:
            available -= one.amount_minor
    return Cover(available, late, needed_minor)
