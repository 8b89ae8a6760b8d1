"""An offer to exchange, held for a minute: the token that this bank signs over all that makes it this exchange.

Nothing is stored. What the customer confirms comes back with the token, and what is booked is what the token says; an
offer that was changed on the way, or is another customer's, is none. Offers do not end early when new rates come.
"""

import time
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.bank.books import keyring
from holdfast.bank.currencies.converting import Exchanged, Terms
from holdfast.bank.currencies.publishing import is_too_old, newest
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken
from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.look import Writing

PURPOSE = "exchange-offer"
HOLDS_S = 60


class NoOffer(StrEnum):
    """Why nothing is offered for an amount."""

    NO_RATE = "no_rate"
    OLD_RATES = "old_rates"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"

    @property
    def about_amount(self) -> bool:
        """Whether another amount might be offered for; otherwise it is about the two accounts."""
        return self in (NoOffer.TOO_SMALL, NoOffer.TOO_LARGE)


WHY = {
    NoOffer.NO_RATE: "exchange.no_rate",
    NoOffer.OLD_RATES: "exchange.old_rates",
    NoOffer.TOO_SMALL: "exchange.too_small",
    NoOffer.TOO_LARGE: "amount.too_large",
}
"""The texts that say why, for pages and programs."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer may have exchanged: which of their accounts, what for what; at: when it was made, in seconds."""

    customer: int
    debit: int
    credit: int
    exchanged: Exchanged
    at: float

    @property
    def ends(self) -> float:
        """Until when it holds, in seconds since 1970."""
        return self.at + HOLDS_S

    def holds(self, now: float) -> bool:
        """Whether it may be confirmed still."""
        return -CLOCK_LEEWAY_S <= now - self.at <= HOLDS_S

    @property
    def margin_minor(self) -> int:
        """What the bank keeps of it, in minor units of the currency that is bought."""
        terms = self.exchanged.terms
        return round(terms.middle_minor(self.exchanged.sold_minor) * terms.margin)

    def sign(self) -> str:
        """The offer as a page carries it."""
        one = self.exchanged
        said = {"customer": self.customer, "debit": self.debit, "credit": self.credit, "at": self.at}
        terms = {name: getattr(one.terms, name) for name in Terms.__slots__}
        amounts = {"id": one.id.hex, "sold_minor": one.sold_minor, "bought_minor": one.bought_minor}
        return keyring().sign(PURPOSE, said | terms | amounts)


def make_offer(  # noqa: PLR0917  # what an offer is of
    ident: uuid.UUID, customer: int, debit: int, credit: int, sold: str, bought: str, sold_minor: int
) -> Offer | tuple[NoOffer, int]:
    """Offer to exchange an amount by the rates that hold; or why not, and the least where it is too small."""
    held = newest()
    terms = held.terms(sold, bought) if held else None
    if held is None or terms is None:
        return NoOffer.NO_RATE, 0
    if is_too_old(held):
        return NoOffer.OLD_RATES, 0
    if sold_minor < terms.least_minor():
        return NoOffer.TOO_SMALL, terms.least_minor()
    made = Exchanged(ident, terms, sold_minor, terms.bought_minor(sold_minor))
    if made.bought_minor > AMOUNT_MINOR_MAX:
        return NoOffer.TOO_LARGE, 0
    return Offer(customer, debit, credit, made, time.time())


def no_offer_words(why: NoOffer, least_minor: int, sold: str, bought: str, spoken: Writing) -> str:
    """Why nothing is offered, in words."""
    return spoken.say(WHY[why], least=spoken.amount(least_minor, sold), sold=sold, bought=bought)


def read_offer(token: str) -> Offer | None:
    """The offer that this bank signed; None for anything else. Whether it still holds, it says itself."""
    try:
        raw = keyring().verify(PURPOSE, token, by={"primary"})
        return _offer_of(raw)
    except (BadToken, KeyError, ValueError, TypeError):
        return None


def _offer_of(raw: dict[str, Any]) -> Offer:
    terms = Terms(*(raw[name] for name in Terms.__slots__))
    made = Exchanged(uuid.UUID(hex=raw["id"]), terms, int(raw["sold_minor"]), int(raw["bought_minor"]))
    return Offer(int(raw["customer"]), int(raw["debit"]), int(raw["credit"]), made, float(raw["at"]))
