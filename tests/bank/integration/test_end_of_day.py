"""The command that ends a day: it computes while it books, to the end, and what fails beside it is not hidden."""

import threading
import uuid
from datetime import date

import pytest
from closing import DAY, JULY, LAST, let_no_day_be_open
from lending import loan, town_takes

from holdfast.bank.books import reader
from holdfast.bank.charges import repaying, running
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.bank.customers.models import Account
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.leaving import closing as leaving
from holdfast.bank.payments.pay import bank_today

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door", "no_other_loans")]
WAIT_S = 20
MAY_30 = date(2025, 5, 30)


@pytest.fixture
def savers(town):
    """Six with a savings account of 100,000.00, on the last evening of June but one."""
    let_no_day_be_open()
    people = [town.person(0) for _ in range(6)]
    for one in people:
        Account.objects.filter(id=one.account).update(product="savings")
        town_takes(town, one, -10_000_000)
    DayEnd.objects.create(day=LAST - DAY, state="done", began="2025-01-01T00:00Z")
    return people


def booked(people):
    return Booking.objects.filter(account__in=[one.account for one in people], ended="booked").count()


def test_the_day_ends_with_everything_booked_once_however_often_it_is_asked(savers):
    said = []
    assert [running.end_of_day(LAST, said.append) for _ in range(2)] == [0, 0]
    assert (booked(savers), len({one.balance for one in savers})) == (6, 1)
    lines = [line for one in savers for line in reader().lines(one.account) if line.kind == "interest"]
    assert (len(lines), any("is done" in one for one in said)) == (6, True)


def test_of_a_closed_account_no_more_is_decided_and_what_was_owed_waits_at_the_suspense_account(savers):
    first, second = savers[:2]
    Account.objects.filter(id=first.account).update(closed="2025-06-30T00:00Z")
    leaving._flag(second.account, closed=True)
    suspense = bank_facts.own("suspense")
    had, held = second.balance, reader().accounts([suspense])[suspense].balance_minor
    assert running.end_of_day(LAST, lambda _: None) == 0
    assert not Booking.objects.filter(account=first.account).exists()
    (owed,) = Booking.objects.filter(account=second.account)
    now = reader().accounts([suspense])[suspense].balance_minor
    assert (owed.ended, now - held, second.balance) == ("account_closed", owed.amount_minor, had)


def stepping(monkeypatch, told):
    """Each step of the computing is told: whether something was waiting to be booked, and what the step came to."""
    whole = running.close_step

    def step(*args, **more):
        waiting = running.to_book()
        at = whole(*args, **more)
        told(waiting, at)
        return at

    monkeypatch.setattr(running, "close_step", step)


def booking_waits(monkeypatch, event):
    """What is decided is booked only after an event."""
    whole = running.book_decided

    def book(limit):
        if running.to_book() and not event.wait(WAIT_S):
            raise BankError("it never came")
        return whole(limit)

    monkeypatch.setattr(running, "book_decided", book)


def test_it_computes_while_it_books(savers, monkeypatch):
    """Nothing is booked before a batch was computed while something was waiting."""
    beside = threading.Event()
    first = min(one.account for one in savers)
    DayEnd.objects.create(day=LAST, after=first - 1, began="2025-07-01T00:00Z")
    monkeypatch.setattr(running, "BATCH", 2)
    stepping(monkeypatch, lambda waiting, at: beside.set() if waiting and at is not None else None)
    booking_waits(monkeypatch, beside)
    assert running.end_of_day(LAST, lambda _: None) == 0
    assert booked(savers) == 6


def test_the_next_period_is_computed_when_the_last_ones_interest_is_booked(savers, monkeypatch):
    """Two months' ends at once, and the booking waits until the computing can go no further: no correction follows."""
    stuck, accounts = threading.Event(), [one.account for one in savers]
    DayEnd.objects.update(day=MAY_30)
    with monkeypatch.context() as patched:
        stepping(patched, lambda _, at: stuck.set() if at is None else None)
        booking_waits(patched, stuck)
        assert running.end_of_day(LAST, lambda _: None) == 0
    assert running.end_of_day(JULY, lambda _: None) == 0
    made = Booking.objects.filter(account__in=accounts).values_list("first", "nth", "amount_minor").distinct()
    may, june = date(2025, 5, 1), date(2025, 6, 1)
    assert sorted(made) == [(may, 0, 21_233), (june, 0, 20_605)]


def test_a_day_is_not_done_before_what_it_decided_is_booked(savers, monkeypatch):
    seen = []
    stepping(monkeypatch, lambda waiting, at: seen.append((waiting, at is not None and at.state)))
    assert running.end_of_day(LAST, lambda _: None) == 0
    assert (False, "done") in seen and (True, "done") not in seen


def test_what_fails_beside_the_computing_is_told_and_the_next_run_books_it_once(savers, monkeypatch):
    def fails(_limit):
        raise BankError("the books are away")

    with monkeypatch.context() as patched:
        patched.setattr(running, "book_decided", fails)
        with pytest.raises(BankError, match="the books are away"):
            running.end_of_day(LAST, lambda _: None)
    assert booked(savers) == 0
    assert running.end_of_day(LAST, lambda _: None) == 0
    assert booked(savers) == 6


@pytest.mark.parametrize("day", [0, 1])
def test_a_day_that_is_not_over_is_not_ended(day):
    said = []
    assert running.end_of_day(bank_today() + day * DAY, said.append) == 1
    assert "nothing was done" in said[0]


def test_what_a_customer_is_paying_back_today_is_booked_when_an_earlier_day_is_ended(town, monkeypatch):
    let_no_day_be_open()
    made, earlier = loan(town), bank_today() - 2 * DAY
    town_takes(town, town.ann, -20_000_000)
    DayEnd.objects.create(day=earlier, state="done", began="2025-01-01T00:00Z")
    with monkeypatch.context() as patched:
        patched.setattr(repaying, "_carry_out", lambda *_: 0)
        one = repaying.repay(repaying.quote(made, bank_today()), uuid.uuid4(), made.customer)
    assert one.state == "decided"
    assert running.end_of_day(earlier, lambda _: None) == 0
    one.refresh_from_db()
    assert one.state == "booked"
