"""The protocol broken on purpose, one rule at a time: each must be caught, or the simulation proves little.

`TRACES` names, for each of the fourteen traces at the end of the protocol's page, the mutants that let it happen.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from holdfast.bank.exchange import entering
from holdfast.bank.payments import outcomes
from holdfast.contracts.answers import Outcome
from holdfast.contracts.epochs import Bank, Mode, Row, generation_of, pack_epoch
from holdfast.edge import carrying, handback
from holdfast.edge import register as edge_register
from holdfast.edge.procedures import Answer, Failed, Swap
from holdfast.ledger.api import Result
from holdfast.standin import deciding, judging
from holdfast.standin.waiting import Waiting
from sim import doors, people, primary, standin
from sim import register as model_register
from sim.books import ModelBooks
from sim.journal import ModelJournal
from sim.kernel import Sleep, Until
from sim.register import ModelRegister

Mutant = Callable[[], Iterator[None]]
MUTANTS: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {}
WORDS: dict[str, str] = {}


def mutant(words: str) -> Callable[[Mutant], Mutant]:
    """Put a mutant on the list, under its function's name."""

    def put(function: Mutant) -> Mutant:
        name = function.__name__.replace("_", "-")
        MUTANTS[name] = contextlib.contextmanager(function)
        WORDS[name] = words
        return function

    return put


def _in(target: Any, name: str, new: Any) -> Any:
    return patch.object(target, name, new)


@mutant("a door sends a write to the spare bank before the row is written (rule 1)")
def untripped_send() -> Iterator[None]:
    real = doors.Door._send

    def send(self: Any, bank: Bank, row: Row | None, payment: Any, birth: int) -> Any:
        answer = yield from real(self, bank, row, payment, birth)
        if isinstance(answer, Failed) and bank is Bank.PRIMARY and row is not None:
            spare = Row(row.cohort, Mode.STANDIN, row.epoch)
            return (yield from real(self, Bank.STANDIN, spare, payment, birth))
        return answer

    with _in(doors.Door, "_send", send):
        yield


@mutant("the register does not compare before it sets (rule 2)")
def blind_swap() -> Iterator[None]:
    def swap(self: ModelRegister, changes: Any) -> list[Row]:
        for _, new in changes:
            self.rows_now[new.cohort] = new
        return [new for _, new in changes]

    with _in(ModelRegister, "swap", swap):
        yield


@mutant("ids are taken under an epoch below their birth (rule 3)")
def birth_ignored() -> Iterator[None]:
    real_fence, real_before, real_one = judging.fence, primary.before, ModelBooks._one
    from dataclasses import replace

    with (
        _in(judging, "fence", lambda ask, memory: real_fence(replace(ask, birth=0), memory)),
        _in(primary, "before", lambda request: real_before(replace(request, birth=0))),
        _in(ModelBooks, "_one", lambda self, post, items: real_one(self, replace(post, birth=0), items)),
        _in(carrying, "_may_send", _may_send_without_birth),
    ):
        yield


def _may_send_without_birth(known: Any, asked: Any, row: Row, bank: Bank) -> Any:
    if not carrying.must_claim(asked, row, bank):
        return True
    denied = yield carrying.Claim("taken", [(asked.ident, row.cohort, row.epoch)])
    return None if denied else known.rows[row.cohort] == row


@mutant("every claim is granted (rule 4)")
def claims_always_granted() -> Iterator[None]:
    with _in(ModelRegister, "claim", lambda self, who, claims: []):
        yield


@mutant("a refusal's claim of an older epoch beats a newer one that it was taken (rule 4)")
def claim_ignores_epoch() -> Iterator[None]:
    real = edge_register.may_claim

    def may(who: str, epoch: int, found: Any, newest: int) -> bool:
        return real(who, epoch, None if who == "refused" else found, newest)

    with _in(model_register, "may_claim", may):
        yield


@mutant("a register made anew grants refusals of an older generation (rule 4)")
def claim_ignores_generation() -> Iterator[None]:
    real = edge_register.may_claim
    with _in(model_register, "may_claim", lambda who, epoch, found, newest: real(who, epoch, found, epoch)):
        yield


@mutant("the door tells a refusal of the main bank without a claim (rule 5)")
def refusal_told_unclaimed() -> Iterator[None]:
    real = carrying._judge

    def judge(known: Any, asked: Any, answer: Answer) -> Any:
        outcome = answer.headers.get("Holdfast-Outcome", "").partition(" ")[0]
        if outcome == Outcome.REFUSED_OWN and answer.bank is Bank.PRIMARY:
            return True
        return (yield from real(known, asked, answer))

    with _in(carrying, "_judge", judge):
        yield


@mutant("the door tells a refusal of the spare bank without a claim (rule 5)")
def standin_refusal_told_unclaimed() -> Iterator[None]:
    real = carrying._judge

    def judge(known: Any, asked: Any, answer: Answer) -> Any:
        outcome = answer.headers.get("Holdfast-Outcome", "").partition(" ")[0]
        if outcome == Outcome.REFUSED_OWN and answer.bank is Bank.STANDIN:
            return True
        return (yield from real(known, asked, answer))

    with _in(carrying, "_judge", judge):
        yield


@mutant("notices of refusals are not claimed (rule 5)")
def notice_unclaimed() -> Iterator[None]:
    def tell(self: Any) -> Any:
        for ident in self.intents:
            if ident in self.books.refusals and ident not in self.books.transfers:
                self.town.tell(self.town.payments[ident], "refused", "an unclaimed notice")
        yield Sleep(0.001)

    with _in(primary.Primary, "_tell_refusals", tell):
        yield


@mutant("an older id goes to the spare bank without a claim (rule 6)")
def older_unclaimed() -> Iterator[None]:
    with _in(carrying, "must_claim", lambda asked, row, bank: False):
        yield


@mutant("the spare bank takes older and closed epochs (rule 7)")
def standin_unfenced() -> Iterator[None]:
    with _in(judging, "fence", lambda ask, memory: None), _in(ModelJournal, "known", lambda self, cohort: 0):
        yield


@mutant("the hand-back does not close the epoch (rules 7 and 15c)")
def no_close() -> Iterator[None]:
    with _in(ModelJournal, "close", lambda self, cohort, epoch: False):
        yield


@mutant("the main bank does not record its refusals (rule 9)")
def refusal_unrecorded() -> Iterator[None]:
    with _in(ModelBooks, "_refuse", lambda self, post, reason, items: None):
        yield


@mutant("the spare bank refuses without writing it down (rule 9)")
def standin_refusal_unrecorded() -> Iterator[None]:
    real = deciding.Deciding._record

    def record(self: Any, writing: Any, order: Any, decision: Any) -> Any:
        if decision.step is judging.Step.REFUSAL:
            writing.learn(order.ask.cohort, order.ask.epoch)
            return None
        return real(self, writing, order, decision)

    with _in(deciding.Deciding, "_record", record):
        yield


@mutant("the spare bank derives another id for a standing order (rule 9)")
def other_order_id() -> Iterator[None]:
    real = standin.Standin._jobs

    def jobs(self: Any) -> Any:
        from dataclasses import replace

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

    with _in(standin.Standin, "_jobs", jobs):
        yield


class _Other:
    """The town, with other orders."""

    def __init__(self, town: Any, orders: Any) -> None:
        self._town, self.orders_due = town, orders

    def __getattr__(self, name: str) -> Any:
        return getattr(self._town, name)


@mutant("the spare bank finally refuses ids that the main bank may know (rule 11)")
def older_refused() -> Iterator[None]:
    with _in(judging, "is_older", lambda ask: False):
        yield


@mutant("ids of an older generation are judged, not voided (rule 11)")
def older_generation_judged() -> Iterator[None]:
    with _in(judging, "of_older_generation", lambda ask: False):
        yield


@mutant("what was accepted is forgotten at the close, before the feed has shown it (rule 12)")
def exposure_forgotten() -> Iterator[None]:
    real = standin.Standin.on_close

    def close(self: Any, rows: Any) -> Any:
        answer = yield from real(self, rows)
        self.view.judging, self.view.shown = Waiting(), Waiting()
        return answer

    with _in(standin.Standin, "on_close", close), _in(handback, "_agree", _agree_at_once):
        yield


@mutant("a spare bank that starts again forgets what it accepted (rule 12)")
def accepted_forgotten() -> Iterator[None]:
    with _in(standin, "restore", lambda view, journal, copy, now: None):
        yield


@mutant("accepted entries never count against the limit (rule 12)")
def exposure_uncounted() -> Iterator[None]:
    real = Waiting._count

    def count(self: Waiting, payment: Any, sign: int) -> None:
        real(self, payment, sign)
        self.exposure.clear()
        self.exposure_total = 0
        self.net.clear()

    with _in(Waiting, "_count", count):
        yield


@mutant("the sweeper says not made because a look-up found nothing (rule 13)")
def swept_by_absence() -> Iterator[None]:
    def sweep(self: Any) -> None:
        for ident, (_, at) in self.intents.items():
            if self.kernel.now - at > primary.OPEN_S and not self.books.outcomes([ident]):
                self.town.tell(self.town.payments[ident], "refused", "the sweeper, by absence")

    with _in(primary.Primary, "_sweep", sweep):
        yield


@mutant("replay drops an accepted entry over a recorded refusal (rule 14)")
def accept_dropped() -> Iterator[None]:
    real = entering.Entering._settle

    def settle(self: Any, entry: Any, posted: Any) -> Any:
        return real(self, entry, posted)

    def one(self: ModelBooks, post: Any, items: Any, real_one: Any = ModelBooks._one) -> Any:
        if post.source == "journal" and post.refuse is None and post.id in self.refusals:
            return Result.ALREADY_POSTED, entering.Reason.OK
        return real_one(self, post, items)

    with _in(entering.Entering, "_settle", settle), _in(ModelBooks, "_one", one):
        yield


@mutant("replay drops an entry whose id the books hold with other content (rule 14)")
def conflict_dropped() -> Iterator[None]:
    with _in(entering.Entering, "_conflict", lambda self, entry, post: entering.Ended(entry, "already")):
        yield


@mutant("the books enter a replayed entry again (rules 9 and 14)")
def entered_twice() -> Iterator[None]:
    def one(self: ModelBooks, post: Any, items: Any, real_one: Any = ModelBooks._one) -> Any:
        if post.source == "journal" and post.refuse is None and self._objection(post) is None:
            self._book(post, items)
            return Result.POSTED, entering.Reason.OK
        return real_one(self, post, items)

    with _in(ModelBooks, "_one", one):
        yield


@mutant("cohorts return before the journal is entered (rule 15d)")
def returned_unreplayed() -> Iterator[None]:
    def close(rows: Any, wait_s: float, left: Any) -> Any:
        closed = yield handback.Call("standin", "/-/close", {"rows": [list(row) for row in rows]}, wait_s)
        return int(closed["position"])

    with _in(handback, "_close_and_replay", close), _in(handback, "_agree", _agree_at_once):
        yield


@mutant("only the returning cohort's entries are replayed before it returns (rule 15d)")
def replayed_by_cohort() -> Iterator[None]:
    real_enter = primary.Primary._enter

    def close(rows: Any, wait_s: float, left: Any) -> Any:
        primary.Primary.only = {row[0] for row in rows}
        closed = yield handback.Call("standin", "/-/close", {"rows": [list(row) for row in rows]}, wait_s)
        answer = yield handback.Call("primary", "/-/replay", {"to": int(closed["position"])}, left())
        return int(answer["replayed_to"])

    def enter(self: Any, entries: Any) -> Any:
        only = getattr(primary.Primary, "only", None)
        mine = [entry for entry in entries if only is None or entry.cohort in only]
        later = [entry for entry in entries if entry not in mine]
        if mine:
            yield from real_enter(self, mine)
        self.position = (entries[-1].number, entries[-1].hash())
        if later:
            self.kernel.at(5.0, lambda: self.kernel.spawn(self, _later(self, later)))

    def _later(self: Any, entries: Any) -> Any:
        keep = self.position
        yield from real_enter(self, entries)
        self.position = keep

    with (
        _in(handback, "_close_and_replay", close),
        _in(handback, "_agree", _agree_at_once),
        _in(handback, "_catch_up", _nothing),
        _in(primary.Primary, "_enter", enter),
    ):
        primary.Primary.only = None
        yield
        del primary.Primary.only


def _agree_at_once(wait_s: float) -> Any:
    return 0
    yield


def _nothing() -> Any:
    return
    yield


@mutant("the undo opens the closed epoch again (rule 16)")
def epoch_reopened() -> Iterator[None]:
    def undo(known: Any, rows: Any, why: str) -> Any:
        changes = [(row, Row(row.cohort, Mode.STANDIN, row.epoch)) for row in rows]
        yield from handback._swap(known, Swap(changes, "undo", "reopened"))

    with (
        _in(handback, "_undo", undo),
        _in(model_register, "may_change", lambda old, new: True),
        _in(ModelJournal, "closed", lambda self, cohort: 0),
        _in(judging, "fence", _fence_without_closed),
    ):
        yield


def _fence_without_closed(ask: Any, memory: Any) -> Any:
    if (
        ask.bank is not Bank.STANDIN
        or ask.mode is not Mode.STANDIN
        or ask.epoch < memory.known
        or ask.birth > ask.epoch
    ):
        return judging.Decision(judging.Step.STALE)
    return None


@mutant("a lost register is made anew at the main bank, whatever the journal holds (rule 17)")
def rebuilt_at_primary() -> Iterator[None]:
    def rebuild(cohorts: int) -> Any:
        try:
            spare = yield doors.Call("standin", "/-/epochs", None, 1.0, "GET")
            newest = int(spare["newest"])
        except doors.StepFailed:
            newest = 0
        generation = max(generation_of(newest), 1) + 1
        return [Row(cohort, Mode.PRIMARY, pack_epoch(generation, 1)) for cohort in range(cohorts)]

    with _in(doors, "rebuild", rebuild):
        yield


@mutant("a register made anew counts its epochs from the beginning (rule 17)")
def same_generation() -> Iterator[None]:
    def rebuild(cohorts: int) -> Any:
        yield Call_position
        return [Row(cohort, Mode.PRIMARY, pack_epoch(1, 1)) for cohort in range(cohorts)]

    with _in(doors, "rebuild", rebuild):
        yield


Call_position = doors.Call("standin", "/-/position", None, 1.0, "GET")


@mutant("after a forced return older ids reach the main bank without a claim (rule 18)")
def forced_unclaimed() -> Iterator[None]:
    def must(asked: Any, row: Row, bank: Bank) -> bool:
        return asked.route.pays and bank is Bank.STANDIN and asked.birth_in(row) != row.epoch

    with _in(carrying, "must_claim", must):
        yield


@mutant("after a forced return the main bank refuses older ids for good (rule 18)")
def forced_refusals() -> Iterator[None]:
    from dataclasses import replace

    real_answer = outcomes.answer_of
    with (
        _in(primary, "answer_of", lambda request, posted: real_answer(replace(request, forced=0), posted)),
        _in(primary, "may_tell_refusal", lambda birth, row: row.mode is Mode.PRIMARY),
    ):
        yield


@mutant("after a forced return ids whose claims are lost are judged (rule 18)")
def forced_generation_judged() -> Iterator[None]:
    with _in(outcomes, "claims_are_lost", lambda birth, epoch: False):
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

    with _in(standin.Standin, "_write", write):
        yield


@mutant("a kill takes one entry of the journal that was fsynced")
def entry_lost() -> Iterator[None]:
    real = ModelJournal.crash

    def crash(self: ModelJournal) -> None:
        self.synced = max(self.synced - 1, 0)
        real(self)

    with _in(ModelJournal, "crash", crash):
        yield


@mutant("what arrives changed by the feed or as a journal is believed")
def garbled_believed() -> Iterator[None]:
    def garble(self: Any, wires: Any) -> Any:
        if self.kernel.calm or self.kernel.random.random() > 0.05:
            return wires
        import copy

        from holdfast.contracts.journal import Entry

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

    with _in(primary, "check_chain", chain), _in(people.Town, "garble", garble):
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

    with _in(standin.Standin, "take", take):
        yield


TRACES: dict[int, tuple[str, ...]] = {
    1: ("refusal-told-unclaimed", "claims-always-granted", "older-unclaimed"),
    2: ("older-refused",),
    3: ("birth-ignored",),
    4: ("accept-dropped",),
    5: ("swept-by-absence",),
    6: ("order-refused-by-absence",),
    7: ("no-close",),
    8: ("standin-refusal-unrecorded",),
    9: ("epoch-reopened",),
    10: ("rebuilt-at-primary", "same-generation"),
    11: ("conflict-dropped",),
    12: ("exposure-forgotten",),
    13: ("replayed-by-cohort",),
    14: ("forced-refusals",),
}
"""Trace of the protocol's page → the mutants that allow it."""
