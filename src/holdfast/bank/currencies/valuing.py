"""What an amount of any currency is worth in the bank's own, for limits, which are in that. By middle rates, whatever
their age: an old rate judges better than none. A currency that no list ever named counts as it stands."""

from holdfast.bank.books import installation
from holdfast.bank.currencies.models import RateList


def own_value_minor(amount_minor: int, currency: str) -> int:
    """Minor units of the bank's own currency, rounded up. No query for that currency itself, one for any other."""
    own = installation().currency
    if currency == own:
        return amount_minor
    held = RateList.objects.filter(own=own, rates__has_key=currency).order_by("-id").first()
    terms = held.terms(currency, own) if held else None
    return terms.own_minor(amount_minor, own) if terms else amount_minor
