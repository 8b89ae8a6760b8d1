"""Receive a server's log while it is written: PostgreSQL's own pg_receivewal, kept running, with a slot of its own, so
that the server keeps what was not received yet (up to max_slot_wal_keep_size; beyond it there is a gap, which is said).
"""

import contextlib
import subprocess
import time
from pathlib import Path

import psycopg

from holdfast.recover.queries import SQL
from holdfast.recover.wal import HISTORY, SEGMENT
from holdfast.runtime.postgres import binaries
from holdfast.settings import Installation

SLOT = "holdfast_backups"
PAUSE_S_MIN, PAUSE_S_MAX = 0.5, 30.0
WORDS_BYTES_MAX = 4000
PARTIAL = ".partial"


class Receiver:
    """One server's log into a folder. trouble: why it does not come, in words; gap: that some of it never will."""

    def __init__(self, home: Installation, building: str) -> None:
        self.building = building
        self.folder = home.folder("recover") / "wal" / building
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.trouble = ""
        self.gap = ""
        self._url = home.database_url(building)
        self._words = home.folder("recover") / f"receive-{building}.log"
        self._child: subprocess.Popen[bytes] | None = None
        self._released = False
        self._pause_s, self._next = PAUSE_S_MIN, 0.0

    def look(self) -> None:
        """Start it, or start it again when it has ended; returns at once."""
        self._released = False
        if self._child is not None:
            if self._child.poll() is None:
                return
            self._child = None
            self.trouble = f"the log of {self.building} is not received: {self._said()}"
            if "has already been removed" in self.trouble or "invalidated" in self.trouble:
                self._begin_anew()
            self._next = time.monotonic() + self._pause_s
            self._pause_s = min(self._pause_s * 2, PAUSE_S_MAX)
        if time.monotonic() < self._next:
            return
        try:
            with psycopg.connect(self._url, connect_timeout=3, autocommit=True) as base:
                if base.execute(SQL["slot"].encode(), (SLOT,)).fetchone() is None:
                    base.execute(SQL["make_slot"].encode(), (SLOT,))
        except psycopg.Error as error:
            words = str(error).replace(self._url, "(the server)")[:200]
            self.trouble = f"the log of {self.building} is not received: {words}"
            self._next = time.monotonic() + self._pause_s
            self._pause_s = min(self._pause_s * 2, PAUSE_S_MAX)
            return
        argv = [str(binaries() / "pg_receivewal"), "-d", self._url, "-D", str(self.folder), "-S", SLOT, "-w"]
        with self._words.open("wb") as out:
            self._child = subprocess.Popen(
                [*argv, "--synchronous", "--no-loop"], stdout=out, stderr=out, stdin=subprocess.DEVNULL
            )

    def well(self) -> bool:
        """Whether it runs, and has for a moment."""
        if self._child is not None and self._child.poll() is None:
            self.trouble, self._pause_s = "", PAUSE_S_MIN
            return True
        return False

    def stop(self) -> None:
        """End it cleanly: what was received is on the disk."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(5)
            if self._child.poll() is None:
                self._child.kill()
                self._child.wait()

    def release(self) -> None:
        """Where no place is named any more: receive no more, and have the server keep nothing for us."""
        if self._released:
            return
        self.stop()
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._url, connect_timeout=3, autocommit=True) as base:
            base.execute(SQL["drop_slot"].encode(), (SLOT,))
            self._released = base.execute(SQL["slot"].encode(), (SLOT,)).fetchone() is None

    def whole(self) -> list[Path]:
        """The segments, and histories of timelines, that are received whole."""
        return sorted(
            one for one in self.folder.iterdir() if SEGMENT.fullmatch(one.name) or HISTORY.fullmatch(one.name)
        )

    def partly(self) -> list[Path]:
        """Segments that are still written."""
        return sorted(one for one in self.folder.iterdir() if SEGMENT.fullmatch(one.name.removesuffix(PARTIAL))
                      and one.name.endswith(PARTIAL))  # fmt: skip

    def end_segment(self) -> None:
        """Have the server end the segment that it writes: a place that holds gets whole ones only."""
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._url, connect_timeout=3, autocommit=True) as base:
            base.execute(SQL["end_segment"].encode())

    def _begin_anew(self) -> None:
        """What the server has thrown away never comes: go on from now, and say that there is a gap."""
        self.gap = f"some of the log of {self.building} was lost before it was received; a full backup is needed"
        with contextlib.suppress(psycopg.Error), psycopg.connect(self._url, connect_timeout=3, autocommit=True) as base:
            base.execute(SQL["drop_slot"].encode(), (SLOT,))
        for path in self.partly():
            path.unlink()

    def _said(self) -> str:
        with contextlib.suppress(OSError):
            with self._words.open("rb") as source:
                lines = source.read(WORDS_BYTES_MAX).decode(errors="replace").splitlines()
            return lines[-1][-300:] if lines else "it ended without a word"
        return "it ended"
