"""One account and the days to come: what is certain, what is expected, what is left until pay day, what is likely."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from holdfast.bank.books import reader
from holdfast.bank.charges.loans import payment_of
from holdfast.bank.charges.models import Loan
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.insight.features import look_at
from holdfast.bank.insight.forecast import Likely, likely
from holdfast.bank.insight.moves import Move, month_end
from holdfast.bank.insight.recurring import Series, find_series
from holdfast.bank.orders.models import Execution, Order
from holdfast.ledger.api import Line

PAGE_LINES = 1000
PAGES_MAX = 4
LOOKED_BACK = timedelta(days=400)
AHEAD = timedelta(days=31)
ORDERS_MAX, LOANS_MAX = 200, 20
CERTAIN_KINDS = ("order", "instalment", "repayment", "opening", "refund", "advance", "advance_back")
"""What is paid by an order or a loan stands among what is certain; the others come once."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One payment or income to come; certain: an order or a loan says so; rhythm: its name, "" of what comes once."""

    day: date
    title: str
    amount_minor: int
    certain: bool
    rhythm: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """coming: until 31 days from now, the next first. pay_day: the next expected income of those that come each
    fortnight or less often; left_minor: what is free to spend until then. likely: None where too little is known;
    so_far: the balance at the end of each day of this month until today."""

    coming: list[Coming]
    pay_day: Coming | None
    left_minor: int
    likely: Likely | None
    month_end: date
    so_far: list[tuple[date, int]]


def look_ahead(own: OwnAccount, today: date, day_of: Callable[[Line], date], title_of: Callable[[Line], str]) -> Ahead:
    """day_of, title_of: the day of an entry in the bank's zone, and what the customer reads it as."""
    moves = _moves(own.id, today, day_of, title_of)
    series = find_series(moves, today)
    until = max(today + AHEAD, month_end(today))
    coming = sorted(
        [*_certain(own.id, today, until), *_expected(series, today, until)],
        key=lambda one: (one.day, one.amount_minor, one.title),
    )
    pay_day = next((one for one in coming if one.amount_minor > 0 and one.rhythm not in ("", "weekly")), None)
    before = pay_day.day if pay_day else month_end(today) + timedelta(days=1)
    going = sum(one.amount_minor for one in coming if one.amount_minor < 0 and one.day < before)
    seen = look_at(moves, series, own.balance_minor, today)
    return Ahead(
        [one for one in coming if one.day <= today + AHEAD],
        pay_day,
        own.available_minor + going,
        likely(seen) if seen else None,
        month_end(today),
        _so_far(moves, own.balance_minor, today),
    )


def _moves(account: int, today: date, day_of: Callable[[Line], date], title_of: Callable[[Line], str]) -> list[Move]:
    """The account's entries of the last 400 days, at most 4,000, in the order of days."""
    found: list[Move] = []
    before: int | None = None
    for _ in range(PAGES_MAX):
        part = reader().lines(account, PAGE_LINES, before)
        found += [_move(one, day_of(one), title_of(one)) for one in part]
        if len(part) < PAGE_LINES or found[-1].day < today - LOOKED_BACK:
            break
        before = part[-1].seq
    kept = [one for one in found if today - LOOKED_BACK <= one.day <= today]
    return sorted(kept, key=lambda one: one.day)


def _move(line: Line, day: date, title: str) -> Move:
    other = (line.payee if line.amount_minor < 0 else line.payer).strip().lower()
    return Move(day, line.amount_minor, f"{line.kind}/{other or title.lower()}", title)


def _certain(account: int, today: date, until: date) -> list[Coming]:
    ran = Exists(Execution.objects.filter(order=OuterRef("pk"), due=OuterRef("due")))
    orders = Order.objects.filter(~ran, debit=account, due__gt=today, due__lte=until, cancel_asked=None, cancelled=None)
    found = [Coming(one.due, one.payee, -one.amount_minor, True) for one in orders.order_by("due", "id")[:ORDERS_MAX]]
    loans = Loan.objects.filter(account=account, repaid=None, next_pay_on__gt=today, next_pay_on__lte=until)
    for loan in loans.order_by("next_pay_on", "id")[:LOANS_MAX]:
        if loan.next_pay_on is not None:
            total = payment_of(loan, loan.next_pay_on).total_minor
            found.append(Coming(loan.next_pay_on, loan.title, -total, True, "monthly"))
    return found


def _expected(series: Sequence[Series], today: date, until: date) -> list[Coming]:
    return [
        Coming(day, one.title, one.amount_minor, False, one.rhythm.name)
        for one in series
        if one.key.partition("/")[0] not in CERTAIN_KINDS
        for day in one.expected(today, until)
    ]


def _so_far(moves: Sequence[Move], balance_minor: int, today: date) -> list[tuple[date, int]]:
    first = today.replace(day=1)
    balance = balance_minor - sum(one.amount_minor for one in moves if one.day >= first)
    found = []
    for number in range(today.day):
        day = first + timedelta(days=number)
        balance += sum(one.amount_minor for one in moves if one.day == day)
        found.append((day, balance))
    return found
