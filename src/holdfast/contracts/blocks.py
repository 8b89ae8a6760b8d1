"""Blocks of the books: their hashed bytes and how they travel.

The hashed bytes are fixed here and in contracts/items.py, and computed alike by `ledger/sql/schema.sql`; vectors for
both are in tests/contracts. Integers are big-endian, UUIDs raw, instants microseconds since 1970 UTC, dates
days since 1970, text its length in four bytes and its UTF-8. Personal words enter only as a salted hash.
"""

import hashlib
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.items import (
    EPOCH_DAY,
    FLAG_CLOSED,
    FLAG_FROZEN_IN,
    FLAG_FROZEN_OUT,
    NO_NOTE,
    AccountChange,
    Answer,
    Item,
    Note,
    Pending,
    Refusal,
    Release,
    Tie,
    Transfer,
    day_of,
    days_of,
    held_change,
    metadata_to_tell,
)
from holdfast.contracts.metadata import metadata_of, metadata_trouble

__all__ = [
    "EPOCH_DAY",
    "FLAG_CLOSED",
    "FLAG_FROZEN_IN",
    "FLAG_FROZEN_OUT",
    "GENESIS_HASH",
    "NO_NOTE",
    "VERSION",
    "AccountChange",
    "Answer",
    "Block",
    "Item",
    "Note",
    "Pending",
    "Refusal",
    "Release",
    "Tie",
    "Transfer",
    "block_from_wire",
    "block_to_wire",
    "day_of",
    "days_of",
    "held_change",
    "item_from_wire",
    "item_to_wire",
]

VERSION = b"HFB1"
GENESIS_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class Block:
    """A block: number (1, 2, 3 … without holes), the hash before it, when it was committed, its items."""

    number: int
    previous: bytes
    at_us: int
    items: tuple[Item, ...] = field(default_factory=tuple)

    def hash(self) -> bytes:
        """SHA-256 of the block's hashed bytes."""
        digest = hashlib.sha256(
            VERSION + struct.pack(">q", self.number) + self.previous + struct.pack(">qi", self.at_us, len(self.items))
        )
        for item in self.items:
            digest.update(item.hashed())
        return digest.digest()


def item_to_wire(item: Item) -> list[Any]:
    """An item as a JSON list: its letter, then its fields in their order; of a transfer with a tie also that one's.
    What carries metadata has M and its (name, value) pairs before it."""
    metadata = metadata_to_tell(item)
    if metadata is None:
        return _bare_to_wire(item)
    return ["M", [list(one) for one in metadata], *_bare_to_wire(item)]


def _bare_to_wire(item: Item) -> list[Any]:
    if isinstance(item, Transfer):
        bound = [] if item.tie is None else _listed(item.tie)
        return [
            "X" if bound else "T", item.id.hex, item.debit, item.credit, item.amount_minor, item.currency, item.kind,
            days_of(item.value_date), item.cohort, item.epoch, item.source, item.journal_number, item.cause,
            item.over_floor, item.note_hash.hex(), _listed(item.note) if item.note else None, *bound,
        ]  # fmt: skip
    if isinstance(item, Refusal):
        return ["R", *_listed(item)]
    if isinstance(item, AccountChange):
        return ["A", item.account, item.code, item.currency, item.side, item.floor_minor, item.flags, item.cohort]
    return ["P" if isinstance(item, Pending) else "V", *_listed(item)]


def _listed(item: Refusal | Pending | Release | Tie | Note) -> list[Any]:
    return [_plain(getattr(item, name)) for name in item.__slots__ if name != "metadata"]


def _plain(value: object) -> object:
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, date):
        return days_of(value)
    if isinstance(value, Note):
        return _listed(value)
    return value.hex() if isinstance(value, bytes) else value


def _note(words: list[Any] | None) -> Note | None:
    return Note(bytes.fromhex(words[0]), words[1], words[2], words[3]) if words else None


def _transfer_from_wire(raw: list[Any]) -> Transfer:
    ident, debit, credit, amount, currency, kind, days, cohort, epoch, source, number, cause, over, digest, words = raw
    whole = (uuid.UUID(hex=ident), int(debit), int(credit), int(amount), str(currency), str(kind), day_of(int(days)))
    place = (int(cohort), int(epoch), str(source), int(number), str(cause), bool(over))
    return Transfer(*whole, *place, bytes.fromhex(digest), _note(words))


def _tied_from_wire(raw: list[Any]) -> Transfer:
    *whole, settles, released, reverses, linked = raw
    tie = Tie(_maybe_id(settles), int(released), _maybe_id(reverses), _maybe_id(linked))
    return replace(_transfer_from_wire(whole), tie=tie)


def _pending_from_wire(raw: list[Any]) -> Pending:
    *whole, expires, linked, digest, words = raw
    one = _transfer_from_wire([*whole, False, digest, words])
    return Pending(
        one.id, one.debit, one.credit, one.amount_minor, one.currency, one.kind, one.value_date, one.cohort, one.epoch,
        one.source, one.journal_number, one.cause, int(expires), _maybe_id(linked), one.note_hash, one.note,
    )  # fmt: skip


def _release_from_wire(raw: list[Any]) -> Release:
    ident, pending, how, debit, credit, amount, currency, cohort, epoch, cause, linked = raw
    which = (uuid.UUID(hex=ident), uuid.UUID(hex=pending), str(how), int(debit), int(credit), int(amount))
    return Release(*which, str(currency), int(cohort), int(epoch), str(cause), _maybe_id(linked))


def _maybe_id(raw: str | None) -> uuid.UUID | None:
    return None if raw is None else uuid.UUID(hex=raw)


def _refusal_from_wire(raw: list[Any]) -> Refusal:
    ident, debit, credit, amount, currency, kind, reason, rules, cohort, epoch, source, number = raw
    asked = (uuid.UUID(hex=ident), int(debit), int(credit), int(amount), str(currency), str(kind))
    return Refusal(*asked, str(reason), str(rules), int(cohort), int(epoch), str(source), int(number))


def _change_from_wire(raw: list[Any]) -> AccountChange:
    account, code, currency, side, floor, flags, cohort = raw
    return AccountChange(int(account), str(code), str(currency), str(side), int(floor), int(flags), int(cohort))


def item_from_wire(raw: list[Any]) -> Item:
    """Read an item; raises BadMessage when it has not the agreed form."""
    try:
        return _described_from_wire(raw[1], raw[2:]) if raw[0] == "M" else _bare_from_wire(raw)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise BadMessage(f"a block item has not the agreed form: {error!r}") from error


def _bare_from_wire(raw: list[Any]) -> Item:
    kinds: dict[str, Callable[[list[Any]], Item]] = {
        "T": _transfer_from_wire,
        "X": _tied_from_wire,
        "P": _pending_from_wire,
        "V": _release_from_wire,
        "R": _refusal_from_wire,
        "A": _change_from_wire,
    }
    return kinds[raw[0]](raw[1:])


def _described_from_wire(pairs: list[Any], bare: list[Any]) -> Item:
    """An item that carries metadata."""
    item, metadata = _bare_from_wire(bare), tuple((str(name), str(value)) for name, value in pairs)
    trouble = metadata_trouble(dict(metadata))
    if trouble or metadata != metadata_of(dict(metadata)):
        raise BadMessage(trouble or "the metadata of a block item is not in the order of its names")
    if not isinstance(item, AccountChange | Transfer | Pending) or not (metadata or isinstance(item, AccountChange)):
        raise BadMessage("a block item carries metadata that cannot, or none")
    return replace(item, metadata=metadata)


def block_to_wire(block: Block, block_hash: bytes) -> dict[str, Any]:
    """A block as JSON: number, previous and hash in hex, at_us, items."""
    return {
        "number": block.number,
        "previous": block.previous.hex(),
        "hash": block_hash.hex(),
        "at_us": block.at_us,
        "items": [item_to_wire(item) for item in block.items],
    }


def block_from_wire(raw: dict[str, Any]) -> Block:
    """Read a block and check its hash and its notes' hashes; raises BadMessage when one does not hold."""
    try:
        items = tuple(item_from_wire(item) for item in raw["items"])
        block = Block(int(raw["number"]), bytes.fromhex(raw["previous"]), int(raw["at_us"]), items)
        stated = bytes.fromhex(raw["hash"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadMessage(f"a block has not the agreed form: {error}") from error
    if block.hash() != stated:
        raise BadMessage(f"block {block.number} does not have the hash it states")
    for item in block.items:
        if isinstance(item, Transfer | Pending) and item.note is not None and item.note.hash() != item.note_hash:
            raise BadMessage(f"the words of transfer {item.id} in block {block.number} are not those that were booked")
    return block
