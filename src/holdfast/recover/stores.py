"""Everything of an installation that is no PostgreSQL, as tars: SQLite files copied by SQLite itself while they are
written, other files as they are.

What is read in one go and what belongs together stands in PARTS, in the order in which it must be taken: see
docs/explanation/backups.md.
"""

import contextlib
import io
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from holdfast.recover.errors import Damaged, RecoverFault
from holdfast.recover.keys import DATA, KEYS
from holdfast.recover.queries import SQL
from holdfast.settings import Installation

STEP_BYTES = 1 << 20
BUSY_S_MAX = 30.0
BUILDINGS = ("bank", "control", "edge", "standin", "foreign", "postbox")
LEFT_OUT = frozenset({"tmp", "__pycache__"})
"""Folders: of a process's temporary files."""
SQLITE_BESIDE = ("-wal", "-shm", "-journal")
FILES_MAX = 1_000_000


@dataclass(frozen=True)
class Store:
    """One part of a backup: the files, relative to the data folder, and whose key seals it."""

    name: str
    key: str
    files: Callable[[Path], Iterator[Path]]


def _spare_copy(data: Path) -> Iterator[Path]:
    folder = data / "standin"
    yield from sorted(one for one in folder.glob("*") if one.name.startswith(("copy", "anchors")) and _meant(one))


def _spare_journal(data: Path) -> Iterator[Path]:
    yield from (one for one in (data / "standin" / "journal.sqlite",) if one.exists())


def _register(data: Path) -> Iterator[Path]:
    yield from (one for one in (data / "edge" / "register.sqlite", data / "register.made") if one.exists())


def _files(data: Path) -> Iterator[Path]:
    apart = {*_spare_copy(data), *_spare_journal(data), *_register(data)}
    yield data / "settings.json"
    for building in BUILDINGS:
        for path in sorted((data / building).rglob("*")):
            if _meant(path) and path not in apart and not LEFT_OUT & set(path.relative_to(data).parts):
                yield path


def _secrets(data: Path) -> Iterator[Path]:
    own = data / "keys" / "backup"
    for folder in ("keys", "secrets"):
        yield from (one for one in sorted((data / folder).rglob("*")) if _meant(one) and own not in one.parents)


def _meant(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.name.endswith((*SQLITE_BESIDE, ".part"))


BEFORE = (Store("spare-copy", DATA, _spare_copy),)
"""Taken before the bank's database: so the bank that is restored has every block that the spare bank's copy has."""
AFTER = (
    Store("files", DATA, _files),
    Store("spare-journal", DATA, _spare_journal),
    Store("register", DATA, _register),
    Store("keys", KEYS, _secrets),
)
"""Taken after it: the journal has every entry that the bank took, the register no older epoch than the bank knows."""
LATEST = (AFTER[1], AFTER[2])
"""Put away again whenever they changed: they never go back to an earlier moment."""


class _Out(io.RawIOBase):
    """As tarfile writes it."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put

    def write(self, content: object) -> int:
        raw = bytes(cast("bytes", content))
        self._put(raw)
        return len(raw)


def write_store(home: Installation, store: Store, put: Callable[[bytes], None]) -> int:
    """Hand over the tar of a store; how many files. Raises RecoverFault in words."""
    data = home.data
    count = 0
    with tarfile.open(fileobj=_Out(put), mode="w|", bufsize=STEP_BYTES, format=tarfile.PAX_FORMAT) as tar:
        for path in store.files(data):
            count += 1
            if count > FILES_MAX:
                raise RecoverFault(f"the store {store.name} has more than {FILES_MAX} files")
            with contextlib.ExitStack() as stack:
                try:
                    content, size = stack.enter_context(_content(path))
                except FileNotFoundError:
                    continue  # ended its life between the listing and now
                member = tarfile.TarInfo(str(path.relative_to(data)))
                member.size, member.mode = size, path.stat().st_mode & 0o777
                tar.addfile(member, content)
    return count


@contextlib.contextmanager
def _content(path: Path) -> Iterator[tuple[IO[bytes], int]]:
    with contextlib.ExitStack() as stack:
        if path.suffix == ".sqlite":
            kept = stack.enter_context(tempfile.NamedTemporaryFile(prefix="holdfast-", suffix=".sqlite"))
            copy_sqlite(path, Path(kept.name))
            path = Path(kept.name)
        source = stack.enter_context(path.open("rb"))
        size = path.stat().st_size
        if path.suffix != ".sqlite":
            # A file that grows while it is read is taken as long as it was; one that shrank is read whole first.
            whole = source.read(size) if size <= STEP_BYTES else None
            if whole is not None:
                yield io.BytesIO(whole), len(whole)
                return
        yield source, size


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that others may write, as it is at one moment, by SQLite's own copying; raises RecoverFault."""
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_S_MAX)) as base,
            contextlib.closing(sqlite3.connect(target)) as made,
        ):
            base.backup(made)  # in one step: one moment, and no beginning anew when others write
            made.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise RecoverFault(f"{source} cannot be copied ({error}); see whether it can be read at all") from error


def read_store(source: IO[bytes], into: Path | None = None) -> list[str]:
    """Walk over a store's tar, and write its files under `into` when given; their names. Raises Damaged."""
    names = []
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=STEP_BYTES) as tar:
            for member in tar:
                if not member.isreg() or member.name.startswith("/") or ".." in Path(member.name).parts:
                    raise Damaged(f"the backup holds {member.name!r}, which no installation has; use another backup")
                names.append(member.name)
                content = cast("IO[bytes]", tar.extractfile(member))
                if into is None:
                    while content.read(STEP_BYTES):
                        pass
                    continue
                path = into / member.name
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with path.open("wb") as out:
                    path.chmod(member.mode & 0o777)
                    while part := content.read(STEP_BYTES):
                        out.write(part)
    except tarfile.TarError as error:
        raise Damaged(f"a part of the backup ends in the midst ({error}); use another backup") from error
    return names


def sqlite_whole(path: Path) -> str:
    """What is wrong with a SQLite file, in words; "" for nothing."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            found = base.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else str(found)


def spare_head(path: Path) -> tuple[int, str]:
    """Number and hash of the last block in a spare bank's copy; (0, "") without any. Raises Damaged."""
    found = _of_copy(path, SQL["spare_head"])
    return (int(found[0][0]), bytes(found[0][1]).hex()) if found else (0, "")


def spare_blocks(path: Path, upto: int, count: int) -> dict[int, str]:
    """The hashes of at most `count` blocks of a copy, the newest up to a number. Raises Damaged."""
    rows = _of_copy(path, SQL["spare_blocks"], (upto, count))
    return {int(number): bytes(digest).hex() for number, digest in rows}


def journal_end(path: Path) -> int:
    """The number of the last entry of a spare bank's journal; 0 without any. Raises Damaged."""
    return int((_of_copy(path, SQL["journal_end"]) or [(0,)])[0][0] or 0)


def _of_copy(path: Path, query: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as base:
            return base.execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise Damaged(f"{path} cannot be read ({error})") from error
