"""The loops of `python -m holdfast.control watch`: threads around one desk, each wait bounded, none ends by an error.

Threads observe and put what they saw into one queue; the desk alone decides and writes. When the queue is
full the oldest probe is dropped, never a door's event: its cursor moves only when it was written.
"""

import contextlib
import contextvars
import queue
import signal
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import Error as DatabaseFault
from django.db import connection
from django.utils import timezone

from holdfast.control.alerts.judging import Judge
from holdfast.control.calls import Kind, Switchboard
from holdfast.control.care import directory
from holdfast.control.community.inviting import remind_for_ever
from holdfast.control.incidents.models import Incident
from holdfast.control.journeys.running import Journeys
from holdfast.control.logs.collecting import Collector as Lines
from holdfast.control.maintenance.loop import maintain_for_ever
from holdfast.control.metrics.collecting import Collector, Round
from holdfast.control.metrics.deriving import Name
from holdfast.control.response.loop import respond_for_ever
from holdfast.control.response.watchers import live_for_ever
from holdfast.control.tell import publisher
from holdfast.control.traces.collecting import Collector as Traces
from holdfast.control.watch import probes
from holdfast.control.watch.desk import Desk, events_cursor
from holdfast.control.watch.detection import asks_to_resume
from holdfast.control.watch.gathering import Gathered
from holdfast.control.watch.observations import (
    BUILDINGS,
    Ask,
    ErrandFailed,
    Observation,
    Proved,
    Refunded,
    Sight,
)
from holdfast.control.watch.suspecting import diagnosed, worth_a_look
from holdfast.telemetry import get_log
from holdfast.telemetry.describing import describe

PROBE_EVERY_S = 1.0
MAIL_EVERY_S = 5.0
PROBE_AGAIN_S = 0.25
QUEUE_MAX = 2000
SUSPECTED_FOR, SUSPECTED_MAX = timedelta(minutes=10), 5
"""How long, and of how many open incidents at a time, the cause is looked for anew each round."""
NOTICED_WITHIN = timedelta(seconds=10)
"""An answer that was bad so long before an incident's beginning may be its first sign."""
TICK_S, CALM_TICK_S = 0.5, 2.0
PAUSE_AFTER_ERROR_S = 0.5
ERRAND_ATTEMPTS_MAX = 40
ERRAND_GAP_S = 1.5
ERRAND_TIMEOUT_S = 60.0
PROFILE_LIMIT = 2000
PROFILE_EVERY_S = 1.0
OWN_DOORS = ("door 1", "door 2")
RETRIES_MAX = 20
ASK_AGAIN_S = 20.0
T = TypeVar("T")


class Watch:
    """All loops of one process."""

    def __init__(self, board: Switchboard) -> None:
        self.board = board
        self.stop = threading.Event()
        self.seen: queue.Queue[Observation] = queue.Queue(QUEUE_MAX)
        self.errands: queue.Queue[Ask] = queue.Queue(100)
        self._running: set[str] = set()
        self._bank_unwell = threading.Event()
        self.gathered = Gathered()
        self.journeys = Journeys(board)
        self._held: tuple[Observation, int] | None = None
        self._desk_turned_at = time.monotonic()

    def run(self) -> None:
        """Until SIGTERM or SIGINT; the desk runs in this thread."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        describe(probes_every_s=PROBE_EVERY_S)
        loops: list[tuple[str, Callable[[], None]]] = [
            *((f"probe {building}", self._prober(building)) for building in BUILDINGS),
            *((f"probe {door}", self._prober(door)) for door in OWN_DOORS),
            ("probe bank's parts", self._parts),
            ("probe mail", self._mail),
            ("events", self._events),
            ("profile", self._profile),
            ("errands", self._run_errands),
            ("metrics", self._measure),
            ("lines", lambda: Lines(self.board).run(self.stop)),
            ("traces", lambda: Traces(self.board).run(self.stop)),
            *self.journeys.loops(self.stop),
            ("respond", lambda: respond_for_ever(self.stop)),
            ("maintenance", lambda: maintain_for_ever(self.stop)),
            ("webinars", lambda: remind_for_ever(self.stop)),
            ("sign of life", lambda: live_for_ever(self.board, self.stop, lambda: self._desk_turned_at)),
            ("publisher", lambda: publisher.publish_for_ever(self.board, self.stop)),
        ]
        desk = _insist(self.stop, "open the desk", lambda: Desk(self._ask))
        if desk is None:
            return
        _insist(self.stop, "say how things are", desk.begin)
        threads = [
            threading.Thread(
                target=contextvars.copy_context().run, args=(self._guarded, name, work), name=name, daemon=True
            )
            for name, work in loops
        ]
        for thread in threads:
            thread.start()
        get_log().info("watching", loops=len(threads))
        self._guarded("desk", lambda: self._desk(desk))
        for thread in threads:
            thread.join(timeout=2.0)

    def _guarded(self, name: str, work: Callable[[], None]) -> None:
        """Run a loop; whatever it raises is logged, and it begins again after a pause."""
        while not self.stop.is_set():
            try:
                work()
            except Exception as error:  # a loop that ends would blind the control room
                get_log().error("a loop began again", loop=name, error=f"{type(error).__name__}: {error}")
                with contextlib.suppress(DatabaseFault):
                    connection.close()
                self.stop.wait(PAUSE_AFTER_ERROR_S)

    def _put(self, seen: Observation) -> None:
        if isinstance(seen, Sight):
            self.gathered.put(seen)
        with contextlib.suppress(queue.Full):
            self.seen.put(seen, timeout=1.0)

    def _ask(self, ask: Ask) -> None:
        """Hand an errand to its thread; one that runs already is not begun twice."""
        if ask.errand in self._running:
            return
        with contextlib.suppress(queue.Full):
            self.errands.put_nowait(ask)
            self._running.add(ask.errand)

    # loops

    def _desk(self, desk: Desk) -> None:
        due = time.monotonic()
        ask_again = time.monotonic() + ASK_AGAIN_S
        while not self.stop.is_set():
            if self._held is None:
                with contextlib.suppress(queue.Empty):
                    self._held = (self.seen.get(timeout=max(0.0, min(TICK_S, due - time.monotonic()))), 0)
            if self._held is not None:
                seen, attempts = self._held
                # Held until it is written: what the database refuses now is tried again, a poisoned one not for ever.
                self._held = (seen, attempts + 1) if attempts < RETRIES_MAX and not isinstance(seen, Sight) else None
                desk.handle(seen)
                self._held = None
            if time.monotonic() >= due:
                desk.tick()
                due = time.monotonic() + (TICK_S if desk.state.cases else CALM_TICK_S)
            if time.monotonic() >= ask_again:
                ask_again = time.monotonic() + ASK_AGAIN_S
                for ask in asks_to_resume(desk.state):
                    self._ask(ask)
            self._desk_turned_at = time.monotonic()

    def _measure(self) -> None:
        home = self.board.installation
        judge = Judge(self._put, home.folder("control"), home.time_zone)

        def judged(seen: Round) -> None:
            judge.round(seen)
            self._suspect()

        def gathered() -> Mapping[Name, float]:
            return {**self.gathered.take(), **self.journeys.tried.take(datetime.now(UTC))}

        Collector(self.board, judged, gathered).run(self.stop)

    def _suspect(self) -> None:
        """Look for the cause of what is open, while it is fresh; a building whose probes say it plainly needs none."""
        now = datetime.now(UTC)
        fresh = Incident.objects.filter(closed_at__isnull=True, opened_at__gte=now - SUSPECTED_FOR)
        for incident in fresh.order_by("severity", "number")[:SUSPECTED_MAX]:
            answers = self.gathered.answers(now, incident.began_at - NOTICED_WITHIN)
            if worth_a_look(incident, now):
                self._put(diagnosed(incident, answers, now))

    def _prober(self, building: str) -> Callable[[], None]:
        def loop() -> None:
            rows_at = 0.0
            last_modes: Any = None
            while not self.stop.is_set():
                began = time.monotonic()
                sight = probes.look(self.board, building)
                self._put(sight)
                well = sight.answer is Kind.ANSWERS
                if building == "bank":
                    (self._bank_unwell.clear if well else self._bank_unwell.set)()
                if building == "doors" and well:
                    modes = sight.detail.get("mode_counts")
                    if modes != last_modes or began - rows_at > 5.0:
                        last_modes, rows_at = modes, began
                        self._look_at_rows()
                gap_s = PROBE_EVERY_S if well or building in OWN_DOORS else PROBE_AGAIN_S
                self.stop.wait(max(0.05, gap_s - (time.monotonic() - began) if well else gap_s))

        return loop

    def _parts(self) -> None:
        """While the bank is not well: which of its parts? Apart from the probe, so that neither waits for the other."""
        while not self.stop.is_set():
            if not self._bank_unwell.wait(0.5):
                continue
            for sight in probes.look_at_parts(self.board):
                if self._bank_unwell.is_set():
                    self._put(sight)
            self.stop.wait(PROBE_EVERY_S / 2)

    def _mail(self) -> None:
        """Is there somebody who takes mails? Measured, and an incident only by the rules."""
        while not self.stop.wait(MAIL_EVERY_S):
            self.gathered.put(probes.look_at_mail(self.board))

    def _look_at_rows(self) -> None:
        rows = probes.rows(self.board)
        if rows is not None:
            self._put(rows)

    def _events(self) -> None:
        after = events_cursor()
        connection.close()
        while not self.stop.is_set():
            reply, told = probes.events(self.board, after)
            for event in told:
                self.seen.put(event, timeout=10.0)
                after = event.number
            if told:
                self._look_at_rows()
            if not reply.well:
                self.stop.wait(PAUSE_AFTER_ERROR_S)

    def _profile(self) -> None:
        while not self.stop.is_set():
            after = directory.cursor()
            reply = self.board.ask("bank", "/-/feed/profile", f"after={after}&limit={PROFILE_LIMIT}", timeout_s=5.0)
            facts = reply.body.get("facts") if reply.well else None
            if facts:
                directory.take(facts)
                continue
            if reply.well and int(reply.body.get("head") or 0) < after:
                directory.forget()
            self.stop.wait(PROFILE_EVERY_S)

    def _run_errands(self) -> None:
        while not self.stop.is_set():
            try:
                ask = self.errands.get(timeout=0.5)
            except queue.Empty:
                continue
            context = contextvars.copy_context()
            threading.Thread(target=context.run, args=(self._guarded_errand, ask), name=ask.errand, daemon=True).start()

    def _guarded_errand(self, ask: Ask) -> None:
        try:
            self._put(self._errand(ask))
        except Exception as error:  # an errand's failure is an observation
            self._put(ErrandFailed(datetime.now(UTC), ask.errand, f"{type(error).__name__}: {error}"))
        finally:
            self._running.discard(ask.errand)
            connection.close()

    def _errand(self, ask: Ask) -> Observation:
        words = "not tried"
        for _ in range(ERRAND_ATTEMPTS_MAX):
            made, words = self._try(ask)
            if made is not None:
                return made
            if self.stop.wait(ERRAND_GAP_S):
                break
        return ErrandFailed(datetime.now(UTC), ask.errand, words)

    def _try(self, ask: Ask) -> tuple[Observation | None, str]:
        if ask.errand == "refunds":
            return self._refunds()
        who = ask.errand.removeprefix("prove ")
        reply = self.board.order(who, "/-/prove", {}, ERRAND_TIMEOUT_S)
        if not reply.well or not isinstance(reply.body.get("findings"), list):
            return None, reply.words
        findings = tuple(str(one.get("words", one) if isinstance(one, dict) else one) for one in reply.body["findings"])
        return Proved(datetime.now(UTC), who, findings, int(reply.body.get("block") or 0)), ""

    def _refunds(self) -> tuple[Observation | None, str]:
        incident = Incident.objects.filter(cause="bank", closed_at__isnull=True).first()
        if incident is None:
            return None, "there is no open incident"
        body = {
            "incident": str(incident.number),
            "from": _first_instant(incident).isoformat(),
            "until": incident.refund_until.isoformat() if incident.refund_until else None,
            "by": "control",
            "began": incident.began_at.isoformat(),
            "ended": datetime.now(UTC).isoformat(),
        }
        reply = self.board.order("bank", "/-/refunds", body, ERRAND_TIMEOUT_S)
        refunds = reply.body.get("refunds")
        if not reply.well or not isinstance(refunds, list):
            return None, reply.words
        return Refunded(datetime.now(UTC), tuple(refunds)), ""


def _first_instant(incident: Incident) -> datetime:
    """The incident's beginning in the bank's own days, which need not be the calendar's."""
    began = timezone.localtime(incident.began_at)
    if incident.refund_from is None:
        return began
    return began.replace(year=incident.refund_from.year, month=incident.refund_from.month, day=incident.refund_from.day)


def _insist(stop: threading.Event, what: str, work: Callable[[], T]) -> T | None:
    """Try until it succeeds or the process is stopped: at the start the database may still be coming up."""
    while not stop.is_set():
        try:
            return work()
        except DatabaseFault as error:
            get_log().warning("the control room's database does not answer", wanted=what, error=str(error)[:300])
            connection.close()
            stop.wait(PAUSE_AFTER_ERROR_S)
    return None
