"""What happened on an account: its entries forwards and backwards, its balance at any past moment, its statements.

A statement goes by the time at which entries were booked, so one of a past period never changes: what is booked later
with an earlier value date stands in the statement of the day on which it was booked. The words of entries are sealed,
so the database finds entries by id, account, kind, cause, amount and day, and never by words; who looks for words reads
the account's entries and opens them.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from holdfast.contracts.blocks import Note
from holdfast.ledger.connections import Connections
from holdfast.ledger.queries import load

PAGE_MAX = 1001
"""Entries in one answer: a page of 1,000, and one to know whether there are more."""
NO_WORDS = Note(b"", "", "", "")
"""Of a transfer without words, or whose words were erased."""
NO_END = 2**62
_SQL = load("reading")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of one account: amount_minor signed on the account's normal side, and the balance after it."""

    seq: int
    id: uuid.UUID
    block: int
    at: datetime
    value_date: date
    kind: str
    amount_minor: int
    balance_after_minor: int
    other_account: int
    payer: str
    payee: str
    text: str
    source: str
    journal_number: int
    cause: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the books: the last block and the last transfer booked before some instant; 0: nothing was."""

    block: int
    seq: int


@dataclass(frozen=True, slots=True)
class Period:
    """A part of an account's entries by booking time: from the first after `begin` to the last of `end`, and the
    balance before and behind them, in minor units on the account's normal side."""

    account: int
    begin: Mark
    end: Mark
    opening_minor: int
    closing_minor: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one account in some days, by value date: what came in and what left, in minor units, both positive, by the
    rule of the price list that caused it (`interest`, `overdraft`, `service`, `uses`) or else by kind; and credits less
    debits of all days up to the last."""

    came_minor: dict[str, int]
    went_minor: dict[str, int]
    closing_minor: int


def instant_of(at_us: int) -> datetime:
    """An instant of the books, which count microseconds since 1970 UTC."""
    return datetime.fromtimestamp(at_us / 1e6, UTC)


class History(Connections):
    """Entries and balances of accounts, now and at any past moment."""

    def lines(self, account: int, limit: int = 50, before: int | None = None) -> list[Line]:
        """The account's entries, newest first, each with the balance after it; before: only below that seq."""
        asked: dict[str, object] = {
            "account": account,
            "limit": min(limit, PAGE_MAX),
            "before": NO_END if before is None else before,
        }
        return self._lines("newest", asked)

    def lines_after(self, account: int, after: int = 0, limit: int = 50, upto: int = NO_END) -> list[Line]:
        """The account's entries, oldest first, above the seq `after` and up to `upto`, each with the balance after it.
        The last one's seq is where to go on."""
        return self._lines("oldest", {"account": account, "limit": min(limit, PAGE_MAX), "after": after, "upto": upto})

    def line_of(self, account: int, ident: uuid.UUID) -> Line | None:
        """The entry of this transfer on this account, None when it has none; one index look-up, and a page's work."""
        found = self._all(_SQL["place_of"], {"id": ident, "account": account})
        lines = self.lines(account, 1, found[0][0] + 1) if found else []
        return lines[0] if lines else None

    def mark(self, before: datetime) -> Mark:
        """The end of what was booked before an instant, which carries its zone."""
        ((block, seq),) = self._all(_SQL["mark"], {"at_us": round(before.timestamp() * 1_000_000)})
        return Mark(block, seq)

    def balances_at(self, block: int, accounts: Sequence[int]) -> list[tuple[int, int]]:
        """(account, balance in minor units as of the end of a block), of one snapshot; accounts that exist only."""
        rows = self._all(_SQL["balances_at"], {"block": block, "accounts": list(accounts)})
        return [(row[0], int(row[1])) for row in rows]

    def balances_before(self, instant: datetime, accounts: Sequence[int]) -> list[tuple[int, int]]:
        """(account, balance in minor units as of an instant, which carries its zone)."""
        return self.balances_at(self.mark(instant).block, accounts)

    def period(self, account: int, since: datetime, until: datetime) -> Period | None:
        """What was booked from `since` to just before `until`; None when there is no such account. Its entries:
        lines_after(account, period.begin.seq, limit, period.end.seq)."""
        begin, end = self.mark(since), self.mark(until)
        opening = dict(self.balances_at(begin.block, [account]))
        closing = dict(self.balances_at(end.block, [account]))
        if account not in closing:
            return None
        return Period(account, begin, end, opening[account], closing[account])

    def sums(self, account: int, first: date, last: date) -> Sums:
        """What came and went, of value from the first to the last day. It reads every entry of the account."""
        rows = self._all(_SQL["sums_by_kind"], {"account": account, "first": first, "last": last})
        came = {what: int(minor) for what, minor, _, _ in rows}
        went = {what: int(minor) for what, _, minor, _ in rows}
        return Sums(came, went, sum(int(row[3]) for row in rows))

    def _lines(self, query: str, asked: dict[str, object]) -> list[Line]:
        out = []
        for seq, ident, block, at_us, value_date, kind, amount, after, other, *rest in self._all(_SQL[query], asked):
            sealed, source, number, cause = rest
            note = self._words(ident, sealed)
            out.append(
                Line(seq, ident, block, instant_of(at_us), value_date, kind, int(amount), int(after), other, note.payer,
                     note.payee, note.text, source, number, cause)
            )  # fmt: skip
        return out

    def _words(self, ident: uuid.UUID, sealed: Any) -> Note:
        return NO_WORDS if sealed is None else self._notes.open(ident, sealed)
