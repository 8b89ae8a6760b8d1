"""Does the name that a payer wrote fit an owner of the account? Both banks ask before they pay. Pure.

An owner's name is shown only to somebody who nearly wrote it, so that nobody learns names by trying numbers.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

WORDS_MAX = 12
NEAR_LETTERS_MIN = 3
"""Shorter words are not compared letter by letter: nearly all of them are one letter apart."""
LETTERS_APART = {"ø": "o", "æ": "ae", "ð": "d", "þ": "th", "ß": "ss", "ł": "l"}
"""Letters that Unicode does not take apart; people write the others without their accents."""


class NameCheck(StrEnum):
    """How a name compares with the owners' of an account."""

    MATCH = "match"
    CLOSE = "close"
    NONE = "none"
    NOT_POSSIBLE = "not_possible"


@dataclass(frozen=True, slots=True)
class Compared:
    """The answer; name: the owner's, only where the answer is CLOSE."""

    answer: NameCheck
    name: str = ""


def check_name(typed: str, names: Iterable[str]) -> Compared:
    """Compare what was typed with each owner's name; NOT_POSSIBLE where no owner or no letter is known."""
    known = [one for one in names if _words(one)]
    if not known or not _words(typed):
        return Compared(NameCheck.NOT_POSSIBLE)
    if name_fits(typed, known):
        return Compared(NameCheck.MATCH)
    near = next((one for one in known if _near(_plain_words(typed), _plain_words(one))), "")
    return Compared(NameCheck.CLOSE, near) if near else Compared(NameCheck.NONE)


def name_fits(typed: str, names: Iterable[str]) -> bool:
    """Whether every word typed is a word of one owner's name, or the other way round; case and dots aside."""
    words = _words(typed)
    return any(words <= own or own <= words for own in map(_words, names))


def _words(name: str) -> set[str]:
    return set(name.casefold().replace(".", " ").split())


def _plain_words(name: str) -> list[str]:
    """The words without accents and signs, at most WORDS_MAX."""
    folded = "".join(LETTERS_APART.get(one, one) for one in name.casefold())
    apart = unicodedata.normalize("NFKD", folded)
    letters = "".join(one if one.isalnum() else " " for one in apart if not unicodedata.combining(one))
    return letters.split()[:WORDS_MAX]


def _near(typed: list[str], own: list[str]) -> bool:
    """Whether each word of the one with fewer words is nearly a word of the other, and not by initials alone."""
    fewer, more = sorted((typed, own), key=len)
    whole = any(len(one) >= NEAR_LETTERS_MIN and any(_alike(one, other) for other in more) for one in fewer)
    return whole and all(any(_alike(one, other) or _initial(one, other) for other in more) for one in fewer)


def _initial(one: str, other: str) -> bool:
    return one[0] == other[0] and min(len(one), len(other)) == 1


def _alike(one: str, other: str) -> bool:
    """Whether two words are the same but for one letter: another, one more, or two changed round."""
    if one == other:
        return True
    if min(len(one), len(other)) < NEAR_LETTERS_MIN or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    return max(len(a), len(b)) <= 1 or (len(a) == 2 and a == b[::-1])
