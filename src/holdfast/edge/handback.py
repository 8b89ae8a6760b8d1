"""Changes of who serves, by order or by need: to the spare bank, the hand-back (rules 15 and 16), and a spare bank
that is lost (rule 18). Pure (see procedures).

Only the door that holds the lease works. Nothing between the steps is stored but the rows: cohorts found
`handing_back` are put back. Invariant: a cohort returns to the primary only after the journal of all cohorts up
to its close was entered, all accounts agree at one block and the books are proved; every other way out of
`handing_back` is the undo, which takes a new epoch. The one exception is a return forced by two people because the
spare bank is lost: it leaves a mark in the row (`forced`), under which the primary refuses nothing older for good,
and the mark goes only when the journal was read after all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from holdfast.contracts.epochs import Bank, Mode, Row
from holdfast.edge.errors import StepFailed
from holdfast.edge.known import Known
from holdfast.edge.procedures import Call, Clock, Lease, Note, Pause, Procedure, Refresh, SetReads, Swap
from holdfast.edge.switching import moved

READERS = {"reads_primary": Bank.PRIMARY, "reads_standin": Bank.STANDIN, "reads_follow": None}
"""Orders about who shows pages; truth hangs on none of them, so they need no epoch."""
NAMES = {Bank.PRIMARY: "main bank", Bank.STANDIN: "spare bank"}
ORDERS = ("hand_back", "standin_on", "force_primary", *READERS)
REST_SMALL = 200
ROUNDS_MAX = 40
CLOSED_S_MAX = 2.5
REPLAY_S_MAX = 30.0
ASK_S_MAX = 2.0
FIRST_STEP = 8
STEPS = 3
STEP_PAUSE_S = 0.4


def carry_out(known: Known, what: str, cohorts: Sequence[int] | None, why: str, clock: Clock) -> Procedure[str]:
    """Carry out an order; gives how it ended, in words."""
    wanted = [row for row in known.rows if cohorts is None or row.cohort in cohorts]
    if what in READERS:
        bank = READERS[what]
        said = f"the {NAMES[bank]} shows their pages" if bank else "pages are shown by the bank that takes payments"
        yield SetReads([row.cohort for row in wanted], bank, f"{len(wanted)} groups: {said}: {why}")
        return f"{len(wanted)} groups: {said}"
    if what == "standin_on":
        return (yield from _standin_on(known, wanted, why))
    if what == "force_primary":
        return (yield from _force(known, wanted, why))
    return (yield from hand_back(known, wanted, clock))


def clean_up(known: Known) -> Procedure[None]:
    """What another door left half done is undone."""
    left = [row for row in known.rows if row.mode is Mode.HANDING_BACK]
    if left:
        yield from _undo(known, left, "a door fell in the middle of the hand-back")


def _swap(known: Known, swap: Swap) -> Procedure[list[Row]]:
    held: list[Row] = (yield swap) if swap.changes else []
    known.take(held)
    return held


def _standin_on(known: Known, wanted: Sequence[Row], why: str) -> Procedure[str]:
    changes = [(row, moved(row)) for row in wanted if row.mode is Mode.PRIMARY]
    held = yield from _swap(known, Swap(changes, "switch", f"by order, to the spare bank: {why}"))
    return f"{len(held)} groups went to the spare bank"


def hand_back(known: Known, wanted: Sequence[Row], clock: Clock) -> Procedure[str]:
    """Rule 15 for all wanted cohorts that the spare bank serves, in steps; stops where a step does not hold."""
    rows = [row for row in wanted if row.mode is Mode.STANDIN]
    if not rows:
        return "no group was at the spare bank"
    try:
        yield from _catch_up()
        proved = yield from _prove(0, REPLAY_S_MAX)
    except StepFailed as error:
        return f"not begun: {error}"
    words = f"books proved to block {proved['block']}; {len(rows)} groups go back in steps"
    yield Note("handback", words, {"block": proved["block"]})
    returned = 0
    for step in steps(rows):
        try:
            returned += yield from _return(known, step, int(proved["block"]), clock)
        except StepFailed as error:
            yield Refresh()
            half = [known.rows[row.cohort] for row in step]
            yield from _undo(known, [row for row in half if row.mode is Mode.HANDING_BACK], str(error))
            return f"stopped after {returned} of {len(rows)} groups: {error}"
        yield Pause(STEP_PAUSE_S)
        try:
            yield from _catch_up()
        except StepFailed as error:
            return f"stopped after {returned} of {len(rows)} groups: {error}"
    whole = {"returned": returned, "whole": True}
    yield Note("handback", f"all {returned} groups are back at the main bank", whole)
    return f"{returned} groups are back at the main bank"


def steps(rows: list[Row]) -> list[list[Row]]:
    """A few cohorts first, then the rest in STEPS parts."""
    first, rest = rows[:FIRST_STEP], rows[FIRST_STEP:]
    size = -(-len(rest) // STEPS) if rest else 1
    return [first, *(rest[i : i + size] for i in range(0, len(rest), size))]


def _number(answer: Mapping[str, Any], name: str) -> int:
    try:
        return int(answer[name])
    except (KeyError, ValueError, TypeError) as error:
        raise StepFailed(f"a bank's answer has no {name}") from error


def _position(wait_s: float) -> Procedure[int]:
    return _number((yield Call("standin", "/-/position", None, wait_s, "GET")), "position")


def _catch_up() -> Procedure[None]:
    """15a: replay while the spare bank still serves, until the rest is small."""
    for _ in range(ROUNDS_MAX):
        yield Lease()
        position = yield from _position(ASK_S_MAX)
        answer = yield Call("primary", "/-/replay", {"to": position}, REPLAY_S_MAX)
        now = yield from _position(ASK_S_MAX)
        if now - _number(answer, "replayed_to") <= REST_SMALL:
            return
    raise StepFailed(f"the spare bank's journal grows faster than it is entered: {ROUNDS_MAX} rounds were not enough")


def _prove(since: int, wait_s: float) -> Procedure[dict[str, Any]]:
    proof: dict[str, Any] = yield Call("primary", "/-/prove", {"since": since}, wait_s)
    if proof.get("findings") != []:
        found = proof.get("findings") or [{"words": "no answer about findings"}]
        raise StepFailed(f"the books are not proved: {found[0].get('words', '')}")
    return proof


def _close_and_replay(rows: Sequence[tuple[int, int]], wait_s: float, left: Clock) -> Procedure[int]:
    """15c and 15d: close these (cohort, epoch) and enter the journal of all cohorts up to there; its position."""
    closed = yield Call("standin", "/-/close", {"rows": [list(row) for row in rows]}, wait_s)
    position = _number(closed, "position")
    answer = yield Call("primary", "/-/replay", {"to": position}, left())
    if _number(answer, "replayed_to") < position:
        raise StepFailed(f"the journal is entered to {answer['replayed_to']}, not to {position}")
    return position


def _agree(wait_s: float) -> Procedure[int]:
    """All accounts agree between the banks at one block; how many."""
    agreed = yield Call("primary", "/-/reconcile", {}, wait_s)
    if agreed.get("differences") != []:
        raise StepFailed(f"accounts differ between the banks: {(agreed.get('differences') or ['no answer'])[:3]}")
    return _number(agreed, "accounts")


def _return(known: Known, step: list[Row], proved_block: int, clock: Clock) -> Procedure[int]:
    """15b to 15e for some cohorts, within CLOSED_S_MAX; raises StepFailed when a check does not hold."""
    began = clock()
    handing = [Row(row.cohort, Mode.HANDING_BACK, row.epoch, row.forced) for row in step]
    pairs = list(zip(step, handing, strict=True))
    held = yield from _swap(known, Swap(pairs, "handback", f"{len(step)} groups: writes are held"))

    def left() -> float:
        rest = CLOSED_S_MAX - (clock() - began)
        if rest <= 0:
            raise StepFailed(f"it was not done within {CLOSED_S_MAX:g} s")
        return rest

    position = yield from _close_and_replay([(row.cohort, row.epoch) for row in held], left(), left)
    accounts = yield from _agree(left())
    proof = yield from _prove(proved_block, left())
    left()
    changes = [(row, Row(row.cohort, Mode.PRIMARY, row.epoch + 1)) for row in held]
    held_ms = int((clock() - began) * 1000)
    words = (
        f"{len(changes)} groups are back at the main bank: journal entered to {position}, {accounts} accounts agree, "
        f"books proved to block {proof['block']}; writes were held for {held_ms} ms"
    )
    data = {"position": position, "accounts": accounts, "block": proof["block"], "held_ms": held_ms}
    back = yield from _swap(known, Swap(changes, "handback", words, data))
    return len(back)


def _undo(known: Known, rows: Sequence[Row], why: str) -> Procedure[None]:
    """Rule 16: back to the spare bank under a new epoch; a closed epoch is never opened again."""
    changes = [(row, Row(row.cohort, Mode.STANDIN, row.epoch + 1, row.forced)) for row in rows]
    yield from _swap(known, Swap(changes, "undo", f"hand-back undone for {len(changes)} groups: {why}"))


def _force(known: Known, wanted: Sequence[Row], why: str) -> Procedure[str]:
    """Rule 18: the spare bank is lost, so the primary serves without its journal, under a mark."""
    if known.sight.standin_answers:
        return "not done: the spare bank answers, so hand back instead and lose nothing"
    rows = [row for row in wanted if row.mode is not Mode.PRIMARY]
    changes = [(row, Row(row.cohort, Mode.PRIMARY, row.epoch + 1, row.epoch)) for row in rows]
    words = f"the spare bank is lost: {len(rows)} groups go to the main bank without its journal: {why}"
    held = yield from _swap(known, Swap(changes, "forced", words))
    return f"{len(held)} groups are forced back to the main bank; older payments wait until the journal is read"


def end_forced(known: Known, clock: Clock) -> Procedure[int]:
    """When the lost spare bank is back: close what it held, read its journal, take the mark away; how many rows."""
    rows = [row for row in known.rows if row.forced and row.mode is Mode.PRIMARY]
    if not rows or not known.sight.standin_answers:
        return 0
    until = clock() + REPLAY_S_MAX
    yield Lease()
    position = yield from _close_and_replay(
        [(row.cohort, row.forced) for row in rows], ASK_S_MAX, lambda: max(until - clock(), 0.01)
    )
    changes = [(row, Row(row.cohort, Mode.PRIMARY, row.epoch + 1)) for row in rows]
    words = f"the lost journal was read to {position}: {len(rows)} groups are served without reserve again"
    held = yield from _swap(known, Swap(changes, "forced", words, {"position": position}))
    return len(held)
