"""Collects every building's numbers each ten seconds, keeps them, and hands them to whoever judges them."""

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import Error as DatabaseFault

from holdfast.control.calls import Switchboard
from holdfast.control.metrics import backups, elsewhere, host
from holdfast.control.metrics.deriving import Derived, Name, Read, derive, read
from holdfast.control.metrics.store import STEP_S, Store, note_trouble
from holdfast.telemetry import get_log
from holdfast.telemetry.metrics import joined, write

SOURCES = ("bank", "standin", "door 1", "door 2", "control")
PATH = "/-/metrics"
TIMEOUT_S = 2.0
TRIM_EVERY_S = 60.0
PART_OF = {"bank-worker": "bank-db", "bank-web": "bank-db", "control-watch": "control-db"}
"""Whose numbers a program tells on behalf of a part that cannot be asked."""
PROGRAM = "control-watch"


@dataclass(frozen=True, slots=True)
class Round:
    """What one round brought: values, programs that began anew, and how parts are set, by component and name."""

    at: datetime
    values: Mapping[Name, float]
    restarted: tuple[str, ...]
    settings: Mapping[tuple[str, str], str]


Judge = Callable[[Round], None]


class Collector:
    """One round after the other. judge: gets each; what it raises is logged and loses nothing."""

    def __init__(self, board: Switchboard, judge: Judge, gathered: Callable[[], Mapping[Name, float]]) -> None:
        self._board = board
        self._judge = judge
        self._gathered = gathered
        self._folder = board.installation.folder("control")
        self._store = Store()
        self._network = host.Network()
        self._before: dict[str, Read] = {}
        self._trim_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until stopped, at whole steps of the clock."""
        while not stop.wait(STEP_S - time.time() % STEP_S):
            self.round(datetime.now(UTC))

    def round(self, at: datetime) -> None:
        """Ask all, keep what they said, judge it. Raises django.db's errors."""
        values: dict[Name, float] = {
            **self._from_elsewhere(at),
            **host.look(self._board.installation.data),
            **self._network.look(),
            **backups.look(self._board.installation.keys, time.time()),
            **self._gathered(),
        }
        restarted: list[str] = []
        settings: dict[tuple[str, str], str] = {}
        for source in SOURCES:
            derived, trouble = self._of(source)
            values.update(derived.values)
            restarted.extend(derived.restarted)
            settings.update(derived.settings)
            note_trouble(source, trouble or derived.cut, at)
        note_trouble("kept", self._store.put(at, values), at)
        try:
            self._judge(Round(at, values, tuple(sorted(set(restarted))), settings))
        except DatabaseFault:
            raise
        except Exception as error:  # judging must not stop collecting
            get_log().exception("what was measured was not judged", why=repr(error))
        self._store.roll_up(at)
        if time.monotonic() >= self._trim_at:
            self._store.trim(at)
            self._trim_at = time.monotonic() + TRIM_EVERY_S

    def _from_elsewhere(self, at: datetime) -> Mapping[Name, float]:
        """What a Prometheus of others has, where the bank named one; ours stand above it."""
        try:
            found, trouble = elsewhere.ask(elsewhere.read_places(self._folder))
        except elsewhere.BadPlaces as fault:
            found, trouble = {}, str(fault)
        note_trouble("elsewhere", trouble, at)
        return found

    def _of(self, source: str) -> tuple[Derived, str]:
        """What one source measured since the last round; why it is missing otherwise."""
        try:
            text = self._text(source)
            found = read(text, time.monotonic())
        except (OSError, http.client.HTTPException) as error:
            self._before.pop(source, None)
            return Derived({}), f"It does not tell its numbers: {error or type(error).__name__}."
        except ValueError as error:
            return Derived({}), f"Its numbers have not the form: {str(error)[:200]}."
        derived = derive(self._before.get(source), found, PART_OF)
        self._before[source] = found
        return derived, ""

    def _text(self, source: str) -> str:
        if source == "control":
            write(self._folder, PROGRAM)
            return joined(self._folder).decode()
        return self._board.text(source, PATH, TIMEOUT_S)
