"""A PostgreSQL server as a stream of its files, checked against the list that the server made of them.

pg_basebackup gives one tar: the files, the log between beginning and end, and `backup_manifest` with the size and
SHA-256 of each file. What it says is checked while a backup is taken, while it is verified and while it is restored,
by the same walk. (The shipped pg_verifybackup cannot be used: it reads folders only, and ends by a signal.)
"""

import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import psycopg

from holdfast.recover.errors import Damaged, RecoverFault
from holdfast.recover.queries import SQL
from holdfast.recover.wal import spanned
from holdfast.runtime.postgres import binaries
from holdfast.settings import Installation

STEP_BYTES = 1 << 20
INCREMENTAL_FROM = 170_000
LIST, LABEL, LOG = "backup_manifest", "backup_label", "pg_wal/"
LIST_BYTES_MAX = 256 << 20
QUIET_S_MAX = 600


@dataclass
class Files:
    """What a walk over a backup's files found. listed: backup_manifest as it stands; wrong: what does not fit, in
    words."""

    listed: bytes = b""
    label: str = ""
    segments: set[str] = field(default_factory=set)
    summed: dict[str, tuple[int, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def ranges(self) -> list[tuple[int, str, str]]:
        """Timeline, beginning and end of the log that makes it whole; raises Damaged."""
        try:
            told = json.loads(self.listed)["WAL-Ranges"]
            return [(int(one["Timeline"]), str(one["Start-LSN"]), str(one["End-LSN"])) for one in told]
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged(f"the list of the database's files cannot be read ({error!r}); use another backup") from error

    def judge(self) -> None:
        """Compare what was found with the list; raises Damaged when there is none."""
        try:
            told = {one["Path"]: one for one in json.loads(self.listed)["Files"]}
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged("the backup of the database has no list of its files; use another backup") from error
        for path, one in told.items():
            had = self.summed.get(path)
            if had is None:
                self.wrong.append(f"the file {path} is missing")
            elif had[0] != one["Size"] or had[1] != one["Checksum"]:
                self.wrong.append(f"the file {path} is not as the server gave it")
        self.wrong += [f"the file {path} is in no list" for path in self.summed if path not in told]
        for timeline, begin, end in self.ranges():
            lost = [one for one in spanned(timeline, begin, end) if one not in self.segments]
            self.wrong += [f"the log segment {one} is missing" for one in lost]


def walk(source: Any, into: Path | None = None, owner: tuple[int, int] | None = None) -> Files:
    """Read a tar of a server's files, and write them under `into` when given, as owner's. Raises Damaged."""
    found = Files()
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=STEP_BYTES) as tar:
            for member in tar:
                name = member.name.removeprefix("./")
                if name.startswith("/") or ".." in Path(name).parts or not (member.isdir() or member.isreg()):
                    raise Damaged(
                        f"the backup of the database holds {name!r}, which no server gives; use another backup"
                    )
                if member.isdir():
                    if into is not None:
                        _own(_folder(into / name), owner)
                    continue
                _take(found, name, cast("IO[bytes]", tar.extractfile(member)), into, owner)
    except tarfile.TarError as error:
        raise Damaged(f"the backup of the database ends in the midst ({error}); use another backup") from error
    found.judge()
    return found


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def _own(path: Path, owner: tuple[int, int] | None) -> None:
    if owner is not None:
        os.chown(path, *owner)


def _take(found: Files, name: str, content: IO[bytes], into: Path | None, owner: tuple[int, int] | None) -> None:
    summed, size, kept = hashlib.sha256(), 0, bytearray()
    with contextlib.ExitStack() as stack:
        out = None
        if into is not None:
            path = into / name
            if not path.parent.exists():
                _own(_folder(path.parent), owner)
            out = stack.enter_context(path.open("wb"))
            path.chmod(0o600)
            _own(path, owner)
        while part := content.read(STEP_BYTES):
            summed.update(part)
            size += len(part)
            if name in (LIST, LABEL):
                kept += part
                if size > LIST_BYTES_MAX:
                    raise Damaged(f"{name} of a backup is larger than {LIST_BYTES_MAX >> 20} MiB")
            if out is not None:
                out.write(part)
    if name == LIST:
        found.listed = bytes(kept)
        return
    if name.startswith(LOG) and name.count("/") == 1:
        found.segments.add(name.removeprefix(LOG))
        return
    if name == LABEL:
        found.label = kept.decode(errors="replace")
    found.summed[name] = (size, summed.hexdigest())


class Stream:
    """An iterator of bytes as tarfile reads it. also: is handed all that was read."""

    def __init__(self, parts: Iterable[bytes], also: Callable[[bytes], None] | None = None) -> None:
        self._parts: Iterator[bytes] = iter(parts)
        self._also = also
        self._waiting = bytearray()

    def read(self, size: int) -> bytes:
        """At most size bytes; fewer only at the end."""
        while len(self._waiting) < size:
            part = next(self._parts, None)
            if part is None:
                break
            if self._also is not None:
                self._also(part)
            self._waiting += part
        out = bytes(self._waiting[:size])
        del self._waiting[:size]
        return out

    def drain(self) -> None:
        """Read to the end: what follows a tar's last file too."""
        while self.read(STEP_BYTES):
            pass


def take_base(url: str, base_list: Path | None, put: Callable[[bytes], None]) -> Files:
    """Stream a server's files into `put`; raises RecoverFault or Damaged in words. base_list: the backup_manifest of
    the backup that this one goes on from; None: a full one."""
    argv = [str(binaries() / "pg_basebackup"), "-d", url, "-D", "-", "-F", "t", "-X", "fetch", "-c", "fast", "-w"]
    argv += ["--manifest-checksums=SHA256", *(("--incremental", str(base_list)) if base_list else ())]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    try:
        output, errors = cast("io.BufferedReader", child.stdout), cast("io.BufferedReader", child.stderr)
        stream = Stream(iter(lambda: output.read1(STEP_BYTES), b""), put)
        found, fault = Files(), ""
        try:
            found = walk(stream)
            stream.drain()
        except Damaged as error:
            fault = str(error)
        output.close()
        said = errors.read().decode(errors="replace")
        if child.wait(QUIET_S_MAX) != 0 or fault:
            words = re.sub(r"postgresql://\S+", "(the server)", said.strip())[-300:]
            raise RecoverFault(f"the server gave no backup: {words or fault}")
        return found
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        if child.stderr is not None:
            child.stderr.close()


@dataclass(frozen=True)
class Now:
    """A server at this moment. version as in server_version_num; bytes: of its database."""

    system: str
    version: int
    timeline: int
    bytes: int


def ask_server(url: str) -> Now:
    """Raises RecoverFault when it does not answer."""
    return Now(*_ask(url, "server")[0])


def head_of(url: str) -> tuple[int, str, int]:
    """The end of the books: number and hash of the last block, and when it was committed (µs since 1970 UTC)."""
    number, digest, at_us = _ask(url, "head")[0]
    return int(number), str(digest), int(at_us)


def block_hashes(url: str, numbers: list[int]) -> dict[int, str]:
    """The hashes of those of these blocks that are there."""
    return {int(number): str(digest) for number, digest in _ask(url, "blocks", (numbers,))}


def journal_taken(url: str) -> int:
    """Up to which entry of the spare bank's journal the bank has taken it."""
    return int(_ask(url, "replayed")[0][0])


def _ask(url: str, name: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    try:
        with psycopg.connect(url, connect_timeout=5, options="-c statement_timeout=60000") as base:
            return base.execute(SQL[name].encode(), values).fetchall()
    except psycopg.Error as error:
        words = str(error).replace(url, "(the server)")[:200]
        raise RecoverFault(f"a database does not answer: {words}; start the bank with ./holdfast up") from error


def database_names(home: Installation) -> list[str]:
    """The buildings with a PostgreSQL of their own."""
    return ["control"] if home.core else ["bank", "control"]
