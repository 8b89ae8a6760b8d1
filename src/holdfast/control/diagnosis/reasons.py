"""What speaks for one component beside its metrics: changes before it, settings that differ, new log lines; and what
class of cause all of it points to.

A reason weighs in nats, the natural logarithm of the odds: a change a moment before makes a component some nine times
as likely as without. The weights are judgement, checked by `make bench-diagnosis`, not learnt from any data set.
"""

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace

from holdfast.control.diagnosis.blame import FAILING, Graph, Look
from holdfast.control.diagnosis.case import Case, Cause, Change, Difference, LogCount, MetricKind, Part, finite
from holdfast.control.diagnosis.movement import MOVED, Movement
from holdfast.control.diagnosis.suspects import Evidence, SuspectKind
from holdfast.control.diagnosis.telling import beside, clip, since
from holdfast.control.diagnosis.templates import surge

CHANGE_NATS, CHANGE_POINTS, CHANGE_FADES_S, CHANGE_AGE_S_MAX, CHANGE_SLACK_S = 2.2, 4.0, 900.0, 86_400.0, 30.0
RESTART_FADES_S = 90.0
"""What a restart breaks shows soon."""
DIFFERENCE_NATS, OUTDATED_NATS, DIFFERENCE_OLD_NATS = 1.2, 1.0, 0.5
LOG_NATS, LOG_MILD_NATS, CALLERS_LOG_NATS, EFFECT = 1.2, 0.3, 0.8, 0.1
LOGS_SHOWN = 3
FIRST_NATS = 0.3
JUMP_MIN, JUMP_TIMES = 0.15, 2.0
SURGE_TIMES = 1.3

TROUBLE = re.compile(
    r"error|fail|refus|cannot|could not|unable|warn|critical|fatal|\blost\b|denied|exceed|abort|crash|panic"
    r"|timed? ?out|exception|traceback|reject|invalid|unexpected|\bfull\b|wrong|too many|broken|\breset\b|unreachable"
    r"|corrupt|\bkill",
    re.IGNORECASE,
)
WORDS_OF: dict[Cause, re.Pattern[str]] = {
    cause: re.compile(words, re.IGNORECASE)
    for cause, words in {
        Cause.BUG: r"traceback|exception|assertion|(type|key|value|index|attribute)error|panic|segfault|\bnull\b"
        r"|deadlock|do not prove",
        Cause.HARDWARE: r"no space left|i/o error|input/output error|read-only file system|out of memory|\boom\b|disk"
        r"|bad sector|fsync|checksum|hardware|temperature|power (lost|failure|supply)",
        Cause.NETWORK: r"connection (reset|refused|lost|closed)|timed? ?out|unreachable|no route|name resolution"
        r"|\bdns\b|broken pipe|packet|network (is )?(down|error|fail|unreach|lost)",
        Cause.OVERLOAD: r"too many (connections|requests|clients)|queue (is )?full|backlog|pool (is )?(exhausted|empty)"
        r"|remaining connection slots|\bshed(s|ding)?\b|overload|rate limit|waiting for a (worker|connection)",
        Cause.INTEGRATION: r"schema|(unknown|missing|unexpected) (field|element|column)|cannot (parse|read the answer)"
        r"|does not (parse|validate)|malformed|certificate|upstream answered",
        Cause.ATTACK: r"(wrong|bad|invalid) (password|code|token|signature|credentials)|unauthori[sz]ed|forbidden"
        r"|guess|injection|blocked address|login refused|unknown user|other_site|refused_call"
        r"|login (that failed|shut out)",
        Cause.OUTDATED: r"deprecat|unsupported (version|protocol)|no longer supported|incompatible|outdated"
        r"|needs version|older than",
        Cause.CHANGE: r"setting|configuration|migration|rolled (out|back)|feature flag",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for a component. nats: how much; points: to which classes of cause."""

    kind: SuspectKind
    subject: str
    nats: float
    evidence: Evidence
    points: tuple[tuple[Cause, float], ...] = ()


def reasons_of(case: Case, look: Look, graph: Graph, at: float) -> list[Reason]:
    """Everything beside its own metrics that speaks for the component, the weightiest first. Of each kind only that one
    weighs: ten changes at one place are not ten times as suspect, and one fault writes many lines."""
    began = look.began if look.began is not None else at
    outside = frozenset(part.name for part in case.parts if part.outside)
    effects = _effects(look, graph, outside)
    found = [one for change in case.changes if change.component == look.name and (one := of_change(change, began, at))]
    found += [_of_difference(one, began, at) for one in case.differences if one.component == look.name]
    found += _of_logs([one for one in case.logs if one.component == look.name], effects, at)
    if look.gone or look.cut_off or look.behind or look.name in outside:
        callers = graph.callers.get(look.name, set())
        about = Cause.INTEGRATION if look.name in outside else Cause.NETWORK
        found += _of_callers_logs([one for one in case.logs if one.component in callers], about, at)
    found.sort(key=lambda one: (-one.nats, one.subject))
    counted = {one.kind: one for one in reversed(found)}
    return [one if one is counted[one.kind] else replace(one, nats=0.0) for one in found]


def of_change(change: Change, began: float, at: float) -> Reason | None:
    """A change counts the more the shorter before the harm it was made; one made after it explains nothing."""
    when = finite(change.at)
    if when is None or not -CHANGE_SLACK_S <= began - when <= CHANGE_AGE_S_MAX:
        return None
    fades_s = RESTART_FADES_S if change.kind == "restart" else CHANGE_FADES_S
    near = math.exp(-max(began - when, 0.0) / fades_s)
    words = clip(change.words)
    told = Evidence(f"Changed {beside(when, at)} ({clip(change.kind)}): {words}", "change")
    return Reason(SuspectKind.CHANGE, words, CHANGE_NATS * near, told, ((Cause.CHANGE, CHANGE_POINTS * near),))


def _of_difference(one: Difference, began: float, at: float) -> Reason:
    words, when = clip(one.words), finite(one.since)
    recent = when is not None and -CHANGE_SLACK_S <= began - when <= CHANGE_AGE_S_MAX
    told = f"Differs{f', {since(when, at)}' if when is not None else ''}: {words}"
    if one.outdated:
        nats, points = OUTDATED_NATS, ((Cause.OUTDATED, 1.6),)
    else:
        nats, points = (DIFFERENCE_NATS if recent else DIFFERENCE_OLD_NATS), ((Cause.CHANGE, 1.3 if recent else 0.7),)
    return Reason(SuspectKind.DIFFERENCE, words, nats, Evidence(told, "configuration"), points)


def _effects(look: Look, graph: Graph, outside: frozenset[str]) -> frozenset[Cause]:
    """What log lines of these classes say is the fault of something that the component calls."""
    callees = [(name, callee) for name in graph.callees.get(look.name, ()) if (callee := graph.look(name)) is not None]
    lines = {Cause.NETWORK} if any(one.gone or one.cut_off or one.sick or one.behind for _, one in callees) else set()
    if any((far := graph.look(name)) is not None and far.changed for name in graph.beyond(look.name)):
        return frozenset(Cause)
    return frozenset(lines | {Cause.INTEGRATION} if any(name in outside for name, _ in callees) else lines)


def _of_callers_logs(logs: list[LogCount], about: Cause, at: float) -> list[Reason]:
    """New lines of what calls the component that say it is not reached or not understood; the first is enough."""
    for one in sorted(logs, key=lambda one: (-(finite(one.after) or 0.0), one.template, one.component)):
        if WORDS_OF[about].search(one.template) and (news := surge(one, at)) is not None:
            told = Evidence(f"{one.component}, which calls it, writes: “{clip(one.template)}” ({news.words})", "log")
            return [Reason(SuspectKind.COMPONENT, "", CALLERS_LOG_NATS * news.strength, told, ((about, 1.0),))]
    return []


def _of_logs(logs: list[LogCount], effects: frozenset[Cause], at: float) -> list[Reason]:
    """The log patterns that are new or surge; one that tells of what the component calls (effects) hardly weighs."""
    found = []
    for one in logs:
        news = surge(one, at)
        if news is None:
            continue
        trouble = TROUBLE.search(one.template) is not None
        points = tuple((cause, 1.5) for cause, words in WORDS_OF.items() if words.search(one.template))
        if not points and trouble:
            points = ((Cause.BUG, 0.4),)
        weight = (LOG_NATS if trouble or points else LOG_MILD_NATS) * news.strength
        if any(cause in effects for cause, _ in points):
            weight, points = weight * EFFECT, ()
        told = Evidence(f"{news.words}: “{clip(one.template)}”", "log")
        found.append(Reason(SuspectKind.LOG, one.template, weight, told, points))
    found.sort(key=lambda one: (-one.nats, one.subject))
    return found[:LOGS_SHOWN]


def surges(look: Look) -> Movement | None:
    """Its rate of requests, when that is clearly more than usual."""
    rate = look.rate
    return rate if rate is not None and rate.score >= MOVED and rate.after >= SURGE_TIMES * rate.before else None


def class_of(look: Look, part: Part, reasons: list[Reason], twins_gone: bool) -> Cause:
    """The class of cause that most of the evidence points to; "not known" when hardly any points anywhere."""
    points: dict[Cause, float] = defaultdict(float)
    for reason in reasons:
        for cause, weight in reason.points:
            points[cause] = max(points[cause], weight)
    loaded = surges(look) is not None
    full = look.worst(MetricKind.SATURATION)
    is_full = full is not None and full.harm >= MOVED
    fails, slow = look.worst(*FAILING), look.worst(MetricKind.LATENCY)
    if loaded:
        points[Cause.OVERLOAD] += 1.4
    elif is_full:
        points[Cause.HARDWARE] += 1.1
    if part.link:
        points[Cause.NETWORK] += 1.6
    if part.outside:
        points[Cause.INTEGRATION] += 1.4
    if look.cut_off:
        points[Cause.NETWORK] += 1.5
    if look.gone:
        points[Cause.HARDWARE] += 1.5 if twins_gone else 0.7
        points[Cause.NETWORK] += 0.8 if look.answer == "stalls" else 0.0
    if fails is not None and fails.up and not loaded:
        points[Cause.BUG] += 0.8
    elif slow is not None and slow.up and not loaded and not is_full:
        points[Cause.BUG] += 0.5
    best = max(Cause, key=lambda cause: points.get(cause, 0.0))
    return best if points.get(best, 0.0) > 0 else Cause.NOT_KNOWN
