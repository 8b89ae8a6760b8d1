"""Reading the books: balances, entries, blocks, outcomes, the proof. Nothing here takes the head's lock."""

import contextlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import AccountChange, Block, Item, Note, Refusal, Transfer, block_to_wire
from holdfast.contracts.epochs import Mode, Row
from holdfast.ledger.errors import LedgerError
from holdfast.ledger.holding import HOLD, HOLDS, HOLDS_MAX, OUTCOMES, Hold, held_items, hold_of, tie_of
from holdfast.ledger.notes import Notes
from holdfast.ledger.posts import Posted, Result
from holdfast.ledger.schema import read_sql

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


NO_WORDS = Note(b"", "", "", "")
"""Of a transfer without words, or whose words were erased."""


def _instant(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1e6, UTC)


_BLOCKS = """
SELECT b.number, b.previous, b.hash, b.at_us, b.items FROM ledger.block b
WHERE b.number > %s ORDER BY b.number LIMIT %s"""
_TRANSFERS = """
SELECT t.block, t.item, t.id, t.debit, t.credit, t.amount_minor, t.currency, t.kind, t.value_date, t.cohort, t.epoch,
       t.source, t.journal_number, t.cause, t.over_floor, t.note_hash, n.sealed,
       x.id IS NOT NULL, x.settles, x.released_minor, x.reverses, x.linked
FROM ledger.transfer t LEFT JOIN ledger.note n USING (id) LEFT JOIN ledger.tie x USING (id)
WHERE t.block BETWEEN %s AND %s"""
_REFUSALS = """
SELECT block, item, id, debit, credit, amount_minor, currency, kind, reason, rules_version, cohort, epoch, source,
       journal_number FROM ledger.refusal WHERE block BETWEEN %s AND %s"""
_CHANGES = """
SELECT block, item, account, code, currency, side, floor_minor, flags, cohort
FROM ledger.account_change WHERE block BETWEEN %s AND %s"""
_LINES = """
WITH own AS (SELECT side, balance_minor FROM ledger.account WHERE account = %(account)s),
newest AS (
    (SELECT t.*, -1 AS way FROM ledger.transfer t WHERE debit = %(account)s AND seq < %(before)s
        ORDER BY seq DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT t.*, 1 FROM ledger.transfer t WHERE credit = %(account)s AND seq < %(before)s
        ORDER BY seq DESC LIMIT %(limit)s)
    ORDER BY seq DESC LIMIT %(limit)s),
later AS (
    SELECT coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE credit = %(account)s AND seq >= %(before)s), 0)
         - coalesce((SELECT sum(amount_minor) FROM ledger.transfer WHERE debit = %(account)s AND seq >= %(before)s), 0)
           AS v),
signed AS (
    SELECT newest.*, CASE WHEN own.side = 'credit' THEN way ELSE -way END * amount_minor AS signed_minor,
         own.balance_minor
         - CASE WHEN own.side = 'credit' THEN later.v ELSE -later.v END AS top_minor
    FROM newest, own, later)
SELECT s.seq, s.id, s.block, b.at_us, s.value_date, s.kind, s.signed_minor,
       s.top_minor - (sum(s.signed_minor) OVER (ORDER BY s.seq DESC) - s.signed_minor),
       CASE WHEN s.way = -1 THEN s.credit ELSE s.debit END,
       n.sealed, s.source, s.journal_number, s.cause
FROM signed s JOIN ledger.block b ON b.number = s.block LEFT JOIN ledger.note n ON n.id = s.id ORDER BY s.seq DESC"""
_RECORDED = """
SELECT t.debit, t.credit, t.amount_minor, t.currency, b.at_us, n.sealed, t.source
FROM ledger.transfer t JOIN ledger.block b ON b.number = t.block LEFT JOIN ledger.note n USING (id) WHERE t.id = %(id)s
UNION ALL
SELECT p.debit, p.credit, p.amount_minor, p.currency, b.at_us, n.sealed, p.source
FROM ledger.pending p JOIN ledger.block b ON b.number = p.block LEFT JOIN ledger.note n USING (id) WHERE p.id = %(id)s
UNION ALL
SELECT r.debit, r.credit, r.amount_minor, r.currency, b.at_us, NULL, r.source
FROM ledger.refusal r JOIN ledger.block b ON b.number = r.block WHERE r.id = %(id)s LIMIT 1"""
_BALANCES_AT = """
WITH last AS (SELECT coalesce((SELECT seq FROM ledger.transfer WHERE block <= %(block)s
    ORDER BY block DESC, item DESC LIMIT 1), 0) AS seq)
SELECT a.account, a.balance_minor - CASE WHEN a.side = 'credit' THEN 1 ELSE -1 END * (
    coalesce((SELECT sum(t.amount_minor) FROM ledger.transfer t WHERE t.credit = a.account AND t.seq > last.seq), 0)
  - coalesce((SELECT sum(t.amount_minor) FROM ledger.transfer t WHERE t.debit = a.account AND t.seq > last.seq), 0))
FROM ledger.account a, last WHERE a.account = ANY (%(accounts)s)"""
_REFUSED = """
SELECT r.id, b.at_us, r.block, r.debit, r.credit, r.amount_minor, r.currency, r.kind, r.reason, r.source
FROM ledger.refusal r JOIN ledger.block b ON b.number = r.block
WHERE r.debit = ANY (%s) AND r.block > %s ORDER BY r.block DESC, r.item DESC LIMIT %s"""


def _cut(heads: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The first of these heads that hold ITEMS_MAX items at most together, and at least one."""
    total = 0
    for place, (*_, items) in enumerate(heads):
        total += items
        if total > ITEMS_MAX and place:
            return heads[:place]
    return heads


class Reader:
    """Reads through a small pool; every statement ends within 2 s (the proof within 5 minutes). Thread-safe."""

    def __init__(self, url: str, notes: Notes, connections_max: int = 24) -> None:
        self._url = url
        self._notes = notes
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            url,
            min_size=0,
            max_size=connections_max,
            timeout=0.5,
            reconnect_timeout=5,
            open=True,
            name="books-reader",
            kwargs={"autocommit": True, "connect_timeout": 2, "options": "-c statement_timeout=2000"},
            check=None,
        )

    @contextlib.contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise LedgerError(f"the books cannot be read now: {error}") from error

    def _all(self, statement: str, parameters: Sequence[object] | dict[str, object]) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            try:
                return connection.execute(statement, parameters).fetchall()
            except psycopg.OperationalError:
                if not connection.broken:
                    raise
        # The server was restarted since this connection was made: throw out all such connections, ask once more.
        self._pool.check()
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()

    def head(self) -> Head:
        """The end of the books."""
        ((block, digest, at_us),) = self._all("SELECT block, hash, at_us FROM ledger.head", ())
        return Head(block, bytes(digest), at_us)

    def blocks(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Blocks after `after` in order, in wire form; at most min(limit, BLOCKS_MAX), and fewer where they would hold
        more than ITEMS_MAX items together."""
        with self._connection() as connection:
            heads = _cut(connection.execute(_BLOCKS, (after, min(limit, BLOCKS_MAX))).fetchall())
            if not heads:
                return []
            span = (heads[0][0], heads[-1][0])
            items: dict[int, list[tuple[int, Item]]] = {number: [] for number, *_ in heads}
            # A block and its items become visible together and never change, so no common snapshot is needed.
            for block, item, *rest in connection.execute(_TRANSFERS, span):
                (ident, debit, credit, amount, currency, kind, value_date, cohort, epoch, source, *more) = rest
                number, cause, over, digest, sealed, *bound = more
                note = self._notes.open(ident, sealed) if sealed is not None else None
                items[block].append(
                    (item, Transfer(ident, debit, credit, amount, currency, kind, value_date, cohort, epoch, source,
                                    number, cause, over, bytes(digest), note, tie_of(bound)))
                )  # fmt: skip
            if any(len(items[number]) < count for number, _, _, _, count in heads):
                for block, item, *rest in connection.execute(_REFUSALS, span):
                    items[block].append((item, Refusal(*rest)))
                for block, item, *rest in connection.execute(_CHANGES, span):
                    items[block].append((item, AccountChange(*rest)))
                for block, item, one in held_items(connection, self._notes, span):
                    items[block].append((item, one))
        out = []
        for number, previous, digest, at_us, _ in heads:
            ordered = tuple(one for _, one in sorted(items[number], key=lambda pair: pair[0]))
            out.append(block_to_wire(Block(number, bytes(previous), at_us, ordered), bytes(digest)))
        return out

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
        found = self._all(_RECORDED, {"id": ident})
        if not found:
            return None
        debit, credit, amount_minor, currency, at_us, sealed, source = found[0]
        note = self._words(ident, sealed)
        return Recorded(debit, credit, amount_minor, currency, _instant(at_us), note.payee, note.text, source)

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

    def balances_at(self, block: int, accounts: Sequence[int]) -> list[tuple[int, int]]:
        """(account, balance in minor units as of the end of a block), of one snapshot; accounts that exist only."""
        rows = self._all(_BALANCES_AT, {"block": block, "accounts": list(accounts)})
        return [(row[0], int(row[1])) for row in rows]

    def lines(self, account: int, limit: int = 50, before: int | None = None) -> list[Line]:
        """The account's entries, newest first, each with the balance after it; before: only below that seq."""
        rows = self._all(_LINES, {"account": account, "limit": limit, "before": 2**62 if before is None else before})
        out = []
        for seq, ident, block, at_us, value_date, kind, amount, after, other, *rest in rows:
            sealed, source, number, cause = rest
            note = self._words(ident, sealed)
            out.append(
                Line(seq, ident, block, _instant(at_us), value_date, kind, int(amount), int(after), other, note.payer,
                     note.payee, note.text, source, number, cause)
            )  # fmt: skip
        return out

    def _words(self, ident: uuid.UUID, sealed: bytes | None) -> Note:
        return NO_WORDS if sealed is None else self._notes.open(ident, sealed)

    def refusals(self, accounts: Sequence[int], since_block: int = 0, limit: int = 100) -> list[RefusalLine]:
        """Recorded refusals of debits of these accounts after a block, newest first."""
        rows = self._all(_REFUSED, (list(accounts), since_block, limit))
        return [
            RefusalLine(ident, _instant(at_us), block, debit, credit, amount, currency, kind, Reason(reason), source)
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

    def prove(self, since: int = 0) -> list[dict[str, Any]]:
        """Run sql/proof.sql and open the words; findings {invariant, block, account, words}, none when all is well.

        since: only what was booked after that block (sql/proof_since.sql), which an earlier whole proof covers.
        """
        try:
            with psycopg.connect(self._url, connect_timeout=2, options="-c statement_timeout=300000") as connection:
                if since > 0:
                    rows = connection.execute(read_sql("proof_since").encode(), {"since": since}).fetchall()
                else:
                    rows = connection.execute(read_sql("proof").encode()).fetchall()
                changed = [] if since > 0 else list(self._notes.changed(connection))
        except psycopg.OperationalError as error:
            raise LedgerError(f"the books cannot be proved now: {error}") from error
        return [{"invariant": a, "block": b, "account": c, "words": d} for a, b, c, d in rows] + changed
