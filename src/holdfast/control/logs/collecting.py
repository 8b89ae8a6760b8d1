"""Collects what every building's processes warned of, each ten seconds, and says where lines are missing."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from holdfast.control.calls import Switchboard
from holdfast.control.logs.store import OWN, Store, Taken
from holdfast.control.metrics.models import Trouble
from holdfast.control.metrics.store import note_trouble
from holdfast.telemetry.lines import FOLDER, LIMIT_MAX, joined

SOURCES = tuple(OWN)
EVERY_S = 10
TIMEOUT_S = 2.0
CALLS_MAX = 5
"""Calls of one source a round: 5,000 lines in ten seconds are read, more wait for the next round."""
TRIM_EVERY_S = 60.0
SAID_FOR_S = 600.0
"""How long it is said that lines were cut or lost, after the last of them."""
OF = "lines of "


class Keeps(Protocol):
    """What keeps that which is collected."""

    def cursors_of(self, source: str) -> dict[str, int]:
        """Up to which instant (µs) each program of a source was read."""
        ...

    def take(self, source: str, told: Sequence[object], now: datetime) -> Taken:
        """Keep what is not kept yet."""
        ...

    def trim(self, now: datetime) -> int:
        """Forget what is too old or too much."""
        ...


class Collector:
    """One round after the other; what was read is remembered in the database, with the lines.

    path, kind: where a building tells it and the folder that it is in; of, what: how troubles with it are named."""

    path, kind, of, what = "/-/lines", FOLDER, OF, "lines"
    store_kind: Callable[[], Keeps] = Store

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._folder = board.installation.folder("control")
        self._store = self.store_kind()
        self._cut: dict[str, tuple[str, float]] = {}
        self._trim_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until stopped."""
        while not stop.wait(EVERY_S):
            self.round(datetime.now(UTC))

    def round(self, at: datetime) -> None:
        """Ask all, keep what is new. Raises django.db's errors; what was not kept is asked for again then."""
        troubles = {source: words for source in SOURCES if (words := self._of(source, at))}
        self._cut = {name: (words, until) for name, (words, until) in self._cut.items() if until > time.monotonic()}
        said = {
            self.of + name: words
            for name, words in ({name: cut for name, (cut, _) in self._cut.items()} | troubles).items()
        }
        gone = Trouble.objects.filter(source__startswith=self.of).exclude(source__in=said)
        for name in list(gone.values_list("source", flat=True)):
            note_trouble(name, "", at)
        for name, words in said.items():
            note_trouble(name, words, at)
        if time.monotonic() >= self._trim_at:
            self._store.trim(at)
            self._trim_at = time.monotonic() + TRIM_EVERY_S

    def _of(self, source: str, at: datetime) -> str:
        """Read one source; why it cannot be, "" when it was."""
        for _ in range(CALLS_MAX):
            told, more, words = self._ask(source)
            if words:
                return words
            taken = self._store.take(source, told, at)
            for program in taken.lost.keys() | taken.counted.keys():
                self._cut[program] = (_cut(taken, program, self.what), time.monotonic() + SAID_FOR_S)
            if taken.refused:
                return f"{taken.refused} of its {self.what} have not the agreed form."
            if not more or not told:
                break
        return ""

    def _ask(self, source: str) -> tuple[Sequence[object], bool, str]:
        after = self._store.cursors_of(source)
        if source == "control":
            found = joined(self._folder, after, kind=self.kind)
            return [one.to_wire() for one in found.lines], found.more, ""
        since = ",".join(f"{program}:{at_us}" for program, at_us in sorted(after.items()))
        reply = self._board.ask(source, self.path, f"since={since}&limit={LIMIT_MAX}", TIMEOUT_S)
        told = reply.body.get("lines")
        if not reply.well:
            return [], False, f"It does not tell its {self.what}: {reply.words}."
        if not isinstance(told, list) or len(told) > LIMIT_MAX:
            return [], False, f"Its {self.what} have not the agreed form."
        return told, reply.body.get("more") is True, ""


def _cut(taken: Taken, program: str, what: str) -> str:
    said = []
    if lost := taken.lost[program]:
        said.append(f"{lost} {what} were lost: there were more than are kept to be read.")
    if counted := taken.counted[program]:
        said.append(f"{counted} {what} alike were counted only: there were too many.")
    return " ".join(said)
