"""What charges would have been had payments that the customer tried to make been made when they were tried.

A payment that was tried again and made later moves to the day on which it was tried first. One that was never made
counts as made from that day to the last day of the window that the bank sets, and not afterwards. Both sides move: who
paid and who would have been paid. Several tries of the same payment are one until it was made: the first for which the
money was there.

Nothing is judged rule by rule: of all that one customer was charged and earned, the sum is compared. Moving money
between own accounts takes interest here and gives it there, and only what is left of both is the bank's debt.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from holdfast.bank.charges.engine.asif import Cover, Entry, Moved, changes_of, cover_as_if
from holdfast.bank.charges.engine.days import Every, add_months, period_of
from holdfast.bank.charges.engine.histories import History
from holdfast.bank.charges.engine.interest import Calculation, compute
from holdfast.bank.charges.engine.prices import RULES, PriceBook

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payment that was tried on a day and refused for a reason of the bank's: minor units from one account to
    another. made_on: the value date on which it was made after all, None for never; until: the last day of the window
    for which one that was never made counts."""

    debit: int
    credit: int
    amount_minor: int
    day: date
    made_on: date | None
    until: date

    @property
    def changes_something(self) -> bool:
        """Whether it was not made on its day after all."""
        return self.day <= self.until and (self.made_on is None or self.made_on > self.day)

    @property
    def ends(self) -> date:
        """From this day on the books are as if it had been made in time."""
        return self.until + A_DAY if self.made_on is None else self.made_on

    def stands_out_on(self, day: date) -> bool:
        """Whether its amount is not where it would have been at the end of a day."""
        return self.changes_something and self.day <= day < self.ends

    def moved(self, account: int) -> list[Moved]:
        """What it changes in the history of an account that it concerns; a payment that was never made is no use that
        is charged for."""
        if not self.changes_something:
            return []
        out = []
        if account == self.debit:
            out.append(Moved(-self.amount_minor, self.ends, self.day, 0 if self.made_on is None else 1))
        if account == self.credit:
            out.append(Moved(self.amount_minor, self.ends, self.day))
        return out


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule of one period of one account: signed minor units for the customer as it is, and as it would have been
    had all attempts been made in time, each with its calculation; None where there is none."""

    account: int
    rule: str
    first: date
    end: date
    is_minor: int
    would_minor: int
    now: Calculation | None
    would: Calculation | None

    @property
    def difference_minor(self) -> int:
        """Positive: what the customer lacks."""
        return self.would_minor - self.is_minor


def would_have_covered(attempt: Attempt, balance_minor: int, floor_minor: int, others: Iterable[Attempt]) -> bool:
    """Whether the account had the money for an attempt on its day. balance_minor: at the end of that day by value
    date; others: the attempts before it that count."""
    for one in others:
        if one.stands_out_on(attempt.day):
            balance_minor += (attempt.debit == one.credit) * one.amount_minor
            balance_minor -= (attempt.debit == one.debit) * one.amount_minor
    return balance_minor - attempt.amount_minor >= floor_minor


def differences(  # noqa: PLR0917  # an account, its prices, what moved, and how far the bank has come
    account: int, product: str, history: History, prices: PriceBook, moved: Sequence[Moved], closed: Collection[date]
) -> list[Difference]:
    """Every rule of every period that a change may touch and whose last day is one of `closed`, where the two differ.

    The history begins at or before the first of these periods. What it comes to now is computed too, not taken from
    what was booked: entries that came late for a closed period are the corrections' matter, and count once.
    """
    changes = changes_of(moved)
    if not changes:
        return []
    other = history.with_changes(changes)
    newest = (
        prices.lists[-1].products.get(product) if prices.lists else None
    )  # when a rule is booked stays (prices.follows)
    day, last, out = min(one.day for one in changes), max(one.day for one in changes), []
    seen: set[tuple[str, date]] = set()
    while day <= last:
        for rule in RULES:
            every = newest.booked(rule) if newest else None
            span = period_of(day, every) if every else None
            if span is None or span[1] - A_DAY not in closed or (rule, span[0]) in seen:
                continue
            seen.add((rule, span[0]))
            now, would = (compute(rule, product, one, prices, span) for one in (history, other))
            is_minor, would_minor = (one.amount_minor if one else 0 for one in (now, would))
            if is_minor != would_minor:
                first, end = span
                out.append(Difference(account, rule, first, end, is_minor, would_minor, now, would))
        day = add_months(period_of(day, Every.MONTH)[0], 1)
    return out


def history_from(moved: Mapping[int, Sequence[Moved]], prices: PriceBook) -> date | None:
    """The first day from which histories are needed for these changes by account; None for no change."""
    days = [change.day for one in moved.values() for change in changes_of(one)]
    if not days:
        return None
    products = [product for held in prices.lists for product in held.products.values()]
    every = {product.booked(rule) or Every.MONTH for product in products for rule in RULES}
    return min(period_of(min(days), one)[0] for one in every | {Every.MONTH})


def cover_with(  # noqa: PLR0917  # an account, what it needed, and what was tried
    above_floor_minor: int,
    since: Sequence[Entry],
    needed_minor: int,
    due: date,
    attempts: Iterable[Attempt],
    account: int,
) -> Cover:
    """As asif.cover_as_if, with the money that attempts would have brought to the account by the day: it counts as
    money that came late. What the customer tried to pay out is not taken off, to their good."""
    found = cover_as_if(above_floor_minor, since, needed_minor, due)
    brought = sum(one.amount_minor for one in attempts if one.credit == account and one.stands_out_on(due))
    return Cover(found.available_minor + brought, found.came_late_minor + brought, needed_minor)
