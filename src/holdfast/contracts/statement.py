"""A statement as a file for spreadsheets, the same from either bank.

UTF-8 with a byte order mark, since spreadsheets take it for another encoding without one; separators as the
language's spreadsheets read them. A cell of somebody else's words never begins as a formula does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from holdfast.contracts.money import MINOR_DIGITS

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "\u2212", "\uff1d", "\uff0b", "\uff0d", "\uff20")
SEPARATORS = {"en": (",", "."), "nb": (";", ",")}
"""Language to (between cells, before decimals)."""
LINES_MAX = 5000
DAYS_MAX = 3660


OPENING = "opening"
TAKEN_OVER = ("fill", "berka")
"""What causes begin with, before the colon, of entries that were taken over with another system's records."""


def statement_day(booked: date, value_date: date, source: str, kind: str, cause: str) -> date:
    """The day under which an entry stands in statements: on which it was booked, so that a late entry leaves those of
    past days as they were. Only what the spare bank took (it showed it on that day), and what was taken over when the
    bank began, stands under its value date where that is earlier."""
    earlier = source == "journal" or kind == OPENING or cause.partition(":")[0] in TAKEN_OVER
    return min(value_date, booked) if earlier else booked


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement: amount_minor signed on the account's side, and the balance after it; state is in words."""

    day: date
    title: str
    text: str
    amount_minor: int
    balance_minor: int
    currency: str
    state: str
    payment: str


def read_period(typed_from: str, typed_to: str) -> tuple[date, date] | None:
    """The two days of a period, `2026-11-22` or `22.11.2026`; None when they are none, or in the wrong order."""
    days = [read_day(one.strip()) for one in (typed_from, typed_to)]
    if days[0] is None or days[1] is None or not 0 <= (days[1] - days[0]).days <= DAYS_MAX:
        return None
    return days[0], days[1]


def read_day(typed: str) -> date | None:
    """A day as a person types it, `2026-11-22` or `22.11.2026`; None when it is none."""
    parts = typed.split(".")
    try:
        if len(parts) == 3:
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(typed)
    except ValueError:
        return None


def plain_amount(amount_minor: int, currency: str, decimal: str) -> str:
    """`-1234,50`: as a spreadsheet reads it, without separators of thousands."""
    digits = MINOR_DIGITS.get(currency, 2)
    whole, part = divmod(abs(amount_minor), 10**digits)
    return f"{'-' if amount_minor < 0 else ''}{whole}" + (f"{decimal}{part:0{digits}d}" if digits else "")


def quoted(text: str, between: str) -> str:
    """One cell of somebody's words: an apostrophe before what would run as a formula, quotes where needed."""
    text = " ".join(text.splitlines()) if "\n" in text or "\r" in text else text
    if text.lstrip(" ").startswith(FORMULA_BEGINS):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(one in text for one in (between, '"', ",", ";")) else text


def statement_csv(
    headings: Sequence[str], lines: Iterable[StatementLine], notes: Sequence[str], language: str
) -> bytes:
    """The file. headings: eight words, in the order of StatementLine's fields; notes follow after an empty row."""
    between, decimal = SEPARATORS[language]

    def row(cells: Sequence[str]) -> str:
        return between.join(cells)

    rows = [row([quoted(one, between) for one in headings])]
    for line in lines:
        day = line.day.isoformat() if language == "en" else f"{line.day:%d.%m.%Y}"
        amounts = [plain_amount(minor, line.currency, decimal) for minor in (line.amount_minor, line.balance_minor)]
        words = [quoted(one, between) for one in (line.title, line.text, line.currency, line.state)]
        rows.append(row([day, *words[:2], *amounts, *words[2:], quoted(line.payment, between)]))
    rows += ["", *(quoted(one, between) for one in notes)]
    return ("\ufeff" + "\r\n".join(rows) + "\r\n").encode()
