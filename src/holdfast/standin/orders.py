"""Standing orders that fall due while the spare bank serves: each once, under the id both banks derive.

An order is run only in a cohort whose last row is `standin`; it is claimed first (rule 6) and then accepted or
voided, never refused, since the bank may have run it before it fell silent (rule 11).
"""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

from holdfast.contracts import ids
from holdfast.contracts.blocks import Transfer
from holdfast.contracts.epochs import Bank, Row
from holdfast.contracts.journal import Payment
from holdfast.contracts.profile import DEADLINE_KINDS
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.errors import StandinError
from holdfast.standin.judging import Ask, Step
from holdfast.telemetry import get_log

EVERY_S = 0.2
STEP_MAX = 50
AWAY_PAUSE_S = 1.0

Due = tuple[int, str]
"""(order id, due day)."""


class Orders:
    """The runner. `handled` holds what needs no second look in this process; the journal decides all the same."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank
        self.handled: set[Due] = set()

    async def run(self) -> None:
        """Run what is due, a bounded step at a time, until cancelled."""
        while True:
            pause_s = EVERY_S
            try:
                await self.step()
            except StandinError as error:
                get_log().info("orders_wait", why=str(error))
                pause_s = AWAY_PAUSE_S
            except Exception as error:  # an order with odd content must not end the others' runner
                get_log().error("orders_failed", why=repr(error))
                pause_s = AWAY_PAUSE_S
            await asyncio.sleep(pause_s)

    def due(self, now: datetime) -> list[tuple[Due, dict[str, Any], Row]]:
        """At most STEP_MAX orders that are due, not handled, and of cohorts that the spare bank serves; those that
        must arrive by a time before all others, of each sort the oldest first."""
        profile = self.bank.view.profile
        first: list[tuple[Due, dict[str, Any], Row]] = []
        then: list[tuple[Due, dict[str, Any], Row]] = []
        with self.bank.view.lock:
            for day in sorted(day for day, at in profile.order_runs.items() if at <= now):
                for number in sorted(profile.orders_due.get(day, ())):
                    if (number, day) in self.handled:
                        continue
                    body = profile.orders[number]
                    kept = first if profile.has_deadline(int(body["credit"]), str(body["kind"])) else then
                    row = self.bank.serving(int(body["cohort"])) if len(kept) < STEP_MAX else None
                    if row is not None:
                        kept.append(((number, day), body, row))
                        if len(first) == STEP_MAX:
                            return first
        return (first + then)[:STEP_MAX]

    async def step(self) -> int:
        """One step; how many orders it settled. Raises DoorsAway, Busy, MoneyStopped: then nothing was handled."""
        if not self.bank.view.filled or self.bank.journal.stopped:
            return 0
        orders = [(due, _order(due, body, row)) for due, body, row in self.due(datetime.now(UTC))]
        known = await asyncio.get_running_loop().run_in_executor(self.bank.readers, self._known, orders)
        orders = [one for one in orders if one[0] not in known]
        self.handled |= known
        if not orders:
            return len(known)
        granted = await self.bank.doors.claim(
            "taken", [(one.payment.id, one.ask.cohort, one.ask.epoch) for _, one in orders]
        )
        denied = {due for due, one in orders if one.payment.id not in granted}
        self.handled |= denied
        metrics.ORDERS.labels("refused").inc(len(denied))
        orders = [one for one in orders if one[0] not in denied]
        decisions = await self.bank.taking.take_many([one for _, one in orders]) if orders else []
        for (due, _), decision in zip(orders, decisions, strict=True):
            if decision.step is not Step.STALE:
                self.handled.add(due)
                metrics.ORDERS.labels(decision.outcome.value).inc()
        return len(known) + len(denied) + len(decisions)

    def _known(self, orders: list[tuple[Due, Order]]) -> set[Due]:
        """Those that the journal has, or the books hold as booked or finally refused (a reader's thread)."""
        known = set()
        for due, order in orders:
            items = [item for _, _, item in self.bank.copy_reader.items(order.payment.id)]
            final = any(isinstance(item, Transfer) or item.source == "journal" for item in items)
            if final or self.bank.journal_reader.find(order.payment.id) is not None:
                known.add(due)
        return known


def _order(due: Due, body: dict[str, Any], row: Row) -> Order:
    number, day = due
    when = date.fromisoformat(day)
    payment = Payment(
        ids.order_payment_id(number, when),
        int(body["debit"]),
        int(body["credit"]),
        int(body["amount_minor"]),
        str(body["currency"]),
        "order",
        when,
        row.cohort,
        f"order:{number}:{day}",
        str(body["payer"]),
        str(body["payee"]),
        str(body["text"]),
    )
    ask = Ask(
        Bank.STANDIN,
        row.mode,
        row.cohort,
        row.epoch,
        0,
        payment.amount_minor,
        claimed=False,
        activity=False,
        deadline=str(body["kind"]) in DEADLINE_KINDS,
    )
    return Order(payment, ask)
