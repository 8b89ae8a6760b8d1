"""Whose fault is it? Each component's own part of what went wrong, over the graph of who calls whom.

A component that is slow because what it calls is slow is not to blame. So of what each one lost (extra seconds, or
failed requests, a second of time) the part that its callees lost for it is taken off; what is left is its own. Own
parts count by how unusual they are and by how much of the complaint they could explain.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from holdfast.control.diagnosis.case import Case, MetricKind, finite, steps_away, walk
from holdfast.control.diagnosis.movement import LEAD_S_MAX, MOVED, Movement, Track, move, track

FAILING = (MetricKind.ERRORS, MetricKind.AVAILABILITY)
SORTS = (("slow", (MetricKind.LATENCY,)), ("failing", FAILING))
SCORE_ENOUGH = 25.0
"""A score above this makes nobody more suspect."""
CALLEE_MOVED = 2.0
SICK = 4.0
TWICE = 2.0
ALL_BUT = 0.95
BY_ABSENT_CALLEE, BY_SICK_CALLEE, BY_CUT_OFF_CALLEE, BY_CHANGED_CALLEE = 0.9, 0.75, 0.8, 0.5
CHANGES = ("release", "configuration")
CHANGED_BEFORE_S, CHANGED_AFTER_S = 60.0, 30.0
"""A change so near to the complaint, as clocks and rounds of measurements tell it, was made as it happened."""
UPSTREAM, ELSEWHERE, BELOW, STEP_FADES = 0.25, 0.2, 0.9, 0.9
BEHIND, BEFORE_DARK = 0.3, 0.8
SATURATED, UNWELL, CUT_OFF, IDLE = 0.85, 0.5, 0.25, 0.5
OF_ANOTHER_SORT, HARDLY, WENT_ELSEWHERE = 0.4, 0.2, 0.3
FELT_S = 0.1
"""What takes longer by less is felt by nobody (Nielsen, Usability Engineering, 1993, chapter 5)."""
REFUSES_NATS, STALLS_NATS = 2.5, 1.5
SILENT_POINTS_MIN = 8
SILENT_SPANS = 3


@dataclass(slots=True)
class Look:
    """What is seen of one component. rate: its requests a second before and after, as far as both are known; took:
    those before, None when no metric says so."""

    name: str
    moves: list[Movement] = field(default_factory=list)
    idle: bool = False
    """It has metrics and none of them ever said anything, or that it is asked nothing: it is not in use."""
    rate: Movement | None = None
    rates: dict[str, Movement] = field(default_factory=dict)
    """Its requests a second by what they are about."""
    took: float | None = None
    answer: str = ""
    silent_since: float | None = None
    changed: bool = False
    """Its release or a setting changed as it happened."""
    slow_own: float = 1.0
    fail_own: float = 1.0
    impact: float = 0.0
    lost: float = 0.0
    """What its requests lose a second (seconds waited, or requests failed), the larger; it only settles ties."""
    parts: dict[str, float] = field(default_factory=dict)
    """Its blame by what is wrong: slow, failing, gone, full; each 0..1."""

    @property
    def gone(self) -> bool:
        """Nobody is there: it refuses, stalls, or stopped telling anything."""
        return self.answer in ("refuses", "stalls") or (self.silent_since is not None and self.answer != "answers")

    @property
    def cut_off(self) -> bool:
        """Hardly asked any more, and well as far as it says itself."""
        fell = self.rate is not None and self.rate.down and self.rate.after <= CUT_OFF * self.rate.before
        fails, slow = self.worst(*FAILING), self.worst(MetricKind.LATENCY)
        unwell = (fails is not None and fails.up) or (slow is not None and slow.up and slow.after > TWICE * slow.before)
        return fell and not self.gone and not unwell

    @property
    def woken(self) -> bool:
        """Asked only since it happened: what goes wrong with it came after."""
        return self.rate is not None and self.rate.before <= 0 and self.rate.up

    @property
    def sick(self) -> bool:
        """Clearly unwell by a metric of its own."""
        return any(one.harm >= SICK for one in self.moves)

    @property
    def behind(self) -> bool:
        """Nobody measures what its caller complains of."""
        return "behind" in self.parts

    @property
    def blame(self) -> float:
        """0..1: all its parts together, as if each were a reason by itself."""
        return 1.0 - math.prod(1.0 - self.parts[name] for name in sorted(self.parts))

    def worst(self, *kinds: MetricKind, metric: str = "") -> Movement | None:
        """Its metric of these kinds that moved most towards harm; one of that name first."""
        of_kind = [one for one in self.moves if one.kind in kinds]
        return max(of_kind, key=lambda one: (one.metric == metric, one.harm, one.excess, one.before), default=None)

    @property
    def began(self) -> float | None:
        """When the first of its metrics went towards harm."""
        times = [one.began for one in self.moves if one.began is not None and one.harm >= MOVED]
        return min([*times, *([self.silent_since] if self.silent_since is not None else [])], default=None)


class Graph:
    """The calls of a case, and how many requests go along each."""

    def __init__(self, case: Case, looks: Mapping[str, Look]) -> None:
        self.callees: dict[str, set[str]] = defaultdict(set)
        self.callers: dict[str, set[str]] = defaultdict(set)
        for call in case.calls:
            if call.caller != call.callee:
                self.callees[call.caller].add(call.callee)
                self.callers[call.callee].add(call.caller)
        self.links = frozenset(part.name for part in case.parts if part.link)
        self._looks = looks
        self._shares = {(one.caller, one.component): finite(one.before) for one in case.callers}

    def taken(self, name: str, metric: str = "") -> float:
        """How many requests a second the component takes since the trigger, or took before it when it takes none now;
        those that a metric is about, where that is known; 1 when no metric says so."""
        look = self._looks[name]
        rate = look.rates.get(about(metric), look.rate)
        return rate.after if rate is not None and rate.after > 0 else max(self._took(name), 1e-6)

    def asked(self, caller: str, callee: str) -> float:
        """How many requests a second went from caller to callee before the trigger: what a callee is asked only since
        then is an effect (a detour, an error report) and excuses nobody. By the callers' shares where they are known,
        else in proportion to what each caller takes itself."""
        told = self._shares.get((caller, callee))
        if told is not None:
            share = min(max(told, 0.0), 1.0)
        else:
            share = self._took(caller) / (math.fsum(self._took(one) for one in self.callers[callee]) or 1.0)
        return share * self._took(callee)

    def _took(self, name: str) -> float:
        took = self._looks[name].took
        return max(took, 0.0) if took is not None else 1.0

    def origins(self, name: str) -> set[str]:
        """What calls the component, and what calls the way to it, where that is measured as a part of its own."""
        found = set(self.callers.get(name, ()))
        return found | {far for one in found if one in self.links for far in self.callers.get(one, ())}

    def taken_over(self, look: Look) -> bool:
        """Whether another component that the same callers have takes most of what this one lost: they went there."""
        lost = look.rate.before - look.rate.after if look.rate is not None else 0.0
        origins = self.origins(look.name)
        return (
            lost > 0
            and look.name not in self.links
            and any(
                other.rate is not None
                and other.rate.up
                and other.rate.excess >= lost / TWICE
                and not origins.isdisjoint(self.origins(other.name))
                for other in self._looks.values()
                if other.name != look.name and other.name not in self.links
            )
        )

    def look(self, name: str) -> Look | None:
        """What is seen of a component, None when nothing names it."""
        return self._looks.get(name)

    def dark_callees(self, name: str, kinds: tuple[MetricKind, ...]) -> dict[str, set[str]]:
        """Below the component, the calls to components of which no metric of these kinds is known."""
        dark: dict[str, set[str]] = {}
        border = [name]
        while border:
            caller = border.pop()
            looks = [self._looks[one] for one in self.callees.get(caller, ())]
            dark[caller] = {one.name for one in looks if not one.idle and one.worst(*kinds) is None}
            border += [one for one in dark[caller] if one not in dark and one not in border]
        return dark

    def beyond(self, name: str) -> set[str]:
        """What the component calls, and behind the way to it, where that is measured as a part of its own."""
        found = set(self.callees.get(name, ()))
        return found | {far for one in found for far in self.callees.get(one, ()) if one in self.links}

    def below(self, name: str) -> dict[str, int]:
        """Everything that the component calls, directly or not, with the steps to it; itself at 0."""
        return walk(self.callees, name)


def about(metric: str) -> str:
    """What a metric is about, as its name says it in parentheses at its end, as in "requests failing (pay)"."""
    begin = metric.rfind("(")
    return metric[begin:] if begin > 0 and metric.endswith(")") else ""


def look_at(case: Case) -> dict[str, Look]:
    """Every component of the case with its blame. The case is `bounded` before."""
    looks = {name: Look(name) for name in sorted(case.components)}
    at = finite(case.complaint.at) or 0.0
    _measure(case, looks, at)
    for answer in case.answers:  # of one that answers one of its probes nobody says that it is gone
        look = looks[answer.component]
        look.answer = "answers" if "answers" in (look.answer, answer.answer) else answer.answer
    for change in case.changes:
        when = finite(change.at)
        if change.component in looks and change.kind in CHANGES and when is not None:
            looks[change.component].changed |= -CHANGED_BEFORE_S <= when - at <= CHANGED_AFTER_S
    graph = Graph(case, looks)
    for look in looks.values():
        look.slow_own = _own(look, graph, looks, (MetricKind.LATENCY,), case.complaint.metric)
        look.fail_own = _own(look, graph, looks, FAILING, case.complaint.metric)
    _weigh(case, looks, graph)
    _look_behind(looks, graph)
    return looks


def _measure(case: Case, looks: dict[str, Look], at: float) -> None:
    tracks: dict[str, list[Track]] = defaultdict(list)
    for series in case.series:
        tracks[series.component].append(track(series, at))
    end = max((one.times[-1] for of_part in tracks.values() for one in of_part if one.times), default=at)
    links = {part.name for part in case.parts if part.link}  # silent when their caller is: it is who measures them
    for name, of_part in tracks.items():
        look = looks[name]
        rates = [one for one in of_part if one.series.kind is MetricKind.RATE and one.cut]
        look.took = max((one.usual for one in rates), default=None)
        took = {about(one.series.metric): one.usual for one in rates if about(one.series.metric)}
        look.idle = look.took == 0 or not any(one.times for one in of_part)
        for one in of_part:
            is_rate = one.series.kind is MetricKind.RATE
            counted = took.get(about(one.series.metric), look.took or 0.0) * one.step_s
            if (moved := move(one, at, counted)) is None:
                continue
            look.moves.append(moved)
            if is_rate and about(moved.metric):
                look.rates[about(moved.metric)] = moved
            if is_rate and (look.rate is None or (moved.before, moved.after) > (look.rate.before, look.rate.after)):
                look.rate = moved
        look.silent_since = None if name in links else _silent_since(of_part, at, end)
    for part in case.parts:
        teller = looks.get(part.told_by)
        if teller is not None and teller.silent_since is not None:
            looks[part.name].silent_since = None


def _silent_since(tracks: list[Track], at: float, end: float) -> float | None:
    """From when on none of its metrics says anything, while others go on; None when it speaks, or spoke too little."""
    last = max((one.times[-1] for one in tracks if one.times), default=end)
    step = max((one.step_s for one in tracks), default=0.0)
    spoke = max((one.cut for one in tracks), default=0) >= SILENT_POINTS_MIN
    silent = spoke and 0 < step * SILENT_SPANS < end - last and at - LEAD_S_MAX < last < at + step
    return last + step if silent else None


def _own(look: Look, graph: Graph, looks: Mapping[str, Look], kinds: tuple[MetricKind, ...], metric: str) -> float:
    """The share 0..1 of its loss in these metrics that what it calls does not explain."""
    mine = look.worst(*kinds, metric=metric)
    if mine is None or mine.excess <= 0:
        return 0.0
    lost = mine.excess * graph.taken(look.name, mine.metric)
    by_callees, by_sick = [], 0.0
    for name in graph.callees.get(look.name, ()):
        callee = looks[name]
        asked = graph.asked(look.name, name)
        theirs = callee.worst(*kinds, metric=metric)
        if theirs is not None and theirs.score >= CALLEE_MOVED:
            by_callees.append(theirs.excess * asked)
        hit = lost if kinds == FAILING else graph.taken(look.name)
        by_sick = max(by_sick, _sickness(callee, kinds) * min(asked / hit, 1.0))
    if any((far := graph.look(name)) is not None and far.changed for name in graph.beyond(look.name)):
        by_sick = max(by_sick, BY_CHANGED_CALLEE)
    explained = max(math.fsum(by_callees) / lost, by_sick)
    return 1.0 - min(explained, 1.0)


def _sickness(callee: Look, kinds: tuple[MetricKind, ...]) -> float:
    """How much a callee explains when what is wrong with it shows in other metrics than its caller's: an absent one
    everything, a slow one that callers fail (they stop waiting), a full one that callers are slow."""
    if callee.gone:
        return BY_ABSENT_CALLEE
    if callee.cut_off:
        return BY_CUT_OFF_CALLEE
    other = callee.worst(MetricKind.LATENCY) if kinds == FAILING else callee.worst(*FAILING, MetricKind.SATURATION)
    if other is None or other.score < SICK or other.after < TWICE * other.before:
        return 0.0
    return BY_SICK_CALLEE * min(other.score / SCORE_ENOUGH, 1.0)


def _weigh(case: Case, looks: dict[str, Look], graph: Graph) -> None:
    target = looks.get(case.complaint.component)
    below = graph.below(case.complaint.component)
    away = steps_away(case.calls, case.complaint.component)
    metric = case.complaint.metric
    lonely = len(away) == 1
    for look in looks.values():
        if lonely and look.name not in below:
            look.impact = BELOW
        elif look.name in below:
            look.impact = BELOW * STEP_FADES ** (below[look.name] - 1) if below[look.name] else 1.0
        else:
            look.impact = UPSTREAM if look.name in away else ELSEWHERE
        for word, kinds in SORTS:
            own = look.fail_own if kinds == FAILING else look.slow_own
            mine = look.worst(*kinds, metric=metric)
            if mine is not None and mine.up:
                look.lost = max(look.lost, mine.excess * graph.taken(look.name, mine.metric))
                reach = _reach(mine, kinds, look, target=target, graph=graph, metric=metric)
                effect = HARDLY if look.woken else 1.0
                look.parts[word] = min(ALL_BUT, own * strength(mine.score) * look.impact * reach * effect)
        full = look.worst(MetricKind.SATURATION)
        if full is not None and full.harm >= MOVED and full.excess > 0:
            fullness = min(1.0, full.after / SATURATED)
            look.parts["full"] = min(ALL_BUT, strength(full.score) * look.impact * fullness**2)
        if look.gone:
            by_callee = BY_ABSENT_CALLEE * _any_gone(look.name, graph, looks)
            own_fault = 1.0 if look.answer == "refuses" else 1.0 - by_callee
            look.parts["gone"] = ALL_BUT * own_fault * math.sqrt(look.impact)
        elif look.cut_off:
            callers = graph.callers.get(look.name, set())
            lose = _callers_lose(callers, looks) if callers else IDLE
            went = WENT_ELSEWHERE if graph.taken_over(look) else 1.0
            look.parts["cut off"] = BELOW * look.impact * lose * went
        elif look.answer == "unwell":
            look.parts["unwell"] = UNWELL * look.impact * (1.0 - BY_ABSENT_CALLEE * _any_gone(look.name, graph, looks))


def _look_behind(looks: dict[str, Look], graph: Graph) -> None:
    """What nobody measures may be to blame for what its caller cannot explain: such a callee takes a part of its
    caller's blame, a part of that part goes on to what it calls unmeasured in turn, and so on; the caller keeps most.
    """
    for word, kinds in SORTS:
        measured = [look for look in looks.values() if look.parts.get(word, 0.0) > 0]
        for look in measured:
            depths = walk(graph.dark_callees(look.name, kinds), look.name)
            for name, depth in depths.items():
                if depth and not looks[name].gone:
                    part = look.parts[word] * BEHIND**depth
                    looks[name].parts["behind"] = max(looks[name].parts.get("behind", 0.0), part)
            if len(depths) > 1:
                look.parts[word] *= BEFORE_DARK


def _any_gone(name: str, graph: Graph, looks: Mapping[str, Look]) -> bool:
    return any(looks[one].gone for one in graph.beyond(name))


def plainly_nats(look: Look, graph: Graph) -> float:
    """What probes alone say against a component, in nats: it refuses; or it stalls, and nothing that it calls is gone
    or was changed as it happened, so that it waits for nobody."""
    if look.answer == "refuses":
        return REFUSES_NATS
    callees = [one for name in graph.beyond(look.name) if (one := graph.look(name)) is not None]
    waits = any(one.gone or one.changed for one in callees)
    return STALLS_NATS if look.answer == "stalls" and not waits else 0.0


def _callers_lose(callers: set[str], looks: Mapping[str, Look]) -> float:
    """How much its callers go wrong, 0..1, while as much is asked of them as before."""
    hurt = [0.0]
    for name in callers:
        caller = looks[name]
        asked_on = caller.rate is None or (not caller.cut_off and caller.rate.after > caller.rate.before / TWICE)
        wrong = caller.worst(*FAILING, MetricKind.LATENCY)
        if asked_on and wrong is not None and wrong.up:
            hurt.append(strength(wrong.score))
    return max(hurt)


def _reach(
    mine: Movement, kinds: tuple[MetricKind, ...], look: Look, *, target: Look | None, graph: Graph, metric: str
) -> float:
    """How much of what the complaint's component lost this one could explain, 0..1, by the requests each takes. Where
    the complaint is about another sort of loss, or nothing was lost, one that is merely unusual explains little. A
    complaint that names no metric is a person's or a probe's: what nobody would feel explains it as little."""
    felt = 1.0 if metric or kinds == FAILING else min(1.0, mine.excess / FELT_S)
    if target is None or look.name == target.name:
        return felt
    complained = next((one for one in target.moves if one.metric == metric), None)
    theirs = target.worst(*kinds, metric=metric)
    lost = theirs.excess * graph.taken(target.name, theirs.metric) if theirs is not None else 0.0
    if complained is None or complained.kind in (*kinds, MetricKind.RATE, MetricKind.SATURATION):
        return felt * (min(mine.excess * graph.taken(look.name, mine.metric), lost) / lost if lost > 0 else 1.0)
    reach = OF_ANOTHER_SORT
    if complained.kind in FAILING and complained.up:
        reach *= min(1.0, graph.taken(look.name, mine.metric) / (complained.excess * graph.taken(target.name, metric)))
    sick = mine.score >= SICK and mine.after >= TWICE * mine.before
    if theirs is not None and theirs.up:
        return reach * min(mine.excess * graph.taken(look.name, mine.metric) / lost, 1.0)
    return reach if sick or theirs is None else reach * HARDLY


def strength(score: float) -> float:
    """How unusual, 0..1: the square root, so that a tenfold score is not ten times as suspect."""
    return math.sqrt(min(max(score, 0.0), SCORE_ENOUGH) / SCORE_ENOUGH)
