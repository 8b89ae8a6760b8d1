"""Rules of the doors and their register, broken: sending, claims, the hand-back, a lost register, a forced return."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from holdfast.contracts.answers import Outcome
from holdfast.contracts.epochs import Bank, Mode, Row, generation_of, pack_epoch
from holdfast.edge import carrying, handback
from holdfast.edge import register as edge_register
from holdfast.edge.procedures import Answer, Failed, Swap
from holdfast.standin import judging
from sim import doors, primary
from sim import register as model_register
from sim.books import ModelBooks
from sim.journal import ModelJournal
from sim.mutants.listing import broken, mutant
from sim.register import ModelRegister

ASK_POSITION = doors.Call("standin", "/-/position", None, 1.0, "GET")


@mutant("ids are taken under an epoch below their birth (rule 3)")
def birth_ignored() -> Iterator[None]:
    real_fence, real_before, real_one = judging.fence, primary.before, ModelBooks._one
    with (
        broken(judging, "fence", lambda ask, memory: real_fence(replace(ask, birth=0), memory)),
        broken(primary, "before", lambda request: real_before(replace(request, birth=0))),
        broken(ModelBooks, "_one", lambda self, post, items: real_one(self, replace(post, birth=0), items)),
        broken(carrying, "_may_send", _may_send_without_birth),
    ):
        yield


def _may_send_without_birth(known: Any, asked: Any, row: Row, bank: Bank) -> Any:
    if not carrying.must_claim(asked, row, bank):
        return True
    denied = yield carrying.Claim("taken", [(asked.ident, row.cohort, row.epoch)])
    return None if denied else known.rows[row.cohort] == row


@mutant("a door sends a write to the spare bank before the row is written (rule 1)")
def untripped_send() -> Iterator[None]:
    real = doors.Door._send

    def send(self: Any, bank: Bank, row: Row | None, payment: Any, birth: int) -> Any:
        answer = yield from real(self, bank, row, payment, birth)
        if isinstance(answer, Failed) and bank is Bank.PRIMARY and row is not None:
            spare = Row(row.cohort, Mode.STANDIN, row.epoch)
            return (yield from real(self, Bank.STANDIN, spare, payment, birth))
        return answer

    with broken(doors.Door, "_send", send):
        yield


@mutant("the register does not compare before it sets (rule 2)")
def blind_swap() -> Iterator[None]:
    def swap(self: ModelRegister, changes: Any) -> list[Row]:
        for _, new in changes:
            self.rows_now[new.cohort] = new
        return [new for _, new in changes]

    with broken(ModelRegister, "swap", swap):
        yield


@mutant("every claim is granted (rule 4)")
def claims_always_granted() -> Iterator[None]:
    with broken(ModelRegister, "claim", lambda self, who, claims: []):
        yield


@mutant("a refusal's claim of an older epoch beats a newer one that it was taken (rule 4)")
def claim_ignores_epoch() -> Iterator[None]:
    real = edge_register.may_claim

    def may(who: str, epoch: int, found: Any, newest: int) -> bool:
        return real(who, epoch, None if who == "refused" else found, newest)

    with broken(model_register, "may_claim", may):
        yield


@mutant("a register made anew grants refusals of an older generation (rule 4)")
def claim_ignores_generation() -> Iterator[None]:
    real = edge_register.may_claim
    with broken(model_register, "may_claim", lambda who, epoch, found, newest: real(who, epoch, found, epoch)):
        yield


@contextmanager
def told_unclaimed(bank: Bank) -> Iterator[None]:
    """The doors tell this bank's own refusals without a claim."""
    real = carrying._judge

    def judge(known: Any, asked: Any, answer: Answer) -> Any:
        outcome = answer.headers.get("Holdfast-Outcome", "").partition(" ")[0]
        if outcome == Outcome.REFUSED_OWN and answer.bank is bank:
            return True
        return (yield from real(known, asked, answer))

    with broken(carrying, "_judge", judge):
        yield


@mutant("the door tells a refusal of the main bank without a claim (rule 5)")
def refusal_told_unclaimed() -> Iterator[None]:
    with told_unclaimed(Bank.PRIMARY):
        yield


@mutant("the door tells a refusal of the spare bank without a claim (rule 5)")
def standin_refusal_told_unclaimed() -> Iterator[None]:
    with told_unclaimed(Bank.STANDIN):
        yield


@mutant("an older id goes to the spare bank without a claim (rule 6)")
def older_unclaimed() -> Iterator[None]:
    with broken(carrying, "must_claim", lambda asked, row, bank: False):
        yield


@mutant("the hand-back does not close the epoch (rules 7 and 15c)")
def no_close() -> Iterator[None]:
    with broken(ModelJournal, "close", lambda self, cohort, epoch: False):
        yield


@mutant("cohorts return before the journal is entered (rule 15d)")
def returned_unreplayed() -> Iterator[None]:
    def close(rows: Any, wait_s: float, left: Any) -> Any:
        closed = yield handback.Call("standin", "/-/close", {"rows": [list(row) for row in rows]}, wait_s)
        return int(closed["position"])

    with broken(handback, "_close_and_replay", close), broken(handback, "_agree", agree_at_once):
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
        broken(handback, "_close_and_replay", close),
        broken(handback, "_agree", agree_at_once),
        broken(handback, "_catch_up", _nothing),
        broken(primary.Primary, "_enter", enter),
    ):
        primary.Primary.only = None
        yield
        del primary.Primary.only


def agree_at_once(wait_s: float) -> Any:
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
        broken(handback, "_undo", undo),
        broken(model_register, "may_change", lambda old, new: True),
        broken(ModelJournal, "closed", lambda self, cohort: 0),
        broken(judging, "fence", _fence_without_closed),
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

    with broken(doors, "rebuild", rebuild):
        yield


@mutant("a register made anew counts its epochs from the beginning (rule 17)")
def same_generation() -> Iterator[None]:
    def rebuild(cohorts: int) -> Any:
        yield ASK_POSITION
        return [Row(cohort, Mode.PRIMARY, pack_epoch(1, 1)) for cohort in range(cohorts)]

    with broken(doors, "rebuild", rebuild):
        yield


@mutant("after a forced return older ids reach the main bank without a claim (rule 18)")
def forced_unclaimed() -> Iterator[None]:
    def must(asked: Any, row: Row, bank: Bank) -> bool:
        return asked.route.pays and bank is Bank.STANDIN and asked.birth_in(row) != row.epoch

    with broken(carrying, "must_claim", must):
        yield
