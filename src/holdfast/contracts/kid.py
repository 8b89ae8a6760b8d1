"""KID, the number by which a Norwegian firm knows what a payment is for: 2 to 25 digits, the last a check digit.

Source: Bits AS, "KID (kundeidentifikasjon)": the check digit is by modulus 10 (Luhn, weights 2 and 1 from the right) or
by modulus 11 (weights 2 to 7 from the right, again and again; a remainder of ten is written `-`). A firm agrees on one
of them with its bank; a payer's bank that does not know which takes either.
"""

import re

NEEDS = ("may", "must")
"""Whether payments to an account may or must carry one."""
LENGTH_MAX = 25
_KID = re.compile(r"[0-9]{1,24}[0-9-]")
PREFIX = "KID "
"""How it stands in the words of a payment."""


def plain_kid(typed: str) -> str:
    """A KID without the spaces and dots that people write into it, at most a little longer than one may be."""
    return re.sub(r"[\s.]", "", typed[: 4 * LENGTH_MAX])[: LENGTH_MAX + 1]


def kid_fits(kid: str) -> bool:
    """Whether its last character is the check digit of those before it, by modulus 10 or 11."""
    if _KID.fullmatch(kid) is None:
        return False
    return kid[-1] in (mod10_digit(kid[:-1]), mod11_digit(kid[:-1]))


def mod10_digit(digits: str) -> str:
    """The check digit by modulus 10."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        product = int(digit) * (2 if place % 2 == 0 else 1)
        total += product // 10 + product % 10
    return str(-total % 10)


def mod11_digit(digits: str) -> str:
    """The check digit by modulus 11; `-` for ten."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits)))
    rest = -total % 11
    return "-" if rest == 10 else str(rest)
