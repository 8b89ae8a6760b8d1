"""Standing orders that fall due while the spare bank serves: each once, under the id both banks derive.

An order is run only in a cohort whose last row is `standin`; it is claimed first (rule 6) and then accepted or
voided, never refused, since the bank may have run it before it fell silent (rule 11).
"""

import asyncio
from datetime import UTC, date, datetime

from holdfast.contracts import ids
from holdfast.contracts.blocks import Transfer
from holdfast.contracts.epochs import COHORTS_COUNT, Bank, Row
from holdfast.contracts.journal import Payment
from holdfast.contracts.profile import DEADLINE_KINDS
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.errors import StandinError
from holdfast.standin.facts import Body
from holdfast.standin.judging import Ask, Step
from holdfast.telemetry import get_log

EVERY_S = 0.2
STEP_MAX = 50
AWAY_PAUSE_S = 1.0
KNOWN_PAUSE_S = 0.05
"""After a step in which all was settled before."""
HANDLED_MAX = 10_000

Due = tuple[int, str]
"""(order id, due day)."""
Place = tuple[int, str, int]
"""How far a pass has come: (0 for those that must arrive by a time, 1 for the others; day; the last order)."""
START: Place = (0, "", -1)
Seen = tuple[tuple[str, ...], tuple[tuple[int, int], ...], int]
"""What a pass was begun with: the days that run; (cohort, epoch) served here; how many orders were told."""


class Orders:
    """The runner. It passes through the orders due, those that must arrive by a time first, the oldest day first, a
    step at a time, and begins another pass when something has changed meanwhile: the days that run, who is served here,
    an order or a kind of payee told, or an order that could not be taken under its row."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank
        self.handled: set[Due] = set()
        """What was settled lately and needs no second look; the journal decides all the same."""
        self._place: Place = START
        self._seen: Seen | None = None
        self._ended = True
        self._again = False

    async def run(self) -> None:
        """Run what is due, a bounded step at a time, until cancelled."""
        while True:
            pause_s = EVERY_S
            try:
                if await self.step() == 0 and not self._ended:
                    pause_s = KNOWN_PAUSE_S
            except StandinError as error:
                get_log().info("orders_wait", why=str(error))
                pause_s = AWAY_PAUSE_S
            except Exception as error:  # an order with odd content must not end the others' runner
                get_log().error("orders_failed", why=repr(error))
                pause_s = AWAY_PAUSE_S
            await asyncio.sleep(pause_s)

    def _begin(self, seen: Seen) -> None:
        """Another pass, where there is reason for one: at once when other days run or others are served."""
        if seen == self._seen or (not self._ended and self._seen is not None and seen[:2] == self._seen[:2]):
            return
        self._place, self._seen, self._ended = START, seen, False

    def due(self, now: datetime) -> list[tuple[Due, Body, Row]]:
        """The next orders of the pass, at most STEP_MAX, of cohorts that the spare bank serves (a reader's thread)."""
        profile = self.bank.view.profile
        rows = {cohort: row for cohort in range(COHORTS_COUNT) if (row := self.bank.serving(cohort)) is not None}
        days = tuple(sorted(day for day, at in list(profile.order_runs.items()) if at <= now))
        self._begin((days, tuple((cohort, row.epoch) for cohort, row in rows.items()), profile.orders_told))
        for place in [(rest, day) for rest in (0, 1) for day in days] if rows and not self._ended else []:
            if place < self._place[:2]:
                continue
            after = self._place[2] if place == self._place[:2] else -1
            found = profile.facts.due(place[1], after, STEP_MAX, cohorts=rows, urgent=place[0] == 0)
            if found:
                self._place = (*place, after)
                return [((number, place[1]), body, rows[int(body["cohort"])]) for number, body in found]
        self._ended = True
        if self._again:
            self._seen, self._again = None, False
        return []

    async def step(self) -> int:
        """One step; how many orders it settled. Raises DoorsAway, Busy, MoneyStopped: then nothing was handled."""
        if not self.bank.view.filled or self.bank.journal.stopped:
            return 0
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self.bank.readers, self.due, datetime.now(UTC))
        if not found:
            return 0
        orders = [(due, _order(due, body, row)) for due, body, row in found if due not in self.handled]
        known = await loop.run_in_executor(self.bank.readers, self._known, orders)
        settled = await self._take([one for one in orders if one[0] not in known])
        if len(self.handled) > HANDLED_MAX:
            self.handled.clear()
        self.handled |= known
        self._place = (*self._place[:2], found[-1][0][0])
        return settled

    async def _take(self, orders: list[tuple[Due, Order]]) -> int:
        if not orders:
            return 0
        granted = await self.bank.doors.claim(
            "taken", [(one.payment.id, one.ask.cohort, one.ask.epoch) for _, one in orders]
        )
        denied = {due for due, one in orders if one.payment.id not in granted}
        self.handled |= denied
        metrics.ORDERS.labels("refused").inc(len(denied))
        orders = [one for one in orders if one[0] not in denied]
        decisions = await self.bank.taking.take_many([one for _, one in orders]) if orders else []
        for (due, _), decision in zip(orders, decisions, strict=True):
            if decision.step is Step.STALE:
                self._again = True  # under another row
            else:
                self.handled.add(due)
                metrics.ORDERS.labels(decision.outcome.value).inc()
        return len(denied) + len(decisions)

    def _known(self, orders: list[tuple[Due, Order]]) -> set[Due]:
        """Those that the journal has, or the books hold as booked or finally refused (a reader's thread)."""
        known = set()
        for due, order in orders:
            items = [item for _, _, item in self.bank.copy_reader.items(order.payment.id)]
            final = any(isinstance(item, Transfer) or item.source == "journal" for item in items)
            if final or self.bank.journal_reader.find(order.payment.id) is not None:
                known.add(due)
        return known


def _order(due: Due, body: Body, row: Row) -> Order:
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
