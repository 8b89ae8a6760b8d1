"""What other currencies come to in the bank's own: never less than the middle value, more by an old rate or by none."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.money import AMOUNT_MINOR_MAX, MINOR_DIGITS
from holdfast.guard import UNKNOWN_TIMES, Rate, middle_minor, rate_from_body, worth_minor

DAY = date(2026, 11, 23)
EURO = Rate("0.08", DAY)
ABOUT = {
    "NOK": "1", "GBP": "0.0702", "EUR": "0.0835", "CZK": "2.012", "SEK": "0.9474", "DKK": "0.6231", "USD": "0.0931",
    "CHF": "0.0748", "PLN": "0.3562", "CAD": "0.1309", "AUD": "0.1426", "JPY": "14.09", "ISK": "11.8", "KRW": "136",
    "KWD": "0.02861", "BHD": "0.0351", "OMR": "0.0358", "JOD": "0.066", "TND": "0.274",
}  # fmt: skip
"""Roughly what one krone is worth in each currency that Holdfast knows."""
currencies = st.sampled_from(sorted(MINOR_DIGITS))
rates = st.fractions(Fraction(1, 1000), 10_000, max_denominator=1000).map(lambda one: f"{float(one):.8f}")


def test_a_payment_counts_by_the_rate_rounded_up():
    assert worth_minor(8_00, "EUR", "NOK", EURO, DAY) == 100_00
    assert worth_minor(1, "EUR", "NOK", EURO, DAY) == 13  # 12.5
    assert worth_minor(100, "JPY", "NOK", Rate("14.09", DAY), DAY) == 710  # 709.7…


def test_a_day_later_it_counts_half_as_much_again():
    assert worth_minor(8_00, "EUR", "NOK", EURO, DAY + timedelta(days=1)) == 150_00
    assert worth_minor(8_00, "EUR", "NOK", EURO, DAY + timedelta(days=400)) == 150_00


def test_what_no_list_named_counts_a_hundred_times():
    assert worth_minor(8_00, "EUR", "NOK", None, DAY) == 800_00


def test_a_hundred_times_is_more_than_any_known_currency_is_worth_in_any_other():
    assert sorted(ABOUT) == sorted(MINOR_DIGITS)
    most = 0.0
    for own, other in permutations(ABOUT, 2):
        rate = str(round(float(Fraction(ABOUT[other]) / Fraction(ABOUT[own])), 10))
        most = max(most, float(middle_minor(1, other, own, rate)))
    assert UNKNOWN_TIMES / 3 < most < UNKNOWN_TIMES / 2


@given(st.integers(1, AMOUNT_MINOR_MAX), currencies, currencies, rates, st.booleans())
def test_it_never_counts_less_than_the_middle_value_nor_a_minor_unit_more(amount, currency, own, rate, old):
    days = timedelta(days=int(old))
    found = worth_minor(amount, currency, own, Rate(rate, DAY), DAY + days)
    if currency == own:
        assert found == amount
        return
    exact = middle_minor(amount, currency, own, rate) * (Fraction(3, 2) if old else 1)
    assert exact <= found < exact + 1


@pytest.mark.parametrize("rate", ["0", "0.000", "-1", "1e3", "", "1.12345678901", 0.08, None, "٣"])
def test_a_rate_that_cannot_be_meant_is_none(rate):
    with pytest.raises((ValueError, TypeError)):
        rate_from_body({"rate": rate, "until": "2026-11-23"})
    assert rate_from_body(EURO.to_body()) == EURO
