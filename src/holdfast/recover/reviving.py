"""Bring a PostgreSQL server back from the files of a backup: put them in place, let it read the log up to where it is
wanted, and give it the passwords of now.

The server always goes on in a timeline of its own, so that its log is never taken for that of the bank it came from.
"""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from holdfast.recover.databases import Stream, walk
from holdfast.recover.errors import Damaged, LogEnds, RecoverFault
from holdfast.recover.keys import RecoveryKeys
from holdfast.recover.manifest import Kept
from holdfast.recover.queries import SQL
from holdfast.recover.sealing import opened
from holdfast.recover.wal import SEGMENT
from holdfast.runtime import postgres
from holdfast.runtime.errors import DatabaseFault
from holdfast.runtime.postgres import Cluster, binaries
from holdfast.settings import Installation

REPLAY_S_MAX = 6 * 3600.0
COMBINE_S_MAX = 3600.0
TRUSTED = "local all all trust\n"
"""While nobody but us can enter the folder of the socket: the passwords of now may be others than those of then."""
ROLES = {"bank": {"holdfast": "bank-database", "holdfast_working": "bank-working"},
         "control": {"holdfast": "control-database"}}  # fmt: skip
LOG_LINES = 12
_COMMIT = re.compile(r"tx:\s*(\d+), lsn: ([0-9A-F/]+),.* desc: COMMIT(.*)$")
_SUBXACTS = re.compile(r"subxacts: ([\d ]+)")


@dataclass(frozen=True)
class Wanted:
    """Up to where the log is read: a moment (seconds since 1970 UTC), a place in it, or neither: all of it."""

    at: float | None = None
    lsn: str = ""

    def settings(self) -> str:
        """As PostgreSQL reads it."""
        if self.lsn:
            return f"recovery_target_lsn = '{self.lsn}'\n"
        if self.at is not None:
            return f"recovery_target_time = '{datetime.fromtimestamp(self.at, UTC).isoformat(sep=' ')}'\n"
        return ""


def owner() -> tuple[int, int] | None:
    """Under whom servers run when we are root."""
    keywords = postgres.as_user()
    return (int(str(keywords["user"])), int(str(keywords["group"]))) if keywords else None


def put_files(building: str, backups: list[Kept], keys: RecoveryKeys, folder: Path) -> None:
    """The files of a server into `folder`, each checked; backups: the full one first, then those that go on from it.
    Raises Damaged, KeyFault or RecoverFault."""
    if len(backups) == 1:
        _extract(building, backups[0], keys, folder)
        return
    scratch = folder.with_name(f"{folder.name}.parts")
    try:
        parts = []
        for number, kept in enumerate(backups):
            parts.append(scratch / str(number))
            _extract(building, kept, keys, parts[-1])
        _own(scratch)
        _combine(parts, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _extract(building: str, kept: Kept, keys: RecoveryKeys, folder: Path) -> None:
    path = kept.folder / kept.manifest.part(building).file
    folder.mkdir(parents=True, mode=0o700)
    _own(folder)
    stream = Stream(opened(path, keys, kept.manifest.part(building).key, kept.manifest.context(building)))
    found = walk(stream, folder, owner())
    stream.drain()
    if found.wrong:
        raise Damaged(f"{path}: {'; '.join(found.wrong[:3])}; use another place or another backup")
    (folder / "backup_manifest").write_bytes(found.listed)
    _own(folder / "backup_manifest")


def _own(path: Path) -> None:
    if found := owner():
        os.chown(path, *found)


def _combine(parts: list[Path], folder: Path) -> None:
    """PostgreSQL's own way: each file from the newest backup that has it. All is on the disk when the restore ends."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    base = folder.with_name(f"{folder.name}.whole")
    base.mkdir(mode=0o700)
    _own(base)
    made: subprocess.CompletedProcess[str] = subprocess.run(
        [str(binaries() / "pg_combinebackup"), *map(str, parts), "--no-sync", "-o", str(base / "data")],
        capture_output=True,
        text=True,
        check=False,
        timeout=COMBINE_S_MAX,
        **postgres.as_user(),
    )  # type: ignore[call-overload]  # user and group by keyword
    if made.returncode != 0:
        shutil.rmtree(base, ignore_errors=True)
        raise Damaged(f"the incremental backups cannot be put together: {made.stderr.strip()[-300:]}")
    (base / "data").rename(folder)
    base.rmdir()


def bring_log(cluster: Cluster, log: Path) -> None:
    """Beside the log that was put away, that which came with the backup itself: it is at least as long."""
    log.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in (cluster.folder / "pg_wal").iterdir():
        if SEGMENT.fullmatch(path.name):
            shutil.copyfile(path, log / path.name)
    for path in (log, *log.iterdir()):
        _own(path)


@contextlib.contextmanager
def revived(cluster: Cluster, log: Path, wanted: Wanted, words: Path) -> Iterator[str]:
    """A server that has read its log as far as wanted and takes writes, for as long as this is open; its URL. It is
    stopped cleanly afterwards, with its own configuration as it was. words: the file of what it says. Raises
    RecoverFault in words."""
    own, access = cluster.folder / "postgresql.auto.conf", cluster.folder / "pg_hba.conf"
    kept, kept_access = own.read_bytes() if own.exists() else b"", access.read_bytes()
    _put(own, kept + _settings(log, wanted).encode())
    _put(access, TRUSTED.encode())
    _put(cluster.folder / "recovery.signal", b"")
    server = cluster.spawn(words)
    try:
        try:
            cluster.wait_ready(server, REPLAY_S_MAX)
        except DatabaseFault as fault:
            raise _why(words, fault) from fault
        yield cluster.url
    finally:
        postgres.stop(server)
        _put(own, kept)
        _put(access, kept_access)


def _settings(log: Path, wanted: Wanted) -> str:
    return (
        f"\nrestore_command = 'cp \"{log}/%f\" \"%p\"'\nrecovery_target_action = 'promote'\nhot_standby = off\n"
        f"archive_mode = off\nrecovery_target_timeline = 'latest'\n{wanted.settings()}"
    )


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    _own(path)


def _why(words: Path, fault: DatabaseFault) -> RecoverFault:
    said = words.read_text(errors="replace").splitlines() if words.exists() else []
    if any("before configured recovery target was reached" in line for line in said):
        last = next((line for line in reversed(said) if "last completed transaction was at log time" in line), "")
        newest = last.partition("log time ")[2]
        return LogEnds(
            "the log that was put away ends before the moment that is wanted"
            + (f"; the newest there is: {newest}" if newest else "")
            + ". Name an earlier one, or none to have all"
        )
    if any("before consistent recovery point" in line for line in said):
        return RecoverFault("the moment that is wanted lies before the end of that backup; name an older one: --backup")
    telling = [line for line in said[-LOG_LINES:] if "FATAL" in line or "PANIC" in line]
    return RecoverFault(f"the restored server does not start: {' '.join(telling)[-400:] or fault}")


def give_passwords(home: Installation, building: str, url: str) -> None:
    """The roles get the passwords that the restored secrets hold."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as base:
        there = {row[0] for row in base.execute(SQL["roles"].encode()).fetchall()}
        for role, secret in ROLES[building].items():
            if role in there:
                made = base.pgconn.encrypt_password(home.password(secret).encode(), role.encode(), b"scram-sha-256")
                changed = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(made.decode()))
                base.execute(changed)


def commit_of_block(url: str, number: int) -> str:
    """The transaction that wrote a block, as the log names it; "" when the books do not have it."""
    with psycopg.connect(url, connect_timeout=5) as base:
        row = base.execute(SQL["written_by"].encode(), (number,)).fetchone()
    return str(row[0]) if row else ""


def place_of_commit(log: Path, timeline: int, begin: str, transaction: str) -> str:
    """Where in the log a transaction, or the one that it was a part of, was committed; raises RecoverFault."""
    argv = [str(binaries() / "pg_waldump"), "-p", str(log), "-t", str(timeline), "-s", begin, "-r", "Transaction"]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        for line in child.stdout or ():
            found = _COMMIT.search(line)
            if found is None:
                continue
            parts = _SUBXACTS.search(found[3])
            if transaction in (found[1], *(parts[1].split() if parts else ())):
                return found[2]
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()
    raise RecoverFault(f"the log does not hold the commit of transaction {transaction}; restore to a moment instead")
