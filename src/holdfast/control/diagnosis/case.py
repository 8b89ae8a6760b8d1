"""What is known of an incident when its cause is asked for. Values only; instants are seconds since 1970 (UTC).

Nothing here is required: a case without series, graph or complaint is diagnosed too, and ends in "not known".
`bounded` says in words what was left out of a case that is larger than the limits below.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

PARTS_MAX = 120
SERIES_MAX = 1_800
SERIES_PER_PART_MAX = 20
POINTS_MAX = 1_000
CALLS_MAX = 2_000
CHANGES_MAX = 300
DIFFERENCES_MAX = 300
LOGS_MAX = 1_000
CALLERS_MAX = 500
WORDS_MAX = 300
VALUE_MAX = 1e15


class MetricKind(StrEnum):
    """What a metric measures, which says which way is harm.

    RATE: requests, jobs or rows a second. LATENCY: seconds. ERRORS: share 0..1 of requests that failed.
    SATURATION: share 0..1 of a limit (processor, memory, disk, connections). AVAILABILITY: share 0..1 that went well.
    """

    RATE = "rate"
    LATENCY = "latency"
    ERRORS = "errors"
    SATURATION = "saturation"
    AVAILABILITY = "availability"


class Cause(StrEnum):
    """The class of a cause."""

    BUG = "bug"
    HARDWARE = "hardware"
    NETWORK = "network"
    OVERLOAD = "overload"
    CHANGE = "change"
    OUTDATED = "outdated version"
    INTEGRATION = "integration"
    ATTACK = "attack"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Part:
    """A component. outside: run by somebody else. host: the machine it runs on, "" where not known. link: the way
    between two components, measured as a part of its own between them (what its caller waits, what its caller loses).
    told_by: the component that tells this one's numbers, "" for itself: where that one is silent, this one is too.
    """

    name: str
    outside: bool = False
    host: str = ""
    link: bool = False
    told_by: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one component, in the order of time. A time is the beginning of the span that its value sums up;
    None or NaN is a span of which nothing is known."""

    component: str
    metric: str
    kind: MetricKind
    times: tuple[float, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An edge of the graph: caller asks callee."""

    caller: str
    callee: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """What made somebody or something cry out, and when."""

    component: str
    metric: str
    at: float


@dataclass(frozen=True, slots=True)
class Change:
    """Something that people or a release changed. component: "" when it is about all of them.
    kind: release, configuration, patch, key, data, or another word."""

    at: float
    component: str
    words: str
    kind: str = "release"


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting or version that differs from what it should be or from its twins. since: None when not known."""

    component: str
    words: str
    since: float | None = None
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class LogCount:
    """How often lines of one template were written, in so many seconds before the trigger and after it."""

    component: str
    template: str
    before: float
    after: float
    before_s: float
    after_s: float
    first_seen: float | None = None


@dataclass(frozen=True, slots=True)
class CallerShare:
    """What share 0..1 of a component's requests one caller sent, before the trigger and after it. A caller may be a
    component, a program, or a group of addresses."""

    component: str
    caller: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Answer:
    """How a component took probes: answers, unwell, refuses or stalls (control.calls.Kind); the worst of them since
    shortly before the complaint, since a process that was started anew answers again."""

    component: str
    answer: str


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known; every part may be empty."""

    complaint: Complaint
    parts: tuple[Part, ...] = ()
    series: tuple[Series, ...] = ()
    calls: tuple[Call, ...] = ()
    changes: tuple[Change, ...] = ()
    differences: tuple[Difference, ...] = ()
    logs: tuple[LogCount, ...] = ()
    callers: tuple[CallerShare, ...] = ()
    answers: tuple[Answer, ...] = ()
    cut: tuple[str, ...] = field(default=())
    """What `bounded` left out, in words."""

    @property
    def components(self) -> frozenset[str]:
        """Every component that anything names."""
        names = {part.name for part in self.parts}
        names |= {one.component for one in self.series} | {one.component for one in self.logs}
        names |= {one.component for one in self.callers} | {one.component for one in self.answers}
        names |= {one.component for one in self.changes} | {one.component for one in self.differences}
        names |= {end for call in self.calls for end in (call.caller, call.callee)}
        return frozenset(names | {self.complaint.component}) - {""}


Thing = TypeVar("Thing")
AtPart = TypeVar("AtPart", Change, Difference, LogCount, CallerShare)


def finite(value: object) -> float | None:
    """The value as a float, or None when it says nothing (missing, no number, NaN, beyond what anything measures)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -VALUE_MAX <= value <= VALUE_MAX else None


def bounded(case: Case) -> Case:
    """The case within the limits. Kept is what is nearest: components by steps from the complaint, the latest points,
    the changes nearest to the trigger, the most frequent log patterns and callers."""
    cut: list[str] = []
    at = finite(case.complaint.at) or 0.0
    calls = _first("calls", sorted(set(case.calls), key=lambda one: (one.caller, one.callee)), CALLS_MAX, cut)
    near = steps_away(calls, case.complaint.component)
    names = sorted(case.components, key=lambda name: (near.get(name, len(near)), name))
    kept = frozenset(_first("components", names, PARTS_MAX, cut))
    changes = sorted(case.changes, key=lambda one: (abs((finite(one.at) or 0.0) - at), one.component, one.words))
    logs = sorted(case.logs, key=lambda one: (-(finite(one.after) or 0.0), one.component, one.template))
    callers = sorted(case.callers, key=lambda one: (-(finite(one.after) or 0.0), one.component, one.caller))
    differences = sorted(case.differences, key=lambda one: (near.get(one.component, len(near)), one.component))
    return replace(
        case,
        parts=tuple(one for one in case.parts if one.name in kept),
        calls=tuple(one for one in calls if one.caller in kept and one.callee in kept),
        series=_series(case.series, kept, cut),
        changes=tuple(_first("changes", _of(changes, kept | {""}), CHANGES_MAX, cut)),
        differences=tuple(_first("configuration differences", _of(differences, kept), DIFFERENCES_MAX, cut)),
        logs=tuple(_first("log patterns", _of(logs, kept), LOGS_MAX, cut)),
        callers=tuple(_first("callers", _of(callers, kept), CALLERS_MAX, cut)),
        answers=tuple(one for one in case.answers if one.component in kept),
        cut=(*case.cut, *cut),
    )


def steps_away(calls: list[Call] | tuple[Call, ...], start: str) -> dict[str, int]:
    """How many calls lie between a component and each that it reaches, down the graph first, then against it."""
    down: dict[str, set[str]] = defaultdict(set)
    up: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        down[call.caller].add(call.callee)
        up[call.callee].add(call.caller)
    steps = walk(down, start)
    for name, count in walk(up, start).items():
        steps.setdefault(name, count + 1)
    return steps


def walk(edges: dict[str, set[str]], start: str) -> dict[str, int]:
    """Steps from the start to everything that the edges lead to; each place once, so a circle ends."""
    steps, border = {start: 0}, [start]
    while border:
        border = sorted({after for name in border for after in edges.get(name, ()) if after not in steps})
        depth = max(steps.values()) + 1
        steps.update(dict.fromkeys(border, depth))
    return steps


def _of(things: list[AtPart], kept: frozenset[str]) -> list[AtPart]:
    return [one for one in things if one.component in kept]


def _first(what: str, things: list[Thing], most: int, cut: list[str]) -> list[Thing]:
    if len(things) > most:
        cut.append(f"{len(things)} {what} were given; the nearest {most} were looked at.")
    return things[:most]


def _of_each_kind(series: list[Series]) -> list[Series]:
    """In turn one of each kind, those with the most points first: many of one kind leave room for the others."""
    ordered = sorted(series, key=lambda one: (one.kind, -len(one.times), one.metric))
    seen: dict[MetricKind, int] = defaultdict(int)
    turns = []
    for one in ordered:
        turns.append((seen[one.kind], one))
        seen[one.kind] += 1
    return [one for _, one in sorted(turns, key=lambda turn: (turn[0], turn[1].kind))]


def _series(series: tuple[Series, ...], kept: frozenset[str], cut: list[str]) -> tuple[Series, ...]:
    of_part: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        if one.component in kept:
            of_part[one.component].append(one)
    out: list[Series] = []
    long = 0
    for name in sorted(of_part):
        for one in _first(f"metrics of {name}", _of_each_kind(of_part[name]), SERIES_PER_PART_MAX, cut):
            long += len(one.times) > POINTS_MAX
            out.append(replace(one, times=one.times[-POINTS_MAX:], values=one.values[-POINTS_MAX:]))
    if long:
        cut.append(f"{long} metrics were longer than {POINTS_MAX} points; their latest were looked at.")
    return tuple(_first("metrics", out, SERIES_MAX, cut))
