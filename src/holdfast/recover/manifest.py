"""What a backup consists of, said in a file beside its parts and proved by a mark (HMAC-SHA-256) under its key."""

import hmac
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from holdfast.recover.errors import Damaged, KeyFault, PlaceFault
from holdfast.recover.keys import DATA, RecoveryKeys
from holdfast.recover.plan import Place
from holdfast.signing.keyfile import sync_folder

FORM = 1
"""Raised when what is put into a backup is no longer read by an older release, or the other way round."""
NAME = "manifest.json"
BYTES_MAX = 1 << 20
FULL, INCREMENTAL = "full", "incremental"
STAMP = "%Y%m%dT%H%M%SZ"
BACKUPS_MAX = 20_000


@dataclass(frozen=True)
class Part:
    """One sealed file. key: whose key sealed it; digest: SHA-256 of the sealed file in hex; at: when its reading was
    begun, seconds since 1970 UTC; seconds: it took."""

    name: str
    key: str
    plain_bytes: int
    sealed_bytes: int
    digest: str
    at: float
    seconds: float

    @property
    def file(self) -> str:
        """Its name in the backup's folder."""
        return f"{self.name}.sealed"


@dataclass(frozen=True)
class Database:
    """One PostgreSQL server in a backup. system: its identifier; wal_from, wal_to: between which places of its log the
    backup is whole; timeline: at its end; version: as the server says it."""

    system: str
    version: int
    timeline: int
    wal_from: str
    wal_to: str


@dataclass(frozen=True)
class Manifest:
    """One backup. began, ended, held_until: seconds since 1970 UTC (0: not held). base: the backup that an incremental
    one goes on from. block, block_hash, block_at_us: the end of the bank's books when it was begun, which it contains;
    block_after: when its database was taken whole; spare_block: that of the spare bank's copy."""

    line: str
    name: str
    kind: str
    base: str
    began: float
    ended: float
    release: str
    data_version: int
    keys: dict[str, int]
    parts: tuple[Part, ...]
    databases: dict[str, Database]
    block: int = 0
    block_hash: str = ""
    block_at_us: int = 0
    block_after: int = 0
    spare_block: int = 0
    held_until: float = 0.0
    form: int = FORM

    @property
    def bytes(self) -> int:
        """On the place, in all."""
        return sum(part.sealed_bytes for part in self.parts)

    def part(self, name: str) -> Part:
        """The part of this name; raises Damaged."""
        for one in self.parts:
            if one.name == name:
                return one
        raise Damaged(f"the backup {self.name} has no part {name!r}; use another backup")

    def context(self, part: str) -> str:
        """What the part is, as it is bound to by its seal."""
        return f"{self.line}/{self.name}/{part}"


@dataclass(frozen=True)
class Kept:
    """A backup in a place."""

    place: Place
    manifest: Manifest
    raw: bytes
    mark: str

    @property
    def folder(self) -> Path:
        """Where its parts lie."""
        return self.place.root / self.manifest.line / self.manifest.name

    def check(self, keys: RecoveryKeys) -> None:
        """Raise Damaged when the manifest is not as it was written, KeyFault without its key."""
        if not hmac.compare_digest(self.mark, _mark(keys, self.manifest, self.raw)):
            raise Damaged(
                f"{self.folder / NAME} was changed, or these are the keys of another bank; use another place or the "
                "right recovery file"
            )


def stamp(at: float) -> str:
    """An instant as it stands in names, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime(STAMP)


def write_manifest(folder: Path, manifest: Manifest, keys: RecoveryKeys) -> None:
    """Beside its parts; raises OSError."""
    raw = json.dumps(asdict(manifest), sort_keys=True)
    told = {"manifest": raw, "mark": _mark(keys, manifest, raw.encode())}
    path = folder / NAME
    with path.open("w") as out:
        json.dump(told, out, indent=1)
        out.flush()
    sync_folder(folder)


def _mark(keys: RecoveryKeys, manifest: Manifest, raw: bytes) -> str:
    key = keys.derived(DATA, manifest.keys[DATA], manifest.line.encode(), "manifest")
    return hmac.digest(key, raw, "sha256").hex()


def read_manifest(place: Place, folder: Path) -> Kept:
    """Raises Damaged."""
    path = folder / NAME
    try:
        with path.open("rb") as source:
            told = json.loads(source.read(BYTES_MAX))
        raw: dict[str, Any] = json.loads(told["manifest"])
        if raw["form"] != FORM:
            raise Damaged(
                f"the backup {folder} is of form {raw['form']}, this release reads form {FORM}; restore it with "
                f"release {raw.get('release', 'that made it')}, nothing was changed"
            )
        raw["parts"] = tuple(Part(**one) for one in raw["parts"])
        raw["databases"] = {name: Database(**one) for name, one in raw["databases"].items()}
        return Kept(place, Manifest(**raw), told["manifest"].encode(), told["mark"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} cannot be read ({error}); use another place or another backup") from error


def backups(place: Place, line: str = "") -> tuple[list[Kept], list[str]]:
    """All backups in a place, the oldest first, of one line or of all; and what cannot be read, in words. Raises
    PlaceFault when the place is not there."""
    found: list[Kept] = []
    wrong: list[str] = []
    try:
        if not Path(place.folder).is_dir():
            raise PlaceFault(f"the place {place.name!r} ({place.folder}) is not there; mount it, or name it anew")
        lines = [place.root / line] if line else sorted(place.root.glob("*"))
        folders = [one for each in lines for one in each.glob("*Z-*") if one.is_dir() and one.suffix != ".part"]
    except OSError as error:
        raise PlaceFault(f"the place {place.name!r} cannot be read ({error.strerror}); see to its disk") from error
    for folder in sorted(folders, key=lambda one: one.name)[-BACKUPS_MAX:]:
        try:
            found.append(read_manifest(place, folder))
        except (Damaged, KeyFault) as fault:
            wrong.append(str(fault))
    return found, wrong


def chain(of: Kept, all_kept: Sequence[Kept]) -> list[Kept]:
    """The backups that it needs, the full one first, itself last; raises Damaged when one is missing."""
    by_name = {one.manifest.name: one for one in all_kept if one.manifest.line == of.manifest.line}
    out = [of]
    while (base := out[0].manifest.base) != "":
        if base not in by_name or len(out) > len(by_name):
            raise Damaged(
                f"the backup {out[0].manifest.name} goes on from {base}, which is not in {of.place.name!r}; use "
                "another place or another backup"
            )
        out.insert(0, by_name[base])
    return out


def held(manifest: Manifest, until: float) -> Manifest:
    """The same, held in its place."""
    return replace(manifest, held_until=until)
