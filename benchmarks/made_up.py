"""Made-up incidents in an installation of Holdfast's own shape, for speed and for the constants of confidence only.

Nothing here ran: a small arithmetic model of requests (who calls whom, how long, how often it fails) is disturbed by
one of eight classes of fault, or two, or none, with noise, unrelated changes and unrelated log lines. How good the
diagnosis is on real faults is told by petshop and by cases recorded in a running installation, not by these.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from holdfast.control.diagnosis.case import (
    Answer,
    Call,
    CallerShare,
    Case,
    Cause,
    Change,
    Complaint,
    Difference,
    LogCount,
    MetricKind,
    Part,
    Series,
)
from holdfast.control.diagnosis.recorded import Recorded, TrueCause

START, STEP_S, POINTS = 1_770_000_000.0, 5.0, 240
TIMEOUT_S = 2.0
UNWATCHED = 0.4
"""In every second case this share of all metrics is missing."""
CALLS: dict[str, dict[str, float]] = {
    "door-1": {"bank-web": 0.95, "standin": 0.05, "register": 0.2},
    "door-2": {"bank-web": 0.95, "standin": 0.05, "register": 0.2},
    "bank-web": {"bank-db": 3.0},
    "bank-worker": {"bank-db": 5.0, "clearing": 0.5, "mail": 0.3},
    "standin": {"standin-store": 2.0},
    "control-web": {"control-db": 4.0},
    "control-watch": {"control-db": 2.0, "door-1": 0.2, "door-2": 0.2, "bank-web": 0.2},
    "card-network": {"door-2": 1.0},
}
ENTERING = {"door-1": 60.0, "door-2": 40.0, "bank-worker": 8.0, "control-web": 2.0, "control-watch": 3.0}
ENTERING["card-network"] = 12.0
TAKES_S = defaultdict(
    lambda: 0.004, {"bank-web": 0.012, "clearing": 0.18, "mail": 0.12, "bank-worker": 0.03, "control-web": 0.02}
)
OUTSIDE = {"clearing", "mail", "card-network"}
HOSTS = {
    **dict.fromkeys(("bank-web", "bank-db", "bank-worker"), "machine-b"),
    **dict.fromkeys(("door-1", "door-2", "register"), "machine-a"),
    **dict.fromkeys(("standin", "standin-store"), "machine-c"),
    **dict.fromkeys(("control-web", "control-db", "control-watch"), "machine-d"),
}
INSIDE = tuple(sorted(set(HOSTS) - {"control-web", "control-watch"}))
NAMES = tuple(sorted({*CALLS, *(callee for callees in CALLS.values() for callee in callees)}))
LINES = {
    Cause.BUG: "Traceback (most recent call last): KeyError <text> in <*>",
    Cause.HARDWARE: "could not write block <number>: No space left on device",
    Cause.NETWORK: "connection to <*> timed out after <number> s",
    Cause.OVERLOAD: "too many connections, <number> are waiting",
    Cause.INTEGRATION: "answer of <*> does not parse: unexpected field <text>",
    Cause.ATTACK: "login refused: wrong password for <*>",
    Cause.OUTDATED: "protocol <*> is no longer supported",
    Cause.CHANGE: "TypeError: unexpected argument <text>",
}
CALM = ("page of <*> took <number> ms", "block <number> posted", "session <id> ended", "copy is at block <number>")


Columns = dict[tuple[str, str, MetricKind], list[float | None]]


@dataclass(frozen=True, slots=True)
class Instant:
    """One point of time: how far the fault has grown, and of each component what it takes and how often it fails."""

    grown: float
    rates: dict[str, float]
    takes: dict[str, float]
    fails: dict[str, float]


@dataclass(slots=True)
class Trouble:
    """What a fault does to one component, as strong as `grown` says (0..1) at an instant."""

    slower: float = 1.0
    fails: float = 0.0
    gone: str = ""
    cut: float = 0.0
    full: str = ""
    more: float = 1.0


@dataclass(slots=True)
class Story:
    """A fault being made up."""

    luck: random.Random
    began: float
    troubles: dict[str, Trouble] = field(default_factory=lambda: defaultdict(Trouble))
    causes: list[TrueCause] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    logs: list[LogCount] = field(default_factory=list)
    callers: list[CallerShare] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def writes(self, component: str, cause: Cause, chance: float = 0.7) -> None:
        """New log lines of the fault, now and then."""
        if self.luck.random() < chance:
            after = float(self.luck.randint(3, 60))
            self.logs.append(LogCount(component, LINES[cause], 0.0, after, 600.0, 120.0, self.began + 2))

    def harm(self, component: str) -> None:
        """Slow or failing, more or less."""
        if self.luck.random() < 0.5:
            self.troubles[component].slower = self.luck.uniform(3, 20)
        else:
            self.troubles[component].fails = self.luck.uniform(0.05, 0.6)


def make(seed: int) -> Recorded:
    """The case of a seed: one fault in eight of ten, two in one, none in one."""
    luck = random.Random(seed)
    at = START + STEP_S * luck.randint(150, 215)
    story = Story(luck, at - luck.choice((0.0, 5.0, 15.0, 60.0)))
    classes = [cause for cause in Cause if cause is not Cause.NOT_KNOWN]
    draw = luck.random()
    places = luck.sample(INSIDE, 2)
    for place in places[: 0 if draw < 0.1 else 2 if draw < 0.2 else 1]:
        FAULTS[luck.choice(classes)](story, place)
    _unrelated(story, at)
    series = _simulate(story)
    complaint = _complaint(series, story, at)
    if luck.random() < 0.5:
        kept = {(complaint.component, complaint.metric)}
        series = tuple(one for one in series if luck.random() > UNWATCHED or (one.component, one.metric) in kept)
    parts = tuple(Part(name, name in OUTSIDE, HOSTS.get(name, "")) for name in NAMES)
    calls = tuple(Call(caller, callee) for caller, callees in CALLS.items() for callee in callees)
    answers = tuple(Answer(name, word) for name, word in sorted(story.answers.items()))
    case = Case(
        complaint, parts, series, calls, tuple(story.changes), tuple(story.differences), tuple(story.logs),
        tuple(story.callers), answers,
    )  # fmt: skip
    return Recorded(case, tuple(story.causes))


def _bug(story: Story, place: str) -> None:
    story.harm(place)
    story.writes(place, Cause.BUG)
    story.causes.append(TrueCause((place,), Cause.BUG))


def _hardware(story: Story, place: str) -> None:
    luck = story.luck
    if luck.random() < 0.6:
        story.troubles[place].full, story.troubles[place].slower = "disk", luck.uniform(3, 15)
        story.writes(place, Cause.HARDWARE, 0.5)
        story.causes.append(TrueCause((place,), Cause.HARDWARE))
        return
    together = luck.random() < 0.4
    lost = [name for name, host in HOSTS.items() if host == HOSTS[place]] if together else [place]
    for name in lost:
        story.troubles[name].gone = story.answers[name] = "refuses"
    story.causes.append(TrueCause((*lost, HOSTS[place]) if together else (place,), Cause.HARDWARE))


def _network(story: Story, place: str) -> None:
    story.troubles[place].cut = story.luck.uniform(0.8, 1.0)
    if story.luck.random() < 0.4:
        story.answers[place] = "stalls"
    for caller, callees in CALLS.items():
        if place in callees:
            story.writes(caller, Cause.NETWORK, 0.6)
    story.causes.append(TrueCause((place,), Cause.NETWORK))


def _overload(story: Story, place: str) -> None:
    trouble, luck = story.troubles[place], story.luck
    names = (place,)
    trouble.more, trouble.slower, trouble.full = luck.uniform(1.8, 5), luck.uniform(3, 12), "processor"
    if luck.random() < 0.5:
        caller = f"program {luck.randint(1, 99)}"
        story.callers.append(CallerShare(place, caller, 0.02, 1 - 1 / trouble.more))
        names = (place, caller)
    story.writes(place, Cause.OVERLOAD, 0.5)
    story.causes.append(TrueCause(names, Cause.OVERLOAD))


def _change(story: Story, place: str) -> None:
    story.harm(place)
    words = f"release 2026.{story.luck.randint(1, 30)} of {place}"
    story.changes.append(Change(story.began - story.luck.uniform(5, 400), place, words))
    story.writes(place, Cause.CHANGE, 0.4)
    story.causes.append(TrueCause((place, words), Cause.CHANGE))


def _outdated(story: Story, place: str) -> None:
    story.harm(place)
    words = f"{place} runs 2025.9, the others run 2026.1"
    story.differences.append(Difference(place, words, None, True))
    story.writes(place, Cause.OUTDATED, 0.5)
    story.causes.append(TrueCause((place, words), Cause.OUTDATED))


def _integration(story: Story, _place: str) -> None:
    place = story.luck.choice(("clearing", "mail"))
    story.harm(place)
    story.writes("bank-worker", Cause.INTEGRATION, 0.6)
    story.causes.append(TrueCause((place,), Cause.INTEGRATION))


def _attack(story: Story, _place: str) -> None:
    door, luck = story.luck.choice(("door-1", "door-2")), story.luck
    caller = f"addresses 203.0.{luck.randint(1, 99)}.0/24"
    trouble = story.troubles[door]
    trouble.more, trouble.slower = luck.uniform(2, 8), luck.uniform(1, 4)
    story.callers.append(CallerShare(door, caller, 0.0, 1 - 1 / trouble.more))
    before, after = luck.randint(1, 9), luck.randint(200, 900)
    story.logs.append(LogCount(door, LINES[Cause.ATTACK], before, after, 600.0, 120.0, START))
    story.causes.append(TrueCause((caller, door), Cause.ATTACK))


FAULTS = {
    Cause.BUG: _bug, Cause.HARDWARE: _hardware, Cause.NETWORK: _network, Cause.OVERLOAD: _overload,
    Cause.CHANGE: _change, Cause.OUTDATED: _outdated, Cause.INTEGRATION: _integration, Cause.ATTACK: _attack,
}  # fmt: skip


def _unrelated(story: Story, at: float) -> None:
    """What goes on anyway: changes, calm log lines, a slow spell of something, probes."""
    luck = story.luck
    for _ in range(luck.randint(0, 3)):
        when = at - luck.uniform(60, 86_400)
        story.changes.append(Change(when, luck.choice(NAMES), "a setting was changed", "setting"))
    for name in NAMES:
        lines = float(luck.randint(5, 400))
        story.logs.append(LogCount(name, luck.choice(CALM), lines, lines / 5, 600.0, 120.0, START))
        if luck.random() < 0.8:
            story.answers.setdefault(name, "answers")
    if luck.random() < 0.3:
        name = luck.choice(NAMES)
        story.troubles[name].slower = max(story.troubles[name].slower, luck.uniform(1.1, 1.8))
    if luck.random() < 0.2:
        story.logs.append(LogCount(luck.choice(NAMES), "cache <*> was refreshed", 0.0, 4.0, 600.0, 120.0, at + 1))


def _simulate(story: Story) -> tuple[Series, ...]:
    columns: Columns = defaultdict(list)
    times = tuple(START + STEP_S * number for number in range(POINTS))
    swing = {name: story.luck.uniform(0.04, 0.12) for name in NAMES}
    for time in times:
        _instant(story, min(max((time - story.began) / 10 + 0.5, 0.0), 1.0), swing, columns)
    return tuple(Series(name, metric, kind, times, tuple(values)) for (name, metric, kind), values in columns.items())


def _instant(story: Story, grown: float, swing: dict[str, float], columns: Columns) -> None:
    luck, rates = story.luck, dict.fromkeys(NAMES, 0.0)
    for name, rate in ENTERING.items():
        rates[name] += rate
    lost: dict[str, float] = {}
    for name in _callers_first():
        trouble = story.troubles[name]
        if trouble.more > 1:
            rates[name] *= 1 + (trouble.more - 1) * grown
        arrives = 1 - trouble.cut * grown
        lost[name] = 1 - arrives
        rates[name] *= arrives
        for callee, times in CALLS.get(name, {}).items():
            rates[callee] += 0 if trouble.gone and grown else rates[name] * times
    takes, fails = {}, {}
    for name in reversed(_callers_first()):
        trouble = story.troubles[name]
        slower = 1 + (trouble.slower - 1) * grown
        takes[name] = TAKES_S[name] * slower * luck.lognormvariate(0, swing[name])
        well = 1 - trouble.fails * grown - 0.0005
        for callee, times in CALLS.get(name, {}).items():
            away = bool(story.troubles[callee].gone and grown)
            waits = TIMEOUT_S / 4 if lost[callee] > 0 and not away else 0.0
            takes[name] += times * (0.001 if away else min(takes[callee] + lost[callee] * waits, TIMEOUT_S))
            well *= 1 - min(times, 1.0) * min(1.0 if away else fails[callee] + lost[callee], 1.0)
        fails[name] = 1 - max(well, 0.0)
    for name in NAMES:
        _tell(name, Instant(grown, rates, takes, fails), story, columns)


def _tell(name: str, now: Instant, story: Story, columns: Columns) -> None:
    luck, trouble = story.luck, story.troubles[name]
    rate, takes, fails, grown = now.rates[name], now.takes[name], now.fails[name], now.grown
    asked = max(luck.gauss(rate * STEP_S, (rate * STEP_S) ** 0.5), 0.0)
    failed = min(max(luck.gauss(asked * fails, (asked * fails * (1 - fails)) ** 0.5), 0.0), asked)
    busy = min(0.99, 0.2 + 0.1 * luck.random() + (0.65 * grown if trouble.full == "processor" else 0.0))
    disk = min(0.99, 0.5 + 0.01 * luck.random() + (0.48 * grown if trouble.full == "disk" else 0.0))
    told: Iterable[tuple[str, MetricKind, float | None]] = (
        ("requests", MetricKind.RATE, asked / STEP_S),
        ("answer mean", MetricKind.LATENCY, takes if asked else None),
        ("answer p95", MetricKind.LATENCY, takes * luck.uniform(1.6, 2.4) if asked else None),
        ("answered well", MetricKind.AVAILABILITY, 1 - failed / asked if asked else None),
        ("processor", MetricKind.SATURATION, busy),
        ("disk", MetricKind.SATURATION, disk),
    )
    for metric, kind, value in told:
        columns[name, metric, kind].append(None if trouble.gone and grown > 0 else value)


def _callers_first() -> list[str]:
    """Every component after all that call it."""
    left, order = set(NAMES), []
    while left:
        free = sorted(name for name in left if not any(name in CALLS.get(caller, {}) for caller in left))
        order += free
        left -= set(free)
    return order


def _complaint(series: tuple[Series, ...], story: Story, at: float) -> Complaint:
    """Where somebody notices: the entrance whose answers got worst, or any entrance for a false alarm."""
    cut = int((at - START) / STEP_S)

    def worse(one: Series) -> float:
        before = [value for value in one.values[:cut] if value is not None]
        after = [value for value in one.values[cut : cut + 24] if value is not None]
        if not before or not after:
            return 0.0
        early, late = sum(before) / len(before), sum(after) / len(after)
        return (early - late) * 20 if one.kind is MetricKind.AVAILABILITY else late / early - 1

    seen = [one for one in series if one.component in ENTERING and one.metric in ("answer mean", "answered well")]
    best = max(seen, key=worse) if story.causes else story.luck.choice(seen)
    return Complaint(best.component, best.metric, at)
