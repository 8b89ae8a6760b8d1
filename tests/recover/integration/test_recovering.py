"""Backups of a real server: taken, broken, restored to its end, to a moment and to a block, drilled."""

import contextlib
import shutil
import sqlite3
import time
import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Books, Notes, Post, install
from holdfast.recover import drilling, restoring, shelf, taking
from holdfast.recover.databases import block_hashes, head_of
from holdfast.recover.drilling import drill, drills
from holdfast.recover.errors import Refused
from holdfast.recover.keys import own_keys
from holdfast.recover.manifest import backups
from holdfast.recover.plan import Place, read_plan, with_place, write_plan
from holdfast.recover.restoring import Asked, restore
from holdfast.recover.shipping import Shipper
from holdfast.recover.taking import take
from holdfast.recover.verifying import verify_place
from holdfast.runtime import installing
from holdfast.runtime.installing import cluster
from holdfast.runtime.postgres import NOT_LASTING, stop, system_folder
from holdfast.signing.sealing import Sealer

BANK, ANN = 1, 2
SHIP_S_MAX = 20.0


class Bank:
    """An installation with a bank's server, its books, and files as the spare bank and the doors have them."""

    def __init__(self, home, books, url):
        self.home, self.books, self.url = home, books, url
        self.shipper = None

    def pay(self, count=1):
        """Blocks of one payment each; the number of the last."""
        for _ in range(count):
            self.books.post(
                Post(uuid.uuid4(), BANK, ANN, 100, "NOK", "payment", date(2026, 3, 1), 7, FIRST_EPOCH, cause="test")
            )
        return head_of(self.url)[0]

    def feed(self, upto=None):
        """The spare bank's copy has the blocks of the books."""
        hashes = block_hashes(self.url, list(range(1, (upto or head_of(self.url)[0]) + 1)))
        with sqlite3.connect(self.home.folder("standin") / "copy.sqlite") as base:
            base.execute("CREATE TABLE IF NOT EXISTS block (number INTEGER PRIMARY KEY, hash BLOB)")
            base.executemany(
                "INSERT OR IGNORE INTO block VALUES (?, ?)", [(n, bytes.fromhex(h)) for n, h in hashes.items()]
            )

    def journal(self, entries):
        """The spare bank's journal ends there."""
        with sqlite3.connect(self.home.folder("standin") / "journal.sqlite") as base:
            base.execute("CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY)")
            base.executemany("INSERT OR IGNORE INTO entry VALUES (?)", [(n,) for n in range(1, entries + 1)])

    def ship(self):
        """Put away all of the log up to now."""
        with psycopg.connect(self.url) as base:
            wanted = base.execute("SELECT pg_current_wal_insert_lsn()").fetchone()[0]
        deadline = time.monotonic() + SHIP_S_MAX
        while time.monotonic() < deadline:
            self.shipper.look()
            with psycopg.connect(self.url) as base:
                row = base.execute(
                    "SELECT flush_lsn >= %s FROM pg_stat_replication WHERE application_name = 'pg_receivewal'",
                    (wanted,),
                ).fetchone()
            if row and row[0]:
                self.shipper.ship()
                assert self.shipper.trouble == {}
                return
            time.sleep(0.05)
        raise AssertionError("the log was not received")


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("recover")
    base = system_folder() / f"test-recover-{uuid.uuid4().hex[:8]}" if installing.os.geteuid() == 0 else tmp_path
    with pytest.MonkeyPatch.context() as patched, contextlib.ExitStack() as ending:
        ending.callback(shutil.rmtree, base, ignore_errors=True)

        def databases(data):
            return base / f"{data.parent.name}-{data.name}"

        for module in (installing, restoring, drilling):
            patched.setattr(module, "postgres_folder", databases)
        for module in (taking, shelf):
            patched.setattr(module, "database_names", lambda home: ["bank"], raising=False)
        patched.setattr("holdfast.recover.shipping.database_names", lambda home: ["bank"])
        home = installing.prepare(tmp_path / "bank", None)
        server = cluster(home, "bank")
        server.prepare()
        with (server.folder / "postgresql.conf").open("a") as configuration:
            configuration.write(NOT_LASTING)
        child = server.spawn(home.logs / "bank-db.log")
        ending.callback(stop, child)
        server.wait_ready(child)
        notes = Notes(Sealer(lambda: tmp_path / "notes.keys", b"test"))
        install(server.url, notes)
        with psycopg.connect(server.url) as opened:
            opened.execute("CREATE SCHEMA bank")
            opened.execute("CREATE TABLE bank.journal_position (id int PRIMARY KEY, position bigint, hash text)")
            opened.execute("INSERT INTO bank.journal_position VALUES (1, 3, '')")
        books = Books(server.url, notes)
        ending.callback(books.close)
        books.change_accounts(
            [
                AccountChange(BANK, "own-1", "NOK", "debit", -(10**15), 0, 7),
                AccountChange(ANN, "nr-2", "NOK", "credit", 0, 0, 7),
            ]
        )
        made = Bank(home, books, server.url)
        made.pay(3)
        made.feed()
        made.journal(3)
        with sqlite3.connect(home.folder("edge") / "register.sqlite") as register:
            register.execute("CREATE TABLE row (cohort INTEGER PRIMARY KEY, epoch INTEGER)")
        plan = read_plan(home)
        for name in ("near", "far"):
            (tmp_path / name).mkdir()
            plan = with_place(plan, Place(name, str(tmp_path / name)), home)
        own_keys(home, make=True)
        write_plan(home, plan)
        made.shipper = Shipper(home)
        made.shipper.look()
        ending.callback(made.shipper.stop)
        made.full = take(home).manifest
        yield made


@pytest.fixture
def near(bank):
    return read_plan(bank.home).place("near")


def asked(bank, tmp_path, near, **more):
    return Asked(near, own_keys(bank.home), tmp_path / "restored", **more)


@pytest.mark.demand("D1")
def test_the_first_backup_is_full_and_lies_whole_in_both_places(bank):
    assert bank.full.kind == "full"
    assert bank.full.block == 4
    for place in read_plan(bank.home).places:
        found = verify_place(place, own_keys(bank.home))
        assert found.findings == []
        assert found.files > 900
        assert found.segments > 0


@pytest.mark.long
@pytest.mark.demand("D1")
def test_an_incremental_backup_is_small_and_restores_the_whole_bank_whose_books_and_spare_copy_agree(
    bank, near, tmp_path
):
    head = bank.pay(5)
    bank.feed()
    taken = take(bank.home)
    assert taken.manifest.kind == "incremental"
    assert taken.manifest.base == bank.full.name
    assert taken.manifest.part("bank").sealed_bytes < bank.full.part("bank").sealed_bytes / 3
    before = {path.name: path.stat().st_mtime_ns for path in near.root.rglob("*.sealed")}
    done = restore(asked(bank, tmp_path, near, name=taken.manifest.name))
    assert done.findings == []
    assert (done.block, done.block_hash) == head_of(bank.url)[:2]
    assert done.block >= head
    assert done.compared == head
    assert (tmp_path / "restored" / "standin" / "copy.sqlite").exists()
    assert (tmp_path / "restored" / "secrets" / "manager").read_text() == (bank.home.secrets / "manager").read_text()
    assert read_plan(done.home).parent == read_plan(bank.home).line != read_plan(done.home).line
    assert before.items() <= {path.name: path.stat().st_mtime_ns for path in near.root.rglob("*.sealed")}.items()
    server = cluster(done.home, "bank")
    child = server.spawn(tmp_path / "log")
    server.wait_ready(child)
    try:
        assert head_of(server.url)[:2] == (done.block, done.block_hash)
        with psycopg.connect(server.url) as base:
            assert base.execute("SELECT timeline_id FROM pg_control_checkpoint()").fetchone()[0] > 1
            assert base.execute("SHOW restore_command").fetchone() == ("",)
    finally:
        stop(child)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url.replace(server.password, "wrong"), connect_timeout=2)


@pytest.mark.long
@pytest.mark.demand("D2")
def test_a_bank_is_restored_to_the_end_of_any_block_and_the_spare_banks_later_copy_is_left_out(bank, near, tmp_path):
    wanted = bank.pay(2)
    digest = head_of(bank.url)[1]
    bank.pay(3)
    bank.feed()
    take(bank.home, incremental=True)
    bank.pay(2)
    bank.journal(5)
    bank.ship()
    done = restore(asked(bank, tmp_path, near, to_block=wanted))
    assert done.findings == []
    assert (done.block, done.block_hash) == (wanted, digest)
    assert any("2 entries that the restored bank has not taken" in words for words in done.notes)


@pytest.mark.demand("D2")
def test_a_bank_is_restored_to_a_moment_by_the_log_that_was_put_away(bank, near, tmp_path):
    wanted = bank.pay(2)
    time.sleep(0.02)
    at = time.time()
    time.sleep(0.02)
    bank.pay(3)
    bank.ship()
    done = restore(asked(bank, tmp_path, near, at=at))
    assert done.findings == []
    assert done.block == wanted
    assert done.log_segments > 0


@pytest.mark.long
@pytest.mark.demand("D2")
def test_a_moment_after_the_end_of_the_log_is_refused_in_words_and_leaves_nothing(bank, near, tmp_path):
    with pytest.raises(Exception, match="ends before the moment that is wanted"):
        restore(asked(bank, tmp_path, near, at=time.time() + 3600))
    assert not (tmp_path / "restored").exists()


@pytest.mark.long
def test_a_block_that_is_not_there_is_refused_and_nothing_is_left(bank, near, tmp_path):
    with pytest.raises(Refused, match="there is no block 100000"):
        restore(asked(bank, tmp_path, near, to_block=100_000))
    assert not (tmp_path / "restored").exists()


def test_a_restore_never_writes_over_what_is_there(bank, near):
    before = head_of(bank.url)
    with pytest.raises(Refused, match="is not empty"):
        restore(Asked(near, own_keys(bank.home), bank.home.data))
    assert head_of(bank.url) == before


def test_a_restore_without_room_is_refused_before_it_begins(bank, near, tmp_path, monkeypatch):
    monkeypatch.setattr(restoring, "free_bytes", lambda _: 10 << 20)
    with pytest.raises(Refused, match="10 MiB are free"):
        restore(asked(bank, tmp_path, near))
    assert not (tmp_path / "restored").exists()


def test_a_backup_without_room_or_by_a_clock_that_was_set_back_is_refused_and_puts_nothing(bank, near, monkeypatch):
    before = sorted(near.root.rglob("*"))
    monkeypatch.setattr(taking, "free_bytes", lambda _: 10 << 20)
    with pytest.raises(Refused, match="near has 10 MiB"):
        take(bank.home, incremental=False)
    monkeypatch.setattr(taking.time, "time", lambda: 1_700_000_000.0)
    with pytest.raises(Refused, match="clock was set back"):
        take(bank.home)
    assert sorted(near.root.rglob("*")) == before


@pytest.mark.demand("D1")
def test_a_drill_says_how_long_recovery_took_and_exactly_what_would_have_been_lost(bank):
    bank.ship()
    bank.shipper.stop()
    lost = 4
    had = head_of(bank.url)[0]
    bank.pay(lost)
    done = drill(bank.home, "near")
    assert done.findings == ()
    assert (done.block, done.lost_blocks) == (had, lost)
    assert 0 < done.lost_s < 60
    assert 0 < done.recovery_s < 120
    assert done.compared > 0
    assert drills(bank.home)[-1] == done
    assert not (bank.home.data / "recover" / "drill").exists()


@pytest.mark.long
@pytest.mark.demand("D1")
def test_a_missing_piece_of_the_log_is_named_by_verify_and_by_a_drill_that_fails(bank, near):
    line, pieces = read_plan(bank.home).line, []
    for _ in range(3):
        bank.pay()
        with psycopg.connect(bank.url, autocommit=True) as base:
            base.execute("SELECT pg_switch_wal()")
        bank.ship()
    pieces = sorted(one.name for one in shelf.shelved_log(near, line, "bank") if not one.at_us)
    gone = shelf.wal_folder(near, line, "bank") / f"{pieces[-2]}.sealed"
    kept = gone.read_bytes()
    gone.unlink()
    try:
        assert any(pieces[-2] in words for words in verify_place(near, own_keys(bank.home)).findings)
        done = drill(bank.home, "near")
        assert any(pieces[-2] in words for words in done.findings)
        assert not drills(bank.home)[-1].good
    finally:
        gone.write_bytes(kept)
    assert verify_place(near, own_keys(bank.home)).findings == []


@pytest.mark.long
@pytest.mark.demand("D1")
def test_a_backup_of_the_damaged_place_is_restored_from_the_other(bank, tmp_path):
    near, far = (read_plan(bank.home).place(name) for name in ("near", "far"))
    newest = backups(near)[0][-1]
    path = newest.folder / "bank.sealed"
    raw = path.read_bytes()
    path.write_bytes(raw[:1000] + bytes([raw[1000] ^ 1]) + raw[1001:])
    try:
        with pytest.raises(Exception, match=r"bank\.sealed"):
            restore(asked(bank, tmp_path, near))
        assert not (tmp_path / "restored").exists()
        done = restore(asked(bank, tmp_path, far))
        assert done.findings == []
    finally:
        path.write_bytes(raw)
    assert Path(done.home.postgres_data).is_dir()


def test_with_no_place_left_the_server_keeps_no_log_for_backups(bank):
    home, plan = bank.home, read_plan(bank.home)
    bank.shipper.look()
    write_plan(home, replace(plan, places=()))
    try:
        bank.shipper.look()
        with psycopg.connect(bank.url) as base:
            deadline = time.monotonic() + SHIP_S_MAX
            while base.execute("SELECT count(*) FROM pg_replication_slots").fetchone() != (0,):
                assert time.monotonic() < deadline
                bank.shipper.look()
                base.commit()
    finally:
        write_plan(home, plan)
