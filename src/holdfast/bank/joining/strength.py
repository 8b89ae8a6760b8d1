"""Whether a new password is strong enough, by NIST SP 800-63B (revision 4, 3.1.1.2): long, and not one that others try
first. No rules about kinds of characters.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from holdfast.bank.joining.known_passwords import is_common, is_leaked

CHARACTERS_MIN = 15
CHARACTERS_MAX = 200
OWN_MIN = 8
"""So much must be left when common words and the customer's own are taken out."""
DISTINCT_MIN = 6
OWN_WORD_MIN = 4


@cache
def common_words() -> tuple[str, ...]:
    """The words that most guessed passwords are made of, the longest first."""
    lines = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return tuple(sorted(filter(None, lines), key=len, reverse=True))


def weakness(password: str, own: Iterable[str], leaked: Path | None = None) -> str:
    """Why it is not taken: `short`, `long`, `common`, `leaked` or `own`; "" when it is. leaked: a file of leaked
    passwords (known_passwords.py). own: the customer's name, address, name of login and the bank's, which somebody who
    guesses tries first."""
    if len(password) < CHARACTERS_MIN:
        return "short"
    if len(password) > CHARACTERS_MAX:
        return "long"
    plain = password.casefold()
    if len(set(plain)) < DISTINCT_MIN or _left(plain, common_words()) < OWN_MIN or is_common(password):
        return "common"
    if leaked is not None and is_leaked(password, leaked):
        return "leaked"
    words = {part for one in own for part in one.casefold().replace("@", " ").replace(".", " ").split()}
    return "own" if _left(plain, (*common_words(), *(w for w in words if len(w) >= OWN_WORD_MIN))) < OWN_MIN else ""


def _left(plain: str, words: Iterable[str]) -> int:
    for word in sorted(words, key=len, reverse=True):
        plain = plain.replace(word, "")
    return len(plain)
