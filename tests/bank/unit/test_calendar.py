"""Banking days of Norway, and the days of repeating orders."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bank.orders.calendar import Rhythm, banking_day, easter, is_banking_day, nominal

days = st.dates(date(1994, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1997, 3, 30), (2008, 3, 23), (2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28), (2038, 4, 25)],
)
def test_easter_falls_as_the_almanac_says(year, month, day):
    assert easter(year) == date(year, month, day)


def test_the_holidays_of_2026_are_those_of_the_law():
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    free = {f"{day:%m-%d}" for day in year if day.weekday() < 5 and not is_banking_day(day)}
    assert free == {"01-01", "04-02", "04-03", "04-06", "05-01", "05-14", "05-25", "12-25"}
    assert is_banking_day(date(2026, 12, 24)) and is_banking_day(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "paid"),
    [
        ("2026-11-21", "2026-11-23"),
        ("2026-04-02", "2026-04-07"),
        ("2027-05-15", "2027-05-18"),
        ("2026-11-24", "2026-11-24"),
    ],
)
def test_what_falls_on_a_holiday_is_paid_on_the_next_banking_day(day, paid):
    assert banking_day(date.fromisoformat(day)) == date.fromisoformat(paid)


@given(days)
def test_the_next_banking_day_is_never_far_nor_before(day):
    found = banking_day(day)
    assert 0 <= (found - day).days <= 5 and is_banking_day(found)
    assert all(not is_banking_day(day + timedelta(days=n)) for n in range((found - day).days))


def test_an_order_of_the_31st_falls_on_the_last_day_of_shorter_months_and_on_the_31st_again():
    found = [nominal(date(2027, 12, 31), Rhythm.MONTHLY, number) for number in range(5)]
    assert [f"{day:%m-%d}" for day in found] == ["12-31", "01-31", "02-29", "03-31", "04-30"]
    assert nominal(date(2024, 2, 29), Rhythm.YEARLY, 1) == date(2025, 2, 28)
    assert nominal(date(2024, 2, 29), Rhythm.YEARLY, 4) == date(2028, 2, 29)
    assert nominal(date(2026, 11, 30), Rhythm.QUARTERLY, 1) == date(2027, 2, 28)
    assert nominal(date(2026, 11, 30), Rhythm.WEEKLY, 3) == date(2026, 12, 21)


@given(days, st.sampled_from(list(Rhythm)), st.integers(0, 200))
def test_each_time_is_later_than_the_one_before(first, rhythm, number):
    this, following = nominal(first, rhythm, number), nominal(first, rhythm, number + 1)
    assert this == first if rhythm is Rhythm.ONCE else this < following
