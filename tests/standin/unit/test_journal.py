"""The journal: order, chain, group commit, and what a failed write means."""

import sqlite3
import threading
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from world import vault

from holdfast.contracts.journal import GENESIS_HASH, Payment
from holdfast.standin.errors import MoneyStopped, StoreBroken
from holdfast.standin.journal import Journal, JournalReader, Writing


def body(ident: uuid.UUID | None = None) -> dict[str, Any]:
    payment = Payment(
        ident or uuid.uuid4(), 10, 20, 100, "NOK", "payment", date(2026, 11, 22), 5, "form", "a", "b", "c"
    )
    return {"payment": payment.to_wire(), "reason": "ok", "rules_version": "1", "fresh_block": 1, "birth": 7}


def test_entries_are_numbered_without_holes_and_chained_also_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    for _ in range(2):
        journal = Journal(path, vault(tmp_path))
        for _ in range(3):
            journal.submit(lambda writing: writing.append("accept", 5, 7, body())).result(5)
        journal.stop()
    entries = JournalReader(path, vault(tmp_path)).after(0, 100)
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6]
    assert [entry.previous for entry in entries] == [GENESIS_HASH, *(entry.hash() for entry in entries[:-1])]


def test_many_who_wait_share_one_commit(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", vault(tmp_path))
    gate = threading.Event()
    first = journal.submit(lambda _: gate.wait(5))
    rest = [journal.submit(lambda writing: writing.append("accept", 5, 7, body()).number) for _ in range(50)]
    gate.set()
    assert first.result(5)
    assert [one.result(5) for one in rest] == list(range(1, 51))
    assert journal.commits in (1, 2)
    journal.stop()


def test_work_that_raises_leaves_no_trace_and_does_not_harm_its_neighbours(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", vault(tmp_path))
    gate, ident = threading.Event(), uuid.uuid4()
    journal.submit(lambda _: gate.wait(5))

    def bad(writing: Writing) -> None:
        writing.append("accept", 5, 7, body())
        writing.learn(5, 99)
        raise ValueError("no")

    before = journal.submit(lambda writing: writing.append("accept", 5, 7, body(ident)).number)
    failed = journal.submit(bad)
    again = journal.submit(lambda writing: writing.append("accept", 5, 7, body(ident)))
    after = journal.submit(lambda writing: (writing.append("accept", 5, 7, body()).number, writing.known(5)))
    gate.set()
    assert before.result(5) == 1
    assert after.result(5) == (2, 0)
    with pytest.raises(ValueError, match="no"):
        failed.result(5)
    with pytest.raises(sqlite3.IntegrityError):
        again.result(5)
    assert journal.position == 2
    journal.stop()


def test_close_is_journaled_once_and_is_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = Journal(path, vault(tmp_path))
    assert journal.submit(lambda writing: (writing.close(5, 7), writing.close(5, 7), writing.close(5, 6))).result(
        5
    ) == (True, False, False)
    journal.submit(lambda writing: writing.learn(6, 9)).result(5)
    journal.stop()
    again = Journal(path, vault(tmp_path))
    assert (again.position, again.closed, again.known) == (1, {5: 7, 6: 0}, {5: 7, 6: 9})
    again.stop()


def test_a_failed_write_stops_money_in_words_and_nothing_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal.sqlite", vault(tmp_path))

    def fail() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(journal, "commit", fail)
    with pytest.raises(MoneyStopped, match="disk I/O error"):
        journal.submit(lambda writing: writing.append("accept", 5, 7, body())).result(5)
    with pytest.raises(MoneyStopped):
        journal.submit(lambda writing: writing.append("accept", 5, 7, body())).result(5)
    assert journal.stopped is not None
    assert "started again" in journal.stopped
    assert JournalReader(tmp_path / "journal.sqlite", vault(tmp_path)).after(0, 10) == []
    journal.stop()


def test_entries_cannot_be_changed_or_deleted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", vault(tmp_path))
    journal.submit(lambda writing: writing.append("accept", 5, 7, body())).result(5)
    journal.stop()
    base = sqlite3.connect(tmp_path / "journal.sqlite")
    for statement in ("UPDATE entry SET epoch = 1", "DELETE FROM entry"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            base.execute(statement)
    base.close()


def test_a_file_that_is_no_journal_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreBroken, match="restore it"):
        Journal(tmp_path / "journal.sqlite", vault(tmp_path))
