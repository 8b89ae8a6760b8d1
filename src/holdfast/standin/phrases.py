"""The spare bank's words in one language, and how it writes the instants of its journal and copy."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

from holdfast.look import Writing, read_words, with_shared

FOLDER = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Phrases(Writing):
    """What pages and handlers say a customer's words with; instants are microseconds since 1970."""

    def amount_shown(self, amount_minor: int, currency: str, signed: bool = False) -> Markup:
        """The amount as markup, its currency set smaller."""
        return Markup(self.amount_markup(amount_minor, currency, signed))  # noqa: S704  # escaped there

    def instant(self, at_us: int) -> datetime:
        """An instant in the bank's time zone."""
        return self.local(datetime.fromtimestamp(at_us / 1e6, UTC))

    def at(self, at_us: int) -> str:
        """`14:02:11 on 22 November 2026, Oslo time`; words when it is not known."""
        return self.moment(self.instant(at_us)) if at_us else self.say("day.unknown")

    def at_short(self, at_us: int) -> str:
        """`22 November, 14:02`."""
        return self.clock(self.instant(at_us))


@lru_cache(maxsize=8)
def phrases(language: str, zone: str) -> Phrases:
    """The phrases of one of our languages."""
    return Phrases(with_shared(read_words(FOLDER))[language], zone)
