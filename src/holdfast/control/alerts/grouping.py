"""Which alerts have one cause? Those of parts that call each other, directly or through parts that fire too, of parts
that complain of calls to the same part, and of twins. Pure.

Of a group the root is the part whose own callees are quiet: a page is slow because its database is, not the other way
round. Where parts call each other in a ring, or several are equally deep, the gravest and earliest of them is named;
the suspects of the diagnosis say more than this first guess.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

HOST = "host"
"""Every part runs on it."""
TWINS = (("doors", "door-1", "door-2"),)
"""One customer's request goes through any of them: what both say has one cause."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One alert that fires: its number, the part, how grave (1 the gravest), whether it wakes somebody; callee: the
    part whose calls it complains of, "" for none."""

    number: int
    rule: str
    component: str
    severity: int
    page: bool
    began_at: datetime
    words: str
    callee: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one cause. root: the part that most likely is the cause."""

    root: str
    alerts: tuple[Firing, ...]

    @property
    def severity(self) -> int:
        """Of its gravest alert."""
        return min(one.severity for one in self.alerts)

    @property
    def page(self) -> bool:
        """Whether one of them wakes somebody."""
        return any(one.page for one in self.alerts)

    @property
    def began_at(self) -> datetime:
        """When the first of them began."""
        return min(one.began_at for one in self.alerts)

    @property
    def components(self) -> frozenset[str]:
        """The parts that fire."""
        return frozenset(one.component for one in self.alerts)

    @property
    def words(self) -> str:
        """What the root says of itself, its gravest alert first."""
        own = sorted((one for one in self.alerts if one.component == self.root), key=_gravest)
        return own[0].words if own else self.alerts[0].words


def _gravest(one: Firing) -> tuple[int, datetime, str]:
    return one.severity, one.began_at, one.words


def group(firing: Iterable[Firing], calls: Collection[tuple[str, str]]) -> list[Group]:
    """The groups, the gravest first. calls: (caller, callee), as measured."""
    by_part: dict[str, list[Firing]] = {}
    for one in firing:
        by_part.setdefault(one.component, []).append(one)
    callees: dict[str, set[str]] = {part: set() for part in by_part}
    beside: dict[str, set[str]] = {part: set() for part in by_part}
    for caller, callee in calls:
        if caller in by_part and callee in by_part and caller != callee:
            callees[caller].add(callee)
            beside[caller].add(callee)
            beside[callee].add(caller)
    for alike in (*TWINS, *_complaining(by_part)):
        some = [part for part in alike if part in by_part]
        for part, twin in pairwise(some):
            beside[part].add(twin)
            beside[twin].add(part)
    if HOST in by_part:
        for part in by_part:
            if part != HOST:
                callees[part].add(HOST)
                beside[part].add(HOST)
                beside[HOST].add(part)
    groups = [
        Group(_root(parts, callees, by_part), tuple(sorted((a for part in parts for a in by_part[part]), key=_gravest)))
        for parts in _connected(beside)
    ]
    return sorted(groups, key=lambda one: (one.severity, one.began_at, one.root))


def _complaining(by_part: Mapping[str, list[Firing]]) -> list[list[str]]:
    """Parts that complain of calls to the same part, for each such part."""
    found: dict[str, list[str]] = {}
    for part in sorted(by_part):
        for callee in {one.callee for one in by_part[part]} - {""}:
            found.setdefault(callee, []).append(part)
    return [parts for _, parts in sorted(found.items())]


def _connected(beside: Mapping[str, set[str]]) -> list[frozenset[str]]:
    left, found = set(beside), []
    while left:
        reached, edge = set(), [min(left)]
        while edge:
            part = edge.pop()
            if part not in reached:
                reached.add(part)
                edge.extend(beside[part] - reached)
        left -= reached
        found.append(frozenset(reached))
    return found


def _root(parts: Collection[str], callees: Mapping[str, set[str]], by_part: Mapping[str, list[Firing]]) -> str:
    deepest = [part for part in parts if not callees[part] & set(parts)] or list(parts)
    return min(deepest, key=lambda part: (*_gravest(min(by_part[part], key=_gravest)), part))
