"""A language as a bank writes it: its words, and how it writes amounts, days, instants and account numbers.

Both banks stand on this, so that a customer reads the same whoever serves them; each adds the texts of its own pages.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from holdfast.contracts.answers import REASON_WORDS_IN, Reason
from holdfast.contracts.money import MINOR_DIGITS, BadAmount, format_amount
from holdfast.contracts.numbers import plain_number
from holdfast.look.words import Words, read_words

SHARED = Path(__file__).parent / "texts"
NORWEGIAN_ZONE = "Europe/Oslo"
NO_BREAK = "\u00a0"
KINDS = (
    "payment", "order", "salary", "credit", "fee", "charge", "interest", "refund", "opening", "deposit", "withdrawal",
    "card", "card_reversal", "instalment", "repayment", "loan", "exchange", "advance", "advance_back",
)  # fmt: skip


@dataclass(frozen=True)
class Writing:
    """What pages and answers say a customer's words with. words: those of one bank's pages and the shared ones;
    zone: the bank's time zone by its name."""

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

    def typed(self, amount_minor: int, currency: str) -> str:
        """The figures as a form holds them to be changed: read again they are this amount, also where three decimals
        behind a comma could be thousands."""
        three = MINOR_DIGITS.get(currency, 2) == 3
        return f"{amount_minor // 1000}.{amount_minor % 1000:03d}" if three else self.figures(amount_minor, currency)

    def amount(self, amount_minor: int, currency: str, signed: bool = False) -> str:
        """`1,234.50 NOK`, in Norwegian `kr 1 234,50`."""
        figures = self.figures(amount_minor, currency, signed)
        if self.language == "nb" and currency == "NOK":
            return f"kr{NO_BREAK}{figures}"
        return f"{figures}{NO_BREAK}{currency}"

    def amount_markup(self, amount_minor: int, currency: str, signed: bool = False) -> str:
        """The amount as markup, its currency set smaller; escaped."""
        figures = self.figures(amount_minor, currency, signed)
        if self.language == "nb" and currency == "NOK":
            return f'<span class="small">kr</span>{NO_BREAK}{figures}'
        return f'{figures} <span class="small">{escape(currency)}</span>'

    def number(self, number: str) -> str:
        """`9712 00 00018`, in Norwegian `9712.00.00018`; what has not eleven digits is shown as it is."""
        plain = plain_number(number)
        if len(plain) != 11 or not plain.isdigit():
            return number
        return ("." if self.language == "nb" else " ").join((plain[:4], plain[4:6], plain[6:]))

    def day(self, day: date) -> str:
        """`22 November 2026`."""
        return _whole_day(self.language, day)

    def day_short(self, day: date, today: date) -> str:
        """The day without its year when that is this year."""
        if day.year != today.year:
            return self.day(day)
        return self.say("day.short", day=day.day, month=self.say(f"day.{day.month}"))

    def local(self, instant: datetime) -> datetime:
        """An instant in the bank's time zone."""
        return instant.astimezone(ZoneInfo(self.zone))

    def moment(self, instant: datetime) -> str:
        """`14:02:11 on 22 November 2026, Oslo time`."""
        at = self.local(instant)
        clock = self.say("day.clock_second", hour=at.hour, minute=at.minute, second=at.second)
        return self.say("day.at", clock=clock, day=self.day(at.date()), zone=self.zone_words())

    def clock(self, instant: datetime) -> str:
        """`22 November, 14:02`; with the year when that is not this year."""
        at, today = self.local(instant), self.local(datetime.now(UTC)).date()
        clock = self.say("day.clock", hour=at.hour, minute=at.minute)
        return self.say("day.at_short", day=self.day_short(at.date(), today), clock=clock)

    def zone_words(self) -> str:
        """The time zone as customers say it."""
        if self.zone == NORWEGIAN_ZONE:
            return self.say("day.zone_norway")
        return self.say("day.zone_other", city=self.zone.rpartition("/")[2].replace("_", " "))


@lru_cache(maxsize=1)
def shared_words() -> dict[str, Words]:
    """What both banks call things, by language."""
    return read_words(SHARED)


@lru_cache(maxsize=4096)
def _whole_day(language: str, day: date) -> str:
    """A list of entries says the same few days again and again."""
    words = shared_words()[language]
    return words.say("day.whole", day=day.day, month=words.say(f"day.{day.month}"), year=day.year)


def with_shared(own: dict[str, Words]) -> dict[str, Words]:
    """A bank's own words together with the shared ones; raises ValueError when it has a text of its own for one."""
    out = {}
    for language, shared in shared_words().items():
        twice = shared.texts.keys() & own[language].texts.keys()
        if twice:
            raise ValueError(f"these texts are shared by both banks: {', '.join(sorted(twice))}")
        out[language] = Words(language, {**shared.texts, **own[language].texts})
    return out
