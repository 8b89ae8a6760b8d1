"""The line's counters, shared by the doors of this machine: a few numbers in one small file, changed under its lock.

Places are numbers that only grow. Everybody up to `called` may come in; `called` never passes `issued`. A door that is
started again finds the numbers as they were, so the order stands. When the file itself is lost, the new one begins at a
number above all that were given before, and those who waited get new places as they come: their order is then lost.
"""

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

NAME = "waiting.line"
_FORM = struct.Struct("<8sQQQQQddd")
_MARK = b"hfline01"
LOCK_TRIES_MAX = 5
LOCK_GAP_S = 0.001
BY_HAND_S_MAX = 2.0
"""Of a rate set by hand at most so many seconds are saved up while nobody comes."""
RATE_MAX = 1000.0


@dataclass(frozen=True, slots=True)
class Counts:
    """base: the number before the first of this line; issued, called: the last of each; came: people let in; finished:
    logins answered while somebody waited; by_hand: people a second as staff set it, below 0 for not set; saved:
    people who may still be called under it, as of `saved_at` (monotonic seconds)."""

    base: int
    issued: int
    called: int
    came: int = 0
    finished: int = 0
    by_hand: float = -1.0
    saved: float = 0.0
    saved_at: float = 0.0

    @property
    def in_line(self) -> int:
        """People, or programs, who hold a place and were not called yet."""
        return self.issued - self.called

    @property
    def is_open(self) -> bool:
        """Whether nobody waits and nobody needs a ticket."""
        return self.issued <= self.called and self.by_hand < 0


def called_on(counts: Counts, count: int, now: float) -> Counts:
    """The counters after calling up to count more. Under a rate set by hand no more than it allows. Pure.

    Invariant: called never shrinks and never passes issued."""
    if counts.by_hand >= 0:
        passed_s = min(max(now - counts.saved_at, 0.0), BY_HAND_S_MAX)
        saved = min(counts.saved + passed_s * counts.by_hand, max(counts.by_hand * BY_HAND_S_MAX, 1.0))
        count = min(count, int(saved) if counts.by_hand > 0 else 0, counts.in_line)
        return replace(counts, called=counts.called + max(count, 0), saved=saved - max(count, 0), saved_at=now)
    return replace(counts, called=counts.called + max(min(count, counts.in_line), 0))


class Line:
    """The counters of one folder. Methods take some microseconds, and never wait longer than a few milliseconds."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        try:
            self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # a full or lost disk: this door keeps a line of its own
            self._file = os.memfd_create(NAME)
        self._change(lambda counts: counts)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def look(self) -> Counts:
        """The counters as they are."""
        return self._read() or self._new()

    def take(self) -> int:
        """The next place."""
        return self._change(lambda counts: replace(counts, issued=counts.issued + 1)).issued

    def call(self, count: int) -> Counts:
        """Call up to count more."""
        return self._change(lambda counts: called_on(counts, count, self._clock()))

    def owe(self) -> None:
        """Somebody got a place that another has too: under a rate set by hand one fewer may be called."""
        self._change(lambda counts: replace(counts, saved=counts.saved - 1 if counts.by_hand >= 0 else counts.saved))

    def note(self, *, came: int = 0, finished: int = 0) -> None:
        """Somebody was let in, or a login was answered."""
        self._change(lambda counts: replace(counts, came=counts.came + came, finished=counts.finished + finished))

    def set_by_hand(self, per_s: float | None) -> Counts:
        """Let in so many people a second at both doors, 0 for nobody; None: as the bank can serve. Raises
        ValueError."""
        if per_s is not None and not 0 <= per_s <= RATE_MAX:
            raise ValueError(f"the rate is between 0 and {RATE_MAX:g} people a second")
        rate = -1.0 if per_s is None else per_s
        return self._change(lambda counts: replace(counts, by_hand=rate, saved=0.0, saved_at=self._clock()))

    def _change(self, change: Callable[[Counts], Counts]) -> Counts:
        """Under the lock where it is to be had at once; without it two doors may give one place twice, which harms
        nobody, where waiting for a door that stands still would."""
        locked = self._lock()
        try:
            after = change(self._read() or self._new())
            with contextlib.suppress(OSError):
                os.pwrite(self._file, _FORM.pack(_MARK, *_numbers(after)), 0)
            return after
        finally:
            if locked:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def _lock(self) -> bool:
        for _ in range(LOCK_TRIES_MAX):
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(LOCK_GAP_S)
                continue
            return True
        return False

    def _read(self) -> Counts | None:
        try:
            raw = os.pread(self._file, _FORM.size, 0)
        except OSError:
            return None
        if len(raw) < _FORM.size or raw[:8] != _MARK:
            return None
        return Counts(*_FORM.unpack(raw)[1:])

    @staticmethod
    def _new() -> Counts:
        base = int(time.time() * 1000)
        return Counts(base, base, base)


def _numbers(counts: Counts) -> tuple[float, ...]:
    return (
        counts.base,
        counts.issued,
        counts.called,
        counts.came,
        counts.finished,
        counts.by_hand,
        counts.saved,
        counts.saved_at,
    )
