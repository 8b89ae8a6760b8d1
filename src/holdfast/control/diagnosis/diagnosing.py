"""From a case to its suspects: every component that anything speaks against, callers that send more, machines that take
several components down, changes that belong to no component; and "not known".

Pure: the same case gives the same diagnosis, whatever its components are called and in whatever order it tells of them
(within the limits of `case.bounded`; of two that nothing but the name tells apart the name says which stands first).
Sums are exact (`math.fsum`), so that an order cannot tip a balance.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from holdfast.control.diagnosis.blame import FAILING, Graph, Look, look_at, plainly_nats, strength
from holdfast.control.diagnosis.case import Case, Cause, Change, MetricKind, Part, bounded, finite
from holdfast.control.diagnosis.confidence import Weights, probabilities
from holdfast.control.diagnosis.reasons import (
    FIRST_NATS,
    JUMP_MIN,
    JUMP_TIMES,
    WORDS_OF,
    Reason,
    class_of,
    of_change,
    reasons_of,
    surges,
)
from holdfast.control.diagnosis.suspects import Diagnosis, Evidence, Suspect, SuspectKind
from holdfast.control.diagnosis.telling import absence, amount, beside, clip, movement, own_part

SUSPECTS_MAX = 12
EVIDENCE_MAX = 8
MOVES_SHOWN = 3
BLAME_MIN, NATS_MIN = 0.02, 0.25
FLOOR, BY_LOG, BY_CHANGE = 0.02, 0.03, 0.6
OF_ALL = 0.04
BY_LOAD, BY_MACHINE = 0.6, 0.5
MACHINE_PARTS_MIN = 2
CALLER_WEIGHT = 0.9


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A suspect before the probabilities are shared out. weight: odds against the others, above 0. ties: what
    settles a tie, more before less; where all of it is equal the name does."""

    suspect: Suspect
    weight: float
    ties: tuple[float, ...] = ()


def diagnose(case: Case, weights: Weights | None = None) -> Diagnosis:
    """Ranked suspects of a case. Never raises for what a case holds: what is missing, NaN or unknown says nothing."""
    case = bounded(case)
    at = finite(case.complaint.at) or 0.0
    looks = look_at(case)
    parts = {part.name: part for part in reversed(case.parts)}
    graph = Graph(case, looks)
    callers = _callers(case, looks, at)
    loaded = {one.suspect.component for one in callers}
    machines, of_machine = _machines(parts, looks, graph, at)
    first = _first_of(looks)
    found = [*callers, *machines, *_of_everything(case, looks, at)]
    for name, look in looks.items():
        reasons = reasons_of(case, look, graph, at)
        blame = look.blame
        if name in of_machine:
            blame *= BY_MACHINE
        if loaded and surges(look) is not None:
            blame *= BY_LOAD
        nats = math.fsum(one.nats for one in reasons) + (FIRST_NATS if name == first else 0.0)
        nats += plainly_nats(look, graph)
        if blame < BLAME_MIN and nats < NATS_MIN:
            continue
        suspect = _suspect(case, look, graph, reasons, part=parts.get(name, Part(name)), first=name == first)
        ties = (look.lost, look.took or 0.0, len(graph.callers.get(name, ())), -len(graph.callees.get(name, ())))
        told = any(one.kind is SuspectKind.LOG and one.points for one in reasons)
        floor = FLOOR + (BY_LOG * look.impact if told else 0.0)
        if look.changed:  # it may be the cause of what its callers cannot explain otherwise
            origins = (graph.look(far) for far in graph.origins(name))
            floor += BY_CHANGE * max((one.blame for one in origins if one is not None), default=0.0)
        found.append(Hypothesis(suspect, max(blame, floor) * math.exp(nats), ties))
    return _ranked(case, found, weights or Weights())


def _ranked(case: Case, found: list[Hypothesis], weights: Weights) -> Diagnosis:
    found.sort(key=lambda one: (-one.weight, [-tie for tie in one.ties], one.suspect.component, one.suspect.subject))
    shares, unknown = probabilities([one.weight for one in found], weights)
    suspects = [replace(one.suspect, confidence=share) for one, share in zip(found, shares, strict=True)][:SUSPECTS_MAX]
    unknown += math.fsum(shares[SUSPECTS_MAX:])
    words = "Nothing that is watched moved enough." if not suspects else "Something that is not watched, or a chance."
    evidence = (Evidence(f"{words} Look at the machines, at recent changes, and at what changed outside.", "limit"),)
    nobody = Suspect(SuspectKind.NOT_KNOWN, "", "", "Not known", Cause.NOT_KNOWN, unknown, evidence)
    place = sum(one.confidence >= unknown for one in suspects)
    return Diagnosis((*suspects[:place], nobody, *suspects[place:]), case.cut)


def _first_of(looks: Mapping[str, Look]) -> str:
    """The one component that went wrong before all others, "" when two began together or too little moved."""
    began = sorted((look.began, name) for name, look in looks.items() if look.began is not None and look.blame > 0)
    return began[0][1] if len(began) > 1 and began[0][0] < began[1][0] else ""


def _suspect(case: Case, look: Look, graph: Graph, reasons: list[Reason], *, part: Part, first: bool) -> Suspect:
    at = finite(case.complaint.at) or 0.0
    twins = any(one.gone and one.name != look.name for one in _on_host(case, part, graph))
    cause = class_of(look, part, reasons, twins)
    said = [one.evidence for one in reasons if one.nats > 0]
    said += absence(look, at)
    moved = [one for one in look.moves if one.up or (one.down and one.kind is MetricKind.RATE)]
    moved.sort(key=lambda one: (one.metric != case.complaint.metric, -abs(one.score), one.kind, -one.after))
    said += [movement(one, at) for one in moved[:MOVES_SHOWN]]
    said += [told] if (told := own_part(look, graph)) is not None else []
    if first and look.began is not None:
        said.append(Evidence(f"It went wrong first, {beside(look.began, at)}.", "time"))
    said += [one.evidence for one in reasons if one.nats <= 0]
    if not said:
        said.append(Evidence("What calls it and what it calls moved; it tells nothing by itself.", "graph"))
    kind, subject, what = _what(look, reasons)
    return Suspect(kind, look.name, subject, what, cause, 0.0, tuple(said[:EVIDENCE_MAX]))


def _on_host(case: Case, part: Part, graph: Graph) -> list[Look]:
    if not part.host:
        return []
    return [look for one in case.parts if one.host == part.host and (look := graph.look(one.name)) is not None]


def _what(look: Look, reasons: list[Reason]) -> tuple[SuspectKind, str, str]:
    """The most particular thing that the evidence names."""
    best = next((one for one in reasons if one.kind is not SuspectKind.COMPONENT), None)
    if best is not None and best.nats >= NATS_MIN:
        named = {
            SuspectKind.CHANGE: f"{look.name}: {best.subject}",
            SuspectKind.DIFFERENCE: f"{look.name}: {best.subject}",
            SuspectKind.LOG: f"{look.name}: writes “{clip(best.subject)}”",
        }[best.kind]
        return best.kind, best.subject, named
    if look.gone:
        return SuspectKind.COMPONENT, "", f"{look.name}: gone"
    if look.cut_off:
        return SuspectKind.COMPONENT, "", f"{look.name}: not reached by what calls it"
    full, slow, failing = (look.parts.get(name, 0.0) for name in ("full", "slow", "failing"))
    most = look.worst(MetricKind.SATURATION)
    if most is not None and full > 0 and full >= max(slow, failing):
        return SuspectKind.METRIC, most.metric, f"{look.name}: {most.metric} at {amount(most.kind, most.after)}"
    kinds = FAILING if failing > slow else (MetricKind.LATENCY,)
    worst = look.worst(*kinds)
    if worst is not None and worst.up:
        return SuspectKind.METRIC, worst.metric, f"{look.name}: {'fails' if kinds == FAILING else 'slow'} by itself"
    return SuspectKind.COMPONENT, "", look.name


def _callers(case: Case, looks: Mapping[str, Look], at: float) -> list[Hypothesis]:
    """Who sends much more than before, where a component takes clearly more requests than usual."""
    best: dict[str, Hypothesis] = {}
    guessing = {one.component for one in case.logs if WORDS_OF[Cause.ATTACK].search(one.template)}
    for one in case.callers:
        before, after = (min(max(finite(share) or 0.0, 0.0), 1.0) for share in (one.before, one.after))
        look = looks[one.component]
        rate = surges(look)
        if rate is None or after - before < JUMP_MIN or after < JUMP_TIMES * before:
            continue
        extra = max(0.0, after * rate.after - before * rate.before) / max(rate.after - rate.before, 1e-9)
        weight = CALLER_WEIGHT * strength(rate.score) * min(extra, 1.0) * math.sqrt(max(look.impact, 0.25))
        inside = one.caller in looks
        cause = Cause.ATTACK if one.component in guessing else Cause.OVERLOAD
        share = f"{before * 100:.0f} % to {after * 100:.0f} %"
        said = (
            Evidence(f"Its share of the requests to {one.component} rose from {share}.", "caller"),
            movement(rate, at),
        )
        where = one.caller if inside else one.component
        what = f"{clip(one.caller)}: sends {one.component} far more than before"
        suspect = Suspect(SuspectKind.CALLER, where, one.caller, what, cause, 0.0, said)
        if one.caller not in best or best[one.caller].weight < weight:
            best[one.caller] = Hypothesis(suspect, max(weight, FLOOR))
    return [best[name] for name in sorted(best)]


def _machines(
    parts: Mapping[str, Part], looks: Mapping[str, Look], graph: Graph, at: float
) -> tuple[list[Hypothesis], frozenset[str]]:
    """Machines all of whose fault it would be: at least two components are gone there together, and none elsewhere."""
    gone: dict[str, list[Look]] = defaultdict(list)
    for look in looks.values():
        if look.gone:
            gone[parts[look.name].host if look.name in parts else ""].append(look)
    if len(gone) != 1 or "" in gone:
        return [], frozenset()
    ((host, lost),) = gone.items()
    if len(lost) < MACHINE_PARTS_MIN:
        return [], frozenset()
    names = ", ".join(sorted(look.name for look in lost))
    said = [Evidence(f"Gone together: {names}; nothing elsewhere is gone.", "graph")]
    said += [told for look in lost for told in absence(look, at)]
    worst = max(lost, key=lambda look: (look.blame, look.impact))
    what = f"{host[:1].upper()}{host[1:]}: {names} gone together"
    suspect = Suspect(SuspectKind.COMPONENT, worst.name, host, what, Cause.HARDWARE, 0.0, tuple(said[:EVIDENCE_MAX]))
    together = 1.0 - math.prod(1.0 - look.blame for look in lost)
    nats = min(plainly_nats(look, graph) for look in lost)  # where one only waits for another it is no machine
    return [Hypothesis(suspect, max(together, FLOOR) * math.exp(nats))], frozenset(look.name for look in lost)


def _of_everything(case: Case, looks: Mapping[str, Look], at: float) -> list[Hypothesis]:
    """Changes that are about no component: as likely as their nearness makes them, while something moved at all."""
    began = min((look.began for look in looks.values() if look.began is not None), default=at)
    worst = max((look.blame for look in looks.values()), default=0.0)
    found = []
    for change in case.changes:
        if not change.component and (reason := of_change(change, began, at)) is not None:
            suspect = _of_all(change, reason)
            found.append(Hypothesis(suspect, max(OF_ALL * worst, FLOOR / 2) * math.exp(reason.nats)))
    return found


def _of_all(change: Change, reason: Reason) -> Suspect:
    words = clip(change.words)
    return Suspect(SuspectKind.CHANGE, "", words, f"Everything: {words}", Cause.CHANGE, 0.0, (reason.evidence,))
