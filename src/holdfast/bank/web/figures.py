"""How rates and exact amounts are written on pages about charges and exchange."""

from decimal import Decimal
from fractions import Fraction

from holdfast.bank.charges.engine.interest import GRAINS
from holdfast.bank.currencies.converting import Terms, digits_of
from holdfast.contracts.money import MINOR_DIGITS
from holdfast.look import Writing

NO_BREAK = "\u00a0"
PPM_A_PERCENT = 10_000
EXACT_DIGITS = 4
RATE_FIGURES = 6
"""How many figures of a rate of exchange are shown, from the first that is not zero on."""


def _localised(text: str, spoken: Writing) -> str:
    if spoken.language != "nb":
        return text
    return text.replace(",", NO_BREAK).replace(".", ",")


def percent(rate_ppm: int, spoken: Writing) -> str:
    """`3.25 %`, in Norwegian `3,25 %`: as many decimals as the rate has, two at least."""
    value = Decimal(rate_ppm) / PPM_A_PERCENT
    text = f"{value:.4f}".rstrip("0")
    places = len(text.partition(".")[2])
    return f"{_localised(text + '0' * max(0, 2 - places), spoken)}{NO_BREAK}%"


def exact(grains: int, currency: str, spoken: Writing) -> str:
    """An amount that is not rounded to the minor unit yet, with four decimals."""
    value = Decimal(grains) / GRAINS / 10 ** MINOR_DIGITS.get(currency, 2)
    text = f"{value:,.{EXACT_DIGITS}f}"
    return _localised(text, spoken).replace("-", "−")


def exact_amount(minor: Fraction, currency: str, spoken: Writing) -> str:
    """An amount that is not rounded to the minor unit yet, with two decimals more and its currency."""
    digits = digits_of(currency)
    value = Decimal(minor.numerator) / Decimal(minor.denominator)
    text = f"{value.scaleb(-digits):,.{digits + 2}f}"
    return f"{_localised(text, spoken).replace('-', '−')}{NO_BREAK}{currency}"


def rate(terms: Terms, worth: Fraction, spoken: Writing) -> str:
    """`1 EUR = 11.9760 NOK`: what one unit of the dearer currency is worth in the other; worth: units bought for one
    sold."""
    one, other, value = (terms.sold, terms.bought, worth) if worth >= 1 else (terms.bought, terms.sold, 1 / worth)
    return f"1{NO_BREAK}{one} = {rate_figures(value, spoken)}{NO_BREAK}{other}"


def rate_figures(value: Fraction, spoken: Writing) -> str:
    """A rate with RATE_FIGURES figures, and two decimals at least."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    return _localised(f"{number:,.{max(2, RATE_FIGURES - 1 - number.adjusted())}f}", spoken)
