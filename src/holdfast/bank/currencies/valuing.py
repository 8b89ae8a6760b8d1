"""What an amount of any currency is worth in the bank's own, for limits, which are in that. By middle rates, whatever
their age: an old rate judges better than none. A currency that no list ever named counts as it stands."""

from collections.abc import Callable
from functools import cache

from holdfast.bank.books import installation
from holdfast.bank.currencies.converting import Terms
from holdfast.bank.currencies.models import RateList

Worth = Callable[[int, str], int]
"""Minor units of the bank's own currency, rounded up, for an amount in minor units of a currency."""


def valuer() -> Worth:
    """For many amounts: one query for each other currency, by the rates as they were when it was first asked for."""
    own = installation().currency

    @cache
    def terms_from(currency: str) -> Terms | None:
        held = RateList.objects.filter(own=own, rates__has_key=currency).order_by("-id").first()
        return held.terms(currency, own) if held else None

    def worth(amount_minor: int, currency: str) -> int:
        terms = terms_from(currency) if currency != own else None
        return terms.own_minor(amount_minor, own) if terms else amount_minor

    return worth


def own_value_minor(amount_minor: int, currency: str) -> int:
    """Minor units of the bank's own currency, rounded up. No query for that currency itself, one for any other."""
    return valuer()(amount_minor, currency)
