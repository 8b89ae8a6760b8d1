"""Entries of the spare bank's journal: what must survive, and be entered in the books.

Entries are numbered without holes and hash-chained. Kinds: `accept` (a payment the spare bank took),
`void` (settle as refused unless booked), `refusal` (its own final refusal), `close` (a cohort's epoch is
closed), `logout` (a session ended here), `card` (a card was frozen or opened again), `factor` (a customer logged in
here by what is used once, or counted), `freeze` (a customer froze everything). Only the first three concern the books.
"""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.metadata import Metadata, metadata_of

GENESIS_HASH = bytes(32)
KINDS = ("accept", "void", "refusal", "close", "logout", "card", "factor", "freeze")


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as both banks judge it; amounts in minor units of currency.

    kind: `payment`, `order`, `salary`, `card`, `advance`. payer and payee are display names, text the customer's words.
    cause names where it came from (`form`, `api:<token>`, `order:<id>:<date>`, `file:<message id>:<line>`,
    `card:<network>:<transaction>`). metadata: the named texts that a program attached, by name.
    """

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    value_date: date
    cohort: int
    cause: str
    payer: str
    payee: str
    text: str
    customer: int = 0
    metadata: Metadata = ()

    def to_wire(self) -> dict[str, Any]:
        """The payment as JSON; `metadata` only where there is any."""
        more = {"metadata": dict(self.metadata)} if self.metadata else {}
        return {
            "id": self.id.hex,
            "debit": self.debit,
            "credit": self.credit,
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "kind": self.kind,
            "value_date": self.value_date.isoformat(),
            "cohort": self.cohort,
            "cause": self.cause,
            "payer": self.payer,
            "payee": self.payee,
            "text": self.text,
            "customer": self.customer,
            **more,
        }


def payment_from_wire(raw: dict[str, Any]) -> Payment:
    """Read a payment; raises BadMessage when it has not the agreed form."""
    try:
        return Payment(
            uuid.UUID(hex=raw["id"]),
            int(raw["debit"]),
            int(raw["credit"]),
            int(raw["amount_minor"]),
            str(raw["currency"]),
            str(raw["kind"]),
            date.fromisoformat(raw["value_date"]),
            int(raw["cohort"]),
            str(raw["cause"]),
            str(raw["payer"]),
            str(raw["payee"]),
            str(raw["text"]),
            int(raw["customer"]),
            metadata_of({str(name): str(value) for name, value in raw.get("metadata", {}).items()}),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadMessage(f"a payment has not the agreed form: {error}") from error


@dataclass(frozen=True)
class Entry:
    """One journal entry. at_us: when it was accepted, microseconds since 1970 UTC. body by kind:

    accept, void, refusal: {"payment": …, "reason": code, "rules_version": …, "fresh_block": n, "fresh_s": age of the
    data in seconds, "deadline": whether it must arrive by a time, "birth": epoch, "value_minor": what it came to in
    the bank's own currency, in minor units, when it was decided}, of a card use also "card": card id,
    and "settles": id of the hold that it posts
    (entries made before rules 2026.2 have neither fresh_s nor deadline, those before 2026.4 no value_minor);
    close: {}; logout: {"session": id};
    card: {"card": card id, "frozen": bool, "customer": n, "changed_us": when, see contracts.cards}; factor:
    {"customer", "factor": see contracts.factors, "key": id of the passkey or digest of the recovery code, "sign_count",
    "request"}; freeze: see contracts.freezing.Freeze.
    """

    number: int
    previous: bytes
    kind: str
    cohort: int
    epoch: int
    at_us: int
    body: dict[str, Any]

    def hash(self) -> bytes:
        """SHA-256 over the previous hash and the entry's canonical JSON."""
        raw = json.dumps(
            [self.number, self.kind, self.cohort, self.epoch, self.at_us, self.body],
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=True,
        )
        return hashlib.sha256(self.previous + raw.encode()).digest()

    def payment(self) -> Payment:
        """The payment of an accept, void or refusal; raises BadMessage for other kinds."""
        if self.kind not in ("accept", "void", "refusal"):
            raise BadMessage(f"journal entry {self.number} is a {self.kind} and holds no payment")
        return self._payment

    def settles(self) -> uuid.UUID | None:
        """The id of the hold that a card use posts, None for all others; raises BadMessage."""
        try:
            return uuid.UUID(hex=self.body["settles"]) if "settles" in self.body else None
        except (ValueError, TypeError, AttributeError) as error:
            raise BadMessage(f"journal entry {self.number} settles no id: {error}") from error

    def value_minor(self) -> int | None:
        """What an accept, void or refusal came to in the bank's own currency; None in one of an earlier release. Raises
        BadMessage."""
        try:
            return int(self.body["value_minor"]) if "value_minor" in self.body else None
        except (ValueError, TypeError) as error:
            raise BadMessage(f"journal entry {self.number} has no value: {error}") from error

    @cached_property
    def _payment(self) -> Payment:
        return payment_from_wire(self.body["payment"])

    def to_wire(self) -> dict[str, Any]:
        """The entry as JSON, with its hash."""
        return {
            "number": self.number,
            "previous": self.previous.hex(),
            "kind": self.kind,
            "cohort": self.cohort,
            "epoch": self.epoch,
            "at_us": self.at_us,
            "body": self.body,
            "hash": self.hash().hex(),
        }


def entry_from_wire(raw: dict[str, Any]) -> Entry:
    """Read an entry and check its hash; raises BadMessage when it does not hold."""
    try:
        entry = Entry(
            int(raw["number"]),
            bytes.fromhex(raw["previous"]),
            str(raw["kind"]),
            int(raw["cohort"]),
            int(raw["epoch"]),
            int(raw["at_us"]),
            dict(raw["body"]),
        )
        stated = bytes.fromhex(raw["hash"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadMessage(f"a journal entry has not the agreed form: {error}") from error
    if entry.kind not in KINDS:
        raise BadMessage(f"journal entry {entry.number} is of an unknown kind {entry.kind!r}")
    if entry.hash() != stated:
        raise BadMessage(f"journal entry {entry.number} does not have the hash it states")
    return entry
