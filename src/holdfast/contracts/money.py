"""Amounts in words: integers of minor units with their ISO 4217 currency, never a float."""

import re

MINOR_DIGITS: dict[str, int] = {
    "NOK": 2, "GBP": 2, "EUR": 2, "CZK": 2, "SEK": 2, "DKK": 2, "USD": 2, "CHF": 2, "PLN": 2, "CAD": 2, "AUD": 2,
    "JPY": 0, "ISK": 0, "KRW": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3,
}  # fmt: skip
"""Decimals of a currency's amounts (ISO 4217, minor unit); of one that is not here two are taken."""
AMOUNT_MINOR_MAX = 10**15
SEPARATORS = {"en": (",", "."), "nb": ("\u00a0", ",")}
"""Language to (between thousands, before decimals)."""
_TYPED = re.compile(r"([0-9]{1,13})(?:[.,]([0-9]{1,3}))?")


class BadAmount(ValueError):
    """What was typed is no amount. kind: `figures`, `unclear`, `decimals`, `above_zero`, `too_large`; the text is
    English."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


def format_amount(amount_minor: int, currency: str, signed: bool = False, language: str = "en") -> str:
    """`1,234.50`, in Norwegian `1 234,50` with a space that does not break; without the currency.

    A minus is U+2212; signed also shows a plus.
    """
    digits = MINOR_DIGITS.get(currency, 2)
    between, decimal = SEPARATORS[language]
    whole, part = divmod(abs(amount_minor), 10**digits)
    text = f"{whole:,}".replace(",", between) + (f"{decimal}{part:0{digits}d}" if digits else "")
    if amount_minor < 0:
        return "\u2212" + text
    return "+" + text if signed and amount_minor > 0 else text


def parse_amount(typed: str, currency: str) -> int:
    """Minor units of what a person typed (`1 234,50`, `1,234.50`, `12`); raises BadAmount."""
    text = typed.strip().replace("\u00a0", "").replace(" ", "")
    digits = MINOR_DIGITS.get(currency, 2)
    if digits == 3 and re.fullmatch(r"[0-9]{1,3},[0-9]{3}", text):  # thousands in English, three decimals in Norwegian
        raise BadAmount("unclear", "This can be read in two ways: write decimals as 12.500, thousands without a comma.")
    if re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        text = text.replace(",", "")
    found = _TYPED.fullmatch(text)
    if found is None:
        raise BadAmount("figures", "Write the amount in figures, for example 250.00.")
    part = found.group(2) or ""
    if len(part) > digits:
        raise BadAmount("decimals", f"An amount in {currency} has at most {digits} decimals.")
    amount = int(found.group(1) + part.ljust(digits, "0"))
    if amount <= 0:
        raise BadAmount("above_zero", "Write an amount above zero.")
    if amount > AMOUNT_MINOR_MAX:
        raise BadAmount("too_large", "That amount is larger than this bank can book.")
    return amount
