"""The form in which a language says what hurts and what helps."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that hurt in a sentence. unless: words that make them innocent; alone: they hurt only where the whole draft
    offers nothing."""

    kind: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """What helps in one language. given: words by which a sentence gives the customer something, once `denied` is taken
    out of it; apology: words by which it begs pardon."""

    given: re.Pattern[str]
    denied: re.Pattern[str]
    apology: re.Pattern[str]


def words(*phrases: str) -> re.Pattern[str]:
    """Any of the phrases (in lower case, each a pattern), as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)")
