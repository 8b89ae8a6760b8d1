"""Restore an installation onto an empty folder, from a place and the recovery keys alone.

The spare bank's journal and the register are always the newest that were put away, also when the bank is restored to an
earlier moment: what the spare bank accepted is never dropped, and epochs only grow. The spare bank's copy of the books
is kept where it agrees with the restored books, and otherwise left out: the spare bank makes it anew from the feed.
"""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, cast

from holdfast.contracts.anchors import PURPOSE, anchor_of, token_of_line
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.recover import shelf
from holdfast.recover.databases import Stream, block_hashes, head_of, journal_taken
from holdfast.recover.errors import Damaged, LogEnds, Refused
from holdfast.recover.keys import RecoveryKeys, keep_keys
from holdfast.recover.manifest import Kept, backups, chain
from holdfast.recover.places import free_bytes
from holdfast.recover.plan import Place, Plan, new_line, write_plan
from holdfast.recover.reviving import (
    Wanted,
    bring_log,
    commit_of_block,
    give_passwords,
    place_of_commit,
    put_files,
    revived,
)
from holdfast.recover.sealing import opened
from holdfast.recover.stores import AFTER, BEFORE, LATEST, journal_end, read_store, spare_blocks, sqlite_whole
from holdfast.recover.wal import SEGMENT_BYTES, position, segment
from holdfast.runtime.books import proof_findings
from holdfast.runtime.installing import cluster, postgres_folder
from holdfast.settings import DATA_VERSION, Installation, load, write
from holdfast.signing import load_keyring

ROOM_BYTES = 200 << 20
COMPARED_BLOCKS = 2000
"""Of the spare bank's copy, the newest, whose hashes are compared with the restored books."""
FINDINGS_MAX = 20

Say = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """What is to be restored. name: a backup's, "" for the newest that fits; at: to this moment (seconds since 1970
    UTC); to_block: to the end of this block of the books; line: whose backups, where a place holds several; lasting:
    it is on the disk when the restore ends (a drill throws it away)."""

    place: Place
    keys: RecoveryKeys
    into: Path
    name: str = ""
    at: float | None = None
    to_block: int | None = None
    line: str = ""
    lasting: bool = True


@dataclass
class Restored:
    """What came of it. block, at_us: the end of the restored books; seconds: by phase, and `whole`; findings: none when
    the books are proved and agree with what was kept beside them; notes: what whoever restores has to know."""

    backup: str
    home: Installation
    block: int = 0
    block_hash: str = ""
    at_us: int = 0
    log_segments: int = 0
    compared: int = 0
    anchors: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def restore(asked: Asked, say: Say = lambda _: None) -> Restored:
    """Restore it; raises RecoverFault in words, and then nothing of it is left."""
    into, databases = asked.into.resolve(), postgres_folder(asked.into)
    for folder in (into, databases):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused(
                f"{folder} is not empty: a restore never writes over what is there; name an empty folder with --into, "
                "nothing was changed"
            )
    whole = _chosen(asked)
    _check(asked, whole)
    made_here = not into.exists()
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o755)
        return _Restoring(asked, whole, say).run()
    except BaseException:
        shutil.rmtree(databases, ignore_errors=True)
        for path in into.iterdir() if into.exists() else ():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if made_here:
            shutil.rmtree(into, ignore_errors=True)
        raise


def _chosen(asked: Asked) -> list[Kept]:
    """The backup that fits, with those that it goes on from, the full one first."""
    found, wrong = backups(asked.place, asked.line)
    lines = sorted({one.manifest.line for one in found})
    if len(lines) > 1 and not asked.name:
        newest = {one.manifest.line: one.manifest.name for one in found}
        told = ", ".join(f"{line} (newest {newest[line]})" for line in lines)
        raise Refused(f"{asked.place.folder} holds backups of {len(lines)} banks: {told}; name one with --line")
    fitting = [
        one
        for one in found
        if asked.name in ("", one.manifest.name)
        and (asked.at is None or one.manifest.ended <= asked.at)
        and (asked.to_block is None or one.manifest.block_after <= asked.to_block)
    ]
    if not fitting:
        had = f"it has {len(found)}, the oldest {found[0].manifest.name}" if found else "it has none"
        more = f"; {len(wrong)} cannot be read: {wrong[0]}" if wrong else ""
        raise Refused(f"no backup in {asked.place.folder} fits what is wanted: {had}{more}")
    return chain(fitting[-1], found)


def _check(asked: Asked, whole: list[Kept]) -> None:
    for kept in whole:
        kept.check(asked.keys)
    manifest = whole[-1].manifest
    if manifest.data_version != DATA_VERSION:
        raise Refused(
            f"the backup {manifest.name} was made by release {manifest.release} with data of version "
            f"{manifest.data_version}, this release reads version {DATA_VERSION}; restore it with that release"
        )
    needed = ROOM_BYTES + sum(part.plain_bytes for kept in whole for part in kept.manifest.parts)
    if len(whole) > 1:
        needed += sum(part.plain_bytes for part in whole[0].manifest.parts)
    for building in manifest.databases:
        count = len(shelf.best_pieces(shelf.shelved_log(asked.place, manifest.line, building)))
        needed += count * SEGMENT_BYTES
    free = min(free_bytes(_existing(folder)) for folder in (asked.into, postgres_folder(asked.into)))
    if free < needed:
        raise Refused(
            f"the restore needs {needed >> 20} MiB, and {free >> 20} MiB are free where it would go; make room, "
            "nothing was changed"
        )


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


class _Restoring:
    """One restore under way, onto folders that are empty."""

    def __init__(self, asked: Asked, whole: list[Kept], say: Say) -> None:
        self._asked, self._whole, self._say = asked, whole, say
        self._last = whole[-1]
        self._began = time.monotonic()
        self._timed = self._began

    def run(self) -> Restored:
        home = self._stores()
        out = Restored(self._last.manifest.name, home)
        self._lap(out, "files")
        if self._asked.to_block is not None and "bank" in self._last.manifest.databases:
            wanted = self._where(home, self._asked.to_block)
            self._lap(out, "looking for the block")
        else:
            wanted = Wanted(at=self._asked.at)
        # The control room is restored to the same moment where one is named; a block says nothing about it.
        moments = {"bank": wanted, "control": Wanted(at=self._asked.at)}
        for building in self._last.manifest.databases:
            self._server(home, building, moments[building], out)
        shutil.rmtree(home.folder("recover"), ignore_errors=True)
        write_plan(home, Plan(new_line(), parent=self._last.manifest.line))
        keep_keys(home, self._asked.keys)
        _compare_spare(home, out)
        if not out.at_us and "bank" in self._last.manifest.databases:
            out.notes.append("The books are empty.")
        out.notes.append("No place for backups is named yet in the restored bank: ./holdfast backup place NAME FOLDER")
        if self._asked.lasting:
            os.sync()  # once, not file by file
        out.seconds["whole"] = round(time.monotonic() - self._began, 2)
        return out

    def _lap(self, out: Restored, phase: str) -> None:
        now = time.monotonic()
        out.seconds[phase] = round(out.seconds.get(phase, 0.0) + now - self._timed, 2)
        self._timed = now
        self._say(f"{phase:<24} {out.seconds[phase]:7.1f} s")

    def _stores(self) -> Installation:
        into, manifest = self._asked.into, self._last.manifest
        for store in (*BEFORE, *AFTER):
            path, context = self._last.folder / f"{store.name}.sealed", manifest.context(store.name)
            newest = shelf.shelved_store(self._asked.place, manifest.line, store.name)[-1:] if store in LATEST else []
            if newest and newest[0].at_us > manifest.part(store.name).at * 1e6:  # put away since: the later one
                path, context = newest[0].path, shelf.latest_context(manifest.line, newest[0].name)
            stream = Stream(opened(path, self._asked.keys, store.key, context))
            read_store(cast("IO[bytes]", stream), into)
            stream.drain()
        for folder in (into / "keys", into / "secrets"):
            for path in (folder, *folder.rglob("*")):
                if path.is_dir():
                    path.chmod(0o700)
        home = replace(load(into), postgres_data=str(postgres_folder(into)))
        write(home)
        home.logs.mkdir(exist_ok=True)
        for building in manifest.databases:
            cluster(home, building)  # makes the folder of the databases
        for path in into.rglob("*.sqlite"):
            if fault := sqlite_whole(path):
                raise Damaged(f"{path.relative_to(into)} of the backup is not whole ({fault}); use another backup")
        return home

    def _put(self, home: Installation, building: str, out: Restored | None = None) -> Path:
        """Files and log of a server; where the log lies."""
        server, manifest = cluster(home, building), self._last.manifest
        put_files(building, self._whole, self._asked.keys, server.folder)
        log = server.folder.with_name(f"{building}-log")
        database = manifest.databases[building]
        first = segment(database.timeline, position(database.wal_from) // SEGMENT_BYTES)
        count, wrong = shelf.bring(self._asked.place, manifest.line, building, self._asked.keys, log, first)
        bring_log(server, log)
        if out is not None:
            out.log_segments += count
            out.findings += [f"of the log of {building}: {words}" for words in wrong]
            last = segment(database.timeline, (position(database.wal_to) - 1) // SEGMENT_BYTES + 1)
            pieces = shelf.shelved_log(self._asked.place, manifest.line, building)
            lost = shelf.missing(pieces, database.timeline, last)
            out.findings += [f"of the log of {building} the segment {one} is missing" for one in lost[:FINDINGS_MAX]]
        return log

    def _where(self, home: Installation, block: int) -> Wanted:
        """Where in the log a block was committed: found on a server that has read all of it, and is thrown away."""
        server, database = cluster(home, "bank"), self._last.manifest.databases["bank"]
        log = self._put(home, "bank")
        try:
            with revived(server, log, Wanted(), home.logs / "restore-bank.log") as url:
                newest = head_of(url)[0]
                transaction = commit_of_block(url, block)
            if not transaction:
                raise Refused(
                    f"the books that were put away end at block {newest}; there is no block {block} to restore to"
                )
            return Wanted(lsn=place_of_commit(log, database.timeline, database.wal_from, transaction))
        finally:
            shutil.rmtree(server.folder, ignore_errors=True)
            shutil.rmtree(log, ignore_errors=True)

    def _server(self, home: Installation, building: str, wanted: Wanted, out: Restored) -> None:
        log = self._put(home, building, out)
        self._lap(out, f"{building}: files")
        try:
            try:
                self._open(home, building, log, wanted, out)
            except LogEnds:
                if building == "bank":
                    raise
                # All of it lies before the moment that is wanted: all of it is what is wanted.
                self._open(home, building, log, Wanted(), out)
                out.notes.append(f"The log of {building} ends before that moment: it is restored to its end.")
        finally:
            shutil.rmtree(log, ignore_errors=True)

    def _open(self, home: Installation, building: str, log: Path, wanted: Wanted, out: Restored) -> None:
        with revived(cluster(home, building), log, wanted, home.logs / f"restore-{building}.log") as url:
            give_passwords(home, building, url)
            self._lap(out, f"{building}: log read")
            if building == "bank":
                _prove(home, url, out)
                self._lap(out, "books proved")


def _prove(home: Installation, url: str, out: Restored) -> None:
    """The proof of the books, and the signed ends of them that the spare bank keeps."""
    out.block, out.block_hash, out.at_us = head_of(url)
    out.findings += proof_findings(url, "proof")[:FINDINGS_MAX]
    file = home.data / "standin" / "anchors.jsonl"
    keyring = load_keyring(home.keys, "runtime")
    kept = []
    for line in file.read_text().splitlines() if file.exists() else ():
        try:
            token = token_of_line(line)
            kept.append(anchor_of(keyring.verify(PURPOSE, token, by={"primary"}), token))
        except (BadToken, BadMessage) as error:
            out.findings.append(f"an anchor that the spare bank keeps is not signed by this bank: {error}")
    within = [one for one in kept if 0 < one.block <= out.block]
    held = block_hashes(url, [one.block for one in within])
    out.anchors = len(within)
    out.findings += [
        f"block {one.block} has another hash than the anchor that the spare bank keeps"
        for one in within
        if held.get(one.block) != one.hash.hex()
    ][:FINDINGS_MAX]
    copy = current_copy(home)
    if copy is not None:
        theirs = spare_blocks(copy, out.block, COMPARED_BLOCKS)
        ours = block_hashes(url, list(theirs))
        out.compared = len(theirs)
        different = [number for number, digest in theirs.items() if ours.get(number) != digest]
        out.findings += [f"block {one} has another hash in the spare bank's copy" for one in different[:FINDINGS_MAX]]
    journal = home.data / "standin" / "journal.sqlite"
    if journal.exists():
        ended, taken = journal_end(journal), journal_taken(url)
        if ended < taken:
            out.findings.append(
                f"the spare bank's journal ends at entry {ended}, the bank has taken it up to {taken}: entries are lost"
            )
        elif ended > taken:
            out.notes.append(
                f"The spare bank's journal has {ended - taken} entries that the restored bank has not taken; once it "
                "runs: ./holdfast standin on, then ./holdfast standin off, which enters them."
            )


def current_copy(home: Installation) -> Path | None:
    """The file of the spare bank's copy of the books; None without any."""
    folder = home.data / "standin"
    pointer = folder / "copy.current"
    path = folder / (pointer.read_text().strip() if pointer.exists() else "copy.sqlite")
    return path if path.exists() else None


def _compare_spare(home: Installation, out: Restored) -> None:
    """Leave out a copy that has more of the books than there is now, or other books: it would stop the feed."""
    copy = current_copy(home)
    if copy is None:
        return
    newest = spare_blocks(copy, 1 << 62, 1)
    ahead = max(newest, default=0) > out.block
    if ahead or any("spare bank's copy" in words for words in out.findings):
        for path in (home.data / "standin").glob("copy*"):
            path.unlink()
        out.notes.append("The spare bank's copy of the books was left out; it is made anew from the bank's feed.")
