"""Take a backup of a living installation into its places.

In this order: the spare bank's copy, the databases, the other files, the spare bank's journal, the register, the keys.
What that order promises is told in docs/explanation/backups.md, and a drill proves it.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from holdfast import __version__
from holdfast.recover.databases import INCREMENTAL_FROM, Files, Now, ask_server, database_names, head_of, take_base
from holdfast.recover.errors import Damaged, PlaceFault, Refused
from holdfast.recover.keys import DATA, KEYS, RecoveryKeys, own_keys
from holdfast.recover.manifest import FULL, INCREMENTAL, Database, Kept, Manifest, Part, backups, chain, stamp
from holdfast.recover.places import DAY_S, Putting, free_bytes
from holdfast.recover.plan import Plan, alone, read_plan, write_plan
from holdfast.recover.sealing import open_bytes
from holdfast.recover.stores import AFTER, BEFORE, Store, spare_head, write_store
from holdfast.settings import DATA_VERSION, Installation

CLOCK_BACK_S = 120.0
"""A newest backup further ahead of the clock than this means that the clock jumped."""
ROOM_SHARE = 0.6
"""Of the databases' size: more than a sealed full backup takes (docs/explanation/backups.md has the figures)."""
ROOM_BYTES = 64 << 20
LIST_PART = "{}-list"
CHAIN_MAX = 60
"""Backups that one restore puts together."""

Say = Callable[[str], None]


@dataclass
class Taken:
    """A backup that was taken. places: which have it; lost: what became of the others; notes: what else to say."""

    manifest: Manifest
    places: list[str]
    lost: list[str]
    notes: list[str] = field(default_factory=list)


def take(home: Installation, incremental: bool | None = None, say: Say = lambda _: None) -> Taken:
    """Take one. incremental: None: when the plan says so. Raises RecoverFault in words; what failed leaves no half
    backup behind."""
    plan = read_plan(home)
    if not plan.places:
        raise Refused("no place for backups is named; name one: ./holdfast backup place NAME FOLDER")
    keys = own_keys(home)
    with alone(home):
        write_plan(home, plan)
        now = time.time()
        known = _known(plan)
        _check_clock(known, now)
        servers = {name: ask_server(home.database_url(name)) for name in database_names(home)}
        notes: list[str] = []
        newest = {one: keys.newest(one) for one in (DATA, KEYS)}
        base = _base(plan, newest, known, servers, now, incremental, notes)
        if base is None:
            _check_room(plan, servers)
        return _Taking(home, plan, keys, now, say).run(servers, base, notes)


def _known(plan: Plan) -> list[Kept]:
    """The backups of this line in places that can be read, the newest last."""
    found: dict[str, Kept] = {}
    for place in plan.places:
        with contextlib.suppress(PlaceFault):
            found.update({one.manifest.name: one for one in backups(place, plan.line)[0]})
    return [found[name] for name in sorted(found)]


def _check_clock(known: list[Kept], now: float) -> None:
    if known and known[-1].manifest.began > now + CLOCK_BACK_S:
        raise Refused(
            f"the newest backup, {known[-1].manifest.name}, was begun after what the clock says now "
            f"({stamp(now)}, UTC): the clock was set back, or was ahead before; set it right, nothing was done"
        )


def _check_room(plan: Plan, servers: dict[str, Now]) -> None:
    needed = int(sum(one.bytes for one in servers.values()) * ROOM_SHARE) + ROOM_BYTES
    short = []
    for place in plan.places:
        with contextlib.suppress(PlaceFault):  # one that is not there is said when it is written to
            free = free_bytes(Path(place.folder))
            if free < needed:
                short.append(f"{place.name} has {free >> 20} MiB")
    if short:
        raise Refused(
            f"a full backup may need {needed >> 20} MiB in each place, and {', '.join(short)}; make room there or name "
            "another place, nothing was done"
        )


def _base(
    plan: Plan,
    of: dict[str, int],
    known: list[Kept],
    servers: dict[str, Now],
    now: float,
    wanted: bool | None,
    notes: list[str],
) -> Kept | None:
    """The backup that this one goes on from; None for a full one. of: the numbers of the keys of now."""
    old = [name for name, server in servers.items() if server.version < INCREMENTAL_FROM]
    if old:
        notes.append(f"The server of {', '.join(old)} is older than PostgreSQL 17: each backup of it is a full one.")
    if wanted is False or old:
        return None
    for last in reversed(known):
        told = last.manifest
        same = {name: (told.databases[name].system, told.databases[name].timeline) for name in told.databases}
        if same != {name: (one.system, one.timeline) for name, one in servers.items()}:
            continue
        try:
            whole = chain(last, known)
        except Damaged:
            continue
        if any(one.manifest.keys != of for one in whole):
            return None  # a changed key opens nothing that went before: a new chain
        if len(whole) >= CHAIN_MAX or (wanted is None and now - whole[0].manifest.began > plan.full_days * DAY_S):
            return None
        return last
    if wanted:
        notes.append("There is no backup that this one could go on from: it is a full one.")
    return None


def _clear(plan: Plan) -> None:
    """Remove what a backup that was cut off left half made; nobody else takes one now."""
    for place in plan.places:
        for left in (place.root / plan.line).glob("*Z-*.part"):
            shutil.rmtree(left, ignore_errors=True)


class _Taking:
    """One backup under way."""

    def __init__(self, home: Installation, plan: Plan, keys: RecoveryKeys, now: float, say: Say) -> None:
        self._home, self._plan, self._keys, self._now, self._say = home, plan, keys, now, say
        self._done: list[Part] = []
        self._databases: dict[str, Database] = {}

    def run(self, servers: dict[str, Now], base: Kept | None, notes: list[str]) -> Taken:
        kind = INCREMENTAL if base else FULL
        name = f"{stamp(self._now)}-{kind}"
        _clear(self._plan)
        putting = Putting(self._plan.places, self._plan.line, name, self._keys)
        try:
            spare_block = self._spare_block()
            for store in BEFORE:
                self._store(putting, store)
            block, digest, at_us = head_of(self._home.database_url("bank")) if "bank" in servers else (0, "", 0)
            with self._lists(base) as lists:
                for building, server in servers.items():
                    self._database(putting, building, server, lists.get(building))
            after = head_of(self._home.database_url("bank"))[0] if "bank" in servers else 0
            for store in AFTER:
                self._store(putting, store)
            manifest = Manifest(
                line=self._plan.line,
                name=name,
                kind=kind,
                base=base.manifest.name if base else "",
                began=self._now,
                ended=time.time(),
                release=__version__,
                data_version=DATA_VERSION,
                keys={one: self._keys.newest(one) for one in (DATA, KEYS)},
                parts=tuple(self._done),
                databases=self._databases,
                block=block,
                block_hash=digest,
                block_at_us=at_us,
                block_after=after,
                spare_block=spare_block,
            )
            places = putting.finish(manifest, self._now)
        except BaseException:
            putting.abandon()
            raise
        return Taken(manifest, places, list(putting.lost.values()), notes)

    def _spare_block(self) -> int:
        folder = self._home.data / "standin"
        pointer = folder / "copy.current"
        path = folder / (pointer.read_text().strip() if pointer.exists() else "copy.sqlite")
        with contextlib.suppress(Damaged):
            return spare_head(path)[0]
        return 0

    def _store(self, putting: Putting, store: Store) -> None:
        with putting.part(store.name, store.key, self._done) as put:
            write_store(self._home, store, put)
        self._told()

    def _database(self, putting: Putting, building: str, server: Now, base_list: Path | None) -> None:
        with putting.part(building, DATA, self._done) as put:
            found = take_base(self._home.database_url(building), base_list, put)
        if found.wrong:
            raise Damaged(f"the backup of {building} was not whole while it was taken: {'; '.join(found.wrong[:3])}")
        self._told()
        with putting.part(LIST_PART.format(building), DATA, self._done) as put:
            put(found.listed)
        self._databases[building] = _described(found, server)

    def _told(self) -> None:
        last = self._done[-1]
        self._say(
            f"{last.name:<14} {last.plain_bytes / 1e6:9.1f} MB, sealed {last.sealed_bytes / 1e6:8.1f} MB, "
            f"{last.seconds:6.1f} s"
        )

    @contextlib.contextmanager
    def _lists(self, base: Kept | None) -> Iterator[dict[str, Path]]:
        """The lists of files of the backup that this one goes on from, for as long as they are needed."""
        with tempfile.TemporaryDirectory(prefix="holdfast-") as folder:
            out = {}
            for building in base.manifest.databases if base else ():
                part = LIST_PART.format(building)
                raw = open_bytes(base.folder / f"{part}.sealed", self._keys, DATA, base.manifest.context(part))  # type: ignore[union-attr]
                out[building] = Path(folder) / part
                out[building].write_bytes(raw)
            yield out


def _described(found: Files, server: Now) -> Database:
    timeline, begin, end = found.ranges()[-1]
    return Database(server.system, server.version, timeline, begin, end)
