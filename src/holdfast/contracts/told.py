"""The codes by which a customer proves that a message is the bank's, as a bundle carries them to the doors.

`codes`: a list of {subject, sent_at: ISO instant, codes: text}; text is all codes of these messages, one behind the
other, each of CODE_DIGITS digits. A hundred thousand are a megabyte.
"""

from collections.abc import Iterable, Mapping
from typing import Any

CODE_DIGITS = 10


def find_code(told: Iterable[Mapping[str, Any]], code: str) -> Mapping[str, Any] | None:
    """The entry that carries the code; None when there is none, and for what is no code."""
    if len(code) != CODE_DIGITS or not (code.isascii() and code.isdecimal()):
        return None
    return next((one for one in told if _stands_in(str(one.get("codes", "")), code)), None)


def _stands_in(joined: str, code: str) -> bool:
    at = joined.find(code)
    while at >= 0 and at % CODE_DIGITS:
        at = joined.find(code, at + 1)
    return at >= 0
