"""How old rates may be: in banking days, of which weekends and holidays are none."""

import os
from collections.abc import Mapping
from datetime import date, timedelta

from holdfast.bank.currencies.errors import BadRates
from holdfast.bank.orders.calendar import is_banking_day

AGE_SETTING = "HOLDFAST_RATES_AGE_DAYS_MAX"
AGE_DAYS_MOST = 30


def age_limit(environment: Mapping[str, str] = os.environ) -> int:
    """How many banking days a list may be old; raises BadRates naming the setting when it is no number from 1 to 30."""
    told = environment.get(AGE_SETTING, "3")
    if not told.isascii() or not told.isdigit() or not 1 <= int(told) <= AGE_DAYS_MOST:
        raise BadRates(f"{AGE_SETTING} must be a whole number from 1 to {AGE_DAYS_MOST}, it is {told!r}")
    return int(told)


AGE_DAYS_MAX = age_limit()
"""Read at the start: one that cannot be meant ends it."""


def age_days(day: date, today: date) -> int:
    """How many banking days have come since the day that the rates are of: weekends and holidays make no rate old."""
    days = min((today - day).days, 10 * AGE_DAYS_MOST)
    return sum(is_banking_day(day + timedelta(days=number)) for number in range(1, days + 1))


def good_until(day: date) -> date:
    """The last of the bank's days on which money is exchanged by rates of a day."""
    last = day
    while age_days(day, last + timedelta(days=1)) <= AGE_DAYS_MAX:
        last += timedelta(days=1)
    return last
