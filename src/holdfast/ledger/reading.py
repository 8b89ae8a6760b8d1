"""Reading the books: balances, blocks, outcomes, the proof. Nothing here takes the head's lock."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import AccountChange, Block, Item, Pending, Refusal, Transfer, block_to_wire
from holdfast.contracts.epochs import Mode, Row
from holdfast.contracts.metadata import Metadata
from holdfast.ledger.describing import Describing, carried
from holdfast.ledger.erasing import Erasing
from holdfast.ledger.history import instant_of
from holdfast.ledger.holding import (
    HELD_AT,
    HELD_BETWEEN,
    HOLD,
    HOLDS,
    HOLDS_MAX,
    OUTCOMES,
    Hold,
    held_items,
    hold_of,
    tie_of,
)
from holdfast.ledger.posts import Posted, Result
from holdfast.ledger.queries import load

_SQL = load("reading")
Placed = tuple[int, Item, bool]
"""An item, its place in its block, and whether it carries metadata."""
BLOCKS_MAX = 500
ITEMS_MAX = 5_000
"""Items in one answer of blocks: some megabytes. Whoever reads them is busy with the parsing for some 20 ms."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the books: the last block's number and hash, and when it was committed (µs since 1970 UTC)."""

    block: int
    hash: bytes
    at_us: int


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account now; balance_minor counts on its normal side, held_minor is kept of it for transfers to come."""

    account: int
    code: str
    currency: str
    side: str
    floor_minor: int
    flags: int
    cohort: int
    balance_minor: int
    held_minor: int = 0

    @property
    def available_minor(self) -> int:
        """What may still leave the account."""
        return self.balance_minor - self.floor_minor - self.held_minor


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """One recorded refusal."""

    id: uuid.UUID
    at: datetime
    block: int
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    reason: Reason
    source: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the books hold under an id, booked or refused; the words are empty for a refusal."""

    debit: int
    credit: int
    amount_minor: int
    currency: str
    at: datetime
    payee: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Booked:
    """Where a transfer came from (its journal entry, -1 for none), whether below the floor, and what it moved."""

    journal_number: int
    over_floor: bool
    debit: int = 0
    credit: int = 0
    amount_minor: int = 0
    currency: str = ""


def _cut(heads: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The first of these heads that hold ITEMS_MAX items at most together, and at least one."""
    total = 0
    for place, (*_, items) in enumerate(heads):
        total += items
        if total > ITEMS_MAX and place:
            return heads[:place]
    return heads


def _described(item: Item, metadata: Metadata) -> Item:
    """The item with the metadata that it carries."""
    return replace(item, metadata=metadata) if isinstance(item, Transfer | Pending | AccountChange) else item


class Reader(Describing, Erasing):
    """All that is read of the books, and the words that are taken out of them; every statement ends within 2 s (the
    proof within 5 minutes). Thread-safe."""

    def head(self) -> Head:
        """The end of the books."""
        ((block, digest, at_us),) = self._all("SELECT block, hash, at_us FROM ledger.head", ())
        return Head(block, bytes(digest), at_us)

    def blocks(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Blocks after `after` in order, in wire form; at most min(limit, BLOCKS_MAX), and fewer where they would hold
        more than ITEMS_MAX items together."""
        with self._connection() as connection:
            heads = _cut(connection.execute(_SQL["blocks"], (after, min(limit, BLOCKS_MAX))).fetchall())
            if not heads:
                return []
            span = (heads[0][0], heads[-1][0])
            items: dict[int, list[Placed]] = {number: [] for number, *_ in heads}
            # A block and its items become visible together and never change, so no common snapshot is needed.
            for block, place, *rest in connection.execute(_SQL["transfers"], span):
                (ident, debit, credit, amount, currency, kind, value_date, cohort, epoch, source, *more) = rest
                number, cause, over, digest, sealed, carries, *bound = more
                note = self._notes.open(ident, sealed) if sealed is not None else None
                one = Transfer(ident, debit, credit, amount, currency, kind, value_date, cohort, epoch, source,
                               number, cause, over, bytes(digest), note, tie_of(bound))  # fmt: skip
                items[block].append((place, one, carries))
            if any(len(items[number]) < count for number, _, _, _, count in heads):
                self._add_others(connection, span, items)
            some = any(carries for placed in items.values() for _, _, carries in placed)
            metadata = carried(connection, span) if some else {}
        out = []
        for number, previous, digest, at_us, _ in heads:
            placed = sorted(items[number], key=lambda one: one[0])
            whole = tuple(_described(one, metadata.get((number, at), ())) if yes else one for at, one, yes in placed)
            out.append(block_to_wire(Block(number, bytes(previous), at_us, whole), bytes(digest)))
        return out

    def _add_others(
        self, connection: psycopg.Connection[Any], span: tuple[int, int], items: dict[int, list[Placed]]
    ) -> None:
        """Add what is no transfer to the items of blocks."""
        for block, place, *rest in connection.execute(_SQL["refusals"], span):
            items[block].append((place, Refusal(*rest), False))
        for block, place, carries, *rest in connection.execute(_SQL["changes"], span):
            items[block].append((place, AccountChange(*rest), carries))
        for block, place, carries, one in held_items(connection, self._notes, span):
            items[block].append((place, one, carries))

    def outcome(self, ident: uuid.UUID) -> Posted | None:
        """How this id ended, None when the books hold nothing of it."""
        return self.outcomes([ident]).get(ident)

    def outcomes(self, idents: Iterable[uuid.UUID]) -> dict[uuid.UUID, Posted]:
        """How these ids ended; ids that the books do not hold are absent."""
        out = {}
        for ident, posted, source, refused, refused_source, reason in self._all(OUTCOMES, (list(idents),)):
            if posted is not None:
                out[ident] = Posted(ident, Result.ALREADY_POSTED, Reason.OK, posted, source, 0)
            else:
                out[ident] = Posted(ident, Result.ALREADY_REFUSED, Reason(reason), refused, refused_source, 0)
        return out

    def recorded(self, ident: uuid.UUID) -> Recorded | None:
        """What the books hold under this id, None when they do not know it."""
        found = self._all(_SQL["recorded"], {"id": ident})
        if not found:
            return None
        debit, credit, amount_minor, currency, at_us, sealed, source = found[0]
        note = self._words(ident, sealed)
        return Recorded(debit, credit, amount_minor, currency, instant_of(at_us), note.payee, note.text, source)

    def booked(self, idents: Sequence[uuid.UUID]) -> dict[uuid.UUID, Booked]:
        """The transfers that exist of these ids."""
        rows = self._all(
            "SELECT id, journal_number, over_floor, debit, credit, amount_minor, currency "
            "FROM ledger.transfer WHERE id = ANY (%s)",
            (list(idents),),
        )
        return {row[0]: Booked(*row[1:]) for row in rows}

    def accounts(self, accounts: Sequence[int]) -> dict[int, AccountState]:
        """The accounts that exist of these."""
        rows = self._all(
            "SELECT account, code, currency, side, floor_minor, flags, cohort, balance_minor, held_minor "
            "FROM ledger.account WHERE account = ANY (%s)",
            (list(accounts),),
        )
        return {row[0]: AccountState(*row) for row in rows}

    def accounts_now(self, accounts: Sequence[int]) -> tuple[int, dict[int, AccountState]]:
        """The last block, and the accounts that exist of these as of it or of a later one. One statement."""
        rows = self._all(
            "SELECT a.account, a.code, a.currency, a.side, a.floor_minor, a.flags, a.cohort, a.balance_minor, "
            "a.held_minor, h.block "
            "FROM ledger.head h LEFT JOIN ledger.account a ON a.account = ANY (%s)",
            (list(accounts),),
        )
        return int(rows[0][9]), {row[0]: AccountState(*row[:9]) for row in rows if row[0] is not None}

    def holds(self, accounts: Sequence[int]) -> list[Hold]:
        """What is held of these accounts, the newest first, at most HOLDS_MAX."""
        return [hold_of(row, self._notes) for row in self._all(HOLDS, (list(accounts), HOLDS_MAX))]

    def held_between(self, after: int, upto: int) -> dict[int, int]:
        """How much is held of accounts above one number and not above another, in minor units, where anything is."""
        return dict(self._all(HELD_BETWEEN, (after, upto)))

    def held_at(self, block: int, accounts: Sequence[int]) -> dict[int, int]:
        """How much was held of these accounts at the end of a block, in minor units; accounts that exist only."""
        rows = self._all(HELD_AT, {"block": block, "accounts": list(accounts)})
        return {account: int(held) for account, held in rows}

    def hold(self, ident: uuid.UUID) -> Hold | None:
        """What was held under this id, open or ended; None when nothing was."""
        rows = self._all(HOLD, (ident,))
        return hold_of(rows[0], self._notes) if rows else None

    def balances(self, after: int, limit: int) -> list[tuple[int, int]]:
        """(account, balance in minor units) of accounts above `after`, by account."""
        rows = self._all(
            "SELECT account, balance_minor FROM ledger.account WHERE account > %s ORDER BY account LIMIT %s",
            (after, limit),
        )
        return [(row[0], row[1]) for row in rows]

    def block_hash(self, number: int) -> bytes | None:
        """The hash of one block, None when there is none of this number."""
        rows = self._all("SELECT hash FROM ledger.block WHERE number = %s", (number,))
        return bytes(rows[0][0]) if rows else None

    def refusals(self, accounts: Sequence[int], since_block: int = 0, limit: int = 100) -> list[RefusalLine]:
        """Recorded refusals of debits of these accounts after a block, newest first."""
        rows = self._all(_SQL["refused"], (list(accounts), since_block, limit))
        return [
            RefusalLine(ident, instant_of(at_us), block, debit, credit, amount, currency, kind, Reason(reason), source)
            for ident, at_us, block, debit, credit, amount, currency, kind, reason, source in rows
        ]

    def rows(self) -> dict[int, Row]:
        """The register's rows as these books know them, by cohort."""
        return {
            cohort: Row(cohort, Mode(mode), epoch, forced)
            for cohort, mode, epoch, forced in self._all(
                "SELECT cohort, mode, epoch, forced FROM ledger.cohort_row", ()
            )
        }
