"""Write into places: each part once into all of them, whole or not at all; read-only and held where a place says so.

A place that vanishes midway is left out from then on, and said; the others get the backup whole.
"""

import array
import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from holdfast.recover.errors import PlaceFault
from holdfast.recover.keys import RecoveryKeys
from holdfast.recover.manifest import Manifest, Part, held, write_manifest
from holdfast.recover.plan import Place
from holdfast.recover.sealing import Sealing
from holdfast.signing.keyfile import sync_folder

DAY_S = 86_400
FREE_SHARE_MIN = 0.02
_GET_FLAGS, _SET_FLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10
"""FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IMMUTABLE_FL of Linux (ioctl_iflags(2))."""


def free_bytes(folder: Path) -> int:
    """Room that is left, beside what the disk needs itself; raises PlaceFault."""
    try:
        found = shutil.disk_usage(folder)
    except OSError as error:
        raise PlaceFault(f"{folder} cannot be reached ({error.strerror}); mount it, or name another place") from error
    return found.free - int(found.total * FREE_SHARE_MIN)


class Putting:
    """One backup on its way into several places. lost: what became of places that failed, by name, in words."""

    def __init__(self, places: tuple[Place, ...], line: str, name: str, keys: RecoveryKeys) -> None:
        self.lost: dict[str, str] = {}
        self._line, self._name, self._keys = line, name, keys
        self._folders: dict[str, Path] = {}
        self._places = {place.name: place for place in places}
        for place in places:
            part = place.root / line / f"{name}.part"
            with self._watched(place.name):
                if not Path(place.folder).is_dir():
                    raise FileNotFoundError(2, "the folder is not there", place.folder)
                part.mkdir(parents=True, mode=0o700)
                self._folders[place.name] = part
        self._must_go_on()

    @contextlib.contextmanager
    def _watched(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.lost[name] = f"the place {name!r} failed ({error.strerror or error}); it does not have this backup"
            part = self._folders.pop(name, None)
            if part is not None:
                shutil.rmtree(part, ignore_errors=True)

    def _must_go_on(self) -> None:
        if not self._folders:
            raise PlaceFault("no place takes the backup: " + "; ".join(self.lost.values()))

    @contextlib.contextmanager
    def part(self, name: str, key: str, done: list[Part]) -> Iterator[Callable[[bytes], None]]:
        """Write one part: plain bytes are handed to what this gives; then it is in `done`. Raises PlaceFault when no
        place is left."""
        at, began = time.time(), time.monotonic()
        sealing = Sealing(self._keys, key, f"{self._line}/{self._name}/{name}")
        summed, size = hashlib.sha256(), 0
        files: dict[str, BinaryIO] = {}
        with contextlib.ExitStack() as opened:
            for place, folder in list(self._folders.items()):
                with self._watched(place):
                    files[place] = opened.enter_context((folder / f"{name}.sealed").open("xb"))

            def put(sealed: bytes) -> None:
                nonlocal size
                summed.update(sealed)
                size += len(sealed)
                for place in list(self._folders):
                    with self._watched(place):
                        files[place].write(sealed)
                self._must_go_on()

            yield lambda plain: put(sealing.take(plain))
            put(sealing.end())
            for place in list(self._folders):
                with self._watched(place):
                    files[place].flush()
                    os.fsync(files[place].fileno())
        seconds = round(time.monotonic() - began, 3)
        done.append(Part(name, key, sealing.plain_bytes, size, summed.hexdigest(), at, seconds))

    def finish(self, manifest: Manifest, now: float) -> list[str]:
        """Put the manifest beside the parts and the whole in its place; the names of the places that have it."""
        for name, part in list(self._folders.items()):
            place = self._places[name]
            with self._watched(name):
                until = now + place.hold_days * DAY_S if place.hold_days else 0.0
                write_manifest(part, held(manifest, until), self._keys)
                whole = part.with_suffix("")
                part.rename(whole)
                sync_folder(whole.parent)
                if place.hold_days:
                    make_lasting(whole)
        self._must_go_on()
        return list(self._folders)

    def abandon(self) -> None:
        """Take back what was put."""
        for part in self._folders.values():
            shutil.rmtree(part, ignore_errors=True)


def put_file(place: Place, path: Path, content: bytes) -> None:
    """A small file into a place, whole or not at all; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    sync_folder(path.parent)
    if place.hold_days:
        _lasting_file(path)


def make_lasting(folder: Path) -> None:
    """Nothing in it can be written; where the system lets us, nothing can be removed either, by anybody but root and
    only on purpose (the file's immutable mark)."""
    for path in folder.iterdir():
        _lasting_file(path)
    folder.chmod(0o500)
    _mark(folder, True)


def _lasting_file(path: Path) -> None:
    path.chmod(0o400)
    _mark(path, True)


def remove(folder: Path) -> None:
    """Remove a backup whose hold is over; raises OSError."""
    _mark(folder, False)
    folder.chmod(0o700)
    for path in folder.iterdir():
        remove_file(path)
    folder.rmdir()


def remove_file(path: Path) -> None:
    """Remove one file that is not held any more; raises OSError."""
    _mark(path, False)
    path.unlink(missing_ok=True)


def is_immutable(path: Path) -> bool:
    """Whether the system itself keeps it from being removed."""
    try:
        with path.open("rb") as source:
            flags = array.array("i", [0])
            fcntl.ioctl(source, _GET_FLAGS, flags, True)
    except OSError:
        return False
    return bool(flags[0] & _IMMUTABLE)


def _mark(path: Path, wanted: bool) -> None:
    with contextlib.suppress(OSError):  # the file system has no such mark, or we may not set it: said by is_immutable
        handle = os.open(path, os.O_RDONLY)
        try:
            flags = array.array("i", [0])
            fcntl.ioctl(handle, _GET_FLAGS, flags, True)
            flags[0] = flags[0] | _IMMUTABLE if wanted else flags[0] & ~_IMMUTABLE
            fcntl.ioctl(handle, _SET_FLAGS, flags)
        finally:
            os.close(handle)
