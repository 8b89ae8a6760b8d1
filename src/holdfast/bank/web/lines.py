"""An entry of an account as its owner reads it. What people wrote stays as they wrote it; what the bank itself wrote
into its books is said in the customer's language."""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString, mark_safe

from holdfast.bank.cases.telling import BOOKING_TEXTS
from holdfast.bank.currencies.converting import KIND as EXCHANGE
from holdfast.bank.web.exchanged import exchange_text
from holdfast.ledger.api import Line
from holdfast.look import Writing

_DUE = re.compile(r"(?:Late charge given back, )?due (\d{4}-\d\d-\d\d)")
_CASE = re.compile(r"(.+) \((case|question|claim) (\d+)\)")
_CAUSE = re.compile(r"rule:(interest|overdraft|service|uses):[^:]*:(\d{4}-\d\d-\d\d)")
_REDRESS = re.compile(r"redress:.*:(charges|rule:[a-z_]+):[^:]*:\S*")
_CLOSING = re.compile(r"closing:[0-9a-f]{32}")
_INSTALMENT = re.compile(r"loan:\d+:(\d+)")
BY_THE_BANK = (
    "charge",
    "refund",
    "case",
    "interest",
    "fee",
    "instalment",
    "repayment",
    "loan",
    "advance",
    "advance_back",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in the customer's language. amount: markup, signed; after: the balance after it, without the currency."""

    line: Line
    title: str
    text: str
    amount: SafeString
    after: str
    day: str


def show_line(spoken: Writing, line: Line, currency: str) -> Shown:
    """The line as a page shows it; text is "" where it says nothing more than the title."""
    title, text = line_title(spoken, line), line_text(spoken, line)
    return Shown(
        line,
        title,
        "" if text == title else text,
        mark_safe(spoken.amount_markup(line.amount_minor, currency, signed=True)),  # noqa: S308  # escaped there
        spoken.figures(line.balance_after_minor, currency),
        spoken.day(line.value_date),
    )


def line_title(spoken: Writing, line: Line) -> str:
    """What a line is called: who paid, or who was paid; else its text or its kind."""
    other = line.payee if line.amount_minor < 0 else line.payer
    if line.kind == "charge" and other:
        return spoken.say("line.charge", what=other.partition(": ")[2] or other)
    if line.kind == "opening":
        return spoken.say("kind.opening")
    return other or line.text or spoken.say("line.transfer" if line.kind == "payment" else _kind(line.kind))


def _kind(kind: str) -> str:
    return f"kind.{kind}" if kind in BY_THE_BANK and kind != "case" else "line.transfer"


def line_text(spoken: Writing, line: Line) -> str:
    """The text of a line; of the bank's own bookings in the customer's language."""
    if line.kind not in BY_THE_BANK:
        return exchange_text(spoken, line) if line.kind == EXCHANGE else line.text
    if (found := _CAUSE.fullmatch(line.cause)) and not line.text:
        what, first = spoken.say(f"prices.rule_{found.group(1)}"), date.fromisoformat(found.group(2))
        return spoken.say("line.since", what=what, day=spoken.day(first))
    if (found := _INSTALMENT.fullmatch(line.cause)) and line.kind == "instalment":
        return spoken.say("loans.instalment", number=found.group(1))
    if found := _DUE.fullmatch(line.text):
        due = spoken.day(date.fromisoformat(found.group(1)))
        return spoken.say("line.given_back" if line.kind == "refund" else "line.due", day=due)
    if (found := _CASE.fullmatch(line.text)) and found.group(1) in BOOKING_TEXTS:
        words = spoken.say(BOOKING_TEXTS[found.group(1)])
        key = {"case": "case.booking", "question": "dispute.booking"}.get(found.group(2), "claims.booking")
        return spoken.say(key, words=words, number=found.group(3))
    return _by_cause(spoken, line.cause) or line.text


def _by_cause(spoken: Writing, cause: str) -> str:
    """What a cause says by itself; "" for nothing."""
    if found := _REDRESS.fullmatch(cause):
        return spoken.say("given.charges" if found.group(1) == "charges" else "given.compensation")
    return spoken.say("line.closed_out") if _CLOSING.fullmatch(cause) else ""
