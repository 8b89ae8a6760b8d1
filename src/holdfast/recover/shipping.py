"""Put away what was written since the last backup, every few seconds: the servers' log, then the spare bank's journal,
then the register. In this order the journal has whatever the bank took from it, and the register no older epoch.
"""

import contextlib
import json
import os
import time
from pathlib import Path

from holdfast.recover import shelf
from holdfast.recover.databases import database_names
from holdfast.recover.errors import RecoverFault
from holdfast.recover.keys import DATA, RecoveryKeys, own_keys
from holdfast.recover.places import put_file, remove_file
from holdfast.recover.plan import Place, Plan, read_plan
from holdfast.recover.receiving import PARTIAL, Receiver
from holdfast.recover.sealing import seal_bytes
from holdfast.recover.stores import LATEST, write_store
from holdfast.settings import Installation
from holdfast.signing.keyfile import write_private

SEGMENT_S_MAX = 300.0
"""After this a segment is ended that is not full yet."""
SPOOL_SEGMENTS_MAX = 512
"""Received and not put away (8 GiB) while places are away; beyond it the oldest is given up, and said."""
LATEST_KEPT = 5
STATE = "shipped.json"


class Shipper:
    """What is put away, and where. trouble: what does not work, by what it is about, in words."""

    def __init__(self, home: Installation) -> None:
        self._home = home
        self.receivers = [Receiver(home, building) for building in database_names(home)]
        self.trouble: dict[str, str] = {}
        self._seen: dict[str, tuple[float, ...]] = {}
        self._begun: dict[str, float] = {}
        self._shipped_at: dict[str, float] = {}

    def look(self) -> None:
        """Keep the receivers running while a place is named."""
        wanted = bool(read_plan(self._home).places)
        for one in self.receivers:
            if wanted:
                one.look()
            else:
                one.release()

    def ship(self) -> None:
        """Put away what is new; raises RecoverFault when plan or keys cannot be read."""
        plan, keys = read_plan(self._home), own_keys(self._home)
        self.trouble = {}
        if not plan.places:
            return
        now = time.time()
        for one in self.receivers:
            if one.well():
                self._shipped_at[one.building] = now
            elif one.trouble:
                self.trouble[one.building] = one.trouble
            if one.gap:
                self.trouble[f"{one.building} gap"] = one.gap
            self._log(one, plan, keys)
        for store in LATEST:
            self._store(store.name, plan, keys)
        self._tell(now)

    def stop(self) -> None:
        """End the receivers."""
        for one in self.receivers:
            one.stop()

    def _log(self, receiver: Receiver, plan: Plan, keys: RecoveryKeys) -> None:
        for path in receiver.whole():
            raw = path.read_bytes()
            done = [self._put_log(place, plan, keys, receiver.building, path.name, raw) for place in plan.places]
            if all(done):
                path.unlink()
        for path in receiver.whole()[:-SPOOL_SEGMENTS_MAX]:
            receiver.gap = f"{path.name} of the log of {receiver.building} could not be put away and was given up"
            path.unlink()
        for path in receiver.partly():
            with contextlib.suppress(FileNotFoundError):  # it is whole meanwhile
                self._partly(receiver, path, plan, keys)

    def _put_log(self, place: Place, plan: Plan, keys: RecoveryKeys, building: str, name: str, raw: bytes) -> bool:
        """Whether the place has it. A segment that is whole takes the place of its parts."""
        folder = shelf.wal_folder(place, plan.line, building)
        path = folder / f"{name}{shelf.SEALED}"
        try:
            if not path.exists():
                self._must_be_there(place)
                put_file(place, path, seal_bytes(keys, DATA, shelf.log_context(plan.line, building, name), raw))
            for part in folder.glob(f"{name}{shelf.PARTIAL}*"):
                remove_file(part)
        except OSError as error:
            self.trouble[place.name] = f"the place {place.name!r} does not take the log: {error.strerror or error}"
            return False
        return True

    def _partly(self, receiver: Receiver, path: Path, plan: Plan, keys: RecoveryKeys) -> None:
        stamp = (path.stat().st_mtime,)
        if self._seen.get(str(path)) == stamp:
            return
        raw, plain, building = path.read_bytes(), path.name.removesuffix(PARTIAL), receiver.building
        name = f"{plain}{shelf.PARTIAL}{time.time_ns() // 1000}"
        sealed = seal_bytes(keys, DATA, shelf.log_context(plan.line, building, name), raw)
        done = [
            self._put_loose(place, shelf.wal_folder(place, plan.line, building), name, sealed) for place in plan.places
        ]
        if all(done):
            self._seen[str(path)] = stamp
        if time.monotonic() - self._begun.setdefault(str(path), time.monotonic()) > SEGMENT_S_MAX:
            del self._begun[str(path)]
            receiver.end_segment()

    def _put_loose(self, place: Place, folder: Path, name: str, sealed: bytes) -> bool:
        """Not held: it is replaced by the next one, and older ones of the same are removed."""
        try:
            self._must_be_there(place)
            put_file(Place(place.name, place.folder), folder / f"{name}{shelf.SEALED}", sealed)
            stem, separator, _ = name.rpartition("-")
            kept = LATEST_KEPT if folder.name == "latest" else 1
            for old in sorted(folder.glob(f"{stem}{separator}*{shelf.SEALED}"))[:-kept]:
                remove_file(old)
        except OSError as error:
            self.trouble[place.name] = f"the place {place.name!r} takes nothing: {error.strerror or error}"
            return False
        return True

    def _store(self, name: str, plan: Plan, keys: RecoveryKeys) -> None:
        store = next(one for one in LATEST if one.name == name)
        stamp = tuple(
            beside.stat().st_mtime
            for path in store.files(self._home.data)
            for beside in (path, path.with_name(f"{path.name}-wal"))
            if beside.exists()
        )
        if not stamp or self._seen.get(name) == stamp:
            return
        at_us, raw = time.time_ns() // 1000, bytearray()
        try:
            write_store(self._home, store, raw.extend)
        except RecoverFault as fault:
            self.trouble[name] = str(fault)
            return
        full = f"{name}-{at_us}"
        sealed = seal_bytes(keys, DATA, shelf.latest_context(plan.line, full), bytes(raw))
        done = [self._put_loose(place, shelf.latest_folder(place, plan.line), full, sealed) for place in plan.places]
        if all(done):
            self._seen[name] = stamp

    @staticmethod
    def _must_be_there(place: Place) -> None:
        """A disk that is not mounted must not be written beside."""
        if not os.path.isdir(place.folder):  # noqa: PTH112  # Path hides why
            raise FileNotFoundError(2, "it is not there")

    def _tell(self, now: float) -> None:
        told = {"at": now, "buildings": self._shipped_at, "trouble": self.trouble}
        write_private(self._home.folder("recover") / STATE, json.dumps(told, indent=1).encode())
