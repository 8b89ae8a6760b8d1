"""Loans: the plan of instalments, what paying everything back early costs, and what being late costs.

An annuity pays the same each month: P × r / (1 − (1 + r)^−n), computed exactly and rounded once. A serial loan pays
the same principal each month. Interest of an instalment is the principal that was owed since the last due day, at the
loan's rate by its day count, rounded to the minor unit (a half up); the last instalment pays what is left. Plans run on
the nominal due days (the same day each month, or the month's last day where it is shorter); when money moves is the
banking day of that (calendars.py).

What is paid back beside the plan (`Extra`) lowers the instalments and leaves the last day as it is: from the next due
day on they are those of a loan of what is left, over the instalments that are left; the next one also pays the interest
on the larger sum that was owed until the day of the extra.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from holdfast.bank.charges.engine.calendars import settling_day
from holdfast.bank.charges.engine.days import MONTHS_A_YEAR, DayCount, add_months, days_counted, year_parts
from holdfast.bank.charges.engine.interest import PPM, round_minor

INSTALMENTS_MAX = 480
"""Forty years of months."""


class Plan(StrEnum):
    """How a loan is paid back."""

    ANNUITY = "annuity"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed: amounts in minor units, rate_ppm millionths a year; paid out on a day, first instalment due on
    another, `instalments` of them, one a month; instalment_fee_minor comes on top of each."""

    principal_minor: int
    rate_ppm: int
    count: DayCount
    plan: Plan
    paid_out: date
    first_due: date
    instalments: int
    instalment_fee_minor: int = 0
    country: str = "NO"


@dataclass(frozen=True, slots=True)
class Extra:
    """Principal paid back beside the plan on a day, in minor units."""

    day: date
    principal_minor: int


@dataclass(frozen=True, slots=True)
class Grown:
    """Interest on what was owed (minor units) for the days [first, end); days: as the basis counts them; grains: exact
    (interest.py)."""

    first: date
    end: date
    days: int
    owed_minor: int
    grains: int


@dataclass(frozen=True, slots=True)
class Instalment:
    """One of them; number from 1; due: nominal, pay_on: the banking day; owed_minor: the principal just before it,
    extras of its month taken off."""

    number: int
    since: date
    due: date
    pay_on: date
    owed_minor: int
    interest_minor: int
    principal_minor: int
    fee_minor: int

    @property
    def total_minor(self) -> int:
        """What is to be paid."""
        return self.interest_minor + self.principal_minor + self.fee_minor

    @property
    def left_minor(self) -> int:
        """The principal after it."""
        return self.owed_minor - self.principal_minor


@dataclass(frozen=True, slots=True)
class Payoff:
    """What pays a loan back whole on a day, in minor units. late_fee_minor: what being late costs beside the
    interest, by whoever knows the prices of that; grown: how the loan's own interest came about."""

    day: date
    principal_minor: int
    interest_minor: int
    late_interest_minor: int
    fee_minor: int
    late_fee_minor: int = 0
    grown: tuple[Grown, ...] = ()

    @property
    def total_minor(self) -> int:
        """All of it."""
        late_minor = self.late_interest_minor + self.late_fee_minor
        return self.principal_minor + self.interest_minor + self.fee_minor + late_minor


def interest_minor(owed_minor: int, rate_ppm: int, since: date, until: date, count: DayCount) -> int:
    """Interest on what is owed for the days [since, until), rounded to the minor unit."""
    return round_minor(owed_minor * rate_ppm * year_parts(since, until, count))


def due_day(terms: Terms, number: int) -> date:
    """The nominal due day of the number-th instalment (from 1), counted from the first one each time."""
    return add_months(terms.first_due, number - 1)


def annuity_minor(principal_minor: int, rate_ppm: int, instalments: int) -> int:
    """The same payment each month, a half up. With no interest the principal's equal part."""
    rate = Fraction(rate_ppm, PPM * MONTHS_A_YEAR)
    if rate == 0:
        exact = Fraction(principal_minor, instalments)
    else:
        grown = (1 + rate) ** instalments
        exact = principal_minor * rate * grown / (grown - 1)
    return int((2 * exact + 1) // 2)


def grown_of(terms: Terms, owed_minor: int, since: date, until: date, extras: Iterable[Extra]) -> list[Grown]:
    """How interest grows in the days [since, until), owed_minor being owed at their beginning: a line for each span
    between extras."""
    out, first, owed = list[Grown](), since, owed_minor
    for day, paid in [*((one.day, one.principal_minor) for one in extras if since <= one.day < until), (until, 0)]:
        if day > first:
            grains = owed * terms.rate_ppm * year_parts(first, day, terms.count)
            out.append(Grown(first, day, days_counted(first, day, terms.count), owed, grains))
        first, owed = day, owed - paid
    return out


def plan_of(terms: Terms, extras: Sequence[Extra] = ()) -> list[Instalment]:
    """All instalments, as agreed, when each is paid on its day. The principal parts and the extras (by day) add up to
    the principal."""
    if not 0 < terms.instalments <= INSTALMENTS_MAX:
        raise ValueError(f"a loan has from 1 to {INSTALMENTS_MAX} instalments")
    if terms.first_due <= terms.paid_out:
        raise ValueError("the first instalment is due after the loan is paid out")
    same = annuity_minor(terms.principal_minor, terms.rate_ppm, terms.instalments)
    serial = -(-terms.principal_minor // terms.instalments)
    out: list[Instalment] = []
    since, owed = terms.paid_out, terms.principal_minor
    for number in range(1, terms.instalments + 1):
        due, coming = due_day(terms, number), terms.instalments - number + 1
        paid = sum(one.principal_minor for one in extras if since <= one.day < due)
        usual = interest = interest_minor(owed - paid, terms.rate_ppm, since, due, terms.count)
        if paid:
            interest = round_minor(sum(one.grains for one in grown_of(terms, owed, since, due, extras)))
            owed -= paid
            same, serial = annuity_minor(owed, terms.rate_ppm, coming), -(-owed // coming)
        part = serial if terms.plan is Plan.SERIAL else max(0, same - usual)
        principal = owed if coming == 1 else min(owed, part)
        pay_on = settling_day(due, terms.country)
        out.append(Instalment(number, since, due, pay_on, owed, interest, principal, terms.instalment_fee_minor))
        since, owed = due, owed - principal
    return out


def payoff(  # noqa: PLR0917  # what was agreed, where it stands, what it costs
    terms: Terms,
    paid: int,
    day: date,
    early_fee_minor: int,
    late_rate_ppm: int,
    late_since: date | None = None,
    extras: Sequence[Extra] = (),
) -> Payoff:
    """What pays the loan back whole on a day, `paid` instalments having been paid.

    An instalment that is due and not paid is owed as it stands; the principal beyond it bears the loan's rate since the
    last due day. late_since: the first day after its pay day on which it was found without cover; from then on it bears
    the late rate, so that nobody pays for a day on which the bank itself was away. The fee for early repayment falls
    away once the last instalment is due.
    """
    left = plan_of(terms, extras)[paid:]
    if not left:
        return Payoff(day, 0, 0, 0, 0)
    due = [one for one in left if one.due <= day]
    grown = [grown_of(terms, _owed_at_first(one, extras), one.since, one.due, extras) for one in due]
    if due[-1:] != left[-1:]:
        running = left[len(due)]
        grown.append(grown_of(terms, _owed_at_first(running, extras), running.since, day, extras))
    late = sum(late_interest_minor(one, day, late_rate_ppm, late_since) for one in due)
    fee = sum(one.fee_minor for one in due) + (early_fee_minor if day < left[-1].due else 0)
    interest = sum(round_minor(sum(one.grains for one in spans)) for spans in grown)
    lines = tuple(one for spans in grown for one in spans)
    return Payoff(day, left[0].owed_minor, interest, late, fee, grown=lines)


def _owed_at_first(one: Instalment, extras: Iterable[Extra]) -> int:
    """The principal at the beginning of an instalment's month, before its extras."""
    return one.owed_minor + sum(extra.principal_minor for extra in extras if one.since <= extra.day < one.due)


def late_interest_minor(one: Instalment, day: date, late_rate_ppm: int, late_since: date | None) -> int:
    """Interest on an instalment that could not be collected, from the day of that (never before its payment day) until
    another day: ACT/365. 0 when nobody tried."""
    if late_since is None or day <= max(late_since, one.pay_on):
        return 0
    return interest_minor(one.total_minor, late_rate_ppm, max(late_since, one.pay_on), day, DayCount.ACT_365)
