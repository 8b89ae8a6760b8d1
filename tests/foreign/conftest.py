"""A folder of a made-up core, and a feeder's store beside it."""

import sys
import uuid
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from made_up import ACCOUNTS, BALANCES, CUSTOMERS

from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.contracts.journal import GENESIS_HASH, Entry, Payment
from holdfast.foreign.core import Core
from holdfast.foreign.folder import Folder


class Place:
    """The folder as its core writes it, and what the feeder makes of it."""

    def __init__(self, path: Path) -> None:
        self.files = path / "core"
        self.files.mkdir()
        self.store = path / "core.sqlite"
        self.open()

    def open(self) -> None:
        """Start the feeder's store, as a new process would."""
        self.core = Core(self.store, "Made-up Bank", "NOK", "Europe/Oslo")
        self.folder = Folder(self.files, self.core)

    def write(self, name: str, text: str) -> None:
        (self.files / name).write_text(text)

    def look(self) -> list[Any]:
        """Two looks, so that files have settled; the problems."""
        self.folder.look()
        batch = self.folder.look()
        return self.core.take(batch) if batch else []

    def blocks(self) -> list[dict[str, Any]]:
        return self.core.blocks_after(0, 1000)

    def fill(self) -> None:
        self.write("customers.csv", CUSTOMERS)
        self.write("accounts.csv", ACCOUNTS)
        self.write("balances-1.csv", BALANCES)
        assert self.look() == []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def filled(place: Place) -> Place:
    place.fill()
    return place


class Journal:
    """The spare bank's journal."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, kind: str, amount_minor: int = 12_345, debit: int = 1001, credit: int = 1002) -> Payment:
        payment = Payment(
            uuid.uuid4(), debit, credit, amount_minor, "NOK", "payment", date(2026, 11, 22), 5, "form", "Ada Example",
            "Bo & Example", "for <lunch>", 1,
        )  # fmt: skip
        previous = self.entries[-1].hash() if self.entries else GENESIS_HASH
        body = {"payment": payment.to_wire(), "reason": "ok" if kind == "accept" else "not_enough_money"}
        number = len(self.entries) + 1
        at_us = 1_795_000_000_000_000 + number
        self.entries.append(Entry(number, previous, kind, 5, FIRST_EPOCH + 1, at_us, {} if kind == "close" else body))
        return payment

    def wire(self, after: int = 0) -> list[dict[str, Any]]:
        return [entry.to_wire() for entry in self.entries[after:]]


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def balance_of() -> Callable[[list[dict[str, Any]]], dict[int, int]]:
    """Balances on the credit side, from blocks alone; checks the chain on the way."""
    from holdfast.contracts.blocks import GENESIS_HASH as FIRST
    from holdfast.contracts.blocks import Transfer, block_from_wire

    def work(wire: list[dict[str, Any]]) -> dict[int, int]:
        previous, out = FIRST, {}
        for number, raw in enumerate(wire, 1):
            block = block_from_wire(raw)
            assert (block.number, block.previous) == (number, previous)
            previous = block.hash()
            for item in block.items:
                if isinstance(item, Transfer):
                    out[item.debit] = out.get(item.debit, 0) - item.amount_minor
                    out[item.credit] = out.get(item.credit, 0) + item.amount_minor
        return out

    return work
