"""Telephone numbers in international form (ITU-T E.164: a plus sign, the country's code, at most 15 digits in all)."""

import re

_FORM = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN = str.maketrans("", "", " -()./\u00a0\u202f")


def plain_phone(typed: str) -> str:
    """The number without what people write between its digits; 00 at its beginning is a plus sign. "" when it has not
    that form: which country it is in is not guessed."""
    plain = typed.strip().translate(_BETWEEN)
    plain = "+" + plain[2:] if plain.startswith("00") else plain
    return plain if _FORM.fullmatch(plain) else ""
