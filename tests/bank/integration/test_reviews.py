"""A review of charges: computed as if what was tried had been made, given once by two people, with its calculation."""

import random
import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest
import slow_charges
import tried_town
from closing import DAY, JULY, JUNE, LAST, close_day, let_no_day_be_open
from lending import collect, loan
from ordering import order
from reviewing import BEGAN as SINCE
from reviewing import account_of, computed, given, let_no_review_be_open, pay, tried

from holdfast.bank.books import reader
from holdfast.bank.charges import refunding
from holdfast.bank.charges.models import LoanPayment
from holdfast.bank.charges.refunding import refund_late_instalments
from holdfast.bank.orders.charging import price_on
from holdfast.bank.orders.models import Charge, Execution, Refund
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress.models import Given, Tried

pytestmark = [pytest.mark.demand("C3", "A2"), pytest.mark.usefixtures("door")]
HOUR, JULY_LAST = timedelta(hours=1), date(2025, 7, 31)
TENTH, TWENTIETH = date(2025, 6, 10), date(2025, 6, 20)


@pytest.fixture(autouse=True)
def nothing_is_open():
    let_no_day_be_open()
    let_no_review_be_open()


def balance(account):
    return reader().accounts([account])[account].balance_minor


def test_a_transfer_to_savings_that_was_refused_and_made_later_gives_the_interest_between(town):
    """100,000.00 ten days earlier in savings of 50,000.00: 50,000.00 more at 2.5 %, 50,000.00 at 3.25 %, ten days:
    (1,250.00 + 1,625.00) * 10 / 365 = 78.767."""
    savings = account_of(town, town.ann, "savings", 5_000_000, JUNE - DAY)
    pay(town, 1, town.ann.account, 10_000_000, JUNE, kind="salary")
    tried(town, town.ann.account, savings, 10_000_000, TENTH)
    tried(town, town.ann.account, savings, 10_000_000, TENTH + DAY)
    pay(town, town.ann.account, savings, 10_000_000, TWENTIETH)
    close_day(LAST)
    had = balance(savings)
    review = computed("one", LAST)
    mine = Tried.objects.filter(review=review, debit=town.ann.account).order_by("id")
    assert [one.state for one in mine] == ["counts", "again"]
    (one,) = Given.objects.filter(review=review, kind="charges", customer=town.ann.id)
    assert (one.account, one.customer, one.amount_minor) == (savings, town.ann.id, 7_877)
    assert balance(savings) == had
    given(review)
    assert balance(savings) == had + 7_877
    again = given(computed("one", LAST))
    assert again.figures["given"] == {}
    assert balance(savings) == had + 7_877


def booked(review, mine):
    """By (customer, kind) what a review gave these customers."""
    out = {}
    for one in Given.objects.filter(review=review, customer__in=mine):
        assert one.ended == "booked", one
        out[one.customer, one.kind] = out.get((one.customer, one.kind), 0) + one.amount_minor
    return out


@pytest.mark.parametrize("seed", [1, 2])
def test_of_a_made_up_town_each_customer_gets_what_a_slow_recomputation_says_and_no_more_when_run_again(town, seed):
    made = tried_town.make(random.Random(seed), 40, 3_000_000 + seed * 1_000)
    tried_town.put_into_books(made, lambda customer: (customer or 0) % 256)
    close_day(LAST)
    first = given(computed(f"town {seed}", LAST, without=(SINCE, SINCE + 5 * HOUR)))
    span = {"hours": 5, "first": TENTH, "last": TENTH}
    mine = set(made.owner.values())
    expected = slow_charges.all_of(made, LAST, [JUNE], **span)
    assert booked(first, mine) == expected
    assert given(computed(f"town {seed}", LAST, without=(SINCE, SINCE + 5 * HOUR))).figures["given"] == {}
    close_day(JULY_LAST)
    second = given(computed(f"town {seed}", JULY_LAST, without=(SINCE, SINCE + 5 * HOUR)))
    later = slow_charges.all_of(made, JULY_LAST, [JUNE, JULY], closed=[JUNE], **span)
    both = booked(first, mine)
    for key, minor in booked(second, mine).items():
        both[key] = both.get(key, 0) + minor
    wanted = {key: max(expected.get(key, 0), later.get(key, 0)) for key in expected | later}
    assert both == wanted
    assert reader().prove() == []


def test_a_late_charge_that_was_given_back_counts_as_never_taken(town):
    """7,000.00 missing from savings of 100,000.00 for 13 days at 2.5 %: 6.23."""
    savings = account_of(town, town.ann, "savings", 10_000_000, JUNE - DAY)
    pay(town, savings, 1, 700_000, date(2025, 6, 12), kind="charge")
    pay(town, 1, savings, 700_000, date(2025, 6, 25), kind="refund")
    ident = order(town, 5_000, due=date(2025, 6, 11), run=False)
    execution = Execution.objects.create(
        order_id=ident, due=date(2025, 6, 11), payment=uuid.uuid4(), state="refused", at="2025-06-12T08:00Z"
    )
    price = price_on("late_order", "NOK", date(2025, 6, 11))
    said = {"account": savings, "currency": "NOK"}
    charge = Charge.objects.create(
        id=uuid.uuid4(), execution=execution, cohort=town.cohort, amount_minor=700_000, price=price,
        at="2025-06-12T08:00Z", **said,
    )  # fmt: skip
    Refund.objects.create(
        id=uuid.uuid4(), incident="given back", charge=charge, customer=town.ann.id, charged_minor=700_000,
        would_have_been_minor=0, refunded_minor=700_000, happened="", would_have_been="{}", by="x",
        at="2025-06-25T08:00Z", **said,
    )  # fmt: skip
    close_day(LAST)
    review = computed("given back", LAST)
    (one,) = Given.objects.filter(review=review, customer=town.ann.id)
    assert (one.kind, one.account, one.amount_minor) == ("charges", savings, 623)


@pytest.mark.usefixtures("no_other_loans")
@pytest.mark.parametrize(("tried_minor", "left"), [(2_000_000, 0), (10_000, None)])
def test_being_late_with_a_loan_is_given_back_where_the_money_was_tried_to_be_brought_in_in_time(
    town, monkeypatch, tried_minor, left
):
    today = bank_today()
    person = town.person(0)
    made = loan(town, person, paid_out=today - 60 * DAY, first_due=today - 20 * DAY)
    pay(town, person.account, town.ben.account, 10_000_000, today)
    pay_on = made.next_pay_on
    collect(pay_on + DAY)
    savings = account_of(town, person, "savings", 3_000_000, today - 70 * DAY)
    tried(town, savings, person.account, tried_minor, pay_on)
    pay(town, 1, person.account, 2_000_000, today, kind="salary")
    collect(today)
    (paid,) = LoanPayment.objects.filter(loan=made)
    read = refunding._entries
    monkeypatch.setattr(
        refunding, "_entries", lambda *of: [one for one in read(*of) if abs(one.amount_minor) != 10_000_000]
    )
    since = datetime.combine(pay_on, time(8), UTC)
    review = computed("loan", today, since=since)
    found = Given.objects.filter(review=review, kind="late_instalment", customer=person.id)
    charged = paid.late_interest_minor + paid.late_fee_minor
    assert [(one.would_minor, one.amount_minor) for one in found] == ([(0, charged)] if left == 0 else [])
    given(review)
    assert Refund.objects.filter(instalment=paid.id).count() == len(found)
    assert refund_late_instalments("loan again", since, today, "x") == 0
