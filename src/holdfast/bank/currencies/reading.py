"""A file of rates as staff upload it: CSV `currency,rate`, a line each; the rate is what one unit of the bank's own
currency is worth in the other, as central banks publish theirs. Pure; what cannot be meant is said with its line."""

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from holdfast.bank.currencies.converting import plain
from holdfast.bank.currencies.errors import BadRates
from holdfast.contracts.money import MINOR_DIGITS

HEAD = "currency,rate"
TEXT_MAX = 10_000
LINES_MAX = 60
MARGIN_PPM_MIN, MARGIN_PPM_MAX = 100, 50_000
"""From 0.01 % (without a margin rounding would be money for nothing, see converting.py) to 5 %."""
JUMP_PERCENT_MAX = 50
"""A rate that moved further since the last list is taken for a slip: turned upside down, or a lost decimal."""
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,10})?")
_MARGIN = re.compile(r"[0-9]{1,2}(?:[.,][0-9]{1,4})?")


def read_rates(text: str, own: str) -> dict[str, str]:
    """Currency to rate as decimal text. Raises BadRates."""
    if len(text) > TEXT_MAX:
        raise BadRates(f"The file is longer than {TEXT_MAX} characters")
    lines = [line.strip() for line in text.removeprefix("\ufeff").splitlines()]
    if not lines or lines[0].replace(" ", "").lower() != HEAD:
        raise BadRates(f"The first line must be {HEAD}")
    if len(lines) > LINES_MAX:
        raise BadRates(f"There are more than {LINES_MAX} lines")
    rates: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if line:
            currency, rate = _read_line(line, own, f"Line {number}: ")
            if currency in rates:
                raise BadRates(f"Line {number}: {currency} stands twice")
            rates[currency] = rate
    if not rates:
        raise BadRates("The file has no rate")
    return dict(sorted(rates.items()))


def _read_line(line: str, own: str, where: str) -> tuple[str, str]:
    currency, comma, rate = (part.strip() for part in line.partition(","))
    if not comma:
        raise BadRates(f"{where}a currency, a comma and a rate are meant, as EUR,0.0852")
    if currency not in MINOR_DIGITS:
        raise BadRates(f"{where}{currency[:10]!r} is no currency that this bank knows")
    if currency == own:
        raise BadRates(f"{where}{own} is the bank's own currency; the rates are for one unit of it")
    if _RATE.fullmatch(rate) is None or not Decimal(rate):
        raise BadRates(f"{where}{rate[:30]!r} is no rate; write it as 0.0852, with ten decimals at most")
    return currency, plain(Decimal(rate))


def read_margin(text: str) -> int:
    """The margin in millionths of what was typed in per cent (`0.75`). Raises BadRates."""
    typed = text.strip().removesuffix("%").strip()
    ppm = int(Decimal(typed.replace(",", ".")) * 10_000) if _MARGIN.fullmatch(typed) else 0
    if not MARGIN_PPM_MIN <= ppm <= MARGIN_PPM_MAX:
        raise BadRates("The margin is from 0.01 to 5 %, as 0.75")
    return ppm


def check_jumps(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Raise BadRates where a rate moved further than JUMP_PERCENT_MAX, up or down, since the last list."""
    for currency, rate in after.items():
        was = before.get(currency)
        if was is None:
            continue
        times = Fraction(rate) / Fraction(was)
        if max(times, 1 / times) > Fraction(100 + JUMP_PERCENT_MAX, 100):
            raise BadRates(
                f"{currency}: {rate} instead of {was} is a change of more than {JUMP_PERCENT_MAX} %. Look at it again; "
                f"if it is right, leave {currency} out of this list and take it up again in the next one"
            )
