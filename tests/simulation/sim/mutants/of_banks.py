"""Rules of the two banks, broken: recording refusals, judging, replaying the journal, telling, and the disk."""

import copy
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from holdfast.bank.exchange import entering
from holdfast.bank.payments import outcomes
from holdfast.contracts.epochs import Mode
from holdfast.contracts.journal import Entry
from holdfast.edge import carrying, handback
from holdfast.ledger.api import Result
from holdfast.standin import deciding, judging
from holdfast.standin.profile import Profile
from holdfast.standin.view import View
from holdfast.standin.waiting import Waiting
from sim import people, primary, standin
from sim.books import ModelBooks
from sim.journal import ModelJournal
from sim.kernel import Sleep, Until
from sim.mutants.listing import broken, mutant
from sim.mutants.of_doors import agree_at_once


@mutant("notices of refusals are not claimed (rule 5)")
def notice_unclaimed() -> Iterator[None]:
    def tell(self: Any) -> Any:
        for ident in self.intents:
            if ident in self.books.refusals and ident not in self.books.transfers:
                self.town.tell(self.town.payments[ident], "refused", "an unclaimed notice")
        yield Sleep(0.001)

    with broken(primary.Primary, "_tell_refusals", tell):
        yield


@mutant("the spare bank takes older and closed epochs (rule 7)")
def standin_unfenced() -> Iterator[None]:
    with broken(judging, "fence", lambda ask, memory: None), broken(ModelJournal, "known", lambda self, cohort: 0):
        yield


@mutant("the main bank does not record its refusals (rule 9)")
def refusal_unrecorded() -> Iterator[None]:
    with broken(ModelBooks, "_refuse", lambda self, post, reason, items: None):
        yield


@mutant("the spare bank refuses without writing it down (rule 9)")
def standin_refusal_unrecorded() -> Iterator[None]:
    with broken(deciding, "KEPT", tuple(one for one in deciding.KEPT if one is not judging.Step.REFUSAL)):
        yield


@mutant("the spare bank derives another id for a standing order (rule 9)")
def other_order_id() -> Iterator[None]:
    real = standin.Standin._jobs

    def jobs(self: Any) -> Any:
        due = self.town.orders_due
        self.town_orders = lambda now: [replace(one, id=uuid.uuid5(one.id, "own")) for one in due(now)]
        for one in self.town.orders:
            self.town.payments.setdefault(
                uuid.uuid5(one[1].id, "own"), replace(one[1], id=uuid.uuid5(one[1].id, "own"))
            )
        with_other = _Other(self.town, self.town_orders)
        mine, self.town = self.town, with_other
        try:
            yield from real(self)
        finally:
            self.town = mine

    with broken(standin.Standin, "_jobs", jobs):
        yield


class _Other:
    """The town, with other orders."""

    def __init__(self, town: Any, orders: Any) -> None:
        self._town, self.orders_due = town, orders

    def __getattr__(self, name: str) -> Any:
        return getattr(self._town, name)


@mutant("ids that the main bank may know count as new, at the doors and the spare bank alike (rule 11)")
def older_refused() -> Iterator[None]:
    with broken(judging, "is_older", lambda ask: False), broken(carrying, "must_claim", lambda asked, row, bank: False):
        yield


@mutant("ids of an older generation are judged, not voided (rule 11)")
def older_generation_judged() -> Iterator[None]:
    with broken(judging, "of_older_generation", lambda ask: False):
        yield


@mutant("what was accepted is forgotten at the close, before the feed has shown it (rule 12)")
def exposure_forgotten() -> Iterator[None]:
    real = standin.Standin.on_close

    def close(self: Any, rows: Any) -> Any:
        answer = yield from real(self, rows)
        self.view.judging, self.view.shown = Waiting(), Waiting()
        return answer

    with broken(standin.Standin, "on_close", close), broken(handback, "_agree", agree_at_once):
        yield


@mutant("a spare bank that starts again forgets what it accepted (rule 12)")
def accepted_forgotten() -> Iterator[None]:
    with broken(standin, "restore", lambda view, journal, copy, now, after: None):
        yield


@mutant("a spare bank that starts again passes over entries that no block has shown yet (rule 12)")
def settled_too_early() -> Iterator[None]:
    with broken(View, "settled_upto", lambda self, position: position):
        yield


@mutant("accepted entries never count against the limit (rule 12)")
def exposure_uncounted() -> Iterator[None]:
    real = Waiting._count

    def count(self: Waiting, payment: Any, sign: int) -> None:
        real(self, payment, sign)
        self.exposure.clear()
        self.exposure_total = 0
        self.net.clear()

    with broken(Waiting, "_count", count):
        yield


@mutant("the sweeper says not made because a look-up found nothing (rule 13)")
def swept_by_absence() -> Iterator[None]:
    def sweep(self: Any) -> None:
        for ident, (_, at) in self.intents.items():
            if self.kernel.now - at > primary.OPEN_S and not self.books.outcomes([ident]):
                self.town.tell(self.town.payments[ident], "refused", "the sweeper, by absence")

    with broken(primary.Primary, "_sweep", sweep):
        yield


@mutant("replay drops an accepted entry over a recorded refusal (rule 14)")
def accept_dropped() -> Iterator[None]:
    real = entering.Entering._settle

    def settle(self: Any, *given: Any) -> Any:
        return real(self, *given)

    def one(self: ModelBooks, post: Any, items: Any, real_one: Any = ModelBooks._one) -> Any:
        if post.source == "journal" and post.refuse is None and post.id in self.refusals:
            return Result.ALREADY_POSTED, entering.Reason.OK
        return real_one(self, post, items)

    with broken(entering.Entering, "_settle", settle), broken(ModelBooks, "_one", one):
        yield


@mutant("replay drops an entry whose id the books hold with other content (rule 14)")
def conflict_dropped() -> Iterator[None]:
    with broken(entering.Entering, "_conflict", lambda self, entry, post: entering.Ended(entry, "already")):
        yield


@mutant("the books enter a replayed entry again (rules 9 and 14)")
def entered_twice() -> Iterator[None]:
    def one(self: ModelBooks, post: Any, items: Any, real_one: Any = ModelBooks._one) -> Any:
        if post.source == "journal" and post.refuse is None and self._objection(post) is None:
            self._book(post, items)
            return Result.POSTED, entering.Reason.OK
        return real_one(self, post, items)

    with broken(ModelBooks, "_one", one):
        yield


@mutant("after a forced return the main bank refuses older ids for good (rule 18)")
def forced_refusals() -> Iterator[None]:
    real_answer = outcomes.answer_of
    with (
        broken(primary, "answer_of", lambda request, posted: real_answer(replace(request, forced=0), posted)),
        broken(primary, "may_tell_refusal", lambda birth, row: row.mode is Mode.PRIMARY),
    ):
        yield


@mutant("after a forced return ids whose claims are lost are judged (rule 18)")
def forced_generation_judged() -> Iterator[None]:
    with broken(outcomes, "claims_are_lost", lambda birth, epoch: False):
        yield


@mutant("the spare bank answers before its fsync")
def answer_before_fsync() -> Iterator[None]:
    def write(self: Any) -> Any:
        while True:
            yield Until(lambda: bool(self.queue), 1e9, 0.002)
            group = [self.queue.popleft() for _ in range(len(self.queue))]
            for work, box in group:
                box.append(work())
            yield Sleep(self.kernel.random.uniform(0.05, 0.3))
            self.journal.sync()

    with broken(standin.Standin, "_write", write):
        yield


@mutant("a kill takes one entry of the journal that was fsynced")
def entry_lost() -> Iterator[None]:
    real = ModelJournal.crash

    def crash(self: ModelJournal) -> None:
        self.synced = max(self.synced - 1, 0)
        real(self)

    with broken(ModelJournal, "crash", crash):
        yield


@mutant("what arrives changed by the feed or as a journal is believed")
def garbled_believed() -> Iterator[None]:
    def garble(self: Any, wires: Any) -> Any:
        if self.kernel.calm or self.kernel.random.random() > 0.05:
            return wires
        changed = copy.deepcopy(wires)
        for one in changed:
            payment = one.get("body", {}).get("payment")
            if payment:
                payment["amount_minor"] += 1
                entry = Entry(one["number"], bytes.fromhex(one["previous"]), one["kind"], one["cohort"], one["epoch"],
                              one["at_us"], one["body"])  # fmt: skip
                one["hash"] = entry.hash().hex()
                return changed[: changed.index(one) + 1]
        return wires

    def chain(raw: Any, after: int, last_hash: bytes) -> Any:
        return [entering.entry_from_wire(one) for one in raw]

    with broken(primary, "check_chain", chain), broken(people.Town, "garble", garble):
        yield


@mutant("a standing order is refused at the spare bank because it is not booked there yet (rule 11)")
def order_refused_by_absence() -> Iterator[None]:
    real = standin.Standin.take

    def take(self: Any, orders: Any) -> Any:
        decisions = yield from real(self, orders)
        for order, decision in zip(orders, decisions, strict=True):
            if order.payment.kind == "order" and decision.step is judging.Step.VOID:
                self.town.tell(order.payment, "refused", "the spare bank's orders, by absence")
        return decisions

    with broken(standin.Standin, "take", take):
        yield


@mutant("the spare bank counts other currencies as they stand (rule 12)")
def counted_at_face_value() -> Iterator[None]:
    with broken(Profile, "worth", lambda self, amount_minor, currency: amount_minor):
        yield


@mutant("after a start the spare bank values what waits by the rates of then (rule 12)")
def valued_anew_at_a_start() -> Iterator[None]:
    with broken(Entry, "value_minor", lambda self: None):
        yield
