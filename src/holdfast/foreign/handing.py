"""Hand back to the core what the spare bank accepted: each payment in one pain.001, the rest in a list.

The files and the new place in the journal are stored in one transaction before a file is written; a file is written
under another name, brought to disk and renamed. So a feeder that is killed anywhere writes the same file under the
same name and message id again, or none.
"""

import csv
import io
import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.freezing import KIND as FREEZE
from holdfast.contracts.freezing import Freeze, freeze_from_body
from holdfast.contracts.iso20022 import decimal
from holdfast.contracts.journal import GENESIS_HASH, Entry, entry_from_wire
from holdfast.foreign.core import SQL, Core
from holdfast.foreign.errors import JournalBroken
from holdfast.foreign.pain001 import make_pain001

FROZEN_FIELDS = ("customer number", "frozen at")
REFUSED_FIELDS = ("payment id", "kind", "reason", "amount", "currency", "from", "to", "at")


class Handing:
    """Takes journal entries in order and writes files into `folder`."""

    def __init__(self, core: Core, folder: Path, bank_name: str) -> None:
        self._core, self._folder, self._bank_name = core, folder, bank_name
        folder.mkdir(parents=True, exist_ok=True)

    def position(self) -> int:
        """How far the journal was handed back."""
        return self._place()[0]

    def _place(self) -> tuple[int, bytes]:
        with self._core.transaction() as base:
            found = base.execute(SQL["place"]).fetchone()
        return (int(found[0]), bytes(found[1])) if found else (0, GENESIS_HASH)

    def take(self, wire: Sequence[dict[str, Any]]) -> int:
        """Take entries as the spare bank gave them; how many. Raises JournalBroken, and nothing is stored then."""
        after, last_hash = self._place()
        entries = []
        for raw in wire:
            try:
                entry = entry_from_wire(raw)
            except BadMessage as error:
                raise JournalBroken(str(error)) from error
            if entry.number <= after:
                continue
            if entry.number != after + 1 or entry.previous != last_hash:
                raise JournalBroken(f"journal entry {entry.number} does not follow entry {after}")
            after, last_hash = entry.number, entry.hash()
            entries.append(entry)
        if entries:
            self._store(entries, after, last_hash)
        self.write_files()
        return len(entries)

    def _store(self, entries: list[Entry], position: int, last_hash: bytes) -> None:
        span = f"{entries[0].number:09d}-{position:09d}"
        with self._core.transaction() as base:
            numbers = {row[1]: row[0] for row in base.execute(SQL["accounts"])}

            def number_of(account: int) -> str:
                return str(numbers.get(account, account))

            accepted = []
            for entry in entries:
                if entry.kind != "accept":
                    continue
                payment = entry.payment()
                values = (payment.id.hex, entry.number, json.dumps(payment.to_wire()))
                if base.execute(SQL["put_payment"], values).rowcount == 1:
                    accepted.append(payment)
            if accepted:
                body = make_pain001(f"HF-{span}", self._bank_name, entries[-1].at_us, accepted, number_of)
                base.execute(SQL["put_outgoing"], (f"pain001-{span}.xml", body))
            others = [entry for entry in entries if entry.kind in ("void", "refusal")]
            if others:
                base.execute(SQL["put_outgoing"], (f"refused-{span}.csv", _refused(others, numbers)))
            froze = [freeze_from_body(entry.body) for entry in entries if entry.kind == FREEZE]
            if froze:
                known = {int(row[1]): str(row[0]) for row in base.execute(SQL["customers"])}
                base.execute(SQL["put_outgoing"], (f"frozen-{span}.csv", _frozen(froze, known)))
            base.execute(SQL["put_place"], (position, last_hash))

    def write_files(self) -> list[str]:
        """Write what is stored and not written yet; the names."""
        with self._core.transaction() as base:
            waiting = base.execute(SQL["unwritten"]).fetchall()
        for name, body in waiting:
            _write(self._folder / name, bytes(body))
            with self._core.transaction() as base:
                base.execute(SQL["mark_written"], (name,))
        return [name for name, _ in waiting]


def _refused(entries: list[Entry], numbers: dict[int, str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(REFUSED_FIELDS)
    for entry in entries:
        one = entry.payment()
        at = datetime.fromtimestamp(entry.at_us / 1e6, UTC).isoformat(timespec="seconds")
        amount = decimal(one.amount_minor, one.currency)
        debit, credit = numbers.get(one.debit, ""), numbers.get(one.credit, "")
        writer.writerow([one.id.hex, entry.kind, entry.body.get("reason", ""), amount, one.currency, debit, credit, at])
    return out.getvalue().encode()


def _frozen(freezes: list[Freeze], numbers: dict[int, str]) -> bytes:
    """Customers who froze everything at the spare bank: the core is to stop them too, and says when it opens them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(FROZEN_FIELDS)
    for one in freezes:
        at = datetime.fromtimestamp(one.at_us / 1e6, UTC).isoformat(timespec="seconds")
        writer.writerow([numbers.get(one.customer, one.customer), at])
    return out.getvalue().encode()


def _write(path: Path, body: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
