"""The items of blocks of the books, and their hashed bytes (contracts/blocks.py says how those are written).

Letters: T a transfer, X one that something binds, R a refusal, A an account, P money held, V its end; M stands before
a transfer, an account or a hold that carries metadata, which follows it.
"""

import struct
import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from holdfast.contracts import ids
from holdfast.contracts.metadata import Metadata, metadata_bytes, text_bytes

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


def _ident(value: uuid.UUID | None) -> bytes:
    return value.bytes if value else bytes(16)


def _with_metadata(whole: bytes, metadata: Metadata | None) -> bytes:
    """The bytes of an item; of one without metadata they are as they always were."""
    return whole if metadata is None else b"M" + whole + metadata_bytes(metadata)


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
    journal_number is the spare bank's journal entry it came from, -1 for none; tie: what binds it to others;
    metadata: named texts of the program that asked for it, by name.
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
    metadata: Metadata = ()

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash; of what nothing binds they are as they always were."""
        over = b"\x01" if self.over_floor else b"\x00"
        whole = _movement(self) + over + self.note_hash
        bound = b"T" + whole if self.tie is None else b"X" + whole + self.tie.hashed()
        return _with_metadata(bound, self.metadata or None)


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
            + text_bytes(self.currency)
            + text_bytes(self.kind)
            + text_bytes(self.reason)
            + text_bytes(self.rules_version)
            + struct.pack(">iq", self.cohort, self.epoch)
            + text_bytes(self.source)
            + struct.pack(">q", self.journal_number)
        )


@dataclass(frozen=True, slots=True)
class AccountChange:
    """An account as it is from this block on: opened, its floor or flags changed, or described.

    side is `credit` for what the bank owes (customers' money) and `debit` for what it owns; floor_minor
    is the least its balance, counted on its normal side, may become. metadata: all its named texts from now on, by
    name; None: those that it had.
    """

    account: int
    code: str
    currency: str
    side: str
    floor_minor: int
    flags: int
    cohort: int
    metadata: Metadata | None = None

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash."""
        whole = (
            b"A"
            + struct.pack(">q", self.account)
            + text_bytes(self.code)
            + text_bytes(self.currency)
            + text_bytes(self.side)
            + struct.pack(">qii", self.floor_minor, self.flags, self.cohort)
        )
        return _with_metadata(whole, self.metadata)


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
    metadata: Metadata = ()

    def hashed(self) -> bytes:
        """The bytes of this item in its block's hash."""
        ends = struct.pack(">q", self.expires_us) + _ident(self.linked)
        return _with_metadata(b"P" + _movement(self) + ends + self.note_hash, self.metadata or None)


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
            + text_bytes(self.how)
            + struct.pack(">qqq", self.debit, self.credit, self.amount_minor)
            + text_bytes(self.currency)
            + struct.pack(">iq", self.cohort, self.epoch)
            + text_bytes(self.cause)
            + _ident(self.linked)
        )


def _movement(item: Transfer | Pending) -> bytes:
    """What transfers and pending ones have in common, as it is hashed."""
    return (
        item.id.bytes
        + struct.pack(">qqq", item.debit, item.credit, item.amount_minor)
        + text_bytes(item.currency)
        + text_bytes(item.kind)
        + struct.pack(">iiq", days_of(item.value_date), item.cohort, item.epoch)
        + text_bytes(item.source)
        + struct.pack(">q", item.journal_number)
        + text_bytes(item.cause)
    )


Item = Transfer | Refusal | AccountChange | Pending | Release
Answer = Transfer | Refusal | Pending  # what a block can say about the id of a payment


def metadata_to_tell(item: Item) -> Metadata | None:
    """The metadata with which an item travels; None: it carries none."""
    if isinstance(item, AccountChange):
        return item.metadata
    return (item.metadata or None) if isinstance(item, Transfer | Pending) else None


def held_change(item: Item) -> int:
    """How much more (or less) an item has held of the account whose balance its amount lowers, in minor units."""
    if isinstance(item, Pending):
        return item.amount_minor
    if isinstance(item, Release):
        return -item.amount_minor
    return -item.tie.released_minor if isinstance(item, Transfer) and item.tie else 0
