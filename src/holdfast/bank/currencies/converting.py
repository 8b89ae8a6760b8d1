"""What an amount of one currency comes to in another: exact fractions until it is rounded once. Pure.

A list says what one unit of the bank's own currency is worth in others. The middle value of an amount follows from it;
the margin is the bank's price, a part of that value. What is left is rounded to the nearest minor unit of the currency
that is bought, a half to the even one, so that rounding favours nobody. The difference stays in the bank's position.

Invariant: nobody is ever given more than the middle value of what they gave, so that no chain of exchanges by one list
ends with more than it began. Rounding adds half a minor unit at most, and least_minor makes the margin as much.
"""

import re
import uuid
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from holdfast.contracts.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, format_amount
from holdfast.guard import middle_minor

PPM = 1_000_000
KIND = "exchange"
HALF = Fraction(1, 2)
OWN_RATE = "1"
"""What one unit of the bank's own currency is worth in itself."""
_CAUSE = re.compile(
    r"exchange:([0-9a-f]{32}):([0-9.-]{1,20}):([A-Z]{3})(\d{1,16}):([A-Z]{3})(\d{1,16})"
    r":(\d{1,9}(?:\.\d{1,10})?):(\d{1,9}(?:\.\d{1,10})?):(\d{1,6})"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """By what two currencies are exchanged. rate_sold, rate_bought: what one unit of the bank's own currency is worth
    in each, as decimal text ("1" for its own); margin_ppm: the bank's part of the middle value, in millionths."""

    version: str
    sold: str
    bought: str
    rate_sold: str
    rate_bought: str
    margin_ppm: int

    @property
    def middle(self) -> Fraction:
        """Units bought for one unit sold, without the margin."""
        return Fraction(self.rate_bought) / Fraction(self.rate_sold)

    @property
    def margin(self) -> Fraction:
        """The bank's part of the middle value."""
        return Fraction(self.margin_ppm, PPM)

    @property
    def rate(self) -> Fraction:
        """Units bought for one unit sold, as the customer has it."""
        return self.middle * (1 - self.margin)

    def middle_minor(self, sold_minor: int) -> Fraction:
        """The middle value of an amount, in minor units of the currency bought, not rounded."""
        return sold_minor * self.middle * Fraction(10) ** (digits_of(self.bought) - digits_of(self.sold))

    def bought_minor(self, sold_minor: int) -> int:
        """What the customer is given for an amount, in minor units of the currency bought."""
        return round(self.middle_minor(sold_minor) * (1 - self.margin))

    def least_minor(self) -> int:
        """The smallest amount that is exchanged: from here on the margin is at least half a minor unit."""
        return ceil(HALF / (self.middle_minor(1) * self.margin))

    def own_minor(self, sold_minor: int, own: str) -> int:
        """The middle value of an amount in minor units of the bank's own currency, rounded up: limits are in it."""
        return ceil(middle_minor(sold_minor, self.sold, own, self.rate_sold))


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One exchange as the books hold it: the id of its first transfer, by which terms, and both amounts."""

    id: uuid.UUID
    terms: Terms
    sold_minor: int
    bought_minor: int

    @property
    def holds(self) -> bool:
        """Whether the amounts are what the terms make of them."""
        return (
            self.sold_minor >= self.terms.least_minor()
            and self.terms.bought_minor(self.sold_minor) == self.bought_minor
            and 0 < self.bought_minor <= AMOUNT_MINOR_MAX
        )

    @property
    def words(self) -> str:
        """What was exchanged in figures, in no language: `1,000.00 NOK → 82.87 EUR`."""
        sold, bought = (
            f"{format_amount(minor, currency)} {currency}"
            for minor, currency in ((self.sold_minor, self.terms.sold), (self.bought_minor, self.terms.bought))
        )
        return f"{sold} → {bought}"

    def to_cause(self) -> str:
        """The calculation as both transfers carry it; it is part of their blocks' hashes."""
        one = self.terms
        return (
            f"{KIND}:{self.id.hex}:{one.version}:{one.sold}{self.sold_minor}:{one.bought}{self.bought_minor}"
            f":{one.rate_sold}:{one.rate_bought}:{one.margin_ppm}"
        )


def exchanged_of(cause: str) -> Exchanged | None:
    """The exchange that a cause in the books tells of; None for any other cause."""
    found = _CAUSE.fullmatch(cause)
    if found is None:
        return None
    ident, version, sold, sold_minor, bought, bought_minor, rate_sold, rate_bought, margin_ppm = found.groups()
    terms = Terms(version, sold, bought, rate_sold, rate_bought, int(margin_ppm))
    return Exchanged(uuid.UUID(hex=ident), terms, int(sold_minor), int(bought_minor))


def digits_of(currency: str) -> int:
    """Decimals of the currency's amounts."""
    return MINOR_DIGITS.get(currency, 2)


def plain(value: Decimal) -> str:
    """A rate as decimal text without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
