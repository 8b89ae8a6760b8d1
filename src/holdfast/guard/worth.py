"""What a payment comes to in the bank's own currency, in which all limits are; the same at both banks.

By the middle rate of the newest list that names the currency. Whoever judges knows a rate that may be old, or none, and
must not think too little of a payment then: a value too low spends a limit more than once.
"""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from holdfast.contracts.money import MINOR_DIGITS

OLD_TIMES = Fraction(3, 2)
"""By a rate that is too old to exchange by a payment counts half as much again: as far as a rate may move from one list
to the next before it is taken for a slip (bank/currencies/reading.py)."""
UNKNOWN_TIMES = 100
"""Of a currency that no list has named each minor unit counts as a hundred of the bank's own: more than any currency
of contracts.money is worth in any other."""
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,10})?")


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of the bank's own currency is worth in another, as decimal text; until: the last of the bank's days
    on which money is exchanged by it."""

    rate: str
    until: date

    def to_body(self) -> dict[str, Any]:
        """The body of the fact `rate`."""
        return {"rate": self.rate, "until": self.until.isoformat()}


def rate_from_body(body: dict[str, Any]) -> Rate:
    """Read the body of the fact `rate`; raises KeyError, TypeError or ValueError when it is not as agreed."""
    text = body["rate"]
    if _RATE.fullmatch(text) is None or not Fraction(text):
        raise ValueError(f"{text!r} is no rate")
    return Rate(text, date.fromisoformat(body["until"]))


def middle_minor(amount_minor: int, currency: str, own: str, rate: str) -> Fraction:
    """The middle value of an amount in minor units of the bank's own currency, not rounded."""
    digits = MINOR_DIGITS.get(own, 2) - MINOR_DIGITS.get(currency, 2)
    return amount_minor * Fraction(10) ** digits / Fraction(rate)


def worth_minor(amount_minor: int, currency: str, own: str, rate: Rate | None, today: date) -> int:
    """Minor units of the bank's own currency, rounded up, for an amount in minor units of any currency. rate: the last
    that is known; today: the bank's day."""
    if currency == own:
        return amount_minor
    if rate is None:
        return amount_minor * UNKNOWN_TIMES
    value = middle_minor(amount_minor, currency, own, rate.rate)
    return ceil(value if today <= rate.until else value * OLD_TIMES)
