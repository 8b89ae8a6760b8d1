"""A front door as a simulated process: the real procedures, carried out over the simulated network."""

from collections.abc import Sequence
from typing import Any

from holdfast.contracts.answers import AWAY_STATUS
from holdfast.contracts.epochs import Bank, Mode, Row
from holdfast.contracts.journal import Payment
from holdfast.contracts.routes import Route, find_route
from holdfast.edge.carrying import Asked, Without, carry
from holdfast.edge.errors import StepFailed
from holdfast.edge.handback import carry_out, clean_up, end_forced
from holdfast.edge.known import Known
from holdfast.edge.procedures import (
    Answer,
    Call,
    Change,
    Claim,
    Failed,
    Lease,
    Note,
    Pause,
    Procedure,
    Refresh,
    Send,
    Swap,
    Trip,
)
from holdfast.edge.rebuilding import rebuild
from holdfast.edge.switching import rows_to_trip
from sim.kernel import Ask, Kernel, Lost, Node, Sleep, Task, Until
from sim.town import COHORTS, Town

LEASE_S = 3.0
WATCH_S = (0.1, 0.1, 1.5)
"""How long a door may not see what the other wrote: it follows at once, or is slow."""
REGISTER_S = (0.002, 0.002, 0.4)
"""The longest that a claim takes: a disk that is well, or one that is busy."""
HANDLERS = {
    "/-/position": "position", "/-/epochs": "epochs", "/-/close": "close", "/-/replay": "replay",
    "/-/reconcile": "reconcile", "/-/prove": "prove",
}  # fmt: skip


def route(path: str) -> Route:
    """One of the real routes."""
    found = find_route("POST", path)
    if found is None:
        raise ValueError(path)
    return found


class Door(Node):
    """One of two doors; memory only."""

    def __init__(self, kernel: Kernel, name: str, town: Town) -> None:
        super().__init__(name, kernel)
        self.town = town
        self.known = Known([])
        self.opened: Any = None
        self.slowest_s = REGISTER_S[0]

    def start(self) -> None:
        self.known, self.opened = Known([]), None
        self.slowest_s = self.kernel.random.choice(REGISTER_S)
        self.kernel.spawn(self, self._live())

    def _live(self) -> Task:
        life = self.life
        while self.town.register is None:
            if not self.town.lock_rebuild(self):
                yield Sleep(0.3)
                continue
            try:
                rows = yield from self.perform(rebuild(COHORTS))
                self.town.new_register(rows)
                self.kernel.tell(f"{self.name}: the register is made anew: {rows}")
            except StepFailed:
                yield Sleep(0.3)
            finally:
                self.town.unlock_rebuild(self, life)
        self.opened = self.town.register
        self.known = Known(self.opened.rows_now)
        for task in (self._watch(), self._probe(), self._drive()):
            self.kernel.spawn(self, task)

    def register(self) -> Any:
        """The register that this door opened; one that is gone answers nothing more."""
        if self.opened is None or self.town.register is not self.opened:
            raise Lost
        return self.opened

    # what others ask
    def on_request(self, path: str, payment: Payment, birth: int, birth_cohort: int, cohort: int | None = None) -> Task:
        """A customer's payment, or (path /clearing/…) a file with its one line."""
        if self.opened is None:
            return Without.NOBODY
        asked = Asked(route(path), cohort, self.now(), payment.id.hex, birth, birth_cohort)
        return (yield from self.perform(carry(self.known, asked, self.now), payment, birth))

    def on_row(self, cohort: int) -> Task:
        """The row under which a form would be made now; None while the door knows none."""
        return self.known.rows[cohort] if self.opened is not None else None
        yield

    def on_rows(self) -> Task:
        """All rows, from the register."""
        return list(self.register().rows_now)
        yield

    def on_claims(self, who: str, claims: Sequence[tuple[str, int, int]]) -> Task:
        """Claim for a bank; the denied ids."""
        return self.register().claim(who, claims)
        yield

    # procedures
    def perform(self, procedure: Procedure[Any], payment: Payment | None = None, birth: int = 0) -> Task:
        """Carry out what a procedure asks for."""
        try:
            effect = next(procedure)
            while True:
                try:
                    result = yield from self._do(effect, payment, birth)
                except StepFailed as error:
                    effect = procedure.throw(error)
                else:
                    effect = procedure.send(result)
        except StopIteration as ended:
            return ended.value
        finally:
            procedure.close()

    def _do(self, effect: Any, payment: Payment | None, birth: int) -> Task:
        match effect:
            case Send(bank, row):
                return (yield from self._send(bank, row, payment, birth))
            case Claim(who, claims):
                yield Sleep(self.kernel.random.uniform(0.0002, 0.002 if self.kernel.calm else self.slowest_s))
                return self.register().claim(who, claims)
            case Swap():
                return (yield from self._swap(effect))
            case Refresh():
                self.known.take(self.register().rows_now)
            case Trip(cohort):
                changes, words = rows_to_trip(self.known.sight, self.known.rows, self.now(), cohort)
                if changes:
                    self.known.take((yield from self._swap(Swap(changes, "trip", words))))
                    self.known.take(self.register().rows_now)
            case Change(wait_s):
                before = list(self.known.rows)
                yield Until(lambda: self.known.rows != before, wait_s, 0.02)
            case Pause(wait_s):
                yield Sleep(wait_s)
            case Call(bank, path, body, wait_s, _):
                return (yield from self._call(bank, path, body, wait_s))
            case Lease():
                if not self.register().lease(self.name, self.kernel.now, LEASE_S):
                    raise StepFailed("another door took over the hand-back")
            case Note(_, words, _):
                self.kernel.tell(f"{self.name}: {words}")
        return None

    def _swap(self, swap: Swap) -> Task:
        yield Sleep(self.kernel.random.uniform(0.0002, 0.003))
        held = self.register().swap(swap.changes)
        self.kernel.tell(f"{self.name}: {swap.kind}: {swap.words} → {held}")
        self.town.changed_rows(held, int(swap.data.get("position", -1)))
        return held

    def _send(self, bank: Bank, row: Row | None, payment: Payment | None, birth: int) -> Task:
        if payment is None:
            raise ValueError("only requests are sent")
        wait_s = 1.0 if bank is Bank.PRIMARY else 2.0
        what = Ask(bank.value, "pay", (row, payment, birth), wait_s)
        if row is None:
            what = Ask(bank.value, "file", ([payment],), wait_s)
        try:
            status, headers = yield what
        except Lost as error:
            return Failed(stalled=not error.quick)
        if status >= 500:
            return Failed(struck=status != AWAY_STATUS)
        self.known.answered_at[bank] = self.now()
        if bank is Bank.PRIMARY:
            self.known.sight.answered(self.now())
        return Answer(status, headers, b"", bank, row)

    def _call(self, bank: str, path: str, body: Any, wait_s: float) -> Task:
        values = tuple((body or {}).values())
        try:
            answer = yield Ask(bank, HANDLERS[path], values, wait_s)
        except Lost as error:
            raise StepFailed(str(error)) from error
        if "error" in answer:
            raise StepFailed(answer["error"])
        return answer

    # background
    def _watch(self) -> Task:
        gap_s = self.kernel.random.choice(WATCH_S)
        while True:
            yield Sleep((0.1 if self.kernel.calm else gap_s) * self.kernel.random.uniform(0.2, 2))
            if self.town.register is not self.opened:
                self.kernel.at(0.0, self._begin_anew)
                return
            self.known.take(self.opened.rows_now)

    def _begin_anew(self) -> None:
        self.kernel.tell(f"{self.name}: its register is gone, so it begins anew")
        self.kill()
        self.kernel.at(0.2, self.restart)

    def _probe(self) -> Task:
        while True:
            try:
                self.known.sight.standin_answers = (yield Ask("standin", "health", (), 1.0))["ok"]
            except Lost:
                self.known.sight.standin_answers = False
            yield Sleep(0.5)

    def _drive(self) -> Task:
        while True:
            yield Sleep(0.2 * self.kernel.random.uniform(0.5, 2))
            try:
                register = self.register()
                left = any(row.mode is Mode.HANDING_BACK for row in self.known.rows)
                forced = any(row.forced for row in self.known.rows)
                order = register.orders[0] if register.orders else None
                if not (left or forced or order) or not register.lease(self.name, self.kernel.now, LEASE_S):
                    continue
                self.known.take(register.rows_now)
                if left:
                    yield from self.perform(clean_up(self.known))
                    continue
                if order:
                    ended = yield from self.perform(carry_out(self.known, order[0], order[1], "", self.now))
                    self.kernel.tell(f"{self.name}: order {order[0]} ended: {ended}")
                    if order in register.orders:
                        register.orders.remove(order)
                if forced:
                    yield from self.perform(end_forced(self.known, self.now))
            except (Lost, StepFailed):
                continue
