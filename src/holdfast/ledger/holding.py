"""Reading what is held: the items of blocks that say so, and the open holds of accounts."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from holdfast.contracts.blocks import Item, Pending, Release, Tie
from holdfast.ledger.notes import Notes

HOLDS_MAX = 200
"""Holds of one reader's accounts in one answer."""

PENDINGS = """
SELECT p.block, p.item, p.metadata, p.id, p.debit, p.credit, p.amount_minor, p.currency, p.kind, p.value_date,
       p.cohort, p.epoch, p.source, p.journal_number, p.cause, p.expires_us, p.linked, p.note_hash, n.sealed
FROM ledger.pending p LEFT JOIN ledger.note n USING (id) WHERE p.block BETWEEN %s AND %s"""
RELEASES = """
SELECT block, item, id, pending, how, debit, credit, amount_minor, currency, cohort, epoch, cause, linked
FROM ledger.release WHERE block BETWEEN %s AND %s"""
HOLDS = """
SELECT p.id, p.debit, p.credit, p.amount_minor, p.currency, p.kind, p.cause, p.expires_us, b.at_us, n.sealed
FROM ledger.open_pending o JOIN ledger.pending p USING (id) JOIN ledger.block b ON b.number = p.block
LEFT JOIN ledger.note n ON n.id = p.id WHERE o.debit = ANY (%s) ORDER BY b.number DESC, p.item DESC LIMIT %s"""
HOLD = """
SELECT p.id, p.debit, p.credit, p.amount_minor, p.currency, p.kind, p.cause, p.expires_us, b.at_us, n.sealed, e.by,
       v.how FROM ledger.pending p JOIN ledger.block b ON b.number = p.block LEFT JOIN ledger.note n ON n.id = p.id
LEFT JOIN ledger.ended e ON e.pending = p.id LEFT JOIN ledger.release v ON v.id = e.by WHERE p.id = %s"""

OUTCOMES = """
SELECT w.id, coalesce(t.block, p.block, v.block), coalesce(t.source, p.source, 'own'), r.block, r.source, r.reason
FROM unnest(%s::uuid[]) AS w(id) LEFT JOIN ledger.transfer t USING (id) LEFT JOIN ledger.refusal r USING (id)
LEFT JOIN ledger.pending p USING (id) LEFT JOIN ledger.release v USING (id)
WHERE coalesce(t.id, r.id, p.id, v.id) IS NOT NULL"""

HELD_BETWEEN = """
SELECT account, held_minor FROM ledger.account WHERE held_minor <> 0 AND account > %s AND account <= %s
ORDER BY account"""
HELD_AT = """
WITH late AS (
    SELECT settles AS id FROM ledger.tie WHERE block > %(block)s AND settles IS NOT NULL
    UNION ALL SELECT pending FROM ledger.release WHERE block > %(block)s),
kept AS (
    SELECT p.* FROM ledger.open_pending o JOIN ledger.pending p USING (id)
        WHERE p.block <= %(block)s AND (o.debit = ANY (%(accounts)s) OR o.credit = ANY (%(accounts)s))
    UNION ALL SELECT p.* FROM late JOIN ledger.pending p USING (id) WHERE p.block <= %(block)s)
SELECT a.account, coalesce(sum(k.amount_minor), 0) FROM ledger.account a
LEFT JOIN kept k ON (a.side = 'credit' AND k.debit = a.account) OR (a.side = 'debit' AND k.credit = a.account)
WHERE a.account = ANY (%(accounts)s) GROUP BY a.account"""


@dataclass(frozen=True, slots=True)
class Hold:
    """An amount that is held of an account for `payee`, booked by `at`, free again after `expires`.

    ended: "" while it is open, else `posted`, `voided` or `expired`; by: what ended it.
    """

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    cause: str
    expires: datetime
    at: datetime
    payee: str
    text: str
    ended: str = ""
    by: uuid.UUID | None = None


def _instant(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1e6, UTC)


def hold_of(row: tuple[Any, ...], notes: Notes) -> Hold:
    """A row of HOLDS or HOLD."""
    ident, debit, credit, amount, currency, kind, cause, expires_us, at_us, sealed, *ended = row
    note = notes.open(ident, sealed) if sealed is not None else None
    by, how = ended or (None, None)
    return Hold(
        ident, debit, credit, amount, currency, kind, cause, _instant(expires_us), _instant(at_us),
        note.payee if note else "", note.text if note else "", "" if by is None else how or "posted", by,
    )  # fmt: skip


def tie_of(bound: Sequence[Any]) -> Tie | None:
    """The tie of a transfer, from whether it has one, settles, released_minor, reverses and linked."""
    return Tie(*bound[1:]) if bound[0] else None


def held_items(
    connection: psycopg.Connection[Any], notes: Notes, span: tuple[int, int]
) -> Iterator[tuple[int, int, bool, Item]]:
    """The pending transfers and releases of some blocks, each with its block, its place and whether it carries
    metadata."""
    for block, item, described, *rest in connection.execute(PENDINGS, span):
        *whole, digest, sealed = rest
        note = notes.open(whole[0], sealed) if sealed is not None else None
        yield block, item, described, Pending(*(*whole, bytes(digest), note))
    for block, item, *rest in connection.execute(RELEASES, span):
        yield block, item, False, Release(*rest)
