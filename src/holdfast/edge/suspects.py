"""Requests that broke a bank: tried at the other one alone, refused when that broke too, and refused from then on.

A bank that dies takes down all that is under way in it, and only one of those requests is to blame. So who was struck
once goes to the other bank one after the other, at most one at a time for all doors of this machine (`Turn`). The one
that strikes again while it is there alone is the one to blame: what it was is remembered by its fingerprint, an HMAC
under the register's key, in an event of the register that every door follows (`Blamed`). Innocent neighbours are not.
"""

import asyncio
import fcntl
import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from typing import IO

REFUSED_S = 600.0
BLAMED_MAX = 1000
TURN_S_MAX = 1.0
LOOK_S = 0.005


def marks(method: str, path_and_query: str, sessions: str, body: bytes) -> bytes:
    """What makes a request this one. Without a body the sessions belong to it: the same address means other pages to
    other people, and one customer's broken page must not close it for all."""
    parts = (method, path_and_query, "" if body else sessions, hashlib.sha256(body).hexdigest())
    return "\n".join(parts).encode()


class Blamed:
    """The fingerprints to refuse, by when they were blamed (seconds since 1970). At most BLAMED_MAX, oldest out."""

    def __init__(self) -> None:
        self._at: OrderedDict[str, float] = OrderedDict()
        self.last_event = 0

    def __bool__(self) -> bool:
        return bool(self._at)

    def learn(self, last_event: int, found: Iterable[tuple[float, str]]) -> None:
        """Take (at, fingerprint) in order; last_event: how far the register's events were read."""
        self.last_event = last_event
        for at, fingerprint in found:
            self._at[fingerprint] = at
            self._at.move_to_end(fingerprint)
            if len(self._at) > BLAMED_MAX:
                self._at.popitem(last=False)

    def holds(self, fingerprint: str) -> bool:
        """Whether this request is refused now; what is past its time is forgotten."""
        now = time.time()
        while self._at and now - next(iter(self._at.values())) > REFUSED_S:
            self._at.popitem(last=False)
        return fingerprint in self._at


class Turn:
    """`async with Turn(…) as turn`: turn.alone is True while no other struck request of this machine is sent.

    It waits for at most TURN_S_MAX; then the request goes beside the other, and nobody is blamed by it. The lock is
    the file's, so a door that dies lets it go.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self.alone = False

    async def __aenter__(self) -> "Turn":
        self._file = self._path.open("w")
        deadline = time.monotonic() + TURN_S_MAX
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return self
                await asyncio.sleep(LOOK_S)
                continue
            self.alone = True
            return self

    async def __aexit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()  # closing lets the lock go
