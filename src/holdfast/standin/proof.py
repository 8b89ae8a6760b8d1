"""Proof of the copy and of the journal: small named invariants that return findings, none when all is well."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from holdfast.contracts.blocks import Block, item_from_wire
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.journal import GENESIS_HASH
from holdfast.standin.journal import JournalReader
from holdfast.standin.reader import SQL, CopyReader

STEP_BLOCKS = 200
STEP_ENTRIES = 1000
FINDINGS_MAX = 1000
"""Balances that are wrong are listed up to so many."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold; block or account 0 when it is about neither."""

    invariant: str
    words: str
    block: int = 0
    account: int = 0

    def to_wire(self) -> dict[str, Any]:
        """The finding as JSON."""
        return {"invariant": self.invariant, "block": self.block, "account": self.account, "words": self.words}


@dataclass
class Proven:
    """How far a chain was proved: the number and hash of its last link."""

    number: int = 0
    hash: bytes = GENESIS_HASH


def chain_of_copy(copy: CopyReader, proven: Proven) -> Iterator[Finding]:
    """Every block after `proven` has its number, the hash before it, and the hash of its items; moves `proven`."""
    base = copy.base()
    while True:
        rows = base.execute(SQL["blocks_after"], (proven.number, STEP_BLOCKS)).fetchall()
        if not rows:
            return
        items: defaultdict[int, list[Any]] = defaultdict(list)
        for block, wire in base.execute(SQL["items_between"], (proven.number, rows[-1][0])):
            items[block].append(wire)
        for number, previous, stated, at_us in rows:
            try:
                found = tuple(item_from_wire(json.loads(wire)) for wire in items[number])
                digest = Block(number, previous, at_us, found).hash()
            except (BadMessage, ValueError) as error:
                yield Finding("copy-chain", f"Block {number} cannot be read: {error}.", number)
                return
            if number != proven.number + 1 or previous != proven.hash or digest != stated:
                yield Finding(
                    "copy-chain", f"Block {number} is not what its hash, or the block before it, says.", number
                )
                return
            proven.number, proven.hash = number, stated


def balances_of_copy(copy: CopyReader) -> Iterator[Finding]:
    """Each balance is the sum of its transfers, what is held is that of its holds, each currency sums to zero."""
    base = copy.base()
    base.execute("BEGIN")
    try:
        wrong = base.execute(SQL["balances_wrong"], (FINDINGS_MAX,)).fetchall()
        sums = base.execute(SQL["sums_wrong"]).fetchall()
        held = base.execute(SQL["held_wrong"], (FINDINGS_MAX,)).fetchall()
    finally:
        base.execute("COMMIT")
    for account, net, expected in wrong:
        words = f"Account {account} shows {net}, its transfers make {expected}."
        if net is None:
            words = f"Transfers touch account {account}, which is not there."
        yield Finding("copy-balance", words, account=account)
    for account, shown, expected in held:
        yield Finding(
            "copy-held", f"Of account {account} {shown} are held, its holds make {expected}.", account=account
        )
    for currency, total in sums:
        yield Finding("copy-sum", f"All accounts in {currency} sum to {total}, not to zero.")


def chain_of_journal(journal: JournalReader, proven: Proven) -> Iterator[Finding]:
    """Entries are numbered without holes, and each has the hash of the one before it."""
    while True:
        entries = journal.after(proven.number, STEP_ENTRIES)
        if not entries:
            return
        for entry in entries:
            if entry.number != proven.number + 1 or entry.previous != proven.hash:
                yield Finding("journal-chain", f"Journal entry {entry.number} does not follow entry {proven.number}.")
                return
            proven.number, proven.hash = entry.number, entry.hash()


class Prover:
    """Proves whole at first, then only what is new since (a million items take tens of seconds), unless asked."""

    def __init__(self, copy: CopyReader, journal: JournalReader) -> None:
        self._copy = copy
        self._journal = journal
        self._blocks = Proven()
        self._moves = 0

    def prove(self, whole: bool = False) -> tuple[list[Finding], Proven]:
        """All findings, and how far the copy's chain was proved. Runs in a reader's thread."""
        if self._copy.moves != self._moves:  # another copy has taken its place
            self._moves, self._blocks = self._copy.moves, Proven()
        proven = Proven() if whole else Proven(self._blocks.number, self._blocks.hash)
        findings = [
            *chain_of_copy(self._copy, proven),
            *balances_of_copy(self._copy),
            *chain_of_journal(self._journal, Proven()),
        ]
        if not findings:
            self._blocks = proven
        return findings, proven
