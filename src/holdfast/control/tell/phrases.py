"""The phrase books: one file a language, the same keys in each; dates and amounts as that language writes them."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.contracts.money import MINOR_DIGITS, format_amount

LANGUAGES = ("en", "nb")
FOLDER = Path(__file__).parent / "words"
NORWEGIAN_ZONE = "Europe/Oslo"


@dataclass(frozen=True)
class Phrases:
    """One language's words. Templates read sections by name (`phrases.page.title`)."""

    words: dict[str, Any]
    zone: str

    def say(self, section: str, key: str, **values: object) -> str:
        """The sentence `key` of a section, with its places filled in."""
        return str(self.words[section][key]).format_map({name: str(value) for name, value in values.items()})

    def at(self, instant: datetime, today: datetime, seconds: bool = False) -> str:
        """An instant in the bank's zone; another day than today's names the day."""
        local = instant.astimezone(ZoneInfo(self.zone))
        if local.date() != today.astimezone(ZoneInfo(self.zone)).date():
            return local.strftime(str(self.words["at_day"]))
        return local.strftime(str(self.words["at_second" if seconds else "at_time"]))

    def zone_words(self) -> str:
        """The zone in words."""
        return str(self.words["zone_norway"]) if self.zone == NORWEGIAN_ZONE else self.zone.replace("_", " ")

    def money(self, amount_minor: int, currency: str) -> str:
        """An amount as this language writes it; whole amounts without decimals."""
        text = format_amount(amount_minor, currency)
        digits = MINOR_DIGITS.get(currency, 2)
        if digits and text.endswith("." + "0" * digits):
            text = text[: -digits - 1]
        if self.words["language"] == "nb":
            text = text.replace(",", "\u00a0").replace(".", ",")
            return f"kr\u00a0{text}" if currency == "NOK" else f"{text}\u00a0{currency}"
        return f"{currency}\u00a0{text}"


@lru_cache(maxsize=16)
def phrases(language: str, zone: str) -> Phrases:
    """The phrase book of a language; English stands in for one we do not write."""
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    return Phrases(tomllib.loads((FOLDER / f"{chosen}.toml").read_text(encoding="utf-8")), zone)
