"""The books under faults: processes killed while many write, and what readers see meanwhile.

The workload is the bank known from Jepsen: accounts that pay each other at random, so that the total never changes in
any read (https://github.com/jepsen-io/jepsen, workload `bank`).
"""

import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import psutil
import psycopg
import pytest

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Books, LedgerError, Notes, OutcomeUnknown, Reader, Result, install
from holdfast.runtime import postgres
from holdfast.signing.sealing import Sealer

pytestmark = pytest.mark.demand("A1", "D3")
POSTER = Path(__file__).parents[1] / "poster.py"
SOURCE = Path(__file__).parents[3] / "src"
ACCOUNTS = tuple(range(11, 19))
EACH_MINOR = 100_000
COHORT, WAIT_S = 3, 20.0
BEFORE_KILL = 40
"""Acknowledged posts that are waited for before each kill, so that it falls into work."""


class Bank:
    """A server that can be killed, with books of accounts that pay each other; posters' words are kept in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        base = postgres._made(postgres.system_folder()) if os.geteuid() == 0 else Path(tempfile.gettempdir())
        self.place = Path(tempfile.mkdtemp(prefix="faults-", dir=base))
        self.place.chmod(0o755)
        self.cluster = postgres.Cluster(self.place / "data", postgres.free_port(), "bank", secrets.token_hex(8))
        self.cluster.prepare()
        self.server = self.start()
        self.keys = folder / "notes.keys"
        self.notes = Notes(Sealer(lambda: self.keys, b"test"))
        install(self.cluster.url, self.notes)
        self.posters: list[tuple[subprocess.Popen[bytes], Path]] = []
        self.seen: dict[Path, tuple[int, int]] = {}
        self.reader = Reader(self.cluster.url, self.notes)
        self._open()

    def start(self):
        server = self.cluster.spawn(self.place / "log")
        self.cluster.wait_ready(server)
        return server

    def _open(self) -> None:
        books = Books(self.cluster.url, self.notes)
        books.change_accounts([AccountChange(one, f"nr-{one}", "NOK", "credit", 0, 0, COHORT) for one in ACCOUNTS])
        books.change_accounts([AccountChange(1, "own:settlement", "NOK", "debit", -(10**15), 0, COHORT)])
        posts = [self.post(1, one, EACH_MINOR) for one in ACCOUNTS]
        assert {one.result for one in books.post_many(posts)} == {Result.POSTED}
        books.close()

    def post(self, debit: int, credit: int, amount_minor: int, ident: uuid.UUID | None = None):
        from datetime import date

        from holdfast.ledger.api import Post

        return Post(
            ident or uuid.uuid4(),
            debit,
            credit,
            amount_minor,
            "NOK",
            "payment",
            date(2026, 3, 1),
            COHORT,
            FIRST_EPOCH,
            "form",
        )

    def poster(self) -> None:
        path = self.folder / f"poster-{len(self.posters)}"
        argv = [sys.executable, str(POSTER), self.cluster.url, str(self.keys), "1", str(COHORT), *map(str, ACCOUNTS)]
        with path.open("wb") as out:
            child = subprocess.Popen(
                argv, stdout=out, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(SOURCE)}
            )
        self.posters.append((child, path))

    def said(self, word: str) -> list[list[str]]:
        lines = [line.split() for _, path in self.posters for line in path.read_text().split("\n")[:-1]]
        return [line for line in lines if line[0] == word]

    def acknowledged(self) -> int:
        """How many posts were, reading only what is new of the files."""
        for _, path in self.posters:
            offset, count = self.seen.get(path, (0, 0))
            with path.open("rb") as words:
                words.seek(offset)
                new = words.read()
            self.seen[path] = (offset + len(new), count + new.count(b"ack "))
        return sum(count for _, count in self.seen.values())

    def wait_for_more(self, count: int) -> None:
        """Until so many more posts were acknowledged."""
        wanted, deadline = self.acknowledged() + count, time.monotonic() + WAIT_S
        while self.acknowledged() < wanted:
            assert time.monotonic() < deadline, "nothing was acknowledged in time"
            time.sleep(0.02)

    def kill_server(self) -> None:
        """The postmaster first, so that it starts nothing anew, then all its processes."""
        postmaster = psutil.Process(self.server.pid)
        postmaster.suspend()
        children = postmaster.children(recursive=True)
        for one in (postmaster, *children):
            one.kill()
        psutil.wait_procs(children, WAIT_S)
        self.server.wait(WAIT_S)
        self.server = self.start()

    def kill_poster(self, number: int) -> None:
        child, _ = self.posters[number]
        child.send_signal(signal.SIGKILL)
        child.wait(WAIT_S)

    def end(self) -> None:
        for child, _ in self.posters:
            child.kill()
            child.wait(WAIT_S)
        self.reader.close()
        postgres.stop(self.server)
        shutil.rmtree(self.place, ignore_errors=True)


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    made = Bank(tmp_path_factory.mktemp("faults"))
    yield made
    made.end()


def check_whole(bank: Bank) -> None:
    """Each acknowledged post stands in the books once as it was sent, the others at most once; all else is whole."""
    with psycopg.connect(bank.cluster.url) as connection:
        rows = connection.execute(
            "SELECT id, amount_minor, debit, credit FROM ledger.transfer WHERE debit <> 1"
        ).fetchall()
        refused = {row[0] for row in connection.execute("SELECT id FROM ledger.refusal").fetchall()}
    booked = {row[0]: row[1:] for row in rows}
    assert len(booked) == len(rows)
    tried = {uuid.UUID(one[1]): tuple(map(int, one[2:])) for one in bank.said("try")}
    assert {ident: tried[ident] for ident in booked if ident in tried} == {
        k: v for k, v in booked.items() if k in tried
    }
    for _, ident, result in bank.said("ack"):
        assert (uuid.UUID(ident) in booked) == (result in ("posted", "already_posted")), result
        assert (uuid.UUID(ident) in refused) == (result in ("refused", "already_refused")), result
    assert bank.reader.prove() == []
    balances = bank.reader.accounts(ACCOUNTS)
    assert sum(one.balance_minor for one in balances.values()) == EACH_MINOR * len(ACCOUNTS)
    assert min(one.balance_minor for one in balances.values()) >= 0


def kill_again_and_again(bank: Bank, kills: int, seed: int) -> None:
    luck = random.Random(seed)
    bank.poster()
    for number in range(kills):
        bank.poster()
        bank.wait_for_more(BEFORE_KILL)
        if number % 2:
            bank.kill_poster(-2)
        else:
            bank.kill_server()
            bank.kill_poster(luck.randrange(len(bank.posters) - 1))
    bank.wait_for_more(BEFORE_KILL)
    for number in range(len(bank.posters)):
        bank.kill_poster(number)


def test_kills_of_the_server_and_of_posters_lose_and_double_nothing(bank):
    kill_again_and_again(bank, 8, 1)
    check_whole(bank)
    assert len(bank.said("ack")) > 8 * BEFORE_KILL


@pytest.mark.long
def test_a_hundred_kills_lose_and_double_nothing(bank):
    kill_again_and_again(bank, 100, 2)
    check_whole(bank)


def test_no_read_sees_another_total_nor_goes_back_in_blocks(bank):
    stop, wrong, reads = threading.Event(), [], []
    reader = Reader(bank.cluster.url, bank.notes)

    def read() -> None:
        last = 0
        while not stop.is_set():
            block, states = reader.accounts_now(ACCOUNTS)
            total = sum(one.balance_minor for one in states.values())
            if total != EACH_MINOR * len(ACCOUNTS) or block < last:
                wrong.append((total, block, last))
            last = block
            reads.append(block)

    readers = [threading.Thread(target=read) for _ in range(4)]
    bank.poster()
    bank.poster()
    for one in readers:
        one.start()
    bank.wait_for_more(600)
    deadline = time.monotonic() + WAIT_S
    while len(reads) < 200 and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
    for one in readers:
        one.join(WAIT_S)
    reader.close()
    for number in (-1, -2):
        bank.kill_poster(number)
    assert wrong == []
    assert len(reads) >= 200 and len(set(reads)) > 20
    check_whole(bank)


def test_two_processes_that_send_the_same_ids_book_each_once(bank):
    """Two Books as two processes have them: each its own connections and queue."""
    idents = [uuid.uuid4() for _ in range(120)]
    posters = [Books(bank.cluster.url, bank.notes) for _ in range(2)]
    results: list[list[Result]] = [[], []]

    def run(which: int, part: int) -> None:
        for ident in idents[part::4]:
            results[which].append(posters[which].post(bank.post(11, 12, 1, ident), 20).result)

    threads = [threading.Thread(target=run, args=(which, part)) for which in range(2) for part in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(WAIT_S)
    for one in posters:
        one.close()
    assert sorted(results[0] + results[1]) == sorted([Result.POSTED] * 120 + [Result.ALREADY_POSTED] * 120)
    check_whole(bank)


def test_what_is_refused_leaves_every_balance_as_it_was_also_among_many(bank):
    books = Books(bank.cluster.url, bank.notes)
    before = bank.reader.accounts(ACCOUNTS)
    posts = [bank.post(11, 12, 10**12) for _ in range(50)] + [bank.post(13, 13, 1), bank.post(14, 99, 1)]
    assert {one.result for one in books.post_many(posts)} == {Result.REFUSED}
    assert bank.reader.accounts(ACCOUNTS) == before
    assert {bank.reader.outcome(one.id).result for one in posts} == {Result.ALREADY_REFUSED}
    books.close()


def test_a_server_that_is_gone_answers_unknown_or_busy_and_a_look_up_settles_it(bank):
    books = Books(bank.cluster.url, bank.notes)
    post = bank.post(11, 12, 1)
    books.post(bank.post(11, 12, 1))
    postmaster = psutil.Process(bank.server.pid)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for one in processes:
        one.suspend()
    with pytest.raises((OutcomeUnknown, LedgerError)):
        books.post(post, 0.3)
    for one in reversed(processes):
        one.resume()
    deadline = time.monotonic() + WAIT_S
    while (found := bank.reader.outcome(post.id)) is None and time.monotonic() < deadline:
        assert books.post(post, 5).result in (Result.POSTED, Result.ALREADY_POSTED)
    assert found is not None or bank.reader.outcome(post.id) is not None
    assert books.post(post, 5).result is Result.ALREADY_POSTED
    books.close()
