"""The spare bank as a simulated process: its own view, decisions and waiting sums over a modelled disk."""

from collections import deque
from collections.abc import Callable
from typing import Any

from holdfast.contracts.answers import OUTCOME_HEADER, STALE_STATUS
from holdfast.contracts.blocks import block_from_wire
from holdfast.contracts.epochs import Bank, Row
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.journal import Payment
from holdfast.contracts.profile import Fact
from holdfast.standin.deciding import Deciding, Order, restore
from holdfast.standin.doors import Doors, served_here
from holdfast.standin.judging import Ask as Question
from holdfast.standin.judging import Decision, Step
from holdfast.standin.view import View, change_of
from sim.journal import ModelCopy, ModelJournal
from sim.kernel import Ask, Kernel, Lost, Node, Sleep, Task, Until
from sim.town import Town

FEED_EVERY_S = 0.05
JOBS_EVERY_S = 0.4
ROWS_EVERY_S = 0.8
ASKS_MAX = 3


class Standin(Node):
    """Starlette and SQLite, seen from the protocol."""

    def __init__(self, kernel: Kernel, town: Town) -> None:
        super().__init__("standin", kernel)
        self.town = town
        self.journal = ModelJournal(self.now_us)
        self.copy = ModelCopy()
        self.wrote: dict[tuple[int, int], set[str]] = {}
        self.power_loss = 0
        self._fresh()

    def _fresh(self) -> None:
        self.view = View(self.now_us)
        self.doors = Doors(None, None, 0)  # type: ignore[arg-type]  # only its memory of rows is used
        self.deciding = Deciding(self.copy, self.view, self.now_us)
        self.queue: deque[tuple[Callable[[], Any], list[Any]]] = deque()
        self.troubles = 0

    def start(self) -> None:
        self._fresh()
        self.view.apply_facts([Fact(n, *fact) for n, fact in enumerate(self.town.facts(), 1)], 9)
        if self.copy.blocks:
            self.view.apply_blocks(change_of(self.copy.blocks, self.view.accounts, self.view.head))
        self.view.fed_at_us = self.view.head.at_us
        self.view.filled = True
        restore(self.view, self.journal, self.copy, self.now_us(), self.copy.settled())
        for task in (self._write(), self._feed(), self._jobs(), self._rows()):
            self.kernel.spawn(self, task)

    def hear_rate(self) -> None:
        """A new list of rates has come by the profile stream."""
        self.view.apply_facts([Fact(10, *self.town.rate_fact())], 10)

    def kill(self) -> None:
        self.journal.crash()
        if self.power_loss:
            self.copy.lose_tail(self.power_loss)
        super().kill()

    # the writer: group commit, answered after the fsync
    def submit(self, work: Callable[[], Any]) -> Task:
        """Have work done in the writer's order; its result after the fsync."""
        box: list[Any] = []
        self.queue.append((work, box))
        yield Until(lambda: bool(box), 10.0, 0.001)
        return box[0]

    def _write(self) -> Task:
        while True:
            yield Until(lambda: bool(self.queue), 1e9, 0.002)
            group = [self.queue.popleft() for _ in range(min(len(self.queue), 16))]
            results = [work() for work, _ in group]
            yield from self._fsync()
            for (_, box), result in zip(group, results, strict=True):
                box.append(result)

    def _fsync(self) -> Task:
        yield Sleep(self.kernel.random.uniform(0.001, 0.008))
        self.journal.sync()

    def take(self, orders: list[Order]) -> Task:
        """Decide some orders in one commit, as Taking.take_many does."""
        decided = yield from self.submit(lambda: self.deciding.write(self.journal, orders))
        for order, (decision, accepted) in zip(orders, decided, strict=True):
            if decision.step in (Step.ACCEPT, Step.VOID, Step.REFUSAL):
                self.wrote.setdefault((order.ask.cohort, order.ask.epoch), set()).add("standin")
            if accepted is not None:
                self.view.committed(accepted)
        return [decision for decision, _ in decided]

    # customers
    def on_pay(self, row: Row, payment: Payment, birth: int) -> Task:
        """POST /pay through a door."""
        if row.epoch < self.journal.known(row.cohort):
            return STALE_STATUS, {}
        self.doors.saw(row)
        if row.epoch > self.journal.known(row.cohort):
            yield from self.submit(lambda: self.journal.learn(row.cohort, row.epoch))
        claimed: bool | None = None
        for _ in range(ASKS_MAX):
            ask = Question(Bank.STANDIN, row.mode, row.cohort, row.epoch, birth, payment.amount_minor, claimed)
            decision: Decision = (yield from self.take([Order(payment, ask)]))[0]
            if decision.step is Step.STALE:
                return STALE_STATUS, {}
            if decision.step is not Step.ASK_CLAIM:
                return 303, {OUTCOME_HEADER: f"{decision.outcome.value} {payment.id.hex}"}
            try:
                claimed = not (yield Ask(self._door(), "claims", ("refused", [self._claim(payment, row)]), 1.0))
            except Lost:
                break
        return 503, {}

    def on_file(self, lines: list[Payment]) -> Task:
        """A clearing file: money that comes in is taken after a claim, never refused."""
        rows = [self.serving(line.cohort) for line in lines]
        if any(row is None for row in rows):
            return 503, {}
        pairs = [(line, row) for line, row in zip(lines, rows, strict=True) if row is not None]
        try:
            denied = yield Ask(self._door(), "claims", ("taken", [self._claim(line, row) for line, row in pairs]), 1.0)
        except Lost:
            return 503, {}
        orders = [
            Order(line, Question(Bank.STANDIN, row.mode, row.cohort, row.epoch, 0, line.amount_minor, False, True))
            for line, row in pairs
            if line.id.hex not in denied
        ]
        decisions = yield from self.take(orders)
        return (503, {}) if any(one.step is Step.STALE for one in decisions) else (200, {})

    def serving(self, cohort: int) -> Row | None:
        """The cohort's row when it is served here."""
        row = self.doors.rows.get(cohort)
        return row if served_here(row, self.journal.known(cohort), self.journal.closed(cohort)) else None

    @staticmethod
    def _claim(payment: Payment, row: Row) -> tuple[str, int, int]:
        return payment.id.hex, row.cohort, row.epoch

    def _door(self) -> str:
        return self.kernel.random.choice(["door-1", "door-2"])

    # what other buildings ask
    def on_journal(self, after: int, limit: int) -> Task:
        """Durable entries as they travel."""
        return self.town.garble([entry.to_wire() for entry in self.journal.durable()[after : after + limit]])
        yield

    def on_close(self, rows: list[list[int]]) -> Task:
        """Close epochs durably; the position behind everything accepted under them."""

        def work() -> int:
            for cohort, epoch in rows:
                self.journal.close(cohort, epoch)
            return self.journal.number

        position = yield from self.submit(work)
        return {"position": position}

    def on_position(self) -> Task:
        """The last durable entry."""
        return {"position": self.journal.synced}
        yield

    def on_epochs(self) -> Task:
        """The highest epoch ever known."""
        return {"newest": self.journal.newest()}
        yield

    def on_balances(self) -> Task:
        """Fed balances at one block."""
        return self.view.head.number, {number: one.balance_minor for number, one in self.view.accounts.items()}
        yield

    def on_health(self) -> Task:
        """Whether it is there."""
        return {"ok": True}
        yield

    # background
    def _feed(self) -> Task:
        while True:
            yield Sleep(FEED_EVERY_S * self.kernel.random.uniform(0.3, 3))
            try:
                head, raw = yield Ask("primary", "feed", (self.view.head.number,), 1.0)
                blocks = [block_from_wire(one) for one in self.town.garble(raw)]
            except (Lost, BadMessage):
                continue
            for block in blocks:
                if block.number != self.view.head.number + 1 or block.previous != self.view.head.hash:
                    break
                change = change_of([block], self.view.accounts, self.view.head)
                self.copy.add(block)
                self.view.apply_blocks(change)
            if self.view.head.number == head:
                self.view.fed_at_us = self.now_us()
            self.copy.note_settled(self.view.settled_upto(self.journal.synced))

    def _rows(self) -> Task:
        while True:
            try:
                rows = yield Ask(self._door(), "rows", (), 1.0)
                for row in rows:
                    if self.doors.saw(row) and row.epoch > self.journal.known(row.cohort):
                        yield from self.submit(lambda one=row: self.journal.learn(one.cohort, one.epoch))
            except Lost:
                pass
            yield Sleep(ROWS_EVERY_S * self.kernel.random.uniform(0.5, 1.5))

    def _jobs(self) -> Task:
        """Standing orders that fall due here: claimed, then accepted or voided."""
        while True:
            yield Sleep(JOBS_EVERY_S * self.kernel.random.uniform(0.5, 1.5))
            for payment in self.town.orders_due(self.now()):
                row = self.serving(payment.cohort)
                if row is None or self.journal.find(payment.id) or self.copy.items(payment.id):
                    continue
                try:
                    denied = yield Ask(self._door(), "claims", ("taken", [self._claim(payment, row)]), 1.0)
                except Lost:
                    continue
                if denied:
                    continue
                ask = Question(
                    Bank.STANDIN, row.mode, row.cohort, row.epoch, 0, payment.amount_minor, False, activity=False
                )
                decision = (yield from self.take([Order(payment, ask)]))[0]
                if decision.step is Step.ACCEPT:
                    self.town.tell(payment, "done", "the spare bank's orders")
