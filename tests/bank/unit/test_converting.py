"""What one currency comes to in another: exact, rounded once by a rule that favours nobody, never money for nothing."""

import uuid
from decimal import ROUND_HALF_EVEN, Decimal, getcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bank.currencies.converting import HALF, Exchanged, Terms, digits_of, exchanged_of, plain
from holdfast.bank.currencies.errors import BadRates
from holdfast.bank.currencies.reading import MARGIN_PPM_MAX, MARGIN_PPM_MIN, check_jumps, read_margin, read_rates

pytestmark = pytest.mark.demand("A1")
CURRENCIES = ("NOK", "EUR", "JPY", "KWD")
"""Of two, two, none and three decimals."""
rates = st.integers(1, 10**15).map(lambda number: plain(Decimal(number).scaleb(-9)))
margins = st.integers(MARGIN_PPM_MIN, MARGIN_PPM_MAX)


@st.composite
def lists(draw):
    """Rates of four currencies seen from the first, and a margin."""
    return {"NOK": "1", **{one: draw(rates) for one in CURRENCIES[1:]}}, draw(margins)


def terms(held, sold, bought):
    found, margin_ppm = held
    return Terms("2026-11-23.1", sold, bought, found[sold], found[bought], margin_ppm)


def test_worked_by_hand():
    """1,000.00 NOK at 0.0835 EUR are 83.50 EUR; less 0.75 % (0.62625) 82.87375, rounded 82.87. 10.00 KWD at
    14.09 / 0.02861 JPY are 4924.8514…; less 0.75 % 4887.9150…, rounded 4888 JPY, which has no decimals. 5000 JPY back are
    5000 × 0.02861 / 14.09 × 0.9925 = 10.07636… KWD, rounded 10.076: three decimals."""
    held = {"NOK": "1", "EUR": "0.0835", "JPY": "14.09", "KWD": "0.02861"}, 7_500
    assert terms(held, "NOK", "EUR").bought_minor(100_000) == 8_287
    assert terms(held, "KWD", "JPY").bought_minor(10_000) == 4_888
    assert terms(held, "JPY", "KWD").bought_minor(5_000) == 10_076
    assert terms(held, "EUR", "NOK").own_minor(8_350, "NOK") == 100_000
    assert terms(held, "JPY", "EUR").own_minor(1_409, "NOK") == 10_000


def test_a_half_goes_to_the_even_one():
    """By a margin of 1 % of 1:1 in yen: 50 come to 49.5, 150 to 148.5, 250 to 247.5."""
    held = {"NOK": "1", "JPY": "1", "ISK": "1"}, 10_000
    assert [terms(held, "JPY", "ISK").bought_minor(sold) for sold in (50, 150, 250)] == [50, 148, 248]


@given(lists(), st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES), st.integers(0, 10**9))
def test_nobody_is_given_more_than_the_middle_value(held, sold, bought, more):
    one = terms(held, sold, bought)
    amount = one.least_minor() + more
    given, exact = one.bought_minor(amount), one.middle_minor(amount) * (1 - one.margin)
    assert abs(given - exact) <= HALF
    assert 0 <= given <= one.middle_minor(amount)


@given(lists(), st.permutations(CURRENCIES), st.integers(0, 10**9))
def test_no_way_to_and_fro_or_round_ends_with_more(held, way, more):
    begin = amount = terms(held, way[0], way[1]).least_minor() + more
    for sold, bought in zip(way, (*way[1:], way[0]), strict=True):
        one = terms(held, sold, bought)
        if amount < one.least_minor():
            return
        amount = one.bought_minor(amount)
        back = terms(held, bought, sold)
        assert amount < back.least_minor() or sold != way[0] or back.bought_minor(amount) <= begin
    assert amount <= begin


@given(lists(), st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES), st.integers(1, 10**12))
def test_it_agrees_with_decimals_of_many_digits(held, sold, bought, amount):
    getcontext().prec = 200
    found, margin_ppm = held
    value = Decimal(amount).scaleb(-digits_of(sold)) * Decimal(found[bought]) / Decimal(found[sold])
    exact = (value * (1 - Decimal(margin_ppm).scaleb(-6))).scaleb(digits_of(bought))
    assert terms(held, sold, bought).bought_minor(amount) == int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))


@given(lists(), st.sampled_from(CURRENCIES), st.sampled_from(CURRENCIES), st.integers(1, 10**15))
def test_the_cause_holds_the_whole_calculation(held, sold, bought, amount):
    one = terms(held, sold, bought)
    made = Exchanged(uuid.uuid4(), one, amount, min(one.bought_minor(amount), 10**15))
    assert exchanged_of(made.to_cause()) == made and len(made.to_cause()) <= 200
    wrong = Exchanged(made.id, one, amount, made.bought_minor + 1)
    assert not wrong.holds
    assert made.holds == (amount >= one.least_minor() and 0 < one.bought_minor(amount) <= 10**15)


@pytest.mark.parametrize("cause", ["form", "exchange:1", "rule:interest:2026.1:2026-11-01"])
def test_any_other_cause_is_no_exchange(cause):
    assert exchanged_of(cause) is None


def test_a_file_of_rates_is_read_line_by_line():
    assert read_rates("\ufeffCurrency, Rate\nUSD, 0.0931\n\nEUR,0.08350\n", "NOK") == {"EUR": "0.0835", "USD": "0.0931"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first line"),
        ("EUR,0.0835", "first line"),
        ("currency,rate", "no rate"),
        ("currency,rate\nEUR", "Line 2: a currency"),
        ("currency,rate\nEUR,0.0835\nXXX,1", "Line 3: 'XXX'"),
        ("currency,rate\nNOK,1", "own currency"),
        ("currency,rate\nEUR,0.0835\nEUR,0.0836", "stands twice"),
        ("currency,rate\nEUR,0", "no rate; write"),
        ("currency,rate\nEUR,-1", "no rate; write"),
        ("currency,rate\nEUR,1e3", "no rate; write"),
        ("currency,rate\nEUR,0,0835", "no rate; write"),
        ("currency,rate\n" + "\n" * 60, "more than 60 lines"),
        ("currency,rate" + " " * 10_000, "longer than"),
    ],
)
def test_what_cannot_be_meant_is_said_with_its_line(text, words):
    with pytest.raises(BadRates, match=words):
        read_rates(text, "NOK")


def test_a_margin_is_above_zero_and_not_more_than_five_per_cent():
    assert [read_margin(one) for one in ("0.75", "0,01 %", "5")] == [7_500, 100, 50_000]
    for wrong in ("", "0", "0.001", "5.1", "-1", "much", "1e0"):
        with pytest.raises(BadRates, match="margin"):
            read_margin(wrong)


def test_a_rate_turned_upside_down_is_stopped():
    check_jumps({"EUR": "0.0835"}, {"EUR": "0.12", "USD": "9"})
    for slip in ("11.98", "0.835", "0.0417"):
        with pytest.raises(BadRates, match="EUR"):
            check_jumps({"EUR": "0.0835"}, {"EUR": slip})


def test_what_is_shown_of_a_margin_is_part_of_the_middle_value():
    one = terms(({"NOK": "1", "EUR": "0.0835"}, 7_500), "NOK", "EUR")
    assert one.middle * one.margin + one.rate == one.middle == Fraction(835, 10_000)
