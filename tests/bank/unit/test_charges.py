"""Interest and fees: hand-worked examples, and against a slow computation by another way (day by day, in fractions)."""

import tomllib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bank import charges
from holdfast.bank.charges.engine.asif import Entry, Moved, cover_as_if, recompute
from holdfast.bank.charges.engine.days import DayCount, Every, days_counted, ends_period, period_of, year_parts
from holdfast.bank.charges.engine.errors import BadPrices
from holdfast.bank.charges.engine.histories import History, Movement
from holdfast.bank.charges.engine.interest import GRAINS, Calculation, Part, compute, round_minor, rounding_minor
from holdfast.bank.charges.engine.prices import PriceBook, follows, read_price_list

pytestmark = pytest.mark.demand("A2")
SHIPPED = tomllib.loads((Path(charges.__file__).parent / "lists" / "2026.1.toml").read_text())
JUNE = (date(2026, 6, 1), date(2026, 7, 1))
DAY = timedelta(days=1)
SAVINGS = ("interest", "overdraft", "uses")


def product(**rules):
    """A raw list with one product `savings` of these rules."""
    return {**SHIPPED, "products": {"savings": rules}}


def rate(count="ACT/365", booked="month", how="parts", **tiers):
    listed = [{"from": begin.removeprefix("at_"), "rate": text} for begin, text in tiers.items()]
    return {"count": count, "booked": booked, "how": how, "tiers": listed}


def book(*raws, begins=(date(2000, 1, 1),)):
    return PriceBook(
        [read_price_list(raw, f"v{n}", day, "NOK") for n, (raw, day) in enumerate(zip(raws, begins, strict=True))]
    )


def test_a_month_of_interest_in_two_tiers_worked_by_hand():
    """100,000.00 at 2.50 %, what is above at 3.25 %, ACT/365. 1–10 June (10 days) 150,000.00, then 90,000.00.

    First 10 days: 100,000 × 0.025 × 10/365 = 68.493150…, 50,000 × 0.0325 × 10/365 = 44.520547…; the other 20 days:
    90,000 × 0.025 × 20/365 = 123.287671…; together 236.301369… = 236.30.
    """
    history = History(JUNE[0], 15_000_000, (Movement(date(2026, 6, 11), -6_000_000),))
    found = compute("interest", "savings", history, book(SHIPPED), JUNE)
    assert found.amount_minor == 23_630
    assert [(one.days, one.balance_minor, one.rate_ppm) for one in found.parts] == [
        (10, 10_000_000, 25_000),
        (10, 5_000_000, 32_500),
        (20, 9_000_000, 25_000),
    ]
    assert Fraction(found.grains, GRAINS) == Fraction(23_630_136_986, 10**6).limit_denominator(365)


def test_overdraft_interest_worked_by_hand():
    """−3,650.00 for 30 days at 11.90 %, ACT/365: 3,650 × 0.119 × 30/365 = 35.70 to pay. A current account earns nothing,
    and a savings account nothing below zero."""
    history = History(JUNE[0], -365_000)
    assert compute("overdraft", "current", history, book(SHIPPED), JUNE).amount_minor == -3_570
    assert compute("interest", "current", history, book(SHIPPED), JUNE) is None
    assert compute("interest", "savings", history, book(SHIPPED), JUNE).amount_minor == 0


def test_the_whole_balance_has_the_rate_of_the_tier_it_reaches_where_the_list_says_so():
    """500,000.00 for 91 days of April to June at 1 %, ACT/360: 500,000 × 0.01 × 91/360 = 1,263.888… = 1,263.89."""
    quarter = period_of(JUNE[0], Every.QUARTER)
    full, below = (History(quarter[0], minor) for minor in (50_000_000, 49_999_999))
    assert compute("interest", "business", full, book(SHIPPED), quarter).amount_minor == 126_389
    assert compute("interest", "business", below, book(SHIPPED), quarter).amount_minor == 0


def test_a_new_rate_counts_from_its_day_on_and_both_versions_are_shown():
    """1,000,000.00: 14 days at 1 % and 16 days at 2 %, ACT/365: 383.5616… + 876.7123… = 1,260.27."""
    prices = book(
        product(interest=rate(at_0="1.00")),
        product(interest=rate(at_0="2.00")),
        begins=(date(2000, 1, 1), date(2026, 6, 15)),
    )
    found = compute("interest", "savings", History(JUNE[0], 100_000_000), prices, JUNE)
    assert found.amount_minor == 126_027
    assert [(one.days, one.version) for one in found.parts] == [(14, "v0"), (16, "v1")]


@pytest.mark.parametrize(
    ("balance", "later", "charged"),
    [(99_999_999, 0, -9_900), (100_000_000, 0, 0), (100_000_000, -1, -9_900), (99_999_999, 1, -9_900)],
)
def test_an_account_is_free_when_its_least_balance_of_the_period_was_high_enough(balance, later, charged):
    """99.00 a month, free from 1,000,000.00 on: one day below is enough to pay."""
    history = History(JUNE[0], balance, (Movement(date(2026, 6, 12), later),))
    assert compute("service", "business", history, book(SHIPPED), JUNE).amount_minor == charged


@pytest.mark.parametrize(("uses", "charged"), [(0, 0), (4, 0), (5, -2_500), (7, -7_500)])
def test_payments_beyond_the_free_ones_cost(uses, charged):
    """Four withdrawals a month are free, each further one costs 25.00."""
    history = History(JUNE[0], 0, (Movement(date(2026, 6, 30), -10, uses), Movement(date(2026, 7, 1), -10, 9)))
    assert compute("uses", "savings", history, book(SHIPPED), JUNE).amount_minor == charged


def test_a_fee_is_that_of_the_list_on_the_periods_first_day():
    raised = {
        **SHIPPED,
        "products": {**SHIPPED["products"], "savings": {"uses": {"amount": "99.00", "booked": "month", "free": 0}}},
    }
    prices = book(SHIPPED, raised, begins=(date(2000, 1, 1), date(2026, 6, 2)))
    history = History(JUNE[0], 0, (Movement(date(2026, 6, 5), -10, 5),))
    assert compute("uses", "savings", history, prices, JUNE).amount_minor == -2_500


@pytest.mark.parametrize(
    ("count", "first", "end", "days", "part"),
    [
        ("ACT/365", date(2024, 2, 1), date(2024, 3, 1), 29, Fraction(29, 365)),
        ("ACT/360", date(2024, 2, 1), date(2024, 3, 1), 29, Fraction(29, 360)),
        ("ACT/ACT", date(2023, 12, 31), date(2024, 1, 2), 2, Fraction(1, 365) + Fraction(1, 366)),
        ("ACT/ACT", date(2024, 1, 1), date(2025, 1, 1), 366, Fraction(1)),
        ("30/360", date(2026, 1, 30), date(2026, 1, 31), 0, Fraction(0)),
        ("30/360", date(2026, 1, 31), date(2026, 2, 28), 28, Fraction(28, 360)),
        ("30/360", date(2026, 2, 28), date(2026, 3, 1), 3, Fraction(3, 360)),
        ("30/360", date(2025, 3, 15), date(2026, 3, 15), 360, Fraction(1)),
    ],
)
def test_day_counts_worked_by_hand(count, first, end, days, part):
    assert days_counted(first, end, DayCount(count)) == days
    assert Fraction(year_parts(first, end, DayCount(count)), 1_603_080) == part


def test_a_half_is_rounded_away_from_zero():
    assert [round_minor(GRAINS * n // 2) for n in (1, 3, -1, -3, 2)] == [1, 2, -1, -2, 1]
    assert round_minor(GRAINS // 2 - 1) == 0


DAYS = st.dates(date(2019, 1, 1), date(2029, 12, 31))
MINOR = st.integers(-(10**11), 10**11)
COUNTS = st.sampled_from(list(DayCount))
RATES = st.integers(0, 300_000).map(lambda ppm: f"{ppm // 10_000}.{ppm % 10_000:04d}")


@st.composite
def histories(draw, first, end):
    days = draw(st.lists(st.dates(first, end + 5 * DAY), unique=True, max_size=6).map(sorted))
    return History(first, draw(MINOR), tuple(Movement(day, draw(MINOR), draw(st.integers(0, 3))) for day in days))


def slowly(history, first, end, *, tiers, count, whole, sign):
    """By another way: each day by itself, each unit of a tier by its own bounds, in fractions of a minor unit."""
    total = Fraction(0)
    day = first
    while day < end:
        held = sign * (history.opening_minor + sum(one.net_minor for one in history.movements if one.day <= day))
        year = {"ACT/365": 365, "ACT/360": 360, "30/360": 360}.get(count) or (
            366 if date(day.year, 12, 31).timetuple().tm_yday == 366 else 365
        )
        counts = 1
        if count == "30/360":
            tomorrow = day + DAY
            months = (tomorrow.year - day.year) * 12 + tomorrow.month - day.month
            counts = months * 30 + min(tomorrow.day, 30) - min(day.day, 30)
        for place, (begin, percent) in enumerate(tiers):
            upper = tiers[place + 1][0] if place + 1 < len(tiers) else None
            if whole:
                inside = held if held >= begin and held > 0 and (upper is None or held < upper) else 0
            else:
                inside = max(0, (held if upper is None else min(held, upper)) - begin)
            total += Fraction(inside * counts, year) * Fraction(percent) / 100
        day += DAY
    return sign * total


@given(st.data())
def test_interest_is_that_of_a_slow_computation_by_another_way(data):
    first = data.draw(DAYS)
    end = first + data.draw(st.integers(1, 70)) * DAY
    count, whole, rule = (
        data.draw(COUNTS),
        data.draw(st.booleans()),
        data.draw(st.sampled_from(["interest", "overdraft"])),
    )
    begins = sorted({0, *data.draw(st.lists(st.integers(1, 10**9), max_size=3))})
    tiers = [(begin * 100, data.draw(RATES)) for begin in begins]
    listed = [{"from": str(begin // 100), "rate": text} for begin, text in tiers]
    raw = product(
        **{rule: {"count": count.value, "booked": "month", "how": "whole" if whole else "parts", "tiers": listed}}
    )
    history = data.draw(histories(first, end))
    found = compute(rule, "savings", history, book(raw), (first, end))
    exact = slowly(
        history, first, end, tiers=tiers, count=count.value, whole=whole, sign=-1 if rule == "overdraft" else 1
    )
    assert Fraction(found.grains, GRAINS) == exact
    assert abs(found.amount_minor - exact) <= Fraction(1, 2)
    assert Calculation.from_json(found.to_json()) == found


@given(st.data())
def test_parts_of_a_period_add_up_to_the_whole(data):
    first = data.draw(DAYS)
    middle, end = first + data.draw(st.integers(1, 40)) * DAY, first + 60 * DAY
    history = data.draw(histories(first, end))
    halves = [compute("interest", "savings", history, book(SHIPPED), span) for span in ((first, middle), (middle, end))]
    whole = compute("interest", "savings", history, book(SHIPPED), (first, end))
    assert sum(one.grains for one in halves) == whole.grains


@given(st.lists(st.integers(-(10**15), 10**15), max_size=30))
def test_what_rounding_made_of_many_is_what_the_rounding_account_gets(grains):
    many = [Calculation("interest", "savings", *JUNE, "v", "ACT/365", one) for one in grains]
    booked = sum(one.amount_minor for one in many)
    assert booked - rounding_minor(sum(grains), booked) == round_minor(sum(grains))
    assert abs(rounding_minor(sum(grains), booked)) <= (len(grains) + 1) // 2


@given(DAYS, st.sampled_from(list(Every)))
def test_every_day_lies_in_one_period_and_only_its_last_day_ends_it(day, every):
    first, end = period_of(day, every)
    assert first <= day < end
    assert period_of(end, every)[0] == end
    assert ends_period(day, every) == (day + DAY == end)


def test_as_if_a_payment_had_been_booked_on_its_day():
    """A salary of 10,000.00 for the 5th that was valued on the 25th. As it was: −2,000.00 from the 6th to the 24th (19
    days at 11.90 %): 12.39; as if: never overdrawn, so 12.39 goes back."""
    year = History(date(2026, 1, 1), 0, (Movement(date(2026, 6, 6), -200_000), Movement(date(2026, 6, 25), 1_000_000)))
    moved = [Moved(1_000_000, date(2026, 6, 25), date(2026, 6, 5))]
    found = recompute("current", year, book(SHIPPED), date(2026, 6, 30), {"overdraft": -1_239}, moved)
    assert [(one.rule, one.booked_minor, one.would_minor, one.difference_minor) for one in found] == [
        ("overdraft", -1_239, 0, 1_239),
    ]


def test_as_if_nothing_had_been_otherwise_corrects_nothing():
    history = History(date(2026, 1, 1), -5_000, (Movement(date(2026, 6, 6), 700_000, 9),))
    same = Moved(700_000, date(2026, 6, 6), date(2026, 6, 6), 9)
    booked = {rule: compute(rule, "savings", history, book(SHIPPED), JUNE).amount_minor for rule in SAVINGS}
    assert recompute("savings", history, book(SHIPPED), date(2026, 6, 30), booked, [same]) == []
    assert recompute("unknown", history, book(SHIPPED), date(2026, 6, 30), {}, [same]) == []
    assert recompute("savings", history, book(SHIPPED), date(2026, 6, 30), {}, until=date(2026, 6, 30)) == []


@given(st.data())
def test_a_correction_makes_what_was_booked_what_it_would_have_been(data):
    history = data.draw(histories(JUNE[0], JUNE[1]))
    days = st.none() | st.dates(date(2026, 5, 20), date(2026, 7, 3))
    moved = [Moved(data.draw(MINOR), data.draw(days), data.draw(days)) for _ in range(3)]
    other = history.with_changes(
        Movement(day, sign * one.amount_minor)
        for one in moved
        for day, sign in ((one.booked, -1), (one.as_if, 1))
        if day
    )
    booked = {rule: compute(rule, "savings", history, book(SHIPPED), JUNE).amount_minor for rule in SAVINGS}
    found = {one.rule: one for one in recompute("savings", history, book(SHIPPED), JUNE[0], booked, moved)}
    for rule in SAVINGS:
        was, would = (compute(rule, "savings", one, book(SHIPPED), JUNE).amount_minor for one in (history, other))
        assert (found[rule].difference_minor if rule in found else 0) == would - was


def test_a_payment_would_have_been_covered_by_money_that_came_late_for_its_day():
    """100.00 there now; afterwards came 500.00 of value on the due day, 70.00 was charged and 400.00 paid out: without
    the later ones, and with the late one in time, 100 + 70 + 400 = 570.00."""
    due = date(2026, 6, 5)
    since = [Entry(50_000, due, "salary"), Entry(-7_000, due, "charge"), Entry(-40_000, due, "payment")]
    found = cover_as_if(10_000, since, 57_000, due)
    assert (found.available_minor, found.came_late_minor, found.covered, found.charge_minor(7_000)) == (
        57_000,
        50_000,
        True,
        0,
    )
    assert not cover_as_if(10_000, since, 57_001, due).covered
    assert cover_as_if(10_000, [Entry(50_000, due + DAY, "salary")], 1, due).charge_minor(7_000) == 7_000


WRONG = {
    "late_order": {"late_order": "many"},
    "late_order ": {"late_order": "70.001"},
    "late_order  ": {"late_order": 70},
    "products": {"products": {}},
    "products.Savings": {"products": {"Savings": {}}},
    "products.savings.insurance": product(insurance={}),
    "products.savings.interest.tiers": product(interest=rate()),
    "products.savings.interest.tiers ": product(interest=rate(at_5="1.00")),
    "products.savings.interest.tiers  ": product(interest=rate(at_0="1.00", at_00="2.00")),
    "products.savings.interest.tiers.0.rate": product(interest=rate(at_0="101")),
    "products.savings.interest.tiers.0.rate ": product(interest=rate(at_0="-1")),
    "products.savings.interest.tiers.0.rate  ": product(interest=rate(at_0="NaN")),
    "products.savings.interest.count": product(interest=rate(count="365", at_0="1.00")),
    "products.savings.interest.booked": product(interest=rate(booked="week", at_0="1.00")),
    "products.savings.interest.how": product(interest=rate(how="some", at_0="1.00")),
    "products.savings.uses.free": product(uses={"amount": "1", "booked": "month", "free": -1}),
    "loan": {"loan": None},
    "loan.late_rate": {"loan": {**SHIPPED["loan"], "late_rate": "12.00001"}},
}


@pytest.mark.parametrize("place", WRONG)
def test_a_list_that_cannot_be_meant_is_refused_with_its_place_named(place):
    with pytest.raises(BadPrices, match=f"^{place.strip()}: "):
        read_price_list({**SHIPPED, **WRONG[place]}, "v", JUNE[0], "NOK")


def test_a_later_list_keeps_products_and_when_each_price_is_booked():
    old, fewer = book(product(interest=rate(at_0="1"))).lists[0], {**SHIPPED["products"]}
    other = book(product(interest=rate(at_0="1", booked="year"))).lists[0]
    follows(old, old)
    with pytest.raises(BadPrices, match=r"savings\.interest\.booked: stays month"):
        follows(other, old)
    del fewer["savings"]
    with pytest.raises(BadPrices, match=r"^products\.savings: "):
        follows(book({**SHIPPED, "products": fewer}).lists[0], old)


def test_a_part_is_kept_as_it_was():
    one = Part(JUNE[0], JUNE[1], 30, -5, 119_000, -(10**25), "v")
    assert Part.from_json(one.to_json()) == one
