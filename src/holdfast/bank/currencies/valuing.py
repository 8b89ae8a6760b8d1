"""What an amount of any currency is worth in the bank's own, for limits, which are in that.

By guard/worth.py, as the spare bank does. A customer's payments in the bank's own currency cost no query."""

from collections.abc import Callable
from datetime import date
from functools import cache

from holdfast.bank.books import installation
from holdfast.bank.currencies.ageing import good_until
from holdfast.bank.currencies.models import RateList
from holdfast.bank.exchange.facts import bank_facts
from holdfast.guard import Rate, worth_minor

Worth = Callable[[int, str], int]
"""Minor units of the bank's own currency, rounded up, for an amount in minor units of a currency."""


def rate_of(currency: str) -> Rate | None:
    """By what a currency is valued: the newest list that names it; None when none does."""
    held = RateList.objects.filter(own=installation().currency, rates__has_key=currency).order_by("-id").first()
    return Rate(held.rates[currency], good_until(held.day)) if held else None


def valuer() -> Worth:
    """For many amounts: one query for each other currency, by the rates as they were when it was first asked for."""
    own, known = installation().currency, cache(rate_of)

    def worth(amount_minor: int, currency: str) -> int:
        if currency == own:
            return amount_minor
        today = date.fromisoformat(bank_facts.bank()["business_date"])
        return worth_minor(amount_minor, currency, own, known(currency), today)

    return worth


def own_value_minor(amount_minor: int, currency: str) -> int:
    """Minor units of the bank's own currency, rounded up. No query for that currency itself, one for any other."""
    return valuer()(amount_minor, currency)
