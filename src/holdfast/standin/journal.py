"""The journal: what must survive. One writer thread, one order for payments and closes, group commit.

Work is handed in as a function; the thread runs many of them in one transaction and answers all of them
only after the commit's fsync (synchronous FULL). The invariant: what `submit` has returned is on disk, and
what is on disk is numbered without holes and hash-chained. A failed write ends money for this process: the
thread answers everything else with MoneyStopped, since nobody knows what the disk now holds.
"""

import contextlib
import json
import queue
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.journal import GENESIS_HASH, Entry
from holdfast.standin import queries
from holdfast.standin.errors import Busy, MoneyStopped, StoreBroken
from holdfast.standin.vault import Vault, open_store

SQL = queries.load("journal")
SCHEMA_VERSION = 1
QUEUE_MAX = 2000
GROUP_MAX = 64
STOP_WAIT_S = 2.0

Work = Callable[["Writing"], Any]


def entry_from_row(row: tuple[Any, ...]) -> Entry:
    """An entry from (number, previous, kind, cohort, epoch, at_us, body)."""
    return Entry(row[0], row[1], row[2], row[3], row[4], row[5], json.loads(row[6]))


class Writing:
    """What a piece of work may do inside the writer's transaction. Only the writer thread uses it."""

    def __init__(
        self, base: sqlite3.Connection, number: int, last_hash: bytes, known: dict[int, int], closed: dict[int, int]
    ) -> None:
        self._base = base
        self.number = number
        self.last_hash = last_hash
        self._known = known
        self._closed = closed

    def known(self, cohort: int) -> int:
        """The highest epoch seen of the cohort, 0 for none."""
        return self._known.get(cohort, 0)

    def closed(self, cohort: int) -> int:
        """The highest epoch of the cohort that was closed, 0 for none."""
        return self._closed.get(cohort, 0)

    def find(self, ident: uuid.UUID) -> Entry | None:
        """The entry with this payment id, also of this same transaction."""
        row = self._base.execute(SQL["by_payment"], (ident.bytes,)).fetchone()
        return None if row is None else entry_from_row(row)

    def entries(self, after: int) -> list[Entry]:
        """All entries with a higher number, also of this same transaction, in order."""
        return [entry_from_row(row) for row in self._base.execute(SQL["after"], (after, -1))]

    def learn(self, cohort: int, epoch: int) -> None:
        """Store a higher epoch; lower ones change nothing."""
        if epoch > self.known(cohort):
            self._base.execute(SQL["set_known"], (cohort, epoch))
            self._known[cohort] = epoch

    def close(self, cohort: int, epoch: int) -> bool:
        """Journal that the cohort's epoch is closed; False when it was closed before (no new entry)."""
        if epoch <= self.closed(cohort):
            return False
        self.append("close", cohort, epoch, {})
        self._base.execute(SQL["set_closed"], (cohort, epoch))
        self._closed[cohort] = epoch
        self._known[cohort] = max(epoch, self.known(cohort))
        return True

    def append(self, kind: str, cohort: int, epoch: int, body: dict[str, Any]) -> Entry:
        """Add one entry at the end; a payment id that is there already raises sqlite3.IntegrityError."""
        entry = Entry(self.number + 1, self.last_hash, kind, cohort, epoch, time.time_ns() // 1000, body)
        digest = entry.hash()
        ident, debit, credit = None, None, None
        if "payment" in body:
            payment = body["payment"]
            ident, debit, credit = bytes.fromhex(payment["id"]), payment["debit"], payment["credit"]
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        self._base.execute(
            SQL["insert"],
            (entry.number, entry.previous, digest, kind, cohort, epoch, entry.at_us, ident, debit, credit, text),
        )
        self.number, self.last_hash = entry.number, digest
        return entry


class Journal:
    """`journal.sqlite` and its writer thread. Reads use connections of their own and never wait for it."""

    def __init__(self, path: Path, vault: Vault) -> None:
        """Open or create the file; raises StoreBroken in words when it cannot be used."""
        self.path = path
        self._vault = vault
        self.stopped: str | None = None
        self.position = 0
        self.commits = 0
        self._queue: queue.Queue[tuple[Work, Future[Any]] | None] = queue.Queue(QUEUE_MAX)
        try:
            self._base = open_store(path, vault)
            self._writing = self._load(self._base)
        except (sqlite3.Error, BadMessage) as error:
            raise StoreBroken(f"the journal {path} cannot be used ({error}); restore it before you start") from error
        self.position = self._writing.number
        self.known: dict[int, int] = dict(self._writing._known)
        self.closed: dict[int, int] = dict(self._writing._closed)
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    @staticmethod
    def _load(base: sqlite3.Connection) -> Writing:
        version = base.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise StoreBroken(f"the journal is of version {version}, this release reads version {SCHEMA_VERSION}")
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = FULL")
        base.execute("PRAGMA wal_autocheckpoint = 0")
        base.executescript(SQL["schema"])
        base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        last = base.execute(SQL["last"]).fetchone() or (0, GENESIS_HASH)
        rows = base.execute(SQL["cohorts"]).fetchall()
        return Writing(base, last[0], last[1], {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows})

    def submit(self, work: Work) -> Future[Any]:
        """Have work done in the writer's order; the future ends after its fsync.

        The future may raise MoneyStopped, or what work raised (then nothing of it was written). Raises Busy
        at once when the queue is full.
        """
        ended: Future[Any] = Future()
        if self.stopped is not None:
            ended.set_exception(MoneyStopped(self.stopped))
            return ended
        try:
            self._queue.put_nowait((work, ended))
        except queue.Full as error:
            raise Busy("the journal has too much to write; nothing was done") from error
        return ended

    def stop(self) -> None:
        """Finish what was handed in, then end the writer thread and close the file."""
        try:
            self._queue.put(None, timeout=STOP_WAIT_S)
        except queue.Full:
            return
        self._thread.join(STOP_WAIT_S)

    def checkpoint(self) -> None:
        """Move the write-ahead log into the file, from a connection of its own, without stopping anyone."""
        base = open_store(self.path, self._vault)
        try:
            base.execute(SQL["checkpoint"])
        finally:
            base.close()

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                break
            group, ending = [first], False
            while len(group) < GROUP_MAX and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    ending = True
                    break
                group.append(more)
            self._write(group)
            if ending:
                break
        self._base.close()

    def _write(self, group: list[tuple[Work, Future[Any]]]) -> None:
        if self.stopped is not None:
            for _, ended in group:
                ended.set_exception(MoneyStopped(self.stopped))
            return
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._base.execute("BEGIN IMMEDIATE")
            for work, ended in group:
                answers.append((ended, *self._one(work)))
            self.commit()
        except sqlite3.Error as error:
            self._fail(error, group)
            return
        self.commits += 1
        self.position = self._writing.number
        self.known, self.closed = dict(self._writing._known), dict(self._writing._closed)
        for ended, answer, trouble in answers:
            if trouble is not None:
                ended.set_exception(trouble)
            else:
                ended.set_result(answer)

    def _one(self, work: Work) -> tuple[Any, BaseException | None]:
        """Run one piece of work; when it raises, take back what it wrote, and only that."""
        writing = self._writing
        before = (writing.number, writing.last_hash, dict(writing._known), dict(writing._closed))
        self._base.execute("SAVEPOINT one")
        try:
            answer = work(writing)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            self._base.execute("ROLLBACK TO one")
            self._base.execute("RELEASE one")
            writing.number, writing.last_hash, writing._known, writing._closed = before
            return None, error
        self._base.execute("RELEASE one")
        return answer, None

    def commit(self) -> None:
        """Commit with fsync. One method of its own, so that a test can make it fail."""
        self._base.execute("COMMIT")

    def _fail(self, error: sqlite3.Error, group: list[tuple[Work, Future[Any]]]) -> None:
        self.stopped = (
            f"The journal could not be written ({error}). No payment is taken until the disk is well "
            "and the spare bank has been started again."
        )
        with contextlib.suppress(sqlite3.Error):  # SQLite may have rolled back by itself
            self._base.execute("ROLLBACK")
        for _, ended in group:
            if not ended.done():
                ended.set_exception(MoneyStopped(self.stopped))


class JournalReader:
    """Reads only what is committed. One connection a thread."""

    def __init__(self, path: Path, vault: Vault) -> None:
        self._path = path
        self._vault = vault
        self._local = threading.local()

    def _base(self) -> sqlite3.Connection:
        base: sqlite3.Connection | None = getattr(self._local, "base", None)
        if base is None:
            base = self._local.base = open_store(self._path, self._vault, reading=True)
        return base

    def find(self, ident: uuid.UUID) -> Entry | None:
        """The entry with this payment id, None without one."""
        row = self._base().execute(SQL["by_payment"], (ident.bytes,)).fetchone()
        return None if row is None else entry_from_row(row)

    def after(self, number: int, limit: int) -> list[Entry]:
        """Entries with a higher number, in order, at most limit."""
        return [entry_from_row(row) for row in self._base().execute(SQL["after"], (number, limit))]

    def of_account(self, account: int, limit: int) -> list[Entry]:
        """The newest entries that draw on or pay to the account."""
        return [entry_from_row(row) for row in self._base().execute(SQL["of_account"], (account, limit))]

    def accepted_from(self, account: int, after: int, since_us: int) -> list[Entry]:
        """What was taken out of this account behind an entry and since an instant, in order."""
        return [entry_from_row(row) for row in self._base().execute(SQL["accepted_from"], (account, after, since_us))]

    def payments(self, after: int) -> Iterator[Entry]:
        """Accepts, voids and refusals with a higher number, in order."""
        return map(entry_from_row, self._base().execute(SQL["payments"], (after,)))

    def hash_of(self, number: int) -> bytes:
        """An entry's hash, empty when it is not there."""
        row = self._base().execute(SQL["hash_of"], (number,)).fetchone()
        return bytes(row[0]) if row else b""

    def logouts(self, since_us: int) -> list[str]:
        """Sessions that ended here since then."""
        return [str(json.loads(row[0])["session"]) for row in self._base().execute(SQL["logouts"], (since_us,))]

    def freezes(self) -> list[dict[str, Any]]:
        """The bodies of all entries that froze or unfroze a card, in order."""
        return [json.loads(row[0]) for row in self._base().execute(SQL["freezes"])]

    def frozen(self) -> list[dict[str, Any]]:
        """The bodies of all entries by which a customer froze everything, in order."""
        return [json.loads(row[0]) for row in self._base().execute(SQL["frozen"])]

    def recovery_codes(self) -> list[dict[str, Any]]:
        """The bodies of all entries by which a recovery code was used."""
        bodies = [json.loads(row[0]) for row in self._base().execute(SQL["recovery_codes"])]
        return [body for body in bodies if body["factor"] == "recovery"]
