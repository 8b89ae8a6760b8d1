"""Sending: one thread decides and writes, one thread a line hands over.

A message is marked `sending` and committed before its bytes leave, and its fate is committed before its line gets
the next. What all lines did meanwhile is committed together: a commit costs as much for sixteen messages as for one.
So a kill leaves at most one message a line of which nobody knows whether it went; after a start these are sent again
under the same Message-ID, marked. No provider knows exactly-once.
"""

import contextlib
import fcntl
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import Error as DatabaseFault
from django.db import connection, transaction
from django.utils import timezone

from holdfast.contracts.ways import PUSH, SMS
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.subscribers import stopping
from holdfast.control.tell.channels import CONNECTIONS, MAIL, Line, Outcome, Seat
from holdfast.control.tell.circuit import Circuit, answered, failed, room, tried, waited
from holdfast.control.tell.kinds import FIRST_WORDS
from holdfast.control.tell.models import Message, Provider
from holdfast.control.tell.providers import CHANNELS, LINES
from holdfast.control.tell.waiting import Waiting, claim, query
from holdfast.telemetry import get_log

ATTEMPTS_MAX = 30
TECHNICAL_ATTEMPTS_MAX = 200
GIVE_UP_AFTER = timedelta(hours=24)
GAP_S_MAX = 120.0
TECHNICAL_GAP_S_MAX = 30.0
LOOK_AGAIN_S = 0.4
"""After a look that found nothing, the next comes no sooner."""
LINE_KEPT_S = 5.0
PROVIDERS_SEEN_EVERY_S = 5.0
PAUSE_AFTER_ERROR_S = 0.5
FATE = query("fate")
SHORT_ATTEMPTS_MAX, SHORT_GAP_S, SHORT_GAP_S_MAX = 8, 10.0, 600.0
"""Of SMS and push: each attempt may cost money and may arrive, so there are few, over a third of an hour."""
FIRST_BY = {
    MAIL: "mail was accepted by the mail server",
    SMS: "SMS was accepted by its gateway",
    PUSH: "push was accepted by its service",
}


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt that ended; took_s: how long the provider had it."""

    worker: "Worker"
    message: Message
    outcome: Outcome
    took_s: float


class Worker(threading.Thread):
    """One line to one provider, with at most one message in flight."""

    def __init__(self, seat: Seat, bank_name: str, done: "queue.Queue[Done]") -> None:
        super().__init__(name=f"line to {seat.name}", daemon=True)
        self.seat = seat
        self.given_at = 0.0
        self._line: Line = CHANNELS[seat.channel](seat, bank_name)
        self._inbox: queue.Queue[Message | None] = queue.Queue(1)
        self._done = done

    def give(self, message: Message | None) -> None:
        """Hand over a claimed message; None ends the thread."""
        self.given_at = time.monotonic()
        self._inbox.put(message)

    def run(self) -> None:
        """Until it is ended; a line that nobody uses for a while is closed."""
        while True:
            try:
                message = self._inbox.get(timeout=LINE_KEPT_S)
            except queue.Empty:
                self._line.close()
                continue
            if message is None:
                self._line.close()
                return
            began = time.monotonic()
            try:
                outcome = self._line.send(message)
            except Exception as error:  # a line that ends would leave its message without a fate
                self._line.close()
                outcome = Outcome("technical", f"our own sender failed ({type(error).__name__})", unsure=True)
                get_log().error("a line failed", line=self.name, error=f"{type(error).__name__}: {error}")
            self._done.put(Done(self, message, outcome, time.monotonic() - began))


class Sender:
    """Decides which provider gets which message, and writes down what became of it. One a data folder."""

    def __init__(self, seats: Sequence[Seat], bank_name: str, connections: int = CONNECTIONS) -> None:
        self._seats = sorted(seats, key=lambda seat: seat.order)
        self._circuits = {seat.name: Circuit() for seat in self._seats}
        self._done: queue.Queue[Done] = queue.Queue()
        self._workers = [
            Worker(seat, bank_name, self._done)
            for seat in self._seats
            for _ in range(min(connections, LINES[seat.channel]))
        ]
        self._idle = {seat.name: [one for one in self._workers if one.seat is seat] for seat in self._seats}
        self._busy: dict[Worker, int] = {}
        self._fates: list[Done] = []
        self._waiting = {seat.channel: Waiting(seat.channel) for seat in self._seats}
        self._noted: set[int] = set()
        self._seen_at = 0.0
        self._shown: dict[str, tuple[str, str]] = {}
        self._unclear = False

    def run(self, stop: threading.Event) -> None:
        """Send until stop is set, then wait for what is in flight and write its fate."""
        for worker in self._workers:
            worker.start()
        while not (stop.is_set() and not self._busy and not self._fates):
            try:
                self._turn(stop.is_set())
            except DatabaseFault as error:
                # The fates stay in hand: nothing more is sent before they are written.
                self._unclear = True
                get_log().warning("what was sent cannot be written down yet", error=str(error)[:300])
                with contextlib.suppress(DatabaseFault):
                    connection.close()
                if stop.wait(PAUSE_AFTER_ERROR_S):
                    break
        for worker in self._workers:
            worker.give(None)
        for worker in self._workers:
            worker.join(2.0)

    def _turn(self, ending: bool) -> None:
        self._gather()
        at = timezone.now()
        if self._unclear:
            self._return_unclear(at)
        given = [] if ending else self._plan()
        try:
            with transaction.atomic():
                _write_fates(self._fates, at)
                had = claim([(message, worker.seat.name) for message, worker in given], at)
        except DatabaseFault:
            for _, worker in given:
                self._idle[worker.seat.name].append(worker)
            raise
        told, self._fates = self._fates, []
        for message, worker in given:
            if message.pk in had:
                message.attempts += 1
                self._busy[worker] = message.pk
                worker.give(message)
            else:
                self._idle[worker.seat.name].append(worker)
        self._note_first([one.message for one in told if one.outcome.state == "delivered"], at)
        _note_followers(told)
        self._show(at)

    def _return_unclear(self, at: datetime) -> None:
        """The database went away while messages were claimed, perhaps with success: what no line has is due again."""
        ours = [*self._busy.values(), *(one.message.pk for one in self._fates)]
        lost = Message.objects.filter(state="sending").exclude(pk__in=ours)
        lost.update(state="technical", next_attempt_at=at, last_error="claimed when the database went away")
        self._unclear = False

    def _gather(self) -> None:
        """Wait for the next attempt to end, or for the next look; then take all that ended meanwhile."""
        wait_s = LOOK_AGAIN_S if self._busy else max(0.0, min(LOOK_AGAIN_S, self._next_look() - time.monotonic()))
        with contextlib.suppress(queue.Empty):
            if not self._fates:
                self._take(self._done.get(timeout=max(wait_s, 0.001)))
            while True:
                self._take(self._done.get_nowait())

    def _next_look(self) -> float:
        """When something may be found for some channel."""
        return min((one.look_at for one in self._waiting.values()), default=0.0)

    def _take(self, done: Done) -> None:
        self._fates.append(done)
        self._busy.pop(done.worker, None)
        name, now = done.worker.seat.name, time.monotonic()
        self._idle[name].append(done.worker)
        circuit = self._circuits[name]
        if done.outcome.state == "technical":
            self._change(name, failed(circuit, done.outcome.words, now))
        else:
            self._change(name, answered(circuit, done.took_s, now, done.outcome.state == "delivered"))

    def _change(self, name: str, circuit: Circuit) -> None:
        before, self._circuits[name] = self._circuits[name], circuit
        if circuit.state not in {before.state, "trial"}:
            get_log().info("a provider", provider=name, state=circuit.state, words=circuit.words)

    def _plan(self) -> list[tuple[Message, Worker]]:
        """Which message goes to which line now: the first provider of its channel that can be trusted with it."""
        now = time.monotonic()
        given: list[tuple[Message, Worker]] = []
        busy = dict.fromkeys(self._circuits, 0)
        for worker in self._busy:
            name = worker.seat.name
            busy[name] += 1
            self._change(name, waited(self._circuits[name], now - worker.given_at, now))
        rooms = {name: room(circuit, now, busy[name]) for name, circuit in self._circuits.items()}
        for channel, waiting in self._waiting.items():
            given += self._plan_channel(channel, waiting, rooms, now)
        return given

    def _plan_channel(
        self, channel: str, waiting: Waiting, rooms: dict[str, int], now: float
    ) -> list[tuple[Message, Worker]]:
        """What goes to one channel's lines now."""
        given: list[tuple[Message, Worker]] = []
        names = [seat.name for seat in self._seats if seat.channel == channel]
        if not any(rooms[name] > 0 for name in names):  # all rest
            waiting.look_at = now + LOOK_AGAIN_S
        if now < waiting.look_at or not any(rooms[name] > 0 and self._idle[name] for name in names):
            return given
        if not waiting.look():
            waiting.look_at = now + LOOK_AGAIN_S
            return given
        left: list[Message] = []
        while any(rooms[name] > 0 and self._idle[name] for name in names) and (message := waiting.take()):
            seat = self._choose(message, rooms)
            if seat is None:
                left.append(message)
                continue
            rooms[seat.name] -= 1
            self._change(seat.name, tried(self._circuits[seat.name]))
            given.append((message, self._idle[seat.name].pop()))
        waiting.put_back(left)
        return given

    def _choose(self, message: Message, rooms: dict[str, int]) -> Seat | None:
        """The provider for a message: in their order. One that rested gets its trial before a later one is asked, but
        not by a message that it failed last while another would take it. While all lines of a good one are busy it is
        waited for, since it will soon be free or be seen to be slow."""
        can = [seat for seat in self._seats if seat.channel == message.channel and rooms[seat.name] > 0]
        if len(can) > 1 and can[0].name == message.provider and self._shifts(message, can[0]):
            del can[0]
        return can[0] if can and self._idle[can[0].name] else None

    def _shifts(self, message: Message, failed_last: Seat) -> bool:
        """Whether another provider tries next. Few SMS are tried, so each goes to the other at once."""
        return message.channel == SMS or self._circuits[failed_last.name].state == "rests"

    def _note_first(self, sent: list[Message], at: datetime) -> None:
        """The incident's first word to a customer is out. Apart from the fates: its row may be locked by the desk."""
        named = {one.notice.incident_id: one.channel for one in sent if one.notice.name in FIRST_WORDS}
        for number in {one for one in named if one is not None} - self._noted:
            words = f"The first {FIRST_BY[named[number]]}"
            with transaction.atomic():
                first = Incident.objects.filter(pk=number, first_message_at__isnull=True)
                if first.update(first_message_at=at):
                    incident = Incident.objects.get(pk=number)
                    record.add(incident, at, named[number], "first_message", words)
            self._noted.add(number)

    def _show(self, at: datetime) -> None:
        """Write down how the providers do, when that changed and every some seconds."""
        now = time.monotonic()
        shown = {name: (one.state, one.words) for name, one in self._circuits.items()}
        if shown == self._shown and now - self._seen_at < PROVIDERS_SEEN_EVERY_S:
            return
        for seat in self._seats:
            state, words = shown[seat.name]
            values = {"channel": seat.channel, "place": seat.shown, "order": seat.order, "state": state,
                      "words": words[:500], "seen_at": at}  # fmt: skip
            if self._shown.get(seat.name, ("",))[0] != state:
                values["since"] = at
            Provider.objects.update_or_create(name=seat.name, defaults=values, create_defaults={"since": at, **values})
        Provider.objects.exclude(name__in=shown).delete()
        self._shown, self._seen_at = shown, now


def _note_followers(told: list[Done]) -> None:
    """Addresses that do not exist, and those that do, for who keeps the subscriptions."""
    theirs = [(-one.message.customer, one.outcome) for one in told if one.message.customer < 0]
    refused = [number for number, outcome in theirs if outcome.no_such]
    taken = [number for number, outcome in theirs if outcome.state == "delivered"]
    if refused or taken:
        stopping.note(refused, taken)


def _write_fates(fates: list[Done], at: datetime) -> None:
    if not fates:
        return
    rows = [(one.message.pk, *fate(one.message, one.outcome, at)) for one in fates]
    ids, states, words, again = (list(column) for column in zip(*rows, strict=True))
    unsure = [one.outcome.unsure for one in fates]
    values: dict[str, Any] = {"ids": ids, "states": states, "words": words, "again": again, "unsure": unsure, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(FATE, values)


def fate(message: Message, outcome: Outcome, at: datetime) -> tuple[str, str, datetime | None]:
    """What stands at a message after an attempt: state, words, and when it is tried again (None: never)."""
    words, state = outcome.words[:500], outcome.state
    if state == "delivered":
        return state, "", None
    if state == "permanent":
        return state, words, None
    if message.channel in {SMS, PUSH}:
        if message.attempts >= SHORT_ATTEMPTS_MAX or at - message.created_at > GIVE_UP_AFTER:
            return state, f"given up after {message.attempts} attempts: {words}", None
        gap_s = min(SHORT_GAP_S * 2.0 ** (message.attempts - 1), SHORT_GAP_S_MAX)
        return state, words, at + timedelta(seconds=gap_s)
    attempts_max, gap_max = (
        (TECHNICAL_ATTEMPTS_MAX, TECHNICAL_GAP_S_MAX) if state == "technical" else (ATTEMPTS_MAX, GAP_S_MAX)
    )
    if message.attempts >= attempts_max or at - message.created_at > GIVE_UP_AFTER:
        return state, f"given up after {message.attempts} attempts: {words}", None
    gap_s = min(2.0 ** min(message.attempts - 1, 10), gap_max)
    return state, words, at + timedelta(seconds=gap_s)


@contextlib.contextmanager
def alone(folder: Path, stop: threading.Event) -> Iterator[None]:
    """Hold the folder's mark that one process sends, once its holder has ended or stop is set: a second would take what
    the first has in flight for unfinished."""
    with (folder / "sender.lock").open("w") as mark:
        while not stop.is_set():
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(PAUSE_AFTER_ERROR_S)
            else:
                break
        yield
