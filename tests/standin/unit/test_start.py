"""A start reads and keeps nothing that grows with the number of customers, and of the journal only what still waits."""

import gc
import json
import sqlite3
import uuid
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import DAY, FakeBank, transfer
from world import BANK, vault

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.journal import Payment
from holdfast.standin import bank as module
from holdfast.standin import copy as copying
from holdfast.standin import journal as journaling
from holdfast.standin import vault as vaults
from holdfast.standin.copy import Copy
from holdfast.standin.journal import Journal
from holdfast.standin.view import View

FIRST = 1000


def filled(folder: Path, customers: int) -> None:
    """A copy of a bank with so many customers."""
    folder.mkdir()
    copy, bank, people = (
        Copy(folder / "copy.sqlite", View(), vault(folder)),
        FakeBank(),
        range(FIRST, FIRST + customers),
    )
    bank.add(AccountChange(1, "s", "NOK", "debit", -(10**12), 0, 0),
             *(AccountChange(one, "c", "NOK", "credit", 0, 0, one % 256) for one in people))  # fmt: skip
    bank.add(*(transfer(1, one, 1000) for one in people))
    bank.say("bank", "bank", BANK)
    for one in people:
        bank.say("account", one, {"number": f"9{one}", "title": "", "cohort": one % 256, "owners": [one]})
        bank.say("customer", one, {"name": "A", "username": f"u{one}", "cohort": one % 256, "accounts": [one]})
    copy.apply_answer(json.dumps({"head": 2, "blocks": bank.blocks}).encode())
    copy.apply_facts(json.dumps({"head": 0, "facts": bank.facts}).encode())
    copy.close()


def start(folder: Path) -> tuple[View, Journal, Copy]:
    """What a start opens."""
    view, journal, copy, _ = module._open_stores(folder, ZoneInfo("UTC"), vault(folder), "NOK")
    return view, journal, copy


def cost(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """(steps of the database's machine, objects that stay) of a start."""
    steps, real = [0], vaults.open_store

    def counted(*given: Any, **more: Any) -> sqlite3.Connection:
        base = real(*given, **more)
        base.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 1)
        return base

    for one in (copying, journaling):
        monkeypatch.setattr(one, "open_store", counted)
    gc.collect()
    before = len(gc.get_objects())
    _, journal, copy = start(folder)
    gc.collect()
    kept = len(gc.get_objects()) - before
    journal.stop()
    copy.close()
    return steps[0], kept


def test_a_start_costs_the_same_with_ten_customers_and_with_a_thousand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for customers in (10, 1000):
        filled(tmp_path / str(customers), customers)
        start(tmp_path / str(customers))[1].stop()  # the journal is made
        costs.append(cost(tmp_path / str(customers), monkeypatch))
    (few_steps, few_kept), (many_steps, many_kept) = costs
    assert 0 < many_steps <= few_steps + 50
    assert abs(many_kept - few_kept) < 200


def accepted(number: int, currency: str = "NOK") -> tuple[uuid.UUID, dict[str, Any]]:
    ident = uuid.uuid4()
    payment = Payment(ident, FIRST, FIRST + 1, number, currency, "payment", DAY, 5, "form", "", "", "")
    return ident, {"payment": payment.to_wire(), "reason": "ok", "rules_version": "1", "fresh_block": 1, "birth": 7}


def journaled(folder: Path, settled: int, waiting: int) -> None:
    """A journal in which the first entries are booked and the copy knows it, the last are not."""
    view, journal, copy = start(folder)
    idents = []
    for number in range(1, settled + waiting + 1):
        ident, body = accepted(number)
        journal.submit(lambda writing, body=body: writing.append("accept", 5, 7, body)).result(5)
        idents.append(ident)
    bank = FakeBank()
    bank.blocks, bank.last = [{}, {}], view.head.hash
    bank.add(*(transfer(FIRST, FIRST + 1, n, id=ident, source="journal", journal_number=n)
               for n, ident in enumerate(idents[:settled], 1)))  # fmt: skip
    copy.apply_answer(json.dumps({"head": 3, "blocks": bank.blocks[2:]}).encode())
    journal.stop()
    copy.close()
    view, journal, copy = start(folder)
    number = view.settled_upto(journal.position)
    assert number == settled
    copy.note_settled(number, journaling.JournalReader(folder / "journal.sqlite", vault(folder)).hash_of(number))
    journal.stop()
    copy.close()


def test_a_start_reads_only_the_entries_that_no_block_has_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "a", 2)
    journaled(tmp_path / "a", 20, 3)
    read, real = [], journaling.entry_from_row

    def counted(row: tuple[Any, ...]) -> Any:
        read.append(row[0])
        return real(row)

    monkeypatch.setattr(journaling, "entry_from_row", counted)
    view, journal, copy = start(tmp_path / "a")
    assert read == [21, 22, 23]
    assert (view.judging.exposure_total, list(view.unreplayed.values())) == (21 + 22 + 23, [21, 22, 23])
    journal.stop()
    copy.close()


def test_where_the_copy_was_dropped_entries_without_a_value_never_count_too_little(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    filled(folder, 2)
    _, journal, copy = start(folder)
    for currency in ("NOK", "EUR"):
        _, body = accepted(7, currency)
        journal.submit(lambda writing, body=body: writing.append("accept", 5, 7, body)).result(5)
    journal.stop()
    copy.close()
    for one in folder.glob("copy*"):
        one.unlink()
    view, journal, copy = start(folder)
    assert (view.profile.bank, view.judging.exposure_total) == ({}, 7 + 700)
    journal.stop()
    copy.close()


def test_a_copy_that_speaks_of_another_journal_is_not_believed(tmp_path: Path) -> None:
    filled(tmp_path / "a", 2)
    journaled(tmp_path / "a", 2, 1)
    for name in ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"):
        (tmp_path / "a" / name).unlink(missing_ok=True)
    other = Journal(tmp_path / "a" / "journal.sqlite", vault(tmp_path / "a"))
    for number in (1, 2, 3):
        _, body = accepted(number)
        other.submit(lambda writing, body=body: writing.append("accept", 5, 7, body)).result(5)
    other.stop()
    view, journal, copy = start(tmp_path / "a")
    assert (view.judging.exposure_total, list(view.unreplayed.values())) == (6, [1, 2, 3])
    journal.stop()
    copy.close()


def test_entries_that_are_open_or_not_on_disk_are_never_counted_as_settled() -> None:
    view = View()
    assert view.settled_upto(7) == 7
    view.unreplayed = {uuid.uuid4(): 5, uuid.uuid4(): 9}
    assert (view.settled_upto(7), view.settled_upto(3)) == (4, 3)
