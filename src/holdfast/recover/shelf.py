"""What is put away between two backups: the databases' log, and the spare bank's journal and the register whenever they
changed.

In a place: `LINE/wal/BUILDING/SEGMENT.sealed`, of the segment that is still written
`SEGMENT.partial-INSTANT.sealed`; `LINE/latest/STORE-INSTANT.sealed`. INSTANT: microseconds since 1970 UTC, so that
names sort by time and a place that holds what it keeps is never written over.
"""

from dataclasses import dataclass
from pathlib import Path

from holdfast.recover.errors import Damaged, PlaceFault
from holdfast.recover.keys import DATA, RecoveryKeys
from holdfast.recover.plan import Place
from holdfast.recover.sealing import open_bytes
from holdfast.recover.wal import HISTORY, SEGMENT, SEGMENT_BYTES, gaps, number

PARTIAL, SEALED = ".partial-", ".sealed"
FILES_MAX = 1_000_000


@dataclass(frozen=True)
class Shelved:
    """One file. name: as sealed; plain: the segment's or store's name; at_us: when it was put away, 0 for a segment
    that is whole."""

    path: Path
    name: str
    plain: str
    at_us: int


def wal_folder(place: Place, line: str, building: str) -> Path:
    """Where a building's log lies."""
    return place.root / line / "wal" / building


def latest_folder(place: Place, line: str) -> Path:
    """Where journal and register lie."""
    return place.root / line / "latest"


def log_context(line: str, building: str, name: str) -> str:
    """By what a piece of the log is bound to its place."""
    return f"{line}/wal/{building}/{name}"


def latest_context(line: str, name: str) -> str:
    """By what a copy of a store is bound to its place."""
    return f"{line}/latest/{name}"


def shelved_log(place: Place, line: str, building: str) -> list[Shelved]:
    """All pieces of a building's log, by segment. Raises PlaceFault."""
    out = []
    for path in _listed(place, wal_folder(place, line, building)):
        name = path.name.removesuffix(SEALED)
        plain, _, at = name.partition(PARTIAL)
        if SEGMENT.fullmatch(plain) or HISTORY.fullmatch(plain):
            out.append(Shelved(path, name, plain, int(at) if at.isdigit() else 0))
    return out


def shelved_store(place: Place, line: str, store: str) -> list[Shelved]:
    """The copies of a store, the newest last. Raises PlaceFault."""
    out = []
    for path in _listed(place, latest_folder(place, line)):
        name = path.name.removesuffix(SEALED)
        plain, _, at = name.rpartition("-")
        if plain == store and at.isdigit():
            out.append(Shelved(path, name, plain, int(at)))
    return out


def _listed(place: Place, folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob(f"*{SEALED}"))[-FILES_MAX:]
    except OSError as error:
        raise PlaceFault(f"the place {place.name!r} cannot be read ({error.strerror}); see to its disk") from error


def best_pieces(log: list[Shelved]) -> dict[str, Shelved]:
    """By segment, the whole one where it is there, else the newest part of it."""
    out: dict[str, Shelved] = {}
    for one in log:
        had = out.get(one.plain)
        if had is None or (had.at_us and (one.at_us == 0 or one.at_us > had.at_us)):
            out[one.plain] = one
    return out


def missing(log: list[Shelved], timeline: int, first: str) -> list[str]:
    """The segments that are missing from the one in which a backup ends up to the newest."""
    whole = best_pieces(log)
    if not any(SEGMENT.fullmatch(name) for name in whole):
        return []
    return gaps(whole, timeline, number(first))


def bring(place: Place, line: str, building: str, keys: RecoveryKeys, into: Path, first: str) -> tuple[int, list[str]]:
    """The log from a segment on, opened, into a folder; how many, and what could not be opened, in words. A gap ends
    it: what lies behind it cannot be replayed."""
    count, wrong = 0, []
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    for plain, piece in sorted(best_pieces(shelved_log(place, line, building)).items()):
        if SEGMENT.fullmatch(plain) and number(plain) < number(first):
            continue
        try:
            raw = open_bytes(piece.path, keys, DATA, log_context(line, building, piece.name), 2 * SEGMENT_BYTES)
        except Damaged as fault:
            wrong.append(str(fault))
            continue
        if SEGMENT.fullmatch(plain) and len(raw) != SEGMENT_BYTES:
            wrong.append(f"{piece.path} holds {len(raw)} bytes, a segment has {SEGMENT_BYTES}")
            continue
        (into / plain).write_bytes(raw)
        count += 1
    return count, wrong
