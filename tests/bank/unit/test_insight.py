"""What comes again, and the forecast of the month's end: properties that hold for every account."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.bank.insight import forecast
from holdfast.bank.insight.features import MONTHS_MIN, MOVES_MIN, NAMES, look_at
from holdfast.bank.insight.forecast import likely, read_model
from holdfast.bank.insight.moves import Move, month_before, month_end
from holdfast.bank.insight.recurring import find_series
from holdfast.bank.orders.calendar import months_later

pytestmark = pytest.mark.demand("B3")
TODAY = date(2026, 11, 10)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def monthly(key, amount, day, months=6, jitter=0):
    luck, found, first = random.Random(key), [], TODAY.replace(day=1)
    for _ in range(months):
        first = month_before(first)
        found.append(
            Move(months_later(first, 0, day) + timedelta(days=luck.randint(0, jitter)), amount, key, key.title())
        )
    return found[::-1]


def in_order(*parts):
    return sorted((one for part in parts for one in part), key=lambda one: one.day)


@given(DAYS, st.integers(1, 24), st.integers(1, 31))
def test_a_day_some_months_later_is_in_that_month_and_never_beyond_its_end(day, months, number):
    later = months_later(day, months, number)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(number, month_end(later).day)
    assert months_later(month_before(day), 1, 1) == day.replace(day=1)


def test_rent_wages_and_a_weekly_club_are_found_with_their_next_days_and_a_shop_is_not():
    luck = random.Random(7)
    shop = [
        Move(TODAY - timedelta(days=luck.randrange(1, 170)), -luck.randrange(5_000, 90_000), "shop") for _ in range(40)
    ]
    club = [Move(TODAY - timedelta(days=3 + 7 * week), -15_000, "club") for week in range(20)]
    found = find_series(
        in_order(monthly("rent", -900_000, 31), monthly("wages", 3_100_000, 20, jitter=2), shop, club), TODAY
    )
    assert [(one.key, one.rhythm.name) for one in found] == [
        ("wages", "monthly"),
        ("rent", "monthly"),
        ("club", "weekly"),
    ]
    rent, whole_month = found[1], (TODAY, month_end(TODAY))
    assert rent.expected(*whole_month) == [date(2026, 11, 30)]
    assert found[2].expected(*whole_month) == [date(2026, 11, day) for day in (14, 21, 28)]
    assert not rent.varies and rent.amount_minor == -900_000


def test_a_subscription_at_a_shop_is_told_from_what_is_bought_there():
    luck = random.Random(3)
    bought = [
        Move(TODAY - timedelta(days=luck.randrange(1, 170)), -luck.randrange(30_000, 90_000), "shop") for _ in range(25)
    ]
    found = find_series(in_order(monthly("shop", -9_900, 4), bought), TODAY)
    assert [(one.amount_minor, one.rhythm.name) for one in found] == [(-9_900, "monthly")]


def test_what_ended_is_expected_no_more_and_what_is_overdue_tomorrow():
    ended = [one for one in monthly("gym", -40_000, 5, months=9) if one.day < date(2026, 8, 1)]
    assert find_series(ended, TODAY) == []
    (late,) = find_series([one for one in monthly("rent", -900_000, 8) if one.day < TODAY], TODAY)
    assert late.expected(TODAY, month_end(TODAY)) == [TODAY + timedelta(days=1)]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 399), st.integers(-5_000_000, 5_000_000), st.sampled_from("abcdef")), max_size=120
    ),
    st.integers(-10_000_000, 10_000_000),
)
def test_every_history_gets_a_forecast_in_order_or_none_at_all(told, balance):
    moves = in_order([Move(TODAY - timedelta(days=ago), amount, key) for ago, amount, key in told])
    series = find_series(moves, TODAY)
    for one in series:
        assert one.last <= TODAY
        assert all(TODAY < day <= month_end(TODAY) for day in one.expected(TODAY, month_end(TODAY)))
    seen = look_at(moves, series, balance, TODAY)
    if seen is None:
        few = len([one for one in moves if one.day <= TODAY]) < MOVES_MIN
        assert few or month_before(month_before(month_before(TODAY))) < moves[0].day.replace(day=1)
        return
    assert len(seen.values) == len(NAMES)
    found = likely(seen)
    assert found is not None
    assert found.low_minor <= found.middle_minor <= found.high_minor


@given(st.integers(2, 1000))
def test_the_forecast_is_the_same_in_every_currency(times):
    moves = in_order(
        monthly("rent", -900_000, 28), monthly("wages", 3_100_000, 20), monthly("food", -200_000, 15, jitter=9)
    )
    larger = [Move(one.day, one.amount_minor * times, one.key) for one in moves]
    one, other = (
        likely(look_at(each, find_series(each, TODAY), 1_000_000 * by, TODAY))
        for each, by in ((moves, 1), (larger, times))
    )
    assert other.middle_minor == pytest.approx(one.middle_minor * times, rel=0.01)


def test_with_less_than_three_whole_months_nothing_is_said():
    many = in_order(*(monthly(key, -900_000, 28, months=MONTHS_MIN - 1) for key in "abcdef"))
    assert len(many) >= MOVES_MIN
    assert look_at(many, [], 0, TODAY) is None
    assert look_at(monthly("rent", -900_000, 28, months=MOVES_MIN - 1), [], 0, TODAY) is None
    assert look_at([], [], 0, TODAY) is None


def test_without_a_model_for_these_numbers_there_is_no_forecast(tmp_path, monkeypatch):
    seen = look_at(monthly("rent", -900_000, 28, months=MOVES_MIN), [], 0, TODAY)
    for words in ("", "{}", '{"form": "holdfast-forecast/1", "features": ["other"]}'):
        file = tmp_path / "model.json"
        file.write_text(words)
        monkeypatch.setattr(forecast, "MODEL", file)
        read_model.cache_clear()
        assert likely(seen) is None
    monkeypatch.undo()
    read_model.cache_clear()
    assert likely(seen) is not None
