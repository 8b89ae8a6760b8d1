"""The lines of an account in a period of days, with the balances before and after them, and what is signed of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from holdfast.bank.books import reader
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.files.reporting import PAGE_LINES
from holdfast.contracts.papers import Figure, Paper
from holdfast.contracts.statement import LINES_MAX, statement_day
from holdfast.ledger.api import Line
from holdfast.look import Writing


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a period, the oldest first; closing_minor: the balance after its last day; cut: older lines than
    LINES_MAX were not read, so that there may be more."""

    lines: Sequence[Line]
    closing_minor: int
    cut: bool

    @property
    def opening_minor(self) -> int:
        """The balance before the first line."""
        return self.closing_minor - sum(one.amount_minor for one in self.lines)

    @property
    def came_minor(self) -> int:
        """The sum of what came in."""
        return sum(one.amount_minor for one in self.lines if one.amount_minor > 0)

    @property
    def went_minor(self) -> int:
        """The sum of what went out, 0 or less."""
        return sum(one.amount_minor for one in self.lines if one.amount_minor < 0)


def find_lines(own: OwnAccount, period: tuple[date, date], spoken: Writing) -> Found:
    """Newest first, until all that is left was booked before the period; what is later is taken off the balance."""
    lines: list[Line] = []
    closing: int | None = None
    before: int | None = None
    for _ in range(LINES_MAX // PAGE_LINES):
        part = reader().lines(own.id, PAGE_LINES, before)
        if closing is None:
            closing = part[0].balance_after_minor if part else own.balance_minor
        lines += [one for one in part if period[0] <= day_of(one, spoken) <= period[1]]
        closing -= sum(one.amount_minor for one in part if day_of(one, spoken) > period[1])
        if len(part) < PAGE_LINES or spoken.local(part[-1].at).date() < period[0]:
            return Found(lines[::-1], closing, False)
        before = part[-1].seq
    return Found(lines[::-1], closing or 0, True)


def day_of(line: Line, spoken: Writing) -> date:
    """The day under which it stands in statements, in the bank's time zone."""
    return statement_day(spoken.local(line.at).date(), line.value_date, line.source, line.kind, line.cause)


def paper_of(own: OwnAccount, owner: str, period: tuple[date, date], found: Found, at: datetime) -> Paper:
    """What is signed of a statement, true at an instant; of one that was cut, from its oldest line on."""
    amounts = (
        ("opening", found.opening_minor),
        ("came_in", found.came_minor),
        ("went_out", found.went_minor),
        ("closing", found.closing_minor),
    )
    figures = tuple(Figure(name, minor, own.currency) for name, minor in amounts)
    return Paper("statement", owner, own.number, *period, len(found.lines), figures, at)
