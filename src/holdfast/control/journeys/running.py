"""When each journey begins: threads of the watch, one a journey, so that none waits for another.

A journey that failed at the password is walked again at once with new ones from the bank: after a restored backup the
bank knows others than we do, and that is no fault that a customer would have.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from django.db import Error as DatabaseFault

from holdfast.control.calls import Switchboard
from holdfast.control.journeys import record
from holdfast.control.journeys.browser import Browser
from holdfast.control.journeys.errors import NoLogins
from holdfast.control.journeys.logins import Login, Logins
from holdfast.control.journeys.results import FRESH_LOGIN, KEPT_SESSION, Result, Tried
from holdfast.control.journeys.spare import try_spare
from holdfast.control.journeys.walking import Journey
from holdfast.control.metrics.store import note_trouble
from holdfast.telemetry import get_log

KEPT_EVERY_S, LOGIN_EVERY_S, SPARE_EVERY_S = 10.0, 60.0, 60.0
PAYS_EVERY = 6
"""Journeys of the kept session between two that pay."""
AGAIN_S = 35.0
"""After a first failure it is tried again so soon, with a payment: the authenticator must show another code by then."""
NEW_LOGIN_S = 2.0
"""Until every process of both banks knows a new password."""
TRIM_EVERY_S = 600.0
FIRST_S = 5.0
"""Between one journey's beginning and the next one's, so that they do not all come at once."""


class Journeys:
    """All journeys of one watch."""

    def __init__(self, board: Switchboard, logins: Logins | None = None) -> None:
        self._board = board
        self._logins = logins or Logins(board)
        self.tried = Tried()
        self._told = ""

    def loops(self, stop: threading.Event) -> list[tuple[str, Callable[[], None]]]:
        """Name and work of each thread. None beside a foreign core: its customers are not ours to try."""
        if self._board.installation.core:
            return []
        return [
            ("journey of the kept session", lambda: self._walk(stop, KEPT_SESSION, 0, KEPT_EVERY_S)),
            ("journey of the fresh login", lambda: self._walk(stop, FRESH_LOGIN, 1, LOGIN_EVERY_S)),
            ("journey at the spare bank", lambda: self._try_spare(stop)),
        ]

    def _walk(self, stop: threading.Event, name: str, which: int, every_s: float) -> None:
        walker = Walker(self._board, self._logins, name, which)
        due = time.monotonic() + FIRST_S * (which + 1)
        with asyncio.Runner() as runner:
            while not stop.wait(max(0.0, due - time.monotonic())):
                due = max(due + every_s, time.monotonic())
                with self._known():
                    self.note(walker.once(runner, stop))
                    if walker.again:
                        due = min(due, time.monotonic() + AGAIN_S)

    def _try_spare(self, stop: threading.Event) -> None:
        due, trim_at = time.monotonic() + FIRST_S * 3, 0.0
        while not stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + SPARE_EVERY_S, time.monotonic())
            with self._known():
                other, who = self._logins.get()
                self.note(try_spare(self._board, who, other, time.time))
            if time.monotonic() >= trim_at:
                trim_at = time.monotonic() + TRIM_EVERY_S
                with contextlib.suppress(DatabaseFault):
                    record.trim(datetime.now(UTC))

    @contextlib.contextmanager
    def _known(self) -> Iterator[None]:
        """Without test customers no journey is made; why is said where measurements are."""
        words = ""
        try:
            yield
        except NoLogins as fault:
            words = str(fault)
        if words != self._told:
            with contextlib.suppress(DatabaseFault):
                note_trouble("journeys", words, datetime.now(UTC))
                self._told = words

    def note(self, result: Result) -> None:
        """Keep what a journey came to; a database that is away loses the row, never the measurement."""
        self.tried.put(result)
        if result.failed:
            get_log().warning(
                "a journey failed", journey=result.journey, step=result.failed, why=result.why, bank=result.bank
            )
        with contextlib.suppress(DatabaseFault):
            record.note(result)


class Walker:
    """One customer's journey, again and again; which: of the test customers. again: the last one failed and the one
    before did not, so that it is worth knowing soon whether it lasts."""

    def __init__(self, board: Switchboard, logins: Logins, name: str, which: int) -> None:
        self._board = board
        self._logins = logins
        self._name = name
        self._which = which
        self._browser = Browser(board.installation)
        self._journey: Journey | None = None
        self._by: tuple[Login, ...] = ()
        self._walked = 0
        self._failed = False
        self.again = False

    def once(self, runner: asyncio.Runner, stop: threading.Event) -> Result:
        """Walk it, and once more where the password was not the bank's any more; raises NoLogins."""
        result = self._walk(runner, self._logins.get())
        if self._journey is not None and self._journey.wrong_password:
            with contextlib.suppress(NoLogins):
                fresh = self._logins.renew()
                stop.wait(NEW_LOGIN_S)
                result = self._walk(runner, fresh)
        self._walked += 1
        self.again, self._failed = bool(result.failed) and not self._failed, bool(result.failed)
        return result

    def _walk(self, runner: asyncio.Runner, logins: tuple[Login, ...]) -> Result:
        if self._journey is None or logins != self._by:
            self._journey = Journey(self._name, self._browser, logins[self._which])
            self._by = logins
        other, currency = logins[1 - self._which], self._board.installation.currency
        if self._name == FRESH_LOGIN:
            return runner.run(self._journey.fresh(other, currency))
        pays = self.again or self._walked % PAYS_EVERY == 0
        return runner.run(self._journey.kept(other, currency, pays=pays))
