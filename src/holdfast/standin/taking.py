"""Taking payments: decisions put into the journal writer's order, and claims asked for where the rules say so."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from holdfast.contracts.answers import Reason
from holdfast.guard import Watched
from holdfast.standin.deciding import Deciding, Order
from holdfast.standin.doors import Doors
from holdfast.standin.errors import DoorsAway, Drifted, NotFilled
from holdfast.standin.journal import Journal, Writing
from holdfast.standin.judging import Decision, Step
from holdfast.standin.reader import CopyReader
from holdfast.standin.view import View
from holdfast.standin.waiting import Accepted
from holdfast.telemetry import traces

ASKS_MAX = 3


class Taking:
    """The only way a payment enters the journal."""

    def __init__(
        self, journal: Journal, copy: CopyReader, view: View, doors: Doors, drift: Callable[[], str] = str
    ) -> None:
        """drift: what was found to differ between copy and books, empty while nothing was."""
        self._journal = journal
        self._deciding = Deciding(copy, view, lambda: time.time_ns() // 1000, time.thread_time)
        self._view = view
        self._doors = doors
        self._drift = drift

    @property
    def rules(self) -> Watched:
        """The rules, with what they failed at."""
        return self._deciding.rules

    async def take(self, order: Order) -> Decision:
        """Decide one payment and answer after its fsync; raises MoneyStopped, Drifted, Busy, NotFilled or DoorsAway."""
        for _ in range(ASKS_MAX):
            decision = (await self.take_many([order]))[0]
            if decision.step is not Step.ASK_CLAIM:
                return decision
            claim = (order.payment.id, order.ask.cohort, order.ask.epoch)
            claimed = order.payment.id in await self._doors.claim("refused", [claim])
            order = replace(order, ask=replace(order.ask, claimed=claimed))
        raise DoorsAway("the claim on a refusal could not be settled")

    async def take_many(self, orders: Sequence[Order]) -> list[Decision]:
        """Decide several in one commit, in order (at most about 1000: others wait that long)."""
        self._look()
        stretches: list[tuple[str, int, int]] = []
        handed_ns = time.monotonic_ns()

        def decide(writing: Writing) -> list[tuple[Decision, Accepted | None]]:
            began_ns = time.monotonic_ns()
            found = self._deciding.write(writing, orders)
            ended_ns = time.monotonic_ns()
            stretches[:] = [("waits for the journal", handed_ns, began_ns), ("judges", began_ns, ended_ns)]
            return found

        decided = await asyncio.wrap_future(self._journal.submit(decide))
        if stretches:  # from the judgement's end to the answer: the commit, with its fsync, of all that came together
            stretches.append(("commits the journal", stretches[-1][2], time.monotonic_ns()))
        for name, began_ns, ended_ns in stretches:
            traces.add(f"spare bank: {name}", began_ns, ended_ns)
        for _, accepted in decided:
            if accepted is not None:
                self._view.committed(accepted)
        return [decision for decision, _ in decided]

    async def judge_only(self, order: Order) -> Reason:
        """What the payment would be told now, in the writer's order like any other; nothing of it is kept. Raises
        MoneyStopped, Drifted, Busy or NotFilled."""
        self._look()
        reason: Reason = await asyncio.wrap_future(
            self._journal.submit(lambda _writing: self._deciding.judge_only(order))
        )
        return reason

    def _look(self) -> None:
        """Raises NotFilled or Drifted: whatever the copy says then is not to be judged by."""
        if not self._view.filled:
            raise NotFilled("the copy of the books is still being filled")
        if self._drift():
            raise Drifted(self._drift())
