"""Verify backups before they are needed: every sealed file, and every file and log segment within, is named when it is
damaged or missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, cast

from holdfast.recover import shelf
from holdfast.recover.databases import Stream, walk
from holdfast.recover.errors import Damaged, KeyFault, PlaceFault
from holdfast.recover.keys import DATA, RecoveryKeys
from holdfast.recover.manifest import Kept, Part, backups, chain
from holdfast.recover.plan import Place
from holdfast.recover.sealing import digest, open_bytes, opened
from holdfast.recover.stores import read_store
from holdfast.recover.taking import LIST_PART, Say
from holdfast.recover.wal import SEGMENT, SEGMENT_BYTES, position, segment


@dataclass
class Verified:
    """What was looked at, and what is wrong, in words."""

    backups: int = 0
    files: int = 0
    bytes: int = 0
    segments: int = 0
    findings: list[str] = field(default_factory=list)


def verify_place(
    place: Place, keys: RecoveryKeys, line: str = "", name: str = "", say: Say = lambda _: None
) -> Verified:
    """All backups of a place, or the one of this name; findings, none when all is well."""
    out = Verified()
    try:
        found, wrong = backups(place, line)
    except PlaceFault as fault:
        out.findings.append(str(fault))
        return out
    out.findings += wrong
    wanted = [one for one in found if name in ("", one.manifest.name)]
    if name and not wanted:
        out.findings.append(
            f"the place {place.name!r} has no backup {name!r}; ./holdfast backup list says which it has"
        )
    if not name and not found and not wrong:
        out.findings.append(f"the place {place.name!r} has no backup at all")
    for one in sorted({kept.manifest.line for kept in found}) if not name else ():
        _verify_log(place, [kept for kept in found if kept.manifest.line == one], keys, out)
    for kept in wanted:
        say(f"{place.name}: {kept.manifest.name}, {kept.manifest.bytes / 1e6:.1f} MB")
        _verify(kept, found, keys, out)
    return out


def _verify(kept: Kept, all_kept: list[Kept], keys: RecoveryKeys, out: Verified) -> None:
    out.backups += 1
    try:
        kept.check(keys)
        chain(kept, all_kept)
    except (Damaged, KeyFault) as fault:
        out.findings.append(str(fault))
        return
    expected = {part.file for part in kept.manifest.parts} | {"manifest.json"}
    strange = sorted(one.name for one in kept.folder.iterdir() if one.name not in expected)
    out.findings += [f"{kept.folder / one} is no part of the backup" for one in strange]
    for part in kept.manifest.parts:
        out.bytes += part.sealed_bytes
        out.findings += list(_part(kept, part, keys, out))


def _verify_log(place: Place, found: list[Kept], keys: RecoveryKeys, out: Verified) -> None:
    """That every piece of the log opens, and that none is missing from the end of the oldest backup on."""
    line, oldest = found[0].manifest.line, found[0].manifest
    for building, database in oldest.databases.items():
        try:
            log = shelf.shelved_log(place, line, building)
        except PlaceFault as fault:
            out.findings.append(str(fault))
            continue
        for piece in log:
            try:
                raw = open_bytes(piece.path, keys, DATA, shelf.log_context(line, building, piece.name))
                out.segments += 1
                out.bytes += piece.path.stat().st_size
                if SEGMENT.fullmatch(piece.plain) and len(raw) != SEGMENT_BYTES:
                    out.findings.append(f"{piece.path} holds {len(raw)} bytes, a segment has {SEGMENT_BYTES}")
            except (Damaged, KeyFault) as fault:
                out.findings.append(str(fault))
        last = segment(database.timeline, (position(database.wal_to) - 1) // SEGMENT_BYTES + 1)
        lost = shelf.missing(log, database.timeline, last)
        folder = shelf.wal_folder(place, line, building)
        out.findings += [f"in {folder} the segment {name} of the log is missing" for name in lost]


def _part(kept: Kept, part: Part, keys: RecoveryKeys, out: Verified) -> Iterator[str]:
    path = kept.folder / part.file
    try:
        summed, size = digest(path)
        if size != part.sealed_bytes:
            yield f"{path} has {size} bytes, and was written with {part.sealed_bytes}"
            return
        if summed != part.digest:
            yield f"{path} is not as it was written: its SHA-256 is {summed[:16]}…, not {part.digest[:16]}…"
            return
        plain = Stream(opened(path, keys, part.key, kept.manifest.context(part.name)))
        if part.name in kept.manifest.databases:
            found = walk(plain)
            out.files += len(found.summed)
            out.segments += len(found.segments)
            yield from (f"{path}: {words}" for words in found.wrong)
        elif part.name not in {LIST_PART.format(one) for one in kept.manifest.databases}:
            out.files += len(read_store(cast("IO[bytes]", plain)))
        plain.drain()
    except (Damaged, KeyFault) as fault:
        yield str(fault)
