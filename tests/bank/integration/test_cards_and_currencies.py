"""A day's limit at a card counts what was paid in other currencies by its value in the bank's own."""

import uuid

import pytest
from carding import card_of, question, send, told
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from holdfast.bank.payments.models import Intent

pytestmark = pytest.mark.demand("B4", "S4")


def paid(town, currency, amount_minor):
    """A payment that Ann made today."""
    said = {"id": uuid.uuid4(), "customer": town.ann.id, "debit": town.ann.account, "credit": town.ben.account}
    said |= {"payer": "Ann", "payee": "Ben", "cohort": town.cohort, "epoch": 1, "created": timezone.now()}
    Intent.objects.create(**said, amount_minor=amount_minor, currency=currency, outcome="posted")


@pytest.mark.parametrize(
    ("currency", "amount_minor", "outcome"),
    [
        ("JPY", 14_089_000, ("declined", "day_limit")),  # 999,929.03 kr of the 1,000,000.00 a day
        ("JPY", 14_088_000, ("approved", "ok")),  # 999,858.06 kr
        ("NOK", 99_990_001, ("declined", "day_limit")),
        ("NOK", 99_990_000, ("approved", "ok")),
    ],
)
def test_a_day_counts_what_was_paid_in_any_currency_by_its_value(town, keys, currency, amount_minor, outcome):
    paid(town, currency, amount_minor)
    assert told(send(town.ann, keys, question(card_of(town.ann), 10_000))) == outcome


def test_who_paid_in_the_banks_own_currency_costs_no_query_of_rates(town, keys):
    paid(town, "NOK", 100)
    card = card_of(town.ann)
    send(town.ann, keys, question(card))
    with CaptureQueriesContext(connection) as asked:
        assert told(send(town.ann, keys, question(card))) == ("approved", "ok")
    assert not [one["sql"] for one in asked if "rate_list" in one["sql"]]
    assert len([one for one in asked if "GROUP BY" in one["sql"]]) == 2
