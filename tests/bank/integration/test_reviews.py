"""A review of charges: computed as if what was tried had been made, given once by two people, with its calculation."""

from datetime import date

import pytest
from closing import DAY, JUNE, LAST, close_day, let_no_day_be_open
from reviewing import account_of, computed, given, let_no_review_be_open, pay, tried

from holdfast.bank.books import reader
from holdfast.bank.redress.models import Given

pytestmark = [pytest.mark.demand("C3", "A2"), pytest.mark.usefixtures("door")]
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
    pay(town, 1, town.ann.account, 10_000_000, JUNE, "salary")
    tried(town, town.ann.account, savings, 10_000_000, TENTH)
    tried(town, town.ann.account, savings, 10_000_000, TENTH + DAY)
    pay(town, town.ann.account, savings, 10_000_000, TWENTIETH)
    close_day(LAST)
    had = balance(savings)
    review = computed("one", LAST)
    assert review.figures["tried"] == {"again": [1], "counts": [1]}
    (one,) = Given.objects.filter(review=review, kind="charges")
    assert (one.account, one.customer, one.amount_minor) == (savings, town.ann.id, 7_877)
    assert balance(savings) == had
    given(review)
    assert balance(savings) == had + 7_877
    again = computed("one", LAST)
    assert again.figures["given"] == {}
    given(again)
    assert balance(savings) == had + 7_877
