"""Account numbers as people write them and as they are stored: Norwegian ones (eleven digits, the last a check digit
by modulus 11) and IBANs (ISO 13616, two check digits by modulus 97-10 of ISO 7064)."""

import re

NUMBER_LENGTH_MAX = 34
"""An IBAN's; longer ones are no account numbers anywhere."""
WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
NORWEGIAN = re.compile(r"[0-9]{11}")
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}")
NORWEGIAN_IBAN = re.compile(r"NO[0-9]{13}")


def plain_number(typed: str) -> str:
    """An account number as stored, from what a person typed: without spaces, dots and dashes (`9712 00 00018`,
    `9712.00.00018`), at most NUMBER_LENGTH_MAX characters; of a right Norwegian IBAN its eleven digits."""
    plain = re.sub(r"[\s.\-]", "", typed[: 4 * NUMBER_LENGTH_MAX]).upper()[:NUMBER_LENGTH_MAX]
    return plain[4:] if NORWEGIAN_IBAN.fullmatch(plain) and _rest_97(plain) == 1 else plain


def check_digit(ten: str) -> str | None:
    """The check digit of ten digits; None when there is none (the remainder would be 10)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(ten, WEIGHTS, strict=True)) % 11
    return None if rest == 10 else str(rest % 11)


def number_fits(plain: str) -> bool:
    """Whether the check digits of a number as stored are right; one that is neither Norwegian nor an IBAN has none."""
    if NORWEGIAN.fullmatch(plain):
        return check_digit(plain[:10]) == plain[10]
    if IBAN.fullmatch(plain):
        return _rest_97(plain) == 1
    return True


def iban_of(number: str) -> str:
    """The IBAN of a Norwegian account number, `NO93 8601 1117 947`; "" of anything else."""
    if not NORWEGIAN.fullmatch(number) or not number_fits(number):
        return ""
    iban = f"NO{98 - _rest_97(f'NO00{number}'):02d}{number}"
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _rest_97(iban: str) -> int:
    return int("".join(str(int(one, 36)) for one in iban[4:] + iban[:4])) % 97
