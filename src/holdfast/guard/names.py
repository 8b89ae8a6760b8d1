"""Does the name that a payer wrote fit an owner of the account? Both banks ask before they pay. Pure."""

from collections.abc import Iterable


def name_fits(typed: str, names: Iterable[str]) -> bool:
    """Whether every word typed is a word of one owner's name, or the other way round; case and dots aside."""
    words = _words(typed)
    return any(words <= own or own <= words for own in map(_words, names))


def _words(name: str) -> set[str]:
    return set(name.casefold().replace(".", " ").split())
