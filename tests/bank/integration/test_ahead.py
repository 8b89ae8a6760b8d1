"""The days to come, as a customer reads them at the main bank."""

import uuid
from datetime import timedelta

import pytest

from holdfast.bank.books import books
from holdfast.bank.orders.calendar import months_later
from holdfast.bank.orders.models import Order
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts.blocks import Note
from holdfast.ledger.api import Post, Result

pytestmark = pytest.mark.demand("B3")


def months_of_life(town, months):
    """A gym and wages of some months, the next of which come in three and in six days; taken over, so of value then."""
    ann = town.ann.account
    for month in range(-months, 0):
        for debit, credit, minor, kind, days, names in (
            (1, ann, 3_000_000, "salary", 6, ("Example Employer", "Ann")),
            (ann, town.ben.account, 49_900, "payment", 3, ("Ann", "Example Gym")),
        ):
            coming = bank_today() + timedelta(days=days)
            post = Post(
                id=uuid.uuid4(), debit=debit, credit=credit, amount_minor=minor, currency="NOK", kind=kind,
                value_date=months_later(coming, month, coming.day), cohort=town.cohort, epoch=town.ann.epoch, cause=f"fill:{uuid.uuid4().hex}",
                note=Note(b"", *names, ""),
            )  # fmt: skip
            assert books().post(post).result is Result.POSTED


def test_wages_and_a_gym_are_expected_an_order_is_certain_and_what_is_left_is_their_sum(town):
    months_of_life(town, 5)
    tomorrow = bank_today() + timedelta(days=1)
    Order.objects.create(
        id=uuid.uuid4().int % 10**15, cohort=town.cohort, debit=town.ann.account, credit=town.ben.account,
        amount_minor=120_000, currency="NOK", payer="Ann", payee="Land Lord", text="", kind="rent", due=tomorrow,
    )  # fmt: skip
    text = town.ann.get("/ahead").content.decode()
    assert 'data-coming="certain"' in text
    assert f'data-day="{tomorrow}" data-amount-minor="-120000"' in text
    assert "Land Lord" in text
    assert 'data-amount-minor="3000000"' in text
    assert 'data-amount-minor="-49900"' in text
    assert "has come every month so far" in text
    assert "Left until pay day" in text
    assert "data-middle-minor" in text
    assert "four of five months" in text


def test_a_young_account_gets_no_forecast_and_is_told_why(town):
    text = town.ann.get("/ahead").content.decode()
    assert "A forecast needs three whole months" in text
    assert "data-middle-minor" not in text


def test_another_customers_account_is_not_shown(town):
    months_of_life(town, 2)
    text = town.ann.get(f"/ahead?account={town.ben.account}").content.decode()
    assert "Ben Builder" not in text.partition("<main")[2]
    for typed in ("x", "9" * 40, "-1"):
        assert town.ann.get(f"/ahead?account={typed}").status_code == 200
