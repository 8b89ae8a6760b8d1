"""The profile in memory: the bank's day."""

from datetime import date

import pytest

from holdfast.contracts.profile import Fact
from holdfast.standin.profile import Profile


def profile(today: date, **bank: object) -> Profile:
    made = Profile(lambda: today)
    made.apply(Fact(1, "bank", "bank", {"currency": "NOK", **bank}))
    return made


@pytest.mark.parametrize(
    ("today", "offset", "day"),
    [
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),  # two days alone: limits of a day begin anew
        (date(2026, 11, 21), 0, date(2026, 11, 22)),  # a clock that is behind never takes a day back
        (date(2026, 11, 24), -2, date(2026, 11, 22)),
        (date(2026, 11, 25), -2, date(2026, 11, 23)),
    ],
)
def test_the_banks_day_goes_on_while_the_bank_tells_nothing(today: date, offset: int, day: date) -> None:
    assert profile(today, business_date="2026-11-22", day_offset=offset).business_date() == day


def test_a_bank_that_told_no_offset_keeps_the_day_that_it_told() -> None:
    assert profile(date(2026, 12, 24), business_date="2026-11-22").business_date() == date(2026, 11, 22)


def test_before_anything_is_told_the_day_is_the_calendars() -> None:
    assert Profile(lambda: date(2026, 12, 24)).business_date() == date(2026, 12, 24)
