"""The form in which a language says what hurts."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sign:
    """Words that hurt in a sentence. unless: words that make them innocent; alone: they hurt only in a draft that reads
    as dismissive as a whole."""

    kind: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    alone: bool = False


def words(*phrases: str) -> re.Pattern[str]:
    """Any of the phrases (in lower case, each a pattern), as whole words."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)")
