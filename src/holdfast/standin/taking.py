"""Taking payments: judging put into the journal writer's order, and claims asked for where the rules say so."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import Refusal, Transfer
from holdfast.contracts.journal import Entry, Payment
from holdfast.guard import RULES_VERSION
from holdfast.standin.copy import CopyReader
from holdfast.standin.doors import Doors
from holdfast.standin.errors import DoorsAway, NotFilled
from holdfast.standin.journal import Journal, JournalReader, Writing
from holdfast.standin.judging import Ask, Decision, Fed, Memory, Standing, Step, decide
from holdfast.standin.view import Account, View
from holdfast.standin.waiting import Accepted

ASKS_MAX = 3


@dataclass(frozen=True, slots=True)
class Order:
    """One payment and how it was asked for; of a card use also the card, and what the card itself has against it
    (asked in the writer's order, the view's lock held)."""

    payment: Payment
    ask: Ask
    card: str = ""
    objection: Callable[[], Reason] | None = None


def same_content(payment: Payment, item: Payment | Transfer | Refusal) -> bool:
    """Whether both mean the same payment."""
    return ids.content_hash(payment.debit, payment.credit, payment.amount_minor, payment.currency) == ids.content_hash(
        item.debit, item.credit, item.amount_minor, item.currency
    )


def fed_state(payment: Payment, items: Sequence[Transfer | Refusal]) -> tuple[Fed, Reason, bool]:
    """What the books say about the id: a booking stands above a refusal, one by the journal above one of their own."""
    state, reason = Fed.ABSENT, Reason.OK
    for item in items:
        if isinstance(item, Transfer):
            return Fed.BOOKED, Reason.OK, same_content(payment, item)
        if item.source == "journal" or state is Fed.ABSENT:
            state = Fed.REFUSED_JOURNAL if item.source == "journal" else Fed.REFUSED_OWN
            reason = Reason(item.reason) if item.reason in Reason.__members__.values() else Reason.NOT_COMPLETED
    return state, reason, True


def restore(view: View, journal: JournalReader, copy: CopyReader) -> None:
    """Fill the waiting sums at a start: accepted entries that the copy does not show, and what is unreplayed."""
    for entry in journal.payments():
        payment = entry.payment()
        accepted = Accepted(payment, entry.number, entry.at_us)
        items = [item for _, _, item in copy.items(payment.id)]
        items += [item for _, _, item in copy.items(ids.journal_conflict_id(entry.number))]
        if entry.kind == "accept":
            view.decided(accepted)
            view.shown.add(accepted)
            for item in items:
                if isinstance(item, Transfer) and view.judging.settled_by(item) is not None:
                    view.judging.remove(payment.id)
                    view.shown.remove(payment.id)
                    view.unreplayed.discard(payment.id)
        elif not any(isinstance(item, Transfer) or item.source == "journal" for item in items):
            view.unreplayed.add(payment.id)
    for body in journal.freezes():
        view.freezes[str(body["card"])] = (int(body["changed_us"]), bool(body["frozen"]))
    view.ended_sessions.update(journal.logouts((time.time_ns() - 86_400 * 10**9) // 1000))


class Taking:
    """The only way a payment enters the journal."""

    def __init__(self, journal: Journal, copy: CopyReader, view: View, doors: Doors) -> None:
        self._journal = journal
        self._copy = copy
        self._view = view
        self._doors = doors

    async def take(self, order: Order) -> Decision:
        """Decide one payment and answer after its fsync; raises MoneyStopped, Busy, NotFilled or DoorsAway."""
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
        if not self._view.filled:
            raise NotFilled("the copy of the books is still being filled")
        decided = await asyncio.wrap_future(self._journal.submit(lambda writing: self._write(writing, orders)))
        for _, accepted in decided:
            if accepted is not None:
                self._view.committed(accepted)
        return [decision for decision, _ in decided]

    def _write(self, writing: Writing, orders: Sequence[Order]) -> list[tuple[Decision, Accepted | None]]:
        """In the writer thread: decide each and journal what is to be kept."""
        answers: list[tuple[Decision, Accepted | None]] = []
        for order in orders:
            with self._view.lock:
                decision = self._decide(writing, order)
                kept = decision.step in (Step.ACCEPT, Step.VOID, Step.REFUSAL)
                entry = self._record(writing, order, decision) if kept else None
                accepted = None
                if entry is not None and decision.step is Step.ACCEPT:
                    accepted = Accepted(order.payment, entry.number, entry.at_us)
                    self._view.decided(accepted)
                elif entry is not None:
                    self._view.unreplayed.add(order.payment.id)
            answers.append((decision, accepted))
        return answers

    def _record(self, writing: Writing, order: Order, decision: Decision) -> Entry:
        ask = order.ask
        writing.learn(ask.cohort, ask.epoch)
        body = {
            "payment": order.payment.to_wire(),
            "reason": decision.reason.value,
            "rules_version": RULES_VERSION,
            "fresh_block": self._view.head.number,
            "birth": ask.birth,
        }
        if order.card:
            body["card"] = order.card
        return writing.append(decision.step.value, ask.cohort, ask.epoch, body)

    def _decide(self, writing: Writing, order: Order) -> Decision:
        memory = self._memory(
            order.payment,
            writing.find(order.payment.id),
            writing.known(order.ask.cohort),
            writing.closed(order.ask.cohort),
        )
        ask = order.ask if order.objection is None else replace(order.ask, against=order.objection())
        return decide(ask, memory, None if order.ask.incoming else self._standing(order.payment))

    def _memory(self, payment: Payment, entry: Entry | None, known: int, closed: int) -> Memory:
        items = [item for _, _, item in self._copy.items(payment.id)]
        fed, fed_reason, fed_same = fed_state(payment, items)
        if entry is None:
            return Memory(known, closed, fed=fed, fed_reason=fed_reason, fed_same=fed_same)
        return Memory(
            known,
            closed,
            entry.kind,
            Reason(entry.body["reason"]),
            same_content(payment, entry.payment()),
            fed,
            fed_reason,
            fed_same,
        )

    def _standing(self, payment: Payment) -> Standing:
        view, profile = self._view, self._view.profile
        debit, credit = view.accounts.get(payment.debit), view.accounts.get(payment.credit)
        cohort_max, total_max = profile.exposure_limits()
        return Standing(
            debit_flags=-1 if debit is None else debit.flags,
            credit_flags=-1 if credit is None else credit.flags,
            same_account=payment.debit == payment.credit,
            same_currency=_same_currency(payment.currency, debit, credit),
            available_minor=view.available(debit, view.judging) if debit else 0,
            exposure_cohort_minor=view.judging.exposure[payment.cohort],
            exposure_total_minor=view.judging.exposure_total,
            exposure_cohort_minor_max=cohort_max,
            exposure_total_minor_max=total_max,
            paid_today_minor=view.paid_today(payment.customer),
            payments_last_minute=view.paid_last_minute(payment.customer, time.time_ns() // 1000),
            payee_blocked=payment.credit in profile.blocked,
            limits=profile.spare_limits(),
        )


def _same_currency(currency: str, debit: Account | None, credit: Account | None) -> bool:
    return all(one is None or one.currency == currency for one in (debit, credit))
