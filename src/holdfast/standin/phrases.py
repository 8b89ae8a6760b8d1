"""The spare bank's words in one language, with amounts, days, instants and account numbers as it writes them."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from holdfast.contracts.answers import REASON_WORDS_IN, Reason
from holdfast.contracts.money import MINOR_DIGITS, BadAmount, format_amount
from holdfast.look import Words, read_words
from holdfast.standin.facts import plain_number

FOLDER = Path(__file__).parent / "words"
NORWEGIAN_ZONE = "Europe/Oslo"
NO_BREAK = "\u00a0"
KINDS = (
    "payment", "order", "salary", "credit", "fee", "charge", "interest", "refund", "opening", "deposit", "withdrawal",
    "card", "card_reversal",
)  # fmt: skip


@dataclass(frozen=True)
class Phrases:
    """What pages and handlers say a customer's words with. zone: the bank's time zone by its name."""

    words: Words
    zone: str

    @property
    def language(self) -> str:
        """`en` or `nb`."""
        return self.words.language

    def say(self, key: str, **values: object) -> str:
        """The text of a key, its places filled in."""
        return self.words.say(key, **values)

    def reason(self, reason: Reason) -> str:
        """Why a payment was refused, or is being checked."""
        return REASON_WORDS_IN[self.language][reason]

    def kind(self, kind: str) -> str:
        """What a movement is called; one of an unknown kind is a movement."""
        return self.say(f"kind.{kind if kind in KINDS else 'other'}")

    def bad_amount(self, error: BadAmount, currency: str) -> str:
        """What is wrong with an amount as typed."""
        return self.say(f"amount.{error.kind}", currency=currency, digits=MINOR_DIGITS.get(currency, 2))

    def figures(self, amount_minor: int, currency: str, signed: bool = False) -> str:
        """`1,234.50`, in Norwegian `1 234,50`."""
        return format_amount(amount_minor, currency, signed, self.language)

    def amount(self, amount_minor: int, currency: str) -> str:
        """`1,234.50 NOK`, in Norwegian `kr 1 234,50`."""
        figures = self.figures(amount_minor, currency)
        if self.language == "nb" and currency == "NOK":
            return f"kr{NO_BREAK}{figures}"
        return f"{figures}{NO_BREAK}{currency}"

    def amount_shown(self, amount_minor: int, currency: str, signed: bool = False) -> Markup:
        """The amount as markup, its currency set smaller."""
        figures = escape(self.figures(amount_minor, currency, signed))
        if self.language == "nb" and currency == "NOK":
            return Markup('<span class="small">kr</span>{}{}').format(NO_BREAK, figures)
        return Markup('{} <span class="small">{}</span>').format(figures, currency)

    def number(self, number: str) -> str:
        """`9712 00 00018`, in Norwegian `9712.00.00018`; what has not eleven digits is shown as it is."""
        plain = plain_number(number)
        if len(plain) != 11 or not plain.isdigit():
            return number
        return ("." if self.language == "nb" else " ").join((plain[:4], plain[4:6], plain[6:]))

    def day(self, day: date) -> str:
        """`22 November 2026`."""
        return self.say("day.whole", day=day.day, month=self.say(f"day.{day.month}"), year=day.year)

    def day_short(self, day: date, today: date) -> str:
        """The day without its year when that is this year."""
        if day.year != today.year:
            return self.day(day)
        return self.say("day.short", day=day.day, month=self.say(f"day.{day.month}"))

    def moment(self, at_us: int) -> datetime:
        """An instant in the bank's time zone."""
        return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(ZoneInfo(self.zone))

    def at(self, at_us: int) -> str:
        """`14:02:11 on 22 November 2026, Oslo time`; words when it is not known."""
        if at_us == 0:
            return self.say("day.unknown")
        at = self.moment(at_us)
        clock = self.say("day.clock_second", hour=at.hour, minute=at.minute, second=at.second)
        return self.say("day.at", clock=clock, day=self.day(at.date()), zone=self.zone_words())

    def at_short(self, at_us: int) -> str:
        """`22 November, 14:02`."""
        at, today = self.moment(at_us), self.moment(time.time_ns() // 1000).date()
        clock = self.say("day.clock", hour=at.hour, minute=at.minute)
        return self.say("day.at_short", day=self.day_short(at.date(), today), clock=clock)

    def zone_words(self) -> str:
        """The time zone as customers say it."""
        if self.zone == NORWEGIAN_ZONE:
            return self.say("day.zone_norway")
        return self.say("day.zone_other", city=self.zone.rpartition("/")[2].replace("_", " "))


@lru_cache(maxsize=8)
def phrases(language: str, zone: str) -> Phrases:
    """The phrases of one of our languages."""
    return Phrases(read_words(FOLDER)[language], zone)
