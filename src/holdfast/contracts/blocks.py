"""Blocks of the books: their items, their hashed bytes and how they travel.

The hashed bytes are fixed here and computed alike by `ledger/sql/schema.sql`; vectors for both are
in tests/contracts. Integers are big-endian, UUIDs raw, instants microseconds since 1970 UTC, dates
days since 1970, text its length in four bytes and its UTF-8. Personal words enter only as a salted hash.
"""

import hashlib
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from holdfast.contracts import ids
from holdfast.contracts.errors import BadMessage

VERSION = b"HFB1"
GENESIS_HASH = bytes(32)
NO_NOTE = bytes(32)
EPOCH_DAY = date(1970, 1, 1)

FLAG_FROZEN_OUT = 1
FLAG_FROZEN_IN = 2
FLAG_CLOSED = 4


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH_DAY).days


def day_of(days: int) -> date:
    """The date of a number of days since 1970-01-01."""
    return EPOCH_DAY + timedelta(days=days)


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack(">i", len(raw)) + raw


def _ident(value: uuid.UUID | None) -> bytes:
    return value.bytes if value else bytes(16)


@dataclass(frozen=True, slots=True)
class Note:
    """A transfer's personal words; erasable, bound to the block by their salted hash."""

    salt: bytes
    payer: str
    payee: str
    text: str

    def hash(self) -> bytes:
        """The 32 bytes that enter the block."""
        return ids.note_hash(self.salt, self.payer, self.payee, self.text)


@dataclass(frozen=True, slots=True)
class Tie:
    """What binds a transfer to others.

    settles: the pending transfer that it posts, and released_minor that one's whole amount, which is held no more;
    reverses: the transfer that it gives back, wholly or in part; linked: the group that stands or falls together.
    """

    settles: uuid.UUID | None = None
    released_minor: int = 0
    reverses: uuid.UUID | None = None
    linked: uuid.UUID | None = None

    def hashed(self) -> bytes:
        """The bytes behind those of the transfer."""
        return (
            _ident(self.settles) + struct.pack(">q", self.released_minor) + _ident(self.reverses) + _ident(self.linked)
        )


@dataclass(frozen=True, slots=True)
class Transfer:
    """One booked transfer: amount_minor of currency from debit to credit (account ids).

    over_floor records an exception: it was booked although the debited account fell below its floor.
    journal_number is the spare bank's journal entry it came from, -1 for none; tie: what binds it to others.
    """

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    value_date: date
    cohort: int
    epoch: int
    source: str
    journal_number: int
    cause: str
    over_floor: bool = False
    note_hash: bytes = NO_NOTE
    note: Note | None = None
    tie: Tie | None = None

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash; of what nothing binds they are as they always were."""
        over = b"\x01" if self.over_floor else b"\x00"
        whole = _movement(self) + over + self.note_hash
        return b"T" + whole if self.tie is None else b"X" + whole + self.tie.hashed()


@dataclass(frozen=True, slots=True)
class Refusal:
    """One final refusal, recorded by id: no entry, no balance touched. source is `own` or `journal`."""

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    reason: str
    rules_version: str
    cohort: int
    epoch: int
    source: str
    journal_number: int

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash."""
        return (
            b"R"
            + self.id.bytes
            + struct.pack(">qqq", self.debit, self.credit, self.amount_minor)
            + _text(self.currency)
            + _text(self.kind)
            + _text(self.reason)
            + _text(self.rules_version)
            + struct.pack(">iq", self.cohort, self.epoch)
            + _text(self.source)
            + struct.pack(">q", self.journal_number)
        )


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account as it is from this block on: opened, or its floor or flags changed.

    side is `credit` for what the bank owes (customers' money) and `debit` for what it owns; floor_minor
    is the least its balance, counted on its normal side, may become.
    """

    account: int
    code: str
    currency: str
    side: str
    floor_minor: int
    flags: int
    cohort: int

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash."""
        return (
            b"A"
            + struct.pack(">q", self.account)
            + _text(self.code)
            + _text(self.currency)
            + _text(self.side)
            + struct.pack(">qii", self.floor_minor, self.flags, self.cohort)
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """Money held for a later transfer: no entry yet, but the debited account may not spend it.

    It ends once: posted by a transfer that settles it, voided, or expired when expires_us (microseconds since 1970 UTC)
    has passed. The other fields are those of the transfer that is to come.
    """

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    value_date: date
    cohort: int
    epoch: int
    source: str
    journal_number: int
    cause: str
    expires_us: int
    linked: uuid.UUID | None = None
    note_hash: bytes = NO_NOTE
    note: Note | None = None

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash."""
        return b"P" + _movement(self) + struct.pack(">q", self.expires_us) + _ident(self.linked) + self.note_hash


@dataclass(frozen=True, slots=True)
class Release:
    """The end of a pending transfer without an entry; how: `voided` or `expired`. Accounts and amount are the
    pending one's, so that who reads the block needs no other."""

    id: uuid.UUID
    pending: uuid.UUID
    how: str
    debit: int
    credit: int
    amount_minor: int
    currency: str
    cohort: int
    epoch: int
    cause: str
    linked: uuid.UUID | None = None

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash."""
        return (
            b"V"
            + self.id.bytes
            + self.pending.bytes
            + _text(self.how)
            + struct.pack(">qqq", self.debit, self.credit, self.amount_minor)
            + _text(self.currency)
            + struct.pack(">iq", self.cohort, self.epoch)
            + _text(self.cause)
            + _ident(self.linked)
        )


def _movement(item: Transfer | Pending) -> bytes:
    """What transfers and pending ones have in common, as it is hashed."""
    return (
        item.id.bytes
        + struct.pack(">qqq", item.debit, item.credit, item.amount_minor)
        + _text(item.currency)
        + _text(item.kind)
        + struct.pack(">iiq", days_of(item.value_date), item.cohort, item.epoch)
        + _text(item.source)
        + struct.pack(">q", item.journal_number)
        + _text(item.cause)
    )


Item = Transfer | Refusal | AccountChange | Pending | Release
Answer = Transfer | Refusal | Pending  # what a block can say about the id of a payment


def held_change(item: Item) -> int:
    """How much more (or less) an item has held of the account whose balance its amount lowers, in minor units."""
    if isinstance(item, Pending):
        return item.amount_minor
    if isinstance(item, Release):
        return -item.amount_minor
    return -item.tie.released_minor if isinstance(item, Transfer) and item.tie else 0


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
    """An item as a JSON list: its letter, then its fields in their order; of a transfer with a tie also that one's."""
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
    return [_plain(getattr(item, name)) for name in item.__slots__]


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
    kinds: dict[str, Callable[[list[Any]], Item]] = {
        "T": _transfer_from_wire,
        "X": _tied_from_wire,
        "P": _pending_from_wire,
        "V": _release_from_wire,
        "R": _refusal_from_wire,
        "A": _change_from_wire,
    }
    try:
        return kinds[raw[0]](raw[1:])
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as error:
        raise BadMessage(f"a block item has not the agreed form: {error!r}") from error


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
