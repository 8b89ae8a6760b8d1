"""What charges are computed from: accounts with their product, and their histories out of the books."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from holdfast.bank.books import histories, installation
from holdfast.bank.charges.engine.histories import History, Movement
from holdfast.bank.exchange.facts import bank_facts

USES = ("payment", "order")
"""Kinds of entries out of an account that a price list may charge for."""
VALUE_AHEAD_DAYS_MAX = 35
"""No entry is booked longer than this before its value date."""
READ_MAX = 5_000


def place_before(day: date) -> int:
    """A place in the books after which every entry lies that is of value on this day or later."""
    booked = day - timedelta(days=VALUE_AHEAD_DAYS_MAX + int(bank_facts.bank().get("day_offset", 0)))
    instant = datetime.combine(booked, time(), ZoneInfo(installation().time_zone)).astimezone(UTC)
    return histories().place_before(instant)


def read_histories(accounts: Sequence[int], first: date, after_seq: int = 0) -> dict[int, History]:
    """The histories from a day on of the accounts that the books hold of these."""
    out: dict[int, History] = {}
    for start in range(0, len(accounts), READ_MAX):
        found = histories().read(accounts[start : start + READ_MAX], first, USES, after_seq)
        for account, one in found.items():
            movements = tuple(Movement(day, net, uses) for day, net, uses in one.days)
            out[account] = History(first, one.opening_minor, movements)
    return out
