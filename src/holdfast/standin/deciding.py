"""Deciding payments in the journal writer's order: what memory and accounts say, the judgement, and its entry.

No thread, no network, no file of its own: the writer, the fed copy and the clock are handed in, so that the running
bank and the simulator of the tests decide by the same code.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from holdfast.contracts import ids
from holdfast.contracts.answers import Outcome, Reason
from holdfast.contracts.blocks import Answer, Pending, Refusal, Transfer, days_of
from holdfast.contracts.freezing import freeze_from_body
from holdfast.contracts.journal import Entry, Payment
from holdfast.contracts.test_customers import may_pay
from holdfast.guard import NO_HABIT, RULES_VERSION, Habit, Watched
from holdfast.guard.own import NO_LIMIT
from holdfast.standin.habits import DEBITS_MAX, Debit, Record, oldest_day
from holdfast.standin.judging import Ask, Decision, Fed, Memory, Standing, Step, decide, objection
from holdfast.standin.view import Account, View
from holdfast.standin.waiting import Accepted
from holdfast.telemetry.metrics import NOT_JUDGED

SESSIONS_KEPT_US = 86_400 * 10**6
KEPT = (Step.ACCEPT, Step.VOID, Step.REFUSAL)
"""Steps that are journaled."""


class Writes(Protocol):
    """What the decision needs of the journal's writer (journal.Writing)."""

    def known(self, cohort: int) -> int: ...
    def closed(self, cohort: int) -> int: ...
    def find(self, ident: uuid.UUID) -> Entry | None: ...
    def learn(self, cohort: int, epoch: int) -> None: ...
    def append(self, kind: str, cohort: int, epoch: int, body: dict[str, Any]) -> Entry: ...


class FedItems(Protocol):
    """What the decision needs of the copy: all items with a payment id as (block, at_us, item), an account's newest
    debits since a day, and what was paid out of it by hand on a day (in days since 1970), both below a block. Items and
    debits are in the books' order. one_state: what is asked inside is answered by one committed state."""

    def one_state(self) -> AbstractContextManager[None]: ...
    def items(self, ident: uuid.UUID) -> Sequence[tuple[int, int, Answer]]: ...
    def debits(self, account: int, since_day: int, limit: int, before: int) -> Sequence[Debit]: ...
    def paid(self, account: int, day: int, before: int) -> int: ...


class JournalEntries(Protocol):
    """What a start needs of the journal; payments: behind a number."""

    def payments(self, after: int) -> Iterable[Entry]: ...
    def logouts(self, since_us: int) -> Iterable[str]: ...
    def freezes(self) -> Iterable[dict[str, Any]]: ...
    def frozen(self) -> Iterable[dict[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class Order:
    """One payment and how it was asked for; of a card use also the card, and what the card itself has against it
    (asked in the writer's order, the view's lock held); of a program's also what the customer's payments of the day
    may add up to at most, in minor units. settles: the id of the hold that a card use posts. only_now: what is against
    it is a sentence about now: nothing of it is journaled, no id is spent, and the same may be asked for again."""

    payment: Payment
    ask: Ask
    card: str = ""
    objection: Callable[[], Reason] | None = None
    day_minor_max: int = NO_LIMIT
    settles: uuid.UUID | None = None
    only_now: bool = False


def same_content(payment: Payment, item: Payment | Answer) -> bool:
    """Whether both mean the same payment. A refusal keeps no metadata, so that nothing is compared with it."""
    if not isinstance(item, Refusal) and item.metadata != payment.metadata:
        return False
    return ids.content_hash(payment.debit, payment.credit, payment.amount_minor, payment.currency) == ids.content_hash(
        item.debit, item.credit, item.amount_minor, item.currency
    )


def fed_state(payment: Payment, items: Sequence[Answer]) -> tuple[Fed, Reason, bool]:
    """What the books say about the id: a booking, or a hold, stands above a refusal, one of the journal above
    their own."""
    state, reason = Fed.ABSENT, Reason.OK
    for item in items:
        if isinstance(item, Transfer | Pending):
            return Fed.BOOKED, Reason.OK, same_content(payment, item)
        if item.source == "journal" or state is Fed.ABSENT:
            state = Fed.REFUSED_JOURNAL if item.source == "journal" else Fed.REFUSED_OWN
            reason = Reason(item.reason) if item.reason in Reason.__members__.values() else Reason.NOT_COMPLETED
    return state, reason, True


def restore(view: View, journal: JournalEntries, copy: FedItems, now_us: int, after: int = 0) -> None:
    """Fill the waiting sums at a start: accepted entries that the copy does not show, and what is unreplayed.

    after: up to this journal entry the copy shows what became of every one (View.settled_upto), so none of them waits.
    That stays true: blocks are only added, an entry once settled by them stays settled, and the number is stored in the
    copy itself, behind the blocks that it speaks of, so that a lost tail takes it along.
    """
    for entry in journal.payments(after):
        payment = entry.payment()
        kept = entry.value_minor()
        value = view.profile.worth(payment.amount_minor, payment.currency) if kept is None else kept
        accepted = Accepted(payment, entry.number, entry.at_us, value, entry.settles())
        items = [item for _, _, item in copy.items(payment.id)]
        items += [item for _, _, item in copy.items(ids.journal_conflict_id(entry.number))]
        if entry.kind == "accept":
            view.decided(accepted)
            view.shown.add(accepted)
            for item in items:
                if isinstance(item, Transfer | Pending) and view.judging.settled_by(item) is not None:
                    view.judging.remove(payment.id)
                    view.shown.remove(payment.id)
                    view.unreplayed.pop(payment.id, None)
        elif not any(isinstance(item, Transfer | Pending) or item.source == "journal" for item in items):
            view.unreplayed[payment.id] = entry.number
    for body in journal.freezes():
        view.freezes[str(body["card"])] = (int(body["changed_us"]), bool(body["frozen"]))
    for body in journal.frozen():
        view.note_freeze(freeze_from_body(body))
    view.ended_sessions.update(journal.logouts(now_us - SESSIONS_KEPT_US))


class Deciding:
    """Decides orders for one view; `write` runs in the journal's writer only. timer: see guard.Watched."""

    def __init__(
        self, copy: FedItems, view: View, clock_us: Callable[[], int], timer: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._copy = copy
        self._view = view
        self._clock_us = clock_us
        self.rules = Watched(timer, count=NOT_JUDGED.inc)

    def write(self, writing: Writes, orders: Sequence[Order]) -> list[tuple[Decision, Accepted | None]]:
        """Decide each, in order, and journal what is to be kept; all of them, or none when one raises."""
        answers: list[tuple[Decision, Accepted | None]] = []
        try:
            for order in orders:
                with self._view.lock, self._copy.one_state():
                    answers.append(self._write_one(writing, self._marked(order)))
        except Exception:
            with self._view.lock:  # the writer takes back what was journaled for them
                for order, (decision, accepted) in zip(orders, answers, strict=False):
                    self._take_back(order, decision, accepted)
            raise
        return answers

    def judge_only(self, order: Order) -> Reason:
        """What a fresh payment of these accounts and this amount would be told now, by the same judgement as a
        decision's; nothing is decided, and nothing written. Runs in the journal's writer, as `write` does."""
        with self._view.lock, self._copy.one_state():
            marked = self._marked(order)
            value = self._view.profile.worth(order.payment.amount_minor, order.payment.currency)
            return objection(self._asked(marked), self._limited(marked, value), self.rules)

    def _write_one(self, writing: Writes, order: Order) -> tuple[Decision, Accepted | None]:
        # Once: over midnight a rate may grow old, and what is judged is what counts until the entry leaves (rule 12).
        value = self._view.profile.worth(order.payment.amount_minor, order.payment.currency)
        decision = self._decide(writing, order, value)
        if order.only_now and decision.step in (Step.VOID, Step.REFUSAL):
            decision = Decision(Step.ANSWER, Outcome.CHECKING, decision.reason)
        if decision.step not in KEPT:
            return decision, None
        entry = self._record(writing, order, decision, value)
        if decision.step is not Step.ACCEPT:
            self._view.unreplayed[order.payment.id] = entry.number
            return decision, None
        accepted = Accepted(order.payment, entry.number, entry.at_us, value, order.settles)
        self._view.decided(accepted)
        return decision, accepted

    def _take_back(self, order: Order, decision: Decision, accepted: Accepted | None) -> None:
        if accepted is not None:
            self._view.take_back(accepted)
        elif decision.step in KEPT:
            self._view.unreplayed.pop(order.payment.id, None)

    def _record(self, writing: Writes, order: Order, decision: Decision, value_minor: int) -> Entry:
        ask = order.ask
        writing.learn(ask.cohort, ask.epoch)
        body = {
            "payment": order.payment.to_wire(),
            "reason": decision.reason.value,
            "rules_version": RULES_VERSION,
            "fresh_block": self._view.head.number,
            "fresh_s": self._view.age_s(),
            "deadline": ask.deadline,
            "birth": ask.birth,
            "value_minor": value_minor,
        }
        if order.card:
            body["card"] = order.card
        if order.settles is not None:
            body["settles"] = order.settles.hex
        return writing.append(decision.step.value, ask.cohort, ask.epoch, body)

    def _decide(self, writing: Writes, order: Order, value_minor: int) -> Decision:
        memory = self._memory(
            order.payment,
            writing.find(order.payment.id),
            writing.known(order.ask.cohort),
            writing.closed(order.ask.cohort),
        )
        ask = self._asked(order)
        return decide(ask, memory, None if order.ask.incoming else self._limited(order, value_minor), self.rules)

    def _asked(self, order: Order) -> Ask:
        """How it is asked, with what speaks against it before anything is judged."""
        ask = order.ask
        if not ask.incoming and self._view.account_frozen(order.payment.debit):
            ask = replace(ask, against=Reason.CUSTOMER_FROZEN)
        elif order.objection is not None:
            ask = replace(ask, against=order.objection())
        if self._view.cover(order.settles, order.payment.debit):
            ask = replace(ask, activity=False)  # what is held was counted when it was
        return ask

    def _limited(self, order: Order, value_minor: int) -> Standing:
        """The standing, with the limit of the program that asks: it counts all that the customer paid today, since the
        blocks do not say which program asked."""
        standing = self._standing(order.payment, value_minor)
        cover = self._view.cover(order.settles, order.payment.debit)
        if cover:
            standing = replace(standing, available_minor=standing.available_minor + cover)
        per_day = min(standing.own.per_day_minor, order.day_minor_max)
        return replace(standing, own=replace(standing.own, per_day_minor=per_day))

    def _marked(self, order: Order) -> Order:
        """A payment to a payee of a kind that must arrive by a time needs no mark of the customer. A hold that an entry
        taken here posts already is not posted again."""
        if order.settles is not None and self._view.settles_here(order.settles, order.payment.debit):
            order = replace(order, settles=None)
        if order.ask.deadline or order.ask.incoming or not self._view.profile.has_deadline(order.payment.credit):
            return order
        return replace(order, ask=replace(order.ask, deadline=True))

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

    def _standing(self, payment: Payment, value_minor: int) -> Standing:
        view, limits = self._view, self._view.limits_now()
        debit, credit = view.accounts.get(payment.debit), view.accounts.get(payment.credit)
        theirs = view.profile.own_accounts(payment.customer)
        own = theirs or [payment.debit]
        records = {account: self._lately(account) for account in own}
        waiting = view.waiting_from(own)
        minute, hour = view.paid_lately(records.values(), waiting, self._clock_us())
        compared = payment.kind == "payment" and payment.credit not in own
        return Standing(
            debit_flags=-1 if debit is None else debit.flags,
            credit_flags=-1 if credit is None or not may_pay(payment.customer, payment.credit) else credit.flags,
            same_account=payment.debit == payment.credit,
            same_currency=_same_currency(payment.currency, debit, credit),
            available_minor=view.available(debit, view.judging) if debit else 0,
            value_minor=value_minor,
            exposure_cohort_minor=view.judging.exposure[payment.cohort],
            exposure_total_minor=view.judging.exposure_total,
            exposure_cohort_minor_max=limits.cohort_minor,
            exposure_total_minor_max=limits.total_minor,
            paid_today_minor=paid_of(view, records.values()) + view.waiting_today(waiting) if theirs else 0,
            payments_last_minute=minute,
            payee_blocked=view.profile.is_blocked(payment.credit),
            limits=limits.spare,
            deadline_percent=limits.deadline_percent,
            payments_last_hour=hour,
            new_payee=compared and is_new_payee(payment.credit, records.values(), waiting),
            habit=habit_of(view, records.values(), waiting) if compared else NO_HABIT,
            own=view.profile.own_limits(payment.customer).at(self._clock_us()),
            normal=limits.normal,
        )

    def _lately(self, account: int) -> Record:
        """What the account paid lately, as of the head; read from the copy when it is not in memory."""
        habits, day = self._view.habits, self._view.profile.business_date()
        known = habits.known(account, day)
        if known is not None:
            return known
        before = self._view.head.number + 1
        debits = self._copy.debits(account, oldest_day(day), DEBITS_MAX, before)
        paid = self._copy.paid(account, days_of(day), before)
        return habits.keep(account, day, debits, paid, currency=self._view.currency_of(account))


def is_new_payee(credit: int, records: Iterable[Record], waiting: Iterable[Accepted]) -> bool:
    """Whether none of a customer's accounts paid this one lately, here or at the bank."""
    known = any(credit in record.payees for record in records)
    return not known and all(one.payment.credit != credit for one in waiting)


def _worth(view: View, record: Record, amount_minor: int) -> int:
    return view.profile.worth(amount_minor, record.currency) if amount_minor and record.currency else amount_minor


def paid_of(view: View, records: Iterable[Record]) -> int:
    """What was paid by hand today out of these accounts, by the books, in minor units of the bank's own currency."""
    return sum(_worth(view, record, record.paid_minor) for record in records)


def habit_of(view: View, records: Collection[Record], waiting: Sequence[Accepted]) -> Habit:
    """The largest amount that a customer paid lately out of these accounts, in minor units of the bank's own currency,
    and how many payments."""
    values = [_worth(view, record, record.largest_minor) for record in records]
    values += [one.value_minor for one in waiting]
    return Habit(max(values, default=0), sum(record.payments for record in records) + len(waiting))


def _same_currency(currency: str, debit: Account | None, credit: Account | None) -> bool:
    return all(one is None or one.currency == currency for one in (debit, credit))
