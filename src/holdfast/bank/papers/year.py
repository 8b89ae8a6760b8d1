"""A year's interest and fees for the tax return: of each account and loan, by value date, out of the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from holdfast.bank.books import reader
from holdfast.bank.charges.models import Loan, LoanPayment, Repayment
from holdfast.bank.charges.own import loan_account
from holdfast.bank.customers.overview import OwnAccount
from holdfast.contracts.papers import Figure, Paper
from holdfast.ledger.api import Sums

LOANS_MAX = 50
COSTS = ("service", "uses", "fee", "charge")
GIVEN_BACK = ("refund",)
PAID = ("booked", "split")
FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Part:
    """One account or loan: its name and number ("" of a loan), and its figures."""

    title: str
    number: str
    figures: tuple[Figure, ...]


def read_year(typed: str, today: date) -> int | None:
    """The year as typed; None when it is none that a certificate can be made of."""
    year = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) == 4 else 0
    return year if FIRST_YEAR <= year <= today.year else None


def days_of(year: int, today: date) -> tuple[date, date]:
    """Its first and last day; of the year that runs, until today."""
    return date(year, 1, 1), min(date(year, 12, 31), today)


def parts_of(customer: int, accounts: Sequence[OwnAccount], days: tuple[date, date]) -> list[Part]:
    """The accounts and then the loans, each the oldest first."""
    parts = [_account(one, days) for one in accounts]
    loans = Loan.objects.filter(customer=customer, paid_out__lte=days[1]).order_by("id")[:LOANS_MAX]
    return parts + [_loan(one, days) for one in loans]


def _account(own: OwnAccount, days: tuple[date, date]) -> Part:
    sums = reader().sums(own.id, *days)
    amounts = (
        ("closing", sums.closing_minor),
        ("interest_received", _net(sums, "interest")),
        ("interest_paid", -_net(sums, "overdraft")),
        ("fees_paid", -_net(sums, *COSTS)),
        ("given_back", _net(sums, *GIVEN_BACK)),
    )
    return Part(own.title, own.number, tuple(Figure(name, minor, own.currency) for name, minor in amounts))


def _net(sums: Sums, *what: str) -> int:
    return sum(sums.came_minor.get(one, 0) - sums.went_minor.get(one, 0) for one in what)


def _loan(loan: Loan, days: tuple[date, date]) -> Part:
    asked = {"loan": loan, "day__range": days}
    names = ("interest_minor", "late_interest_minor", "fee_minor", "late_fee_minor")
    told = [
        one.aggregate(**{name: Sum(name, default=0) for name in names})
        for one in (
            LoanPayment.objects.filter(**asked, state__in=PAID),
            Repayment.objects.filter(**asked, state="booked"),
        )
    ]
    interest, late_interest, fees, late_fees = (sum(one[name] for one in told) for name in names)
    owed = -reader().sums(loan_account(loan.id), *days).closing_minor
    amounts = (("owed", owed), ("interest_paid", interest + late_interest), ("fees_paid", fees + late_fees))
    return Part(loan.title, "", tuple(Figure(name, minor, loan.currency) for name, minor in amounts))


def paper_of(owner: str, parts: Sequence[Part], days: tuple[date, date], at: datetime) -> Paper:
    """What is signed of the certificate: each figure's sum over all parts, by currency."""
    sums: dict[tuple[str, str], int] = {}
    for figure in (one for part in parts for one in part.figures):
        key = (figure.name, figure.currency)
        sums[key] = sums.get(key, 0) + figure.amount_minor
    figures = tuple(Figure(name, minor, currency) for (name, currency), minor in sums.items())
    return Paper("year", owner, "", *days, len(parts), figures, at)
