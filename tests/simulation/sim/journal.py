"""The spare bank's journal and copy as models in memory: what is fsynced outlives a kill, the rest does not."""

import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from holdfast.contracts.blocks import Block, Refusal, Transfer
from holdfast.contracts.journal import GENESIS_HASH, Entry
from holdfast.standin.habits import KINDS, Debit, debit_of


class ModelJournal:
    """`journal.sqlite` and its writer: entries up to `synced` are on disk. Offers what Writing and its reader do."""

    def __init__(self, clock_us: Callable[[], int]) -> None:
        self.entries: list[Entry] = []
        self.synced = 0
        self._clock_us = clock_us
        self._known: dict[int, int] = {}
        self._closed: dict[int, int] = {}
        self._disk: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._by_payment: dict[uuid.UUID, Entry] = {}

    @property
    def number(self) -> int:
        """The last entry's number, fsynced or not."""
        return len(self.entries)

    def known(self, cohort: int) -> int:
        """The highest epoch seen."""
        return self._known.get(cohort, 0)

    def closed(self, cohort: int) -> int:
        """The highest epoch closed."""
        return self._closed.get(cohort, 0)

    def newest(self) -> int:
        """The highest epoch of any cohort, on disk."""
        return max([*self._disk[0].values(), *self._disk[1].values()], default=0)

    def find(self, ident: uuid.UUID) -> Entry | None:
        """The entry with this payment id."""
        return self._by_payment.get(ident)

    def learn(self, cohort: int, epoch: int) -> None:
        """Store a higher epoch."""
        self._known[cohort] = max(epoch, self.known(cohort))

    def close(self, cohort: int, epoch: int) -> bool:
        """Close an epoch; False when it was closed before."""
        if epoch <= self.closed(cohort):
            return False
        self.append("close", cohort, epoch, {})
        self._closed[cohort] = epoch
        self.learn(cohort, epoch)
        return True

    def append(self, kind: str, cohort: int, epoch: int, body: dict[str, Any]) -> Entry:
        """Add one entry at the end."""
        previous = self.entries[-1].hash() if self.entries else GENESIS_HASH
        entry = Entry(len(self.entries) + 1, previous, kind, cohort, epoch, self._clock_us(), body)
        if "payment" in body:
            ident = entry.payment().id
            if ident in self._by_payment:
                raise ValueError("a payment id twice in the journal")
            self._by_payment[ident] = entry
        self.entries.append(entry)
        return entry

    def sync(self) -> None:
        """fsync: what was written outlives a kill."""
        self.synced = len(self.entries)
        self._disk = (dict(self._known), dict(self._closed))

    def crash(self) -> None:
        """A kill or power loss: what was not fsynced is gone."""
        self.entries = self.entries[: self.synced]
        self._known, self._closed = dict(self._disk[0]), dict(self._disk[1])
        self._by_payment = {entry.payment().id: entry for entry in self.entries if "payment" in entry.body}

    def durable(self) -> list[Entry]:
        """What is on disk."""
        return self.entries[: self.synced]

    def payments(self, after: int) -> Iterable[Entry]:
        """Accepts, voids and refusals with a higher number, in order."""
        return [entry for entry in self.entries[after:] if "payment" in entry.body]

    def logouts(self, since_us: int) -> Iterable[str]:  # sessions are not simulated
        """Sessions that ended here."""
        return []

    def freezes(self) -> Iterable[dict[str, Any]]:
        """Cards are not simulated."""
        return []

    def frozen(self) -> Iterable[dict[str, Any]]:  # nobody freezes everything here
        """Freezes of everything."""
        return []


class ModelCopy:
    """`copy.sqlite`: the fed blocks; its tail may be lost with the power, since it is not fsynced."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._items: dict[uuid.UUID, list[tuple[int, int, Transfer | Refusal]]] = {}
        self._settled: list[tuple[int, int]] = []

    def note_settled(self, number: int) -> None:
        """Keep, behind the blocks so far, how far the journal is settled by them."""
        self._settled.append((len(self.blocks), number))

    def settled(self) -> int:
        """The last number kept."""
        return self._settled[-1][1] if self._settled else 0

    def add(self, block: Block) -> None:
        """Put the next block in place."""
        self.blocks.append(block)
        for item in block.items:
            if isinstance(item, Transfer | Refusal):
                self._items.setdefault(item.id, []).append((block.number, block.at_us, item))

    def lose_tail(self, blocks: int) -> None:
        """Power loss: the last blocks are gone."""
        kept = self.blocks[: max(len(self.blocks) - blocks, 1)]
        self._settled = [one for one in self._settled if one[0] <= len(kept)]
        self.blocks, self._items = [], {}
        for block in kept:
            self.add(block)

    def one_state(self) -> AbstractContextManager[None]:
        """Nothing happens between two answers here."""
        return nullcontext()

    def items(self, ident: uuid.UUID) -> list[tuple[int, int, Transfer | Refusal]]:
        """All items with this id, in the books' order."""
        return self._items.get(ident, [])

    def paid(self, account: int, day: int, before: int) -> int:
        """What was paid by hand on a day, below a block."""
        found = self.debits(account, day, len(self.blocks) * 1000, before)
        return sum(one.amount_minor for one in found if one.kind == "payment" and one.value_day == day)

    def debits(self, account: int, since_day: int, limit: int, before: int) -> list[Debit]:
        """An account's newest payments and orders below a block, in order."""
        found = [
            debit_of(block.number, block.at_us, item)
            for block in self.blocks[: before - 1]
            for item in block.items
            if isinstance(item, Transfer) and item.debit == account and item.kind in KINDS
        ]
        return [one for one in found if one.value_day >= since_day][-limit:]
