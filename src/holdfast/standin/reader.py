"""Reads the committed copy, beside its writer. One connection a thread, opened when it first reads.

What cannot be read is CopyUnread: whoever asked is told so, and the journal, whose writer asks too, goes on.
"""

import contextlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from holdfast.contracts.blocks import AccountChange, Answer, Item, Pending, Refusal, Release, Transfer, item_from_wire
from holdfast.contracts.errors import BadMessage
from holdfast.standin import queries
from holdfast.standin.errors import CopyUnread
from holdfast.standin.habits import Debit
from holdfast.standin.vault import Vault, open_store
from holdfast.standin.view import Account, Head

SQL = queries.load("copy")
LAST_BLOCK = 2**62
LAST_ACCOUNT = 2**63 - 1
BOOKED_DAYS_MAX = 14
"""A payment by hand carries the bank's day, which may stand still over a weekend, holidays, or an outage."""
DAY_US = 86_400_000_000


class CopyReader:
    """Every answer is of one committed state; two answers may be of two. See lookups.py for what makes them one."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self.vault = vault
        self.moves = 0
        self._since = (0, 1)
        """The day that was asked about last, and the first block that may have booked payments of it."""
        self._local = threading.local()

    def move(self, path: Path) -> None:
        """Read another file from now on; what is being read is read to its end."""
        self._path, self.moves = path, self.moves + 1

    def base(self) -> sqlite3.Connection:
        """This thread's connection."""
        base: sqlite3.Connection | None = getattr(self._local, "base", None)
        if base is not None and self._local.moves != self.moves and not base.in_transaction:
            base.close()
            base = None
        if base is None:
            self._local.moves = self.moves
            base = self._local.base = open_store(self._path, self.vault, reading=True)
        return base

    @contextlib.contextmanager
    def one_state(self) -> Iterator[None]:
        """What this thread reads inside is of one committed state, and costs one lock on the file instead of many."""
        base = self.base()
        base.execute("BEGIN")
        try:
            yield
        finally:
            base.execute("COMMIT")

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a named query; raises CopyUnread."""
        try:
            return self.base().execute(SQL[query], values).fetchall()
        except sqlite3.OperationalError as error:
            raise CopyUnread(f"the copy could not be read ({error})") from error

    def items(self, ident: uuid.UUID) -> list[tuple[int, int, Answer]]:
        """All items with this payment id as (block, at_us, item), in the books' order."""
        found = [(row[0], row[1], item_from_wire(json.loads(row[2]))) for row in self.rows("by_id", ident.bytes)]
        return [(block, at_us, _said(item)) for block, at_us, item in found if not isinstance(item, Release)]

    def knows(self, ident: uuid.UUID) -> bool:
        """Whether any item has this id, the end of a hold too."""
        return bool(self.rows("by_id", ident.bytes))

    def debits(self, account: int, since_day: int, limit: int, before: int = LAST_BLOCK) -> list[Debit]:
        """Payments, exchanges, orders, card uses among an account's newest debits since a value date, below a block."""
        return [Debit(*row) for row in reversed(self.rows("debits", account, since_day, limit, before))]

    def paid(self, account: int, day: int, before: int = LAST_BLOCK) -> int:
        """What was paid by hand out of an account on a value date (in days), below a block, in minor units; booked at
        most BOOKED_DAYS_MAX days before that date, so that an account's whole past is not read."""
        since = self._since
        if since[0] != day:
            since = self._since = (day, self._first_since((day - BOOKED_DAYS_MAX) * DAY_US))
        return int(self.rows("paid_on", day, account, before, since[1])[0][0])

    def _first_since(self, at_us: int) -> int:
        """The number of the first block committed at or after an instant, one behind the last when there is none."""
        head = self.rows("head")
        low, high = 1, int(head[0][0]) + 1 if head else 1
        while low < high:
            middle = (low + high) // 2
            if int(self.rows("at_of_block", middle)[0][0]) < at_us:
                low = middle + 1
            else:
                high = middle
        return low

    def of_account(self, account: int, limit: int) -> list[tuple[int, int, Transfer | Refusal]]:
        """The newest items of an account as (block, at_us, item), newest first."""
        return [(row[0], row[2], _line(row[3])) for row in self.rows("of_account", account, limit)]

    def holds(self, accounts: Collection[int], limit: int) -> list[tuple[int, Pending]]:
        """What is held of these accounts as (at_us, hold), the newest first."""
        found = [(row[0], _answer(row[1])) for row in self.rows("holds", json.dumps(list(accounts)), limit)]
        return [(at_us, item) for at_us, item in found if isinstance(item, Pending)]

    def held(self, ident: uuid.UUID, debit: int) -> int:
        """How much of this account is held under this id, in minor units; 0 when nothing is, or not any more."""
        found = self.rows("held", ident.bytes, debit)
        return int(found[0][0]) if found else 0

    def account(self, number: int) -> Account | None:
        """One account, None when no block has opened it."""
        found = self.rows("account", number)
        return Account(*found[0]) if found else None

    def balances(self, after: int, limit: int) -> tuple[int, int, list[tuple[int, int]], list[tuple[int, int]]]:
        """(block, its at_us, [(account, balance_minor)], [(account, held_minor)] where any is held) of accounts with
        a higher id, in order, at one block."""
        with self.one_state():
            head = (self.rows("head") or [(0, b"", 0)])[0]
            found = self.rows("balances_after", after, limit)
            upto = found[-1][0] if len(found) == limit else LAST_ACCOUNT
            return head[0], head[2], found, self.rows("held_between", after, upto)

    def sample(self, places: Collection[float]) -> tuple[Head, list[Account]]:
        """The last block, and some accounts at it: all where there are no more than places, else of each place between
        0 and 1 the account that far in the row of all. By rank, not by id: ids have gaps of billions, and whatever
        stands behind one would be asked for nearly always. Some 50 ms for 50 of a million accounts."""
        with self.one_state():
            head = self.rows("head")
            count = self.rows("account_count")[0][0]
            ranks = sorted({int(place * count) for place in places}) if count > len(places) else range(count)
            found: list[Account] = []
            before, behind = -1, -1
            for rank in ranks:
                found.append(Account(*self.rows("account_further", behind, rank - before - 1)[0]))
                before, behind = rank, found[-1].account
        return (Head(*head[0]) if head else Head()), found

    def covered(self, after: int, limit: int) -> tuple[int, list[tuple[int, str, int]]]:
        """Of at most so many accounts with a higher id: (the highest id, 0 behind the last; what those of customers
        have above their floor, as (cohort, currency, minor units of it))."""
        upto = self.rows("account_step", after, limit)[0][0] or 0
        return upto, [(row[0], row[1], row[2]) for row in self.rows("covered", after, upto)]


def _answer(wire: str) -> Answer:
    return _said(item_from_wire(json.loads(wire)))


def _said(item: Item) -> Answer:
    if isinstance(item, AccountChange | Release):
        raise BadMessage("an account change, or the end of a hold, has no payment id")
    return item


def _line(wire: str) -> Transfer | Refusal:
    item = _answer(wire)
    if isinstance(item, Pending):
        raise BadMessage("what is held is no entry yet")
    return item
