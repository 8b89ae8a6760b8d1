"""How rates and exact amounts are written on pages about charges."""

from decimal import Decimal

from holdfast.bank.charges.engine.interest import GRAINS
from holdfast.contracts.money import MINOR_DIGITS
from holdfast.look import Writing

NO_BREAK = "\u00a0"
PPM_A_PERCENT = 10_000
EXACT_DIGITS = 4


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
