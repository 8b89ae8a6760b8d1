"""The register: who serves whom, claims, orders and events; SQLite shared by the doors of one machine.

Every change of a row is a compare-and-set of the whole row (rule 2), written with its event in one
transaction with a full sync. Connections are used by one thread each.
"""

import hashlib
import hmac
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.epochs import COHORTS_COUNT, FIRST_EPOCH, Bank, Mode, Row, generation_of
from holdfast.edge.errors import DoorError, RegisterMissing

BUSY_MS = 3000
EVENTS_KEPT = 20_000
BLAMED_KIND = "refused-request"

_SCHEMA = """
CREATE TABLE row (cohort INTEGER PRIMARY KEY, mode TEXT NOT NULL, epoch INTEGER NOT NULL, forced INTEGER NOT NULL);
CREATE TABLE claim (digest BLOB PRIMARY KEY, who TEXT NOT NULL, epoch INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, door TEXT NOT NULL, kind TEXT NOT NULL,
    words TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE standing (number INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT NULL, cohorts TEXT, why TEXT NOT NULL,
    by TEXT NOT NULL, at REAL NOT NULL, ended REAL, result TEXT);
CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL);
PRAGMA user_version = 1;
"""

_READS = "CREATE TABLE IF NOT EXISTS reading (cohort INTEGER PRIMARY KEY, bank TEXT NOT NULL)"
_USED = """
CREATE TABLE IF NOT EXISTS used (digest BLOB PRIMARY KEY, request TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS used_until ON used (until);
"""
USED_S_MAX = 400 * 86_400
_ASKED = "CREATE TABLE IF NOT EXISTS asked (mark BLOB PRIMARY KEY, number INTEGER NOT NULL, at REAL NOT NULL)"


def create(path: Path, rows: Sequence[Row] | None = None) -> bool:
    """Make the register, by default as at first installation: every cohort at the primary, first epoch.

    Never over one that is there, also not when two do it at once; whether this call made it.
    """
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    connection = sqlite3.connect(part)
    connection.executescript(_SCHEMA)
    made = rows or [Row(cohort, Mode.PRIMARY, FIRST_EPOCH) for cohort in range(COHORTS_COUNT)]
    connection.executemany(
        "INSERT INTO row VALUES (?, ?, ?, ?)", [(row.cohort, row.mode.value, row.epoch, row.forced) for row in made]
    )
    connection.execute("INSERT INTO secret VALUES ('claims', ?)", (secrets.token_bytes(32),))
    connection.commit()
    connection.close()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    finally:
        part.unlink()
    return True


class Register:
    """One connection to the register. Methods block for at most BUSY_MS and some fsyncs."""

    def __init__(self, path: Path, door: str) -> None:
        if not path.exists():
            raise RegisterMissing(
                f"the register {path} is missing; restore it from a backup, or start ./holdfast up on new data"
            )
        self.door = door
        self._db = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute(_READS)  # also in a register that an older release made
            self._db.executescript(_USED)
            self._db.execute(_ASKED)
            ((self._key,),) = self._db.execute("SELECT value FROM secret WHERE name = 'claims'").fetchall()
        except (sqlite3.DatabaseError, ValueError) as error:
            self._db.close()
            if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
                raise DoorError(f"the register {path} cannot be used at this moment ({error}); start again") from error
            raise RegisterMissing(f"the register {path} cannot be read: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def version(self) -> int:
        """A number that changes when another connection has written."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def rows(self) -> list[Row]:
        """All rows, by cohort."""
        return [
            Row(c, Mode(m), e, f)
            for c, m, e, f in self._db.execute("SELECT cohort, mode, epoch, forced FROM row ORDER BY cohort")
        ]

    def swap(
        self, changes: Sequence[tuple[Row, Row]], kind: str, words: str, data: dict[str, Any] | None = None
    ) -> list[Row]:
        """Compare-and-set each (old, new); gives those that held. One transaction, one event when any held.

        Raises ValueError for a change that no rule allows: the epoch must grow, but for standin → handing_back.
        """
        for old, new in changes:
            if not may_change(old, new):
                raise ValueError(f"a row may not change from {old} to {new}")
        held = []
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for old, new in changes:
                done = self._db.execute(
                    "UPDATE row SET mode = ?, epoch = ?, forced = ? "
                    "WHERE cohort = ? AND mode = ? AND epoch = ? AND forced = ?",
                    (new.mode.value, new.epoch, new.forced, old.cohort, old.mode.value, old.epoch, old.forced),
                )
                if done.rowcount == 1:
                    held.append(new)
            if held:
                self._event(
                    kind, words, {**(data or {}), "cohorts": [row.cohort for row in held], "mode": held[0].mode.value}
                )
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return held

    def reads(self) -> dict[int, Bank]:
        """Cohorts whose pages are shown by another bank than the row says, with that bank."""
        return {cohort: Bank(bank) for cohort, bank in self._db.execute("SELECT cohort, bank FROM reading")}

    def set_reads(self, cohorts: Iterable[int], bank: Bank | None, words: str) -> None:
        """From now on this bank shows these cohorts' pages, whoever takes their payments; None: as the row says."""
        chosen = sorted(set(cohorts))
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("DELETE FROM reading WHERE cohort = ?", [(cohort,) for cohort in chosen])
            if bank is not None:
                self._db.executemany("INSERT INTO reading VALUES (?, ?)", [(one, bank.value) for one in chosen])
            self._event("services", words, {"cohorts": chosen, "reads": bank.value if bank else None})
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def claim(self, who: str, claims: Iterable[tuple[str, int, int]]) -> tuple[list[str], list[str]]:
        """Claim ids (rule 4): (id hex, cohort, epoch) each; gives (granted, denied) ids.

        who `refused`: somebody will be told that it was refused. who `taken`: the spare bank will accept it.
        """
        granted: list[str] = []
        denied: list[str] = []
        self._db.execute("BEGIN IMMEDIATE")
        try:
            newest = self._db.execute("SELECT max(epoch) FROM row").fetchone()[0]
            for ident, _cohort, epoch in claims:
                digest = hmac.digest(self._key, ident.encode(), hashlib.sha256)
                found = self._db.execute("SELECT who, epoch FROM claim WHERE digest = ?", (digest,)).fetchone()
                if may_claim(who, epoch, found, newest):
                    highest = max(epoch, found[1]) if found and found[0] == who else epoch
                    self._db.execute(
                        "INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?)", (digest, who, highest, time.time())
                    )
                    granted.append(ident)
                else:
                    denied.append(ident)
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return granted, denied

    def use(self, text: str, request: str, keep_s: float) -> bool:
        """Claim what may be used once, for this request; remembered for keep_s. One fsync.

        Only what was found right is claimed here (a code that fits, a challenge that was signed), so the entries are
        bounded by the logins of the time for which they are kept; those whose time is over go with the next claim.
        """
        digest, now = hmac.digest(self._key, b"used:" + text.encode(), hashlib.sha256), time.time()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.execute("DELETE FROM used WHERE until < ?", (now,))
            found = self._db.execute("SELECT request FROM used WHERE digest = ?", (digest,)).fetchone()
            if found is None:
                kept_until = now + min(keep_s, USED_S_MAX)
                self._db.execute("INSERT INTO used VALUES (?, ?, ?)", (digest, request, kept_until))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return found is None or bool(found[0] == request)

    def event(self, kind: str, words: str, data: dict[str, Any] | None = None) -> None:
        """Record an event of this door."""
        self._event(kind, words, data or {})

    def _event(self, kind: str, words: str, data: dict[str, Any]) -> None:
        self._db.execute(
            "INSERT INTO event (at, door, kind, words, data) VALUES (?, ?, ?, ?, ?)",
            (time.time(), self.door, kind, words, json.dumps(data)),
        )
        self._db.execute("DELETE FROM event WHERE number <= (SELECT max(number) FROM event) - ?", (EVENTS_KEPT,))

    def events(self, after: int, limit: int = 500) -> list[dict[str, Any]]:
        """Events after a number, oldest first."""
        return [
            {"number": n, "at": at, "door": door, "kind": kind, "words": words, "data": json.loads(data)}
            for n, at, door, kind, words, data in self._db.execute(
                "SELECT number, at, door, kind, words, data FROM event WHERE number > ? ORDER BY number LIMIT ?",
                (after, limit),
            )
        ]

    def fingerprint(self, marks: bytes) -> str:
        """What stands for a request in this register: nobody without its key can tell from it what was sent."""
        return hmac.digest(self._key, b"request:" + marks, hashlib.sha256).hex()

    def blamed(self, after: int, since: float = 0.0) -> tuple[int, list[tuple[float, str]]]:
        """The last event's number, and of those after a number and since an instant: the requests that broke both
        banks, as (at, fingerprint), in order."""
        newest = self._db.execute("SELECT max(number) FROM event").fetchone()[0] or 0
        found = self._db.execute(
            "SELECT at, data FROM event WHERE number > ? AND number <= ? AND kind = ? AND at >= ? ORDER BY number",
            (after, newest, BLAMED_KIND, since),
        )
        return newest, [(at, str(json.loads(data)["fingerprint"])) for at, data in found]

    def order(  # noqa: PLR0917  # the order is the record's own
        self,
        what: str,
        cohorts: list[int] | None,
        why: str,
        by: str,
        approved_by: str = "",
        break_glass: bool = False,
        mark: bytes = b"",
    ) -> int:
        """Record what people or the control room ask the doors to do (see handback.ORDERS); gives its number.

        break_glass: one person gave alone what needs two; the event says so. mark: of the signed call that asks; the
        same call again, as long as it would be believed, is the same order.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            number = self._asked(mark) or self._order(what, cohorts, why, by, approved_by, break_glass)
            if mark:
                self._db.execute("INSERT OR IGNORE INTO asked VALUES (?, ?, ?)", (mark, number, time.time()))
                self._db.execute("DELETE FROM asked WHERE at < ?", (time.time() - 2 * CLOCK_LEEWAY_S,))
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        return number

    def _asked(self, mark: bytes) -> int:
        """The order that this call asked for before; 0 when it did not."""
        found = self._db.execute("SELECT number FROM asked WHERE mark = ?", (mark,)).fetchone()
        return int(found[0]) if found else 0

    def _order(  # noqa: PLR0917  # the order is the record's own
        self, what: str, cohorts: list[int] | None, why: str, by: str, approved_by: str, break_glass: bool
    ) -> int:
        second = f", approved by {approved_by}" if approved_by else ", alone (break-glass)" if break_glass else ""
        words = f"{by} ordered {what.replace('_', ' ')}{second}: {why}"
        data = {"what": what, "by": by, "approved_by": approved_by, "break_glass": break_glass, "why": why}
        made = self._db.execute(
            "INSERT INTO standing (what, cohorts, why, by, at) VALUES (?, ?, ?, ?, ?)",
            (what, json.dumps(cohorts), why, f"{by}{second}", time.time()),
        ).lastrowid
        self._event("order", words, {"order": made, **data})
        return int(made or 0)

    def open_order(self) -> tuple[int, str, list[int] | None, str] | None:
        """The oldest order not yet ended: (number, what, cohorts or None for all, why)."""
        found = self._db.execute(
            "SELECT number, what, cohorts, why FROM standing WHERE ended IS NULL ORDER BY number LIMIT 1"
        ).fetchone()
        return (found[0], found[1], json.loads(found[2]), found[3]) if found else None

    def end_order(self, number: int, result: str) -> None:
        """Record how an order ended."""
        self._db.execute(
            "UPDATE standing SET ended = ?, result = ? WHERE number = ? AND ended IS NULL",
            (time.time(), result, number),
        )

    def lease(self, name: str, hold_s: float) -> bool:
        """Take or renew a lease; the clock is the machine's monotonic one, shared by its processes."""
        now = time.monotonic()
        done = self._db.execute(
            "INSERT INTO lease VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "
            "WHERE lease.holder = excluded.holder OR lease.until < ? OR lease.until > ?",
            (name, self.door, now + hold_s, now, now + 3600),
        )
        return done.rowcount == 1


def may_change(old: Row, new: Row) -> bool:
    """Rule 2, pure: each change of who serves takes a new epoch; only standin → handing_back keeps it."""
    keeps = (old.mode, new.mode) == (Mode.STANDIN, Mode.HANDING_BACK) and new.epoch == old.epoch
    return old.cohort == new.cohort and (keeps or new.epoch == old.epoch + 1)


def may_claim(who: str, epoch: int, found: tuple[str, int] | None, newest_epoch: int) -> bool:
    """Rule 4, pure: may this claim be granted over what was found? newest_epoch: the register's highest."""
    if who == "refused":
        if generation_of(epoch) < generation_of(newest_epoch):
            return False
        return found is None or found[0] == "refused" or found[1] < epoch
    return found is None or found[0] == "taken"
