"""The command that ends a day: it computes while it books, to the end, and what fails beside it is not hidden."""

import pytest
from closing import DAY, LAST, let_no_day_be_open
from lending import town_takes

from holdfast.bank.books import reader
from holdfast.bank.charges import running
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.bank.customers.models import Account
from holdfast.bank.errors import BankError
from holdfast.bank.payments.pay import bank_today

pytestmark = [pytest.mark.demand("A2"), pytest.mark.usefixtures("door", "no_other_loans")]


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
