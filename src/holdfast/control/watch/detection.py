"""When is it an incident, and when is it over? state + observation → actions + one sentence.

Invariants, each with its argument:
- One cause has one open incident: `_open` is reached only when `cases` holds none for that cause, and only
  the end of `_progress` removes one.
- Nothing closes on hope: a bank incident leaves RETURNED only with every cohort at the bank, the books
  proved after the return, and refunds recorded; each of the three is cleared when the bank fails again.
- A start is no outage: a building never seen well is given GRACE_S_MAX before its silence counts, unless a
  door says otherwise. Doors are believed at once, since they speak of real customers' requests.
- Repeating an observation changes nothing: counters only grow, transitions look at values, not at edges.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.control.alerts.opening import Alarms
from holdfast.control.calls import Kind
from holdfast.control.watch.observations import (
    NAMES,
    Action,
    Advance,
    Affected,
    Ask,
    Case,
    Decision,
    Diagnosed,
    ErrandFailed,
    Health,
    Observation,
    Open,
    Phase,
    Proved,
    Publish,
    Raise,
    Refunded,
    Rows,
    Sight,
    State,
    Told,
)

FAILED_PROBES = 2
STALLED_PROBES = 3
WELL_PROBES = 2
GRACE_S_MAX = 45
TRIP_AGE_S_MAX = 120
BETWEEN_STEPS_S_MAX = 6
SEVERITIES = {"bank": 1, "doors": 1, "standin": 3}
GROUPS_FEW = 12
"""Up to so many groups at the spare bank, with the bank well, are a fault of few (severity 2): a slow request moves its
own group only."""
COPY_WORDS, COPY_WORDS_MAX = "The spare bank's copy", 400
"""How words begin that say what is wrong with the copy (probes.copy_words): they name the fault themselves."""
FAILURE_WORDS = {
    Kind.REFUSES: "refuses",
    Kind.STALLS: "does not answer in time",
    Kind.UNWELL: "answers that it is unwell",
}


def failed(health: Health, at: datetime) -> bool:
    """Whether this building's silence counts as a failure now."""
    enough = STALLED_PROBES if health.answer is Kind.STALLS else FAILED_PROBES
    if health.failing < enough:
        return False
    if health.last_well_at is not None:
        return True
    return health.first_seen_at is not None and at - health.first_seen_at > timedelta(seconds=GRACE_S_MAX)


def decide(state: State, seen: Observation) -> Decision:
    """What follows from one observation. Pure."""
    match seen:
        case Sight():
            decision = _on_sight(state, seen)
        case Told():
            decision = _on_told(state, seen)
        case Rows():
            decision = _on_rows(state, seen)
        case Proved():
            decision = _on_proved(state, seen)
        case Refunded():
            decision = _on_refunded(state, seen)
        case ErrandFailed():
            decision = Decision(state, (), f"{seen.errand} did not succeed: {seen.words}")
        case Alarms() | Diagnosed():  # written down as they are (alerts/opening.py), not part of this state
            decision = Decision(state)
    return _progress(decision, seen.at)


def asks_to_resume(state: State) -> tuple[Ask, ...]:
    """After a restart: what was asked for and has no answer in `state` yet."""
    asks: list[Ask] = []
    case = state.cases.get("bank")
    if case is not None:
        if not case.spare_proved:
            asks.append(Ask("bank", "prove standin"))
        if case.phase is not Phase.OPEN and not case.books_proved:
            asks.append(Ask("bank", "prove bank"))
        if case.phase is Phase.RETURNED and not case.refunded:
            asks.append(Ask("bank", "refunds"))
    return tuple(asks)


def _on_sight(state: State, seen: Sight) -> Decision:
    if seen.building not in NAMES:
        return Decision(state)
    health = state.of(seen.building).after(seen)
    state = replace(state, health={**state.health, seen.building: health})
    if seen.building in state.cases or not failed(health, seen.at):
        return Decision(state)
    if seen.building == "standin" and seen.answer is Kind.UNWELL and seen.words.startswith(COPY_WORDS):
        return _open(state, seen.building, health.failing_since or seen.at, seen.at, seen.words[:COPY_WORDS_MAX])
    how = FAILURE_WORDS[seen.answer]
    return _open(
        state,
        seen.building,
        health.failing_since or seen.at,
        seen.at,
        f"{NAMES[seen.building]} {how}, {health.failing} probes in a row",
    )


def _on_told(state: State, seen: Told) -> Decision:
    if seen.kind == "undo" and (case := state.cases.get("bank")) is not None and case.phase is Phase.HANDING_BACK:
        return _advance(state, case, Phase.REPAIRED, seen.at, f"the hand-back was undone: {seen.words}")
    if seen.kind == "handback" and (case := state.cases.get("bank")) is not None and case.phase is Phase.REPAIRED:
        return _advance(state, case, Phase.HANDING_BACK, seen.at, "customers are being handed back")
    if seen.kind != "trip" or "bank" in state.cases:
        return Decision(state)
    # A trip told long after, with every cohort back at the bank, is history, not news.
    last_at = state.of("bank").last_well_at
    if state.away is not None and not state.away and last_at and last_at - seen.at > timedelta(seconds=TRIP_AGE_S_MAX):
        return Decision(state, (), f"an old trip ({seen.words}) was settled before it was told")
    groups = len(seen.data.get("cohorts") or ()) or COHORTS_COUNT
    return _open(state, "bank", seen.at, seen.at, f"{seen.door} tripped: {seen.words}", groups)


def _on_rows(state: State, seen: Rows) -> Decision:
    held_at = seen.at if seen.handing_back else state.held_at
    state = replace(state, away=seen.away, handing_back=bool(seen.handing_back), held_at=held_at)
    if not seen.away:
        return Decision(state)
    affected = Affected("bank", seen.away)
    case = state.cases.get("bank")
    if case is None:
        because = f"{len(seen.away)} groups are served by the spare bank"
        opened = _open(state, "bank", seen.at, seen.at, because, len(seen.away))
        return replace(opened, actions=(*opened.actions, affected))
    if case.phase is Phase.RETURNED and seen.standin:
        again = _relapse(state, case, seen.at, "customers were moved to the spare bank again")
        return replace(again, actions=(*again.actions, affected))
    return Decision(state, (affected,))


def _on_proved(state: State, seen: Proved) -> Decision:
    case = state.cases.get("bank")
    if case is None:
        return Decision(state)
    whose = "the spare bank's copy of the books" if seen.who == "standin" else "the books"
    if seen.findings:
        publish = (Publish("bank", "findings"),) if seen.who == "standin" and not case.spare_proved else ()
        looked = replace(case, spare_proved=True) if seen.who == "standin" else case
        return Decision(
            _with(state, looked), publish, f"{whose}: {len(seen.findings)} findings, first: {seen.findings[0]}"
        )
    sentence = f"{whose} proved to block {seen.block}, no findings"
    if seen.who == "standin":
        return Decision(_with(state, replace(case, spare_proved=True)), (Publish("bank", "proved"),), sentence)
    return Decision(_with(state, replace(case, books_proved=True)), (), sentence)


def _on_refunded(state: State, seen: Refunded) -> Decision:
    case = state.cases.get("bank")
    if case is None:
        return Decision(state)
    return Decision(_with(state, replace(case, refunded=True)), (), f"charges recomputed: {len(seen.refunds)} refunds")


def _open(  # noqa: PLR0917  # the order is the record's own
    state: State, cause: str, began_at: datetime, at: datetime, because: str, groups: int = COHORTS_COUNT
) -> Decision:
    # The fault began after the last good answer, however it was noticed.
    state = replace(state, health={**state.health, cause: state.of(cause).from_here()})
    few = cause == "bank" and max(groups, len(state.away or ())) <= GROUPS_FEW
    severity = 2 if few else SEVERITIES[cause]
    state = _with(state, Case(cause, Phase.OPEN, severity=severity))
    actions: list[Action] = [Open(cause, severity, began_at, at, because), Publish(cause, "opened")]
    if cause == "bank":
        actions.append(Ask(cause, "prove standin"))
        if state.away:
            actions.append(Affected(cause, state.away))
    return Decision(state, tuple(actions), f"incident opened: {because}")


def _with(state: State, case: Case) -> State:
    return replace(state, cases={**state.cases, case.cause: case})


def _advance(state: State, case: Case, phase: Phase, at: datetime, because: str) -> Decision:
    state = _with(state, replace(case, phase=phase))
    return Decision(state, (Advance(case.cause, phase, at, because), Publish(case.cause, phase.value)), because)


def _relapse(state: State, case: Case, at: datetime, because: str) -> Decision:
    state = replace(state, health={**state.health, case.cause: state.of(case.cause).from_here()})
    fresh = replace(case, books_proved=False, refunded=False)
    return _advance(state, fresh, Phase.OPEN, at, because)


def _progress(decision: Decision, at: datetime) -> Decision:
    """Follow each open incident as far as the state now allows; at most one pass a phase, and one more."""
    for cause in tuple(decision.state.cases):
        step: Callable[[State, Case, datetime], Decision | None] = _bank_step if cause == "bank" else _other_step
        for _ in (*Phase, "graver"):
            case = decision.state.cases.get(cause)
            if case is None:
                break
            further = _graver(decision.state, case, at) or _left_behind(decision.state, case, at)
            following = further or step(decision.state, case, at)
            if following is None:
                break
            sentence = "; ".join(part for part in (decision.sentence, following.sentence) if part)
            decision = Decision(following.state, (*decision.actions, *following.actions), sentence)
    return decision


def _graver(state: State, case: Case, at: datetime) -> Decision | None:
    """An incident of few customers becomes one of all when the bank itself fails, or many groups are away."""
    health, away = state.of("bank"), len(state.away or ())
    if case.cause != "bank" or case.severity == SEVERITIES["bank"] or not (failed(health, at) or away > GROUPS_FEW):
        return None
    because = "the bank itself fails" if failed(health, at) else f"{away} groups are at the spare bank"
    state = _with(state, replace(case, severity=SEVERITIES["bank"]))
    return Decision(state, (Raise("bank", SEVERITIES["bank"], at, because),), f"graver: {because}")


def _left_behind(state: State, case: Case, at: datetime) -> Decision | None:
    """A hand-back that ended with groups at the spare bank (moved again meanwhile) is offered again: none has been in
    the midst of it for longer than lies between two of its steps."""
    if case.phase is not Phase.HANDING_BACK or not state.away or state.handing_back or state.held_at is None:
        return None
    if at - state.held_at <= timedelta(seconds=BETWEEN_STEPS_S_MAX):
        return None
    because = f"the hand-back has ended and {len(state.away)} groups are at the spare bank"
    return _relapse(state, case, at, because)


def _bank_step(state: State, case: Case, at: datetime) -> Decision | None:
    health = state.of("bank")
    if case.phase is not Phase.OPEN and failed(health, at):
        return _relapse(state, case, health.failing_since or at, "the bank failed again")
    if case.phase is Phase.OPEN and health.well >= WELL_PROBES:
        repaired = _advance(state, case, Phase.REPAIRED, health.well_since or at, "the bank answers again")
        return replace(repaired, actions=(*repaired.actions, Ask("bank", "prove bank")))
    if case.phase is Phase.REPAIRED and state.handing_back:
        return _advance(state, case, Phase.HANDING_BACK, at, "customers are being handed back")
    if case.phase in (Phase.REPAIRED, Phase.HANDING_BACK) and state.away is not None and not state.away:
        fresh = replace(case, books_proved=False, refunded=False)
        returned = _advance(state, fresh, Phase.RETURNED, at, "every customer is served by the bank")
        return replace(returned, actions=(*returned.actions, Ask("bank", "prove bank"), Ask("bank", "refunds")))
    if case.phase is Phase.RETURNED and case.books_proved and case.refunded and not state.away:
        return _close(state, case, at, "all customers are back, the books are proved, refunds are booked")
    return None


def _other_step(state: State, case: Case, at: datetime) -> Decision | None:
    if state.of(case.cause).well < WELL_PROBES:
        return None
    since = state.of(case.cause).well_since or at
    restored = Advance(case.cause, Phase.REPAIRED, since, f"{NAMES[case.cause]} answers again")
    closed = _close(state, case, at, f"{NAMES[case.cause]} is well again")
    return replace(closed, actions=(restored, *closed.actions))


def _close(state: State, case: Case, at: datetime, because: str) -> Decision:
    cases = {cause: other for cause, other in state.cases.items() if cause != case.cause}
    actions = (Advance(case.cause, Phase.CLOSED, at, because), Publish(case.cause, "closed"))
    return Decision(replace(state, cases=cases), actions, f"incident closed: {because}")
