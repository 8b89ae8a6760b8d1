"""A file of payments in another currency is judged by their value, with one look at the rates."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from exchanging import open_in

from holdfast.bank.files.judging import judge_lines
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.payments.models import OwnLimit
from holdfast.bank.payments.pay import bank_today

pytestmark = pytest.mark.demand("B4")


@pytest.fixture
def lines(town):
    """Thirty of 10.00 EUR, 119.77 kr each."""
    here, there = open_in(town.ann, "EUR"), open_in(town.ben, "EUR")
    said = {"debit": here.account, "credit": there.account, "currency": "EUR", "due": bank_today(), "state": "open"}
    return [FileLine(number=number, amount_minor=1_000, **said) for number in range(1, 31)]


def test_the_lines_of_a_file_look_once_at_the_rates_and_count_by_their_value(town, lines):
    OwnLimit.objects.create(
        customer=town.ann.id, body={"held": {"per_day_minor": 240_000}}, changed=timezone.now()
    )  # twenty times 119.77 kr are 2,395.40
    file = PaymentFile(customer=town.ann.id, cohort=town.cohort, payer="Ann")
    with CaptureQueriesContext(connection) as asked:
        judge_lines(file, lines, bank_today())
    assert len([one for one in asked if "rate_list" in one["sql"]]) == 1
    assert [one.state for one in lines] == ["open"] * 20 + ["bad"] * 10
    assert {one.reason for one in lines[20:]} == {"own_day_limit"}
