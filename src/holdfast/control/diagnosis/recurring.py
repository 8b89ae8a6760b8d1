"""Has this happened before? An incident's fingerprint, how alike two are, and problems that come back.

A fingerprint is what remains of an incident when instants and numbers are gone: the class of its cause, the suspected
components by confidence, and the log patterns that were new or surged. Two are alike by a weighted Jaccard measure of
each; where neither has log patterns, they say nothing either way.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from holdfast.control.diagnosis.case import Case, Cause, finite
from holdfast.control.diagnosis.reasons import TROUBLE
from holdfast.control.diagnosis.suspects import Diagnosis
from holdfast.control.diagnosis.telling import clip
from holdfast.control.diagnosis.templates import surge

COMPONENTS_MAX, TEMPLATES_MAX, EARLIER_MAX = 5, 30, 2_000
BY_COMPONENTS, BY_TEMPLATES, BY_CAUSE = 0.45, 0.3, 0.25
ALIKE_MIN = 0.6
SHOWN_MAX = 3
LOGS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """components: (name, confidence 0..1), likeliest first. templates: log patterns, troubled ones only."""

    cause: Cause
    components: tuple[tuple[str, float], ...]
    templates: frozenset[str]

    def to_json(self) -> dict[str, Any]:
        """As kept with an incident."""
        return {
            "cause": self.cause,
            "components": [list(one) for one in self.components],
            "templates": sorted(self.templates),
        }

    @classmethod
    def from_json(cls, raw: object) -> "Fingerprint":
        """What is readable of it; an older or broken one becomes an empty one, which is like nothing."""
        told: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        cause = Cause(told["cause"]) if told.get("cause") in set(Cause) else Cause.NOT_KNOWN
        components = []
        for one in told.get("components") or ():
            if isinstance(one, list | tuple) and len(one) == 2 and isinstance(one[0], str):
                components.append((one[0], min(max(finite(one[1]) or 0.0, 0.0), 1.0)))
        templates = frozenset(one for one in told.get("templates") or () if isinstance(one, str))
        return cls(cause, tuple(components[:COMPONENTS_MAX]), templates)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An incident that is over. helped: what ended it, in words; "" when nobody wrote it down."""

    number: int
    on: date
    fingerprint: Fingerprint
    helped: str = ""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An earlier incident like this one. alike: 0..1. logs: the patterns that both have."""

    earlier: Earlier
    alike: float
    logs: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What came back: incidents that are like one another, the oldest first, with the log patterns that most share."""

    cause: Cause
    component: str
    incidents: tuple[Earlier, ...]
    logs: tuple[str, ...]
    words: str


def fingerprint(case: Case, found: Diagnosis) -> Fingerprint:
    """The fingerprint of a diagnosed case."""
    at = finite(case.complaint.at) or 0.0
    shares: Counter[str] = Counter()
    for one in found.suspects:
        if one.component:
            shares[one.component] += one.confidence  # type: ignore[assignment]  # a Counter adds floats too
    components = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:COMPONENTS_MAX]
    news = sorted(
        (-strength.strength, one.template)
        for one in case.logs
        if TROUBLE.search(one.template) and (strength := surge(one, at)) is not None
    )
    cause = next((one.cause for one in found.suspects if one.component), Cause.NOT_KNOWN)
    return Fingerprint(cause, tuple(components), frozenset(template for _, template in news[:TEMPLATES_MAX]))


def alike(one: Fingerprint, other: Fingerprint) -> float:
    """0 (nothing in common) to 1 (the same)."""
    parts = []
    mine, theirs = dict(one.components), dict(other.components)
    names = sorted(mine.keys() | theirs.keys())
    both = math.fsum(min(mine.get(name, 0.0), theirs.get(name, 0.0)) for name in names)
    either = math.fsum(max(mine.get(name, 0.0), theirs.get(name, 0.0)) for name in names)
    parts.append((BY_COMPONENTS, both / either if either > 0 else 0.0))
    if one.templates or other.templates:
        parts.append((BY_TEMPLATES, len(one.templates & other.templates) / len(one.templates | other.templates)))
    known = one.cause is not Cause.NOT_KNOWN
    parts.append((BY_CAUSE, float(known and one.cause is other.cause)))
    return math.fsum(weight * part for weight, part in parts) / math.fsum(weight for weight, _ in parts)


def seen_before(now: Fingerprint, earlier: Iterable[Earlier]) -> list[Recurrence]:
    """The few earlier incidents that are most like this one, with what helped then; the most recent of equals first."""
    found = []
    for one in _latest(earlier):
        share = alike(now, one.fingerprint)
        if share >= ALIKE_MIN:
            logs = tuple(sorted(now.templates & one.fingerprint.templates)[:LOGS_SHOWN])
            found.append(Recurrence(one, share, logs, _words(one, share, now, len(logs))))
    found.sort(key=lambda one: (-round(one.alike, 6), -one.earlier.on.toordinal(), -one.earlier.number))
    return found[:SHOWN_MAX]


def problems(earlier: Iterable[Earlier]) -> list[Problem]:
    """What has come back: each incident joins the first group whose oldest incident it is like; groups of one are no
    problem that recurs. The most frequent first."""
    groups: list[list[Earlier]] = []
    for one in sorted(_latest(earlier), key=lambda one: (one.on, one.number)):
        group = next((group for group in groups if alike(group[0].fingerprint, one.fingerprint) >= ALIKE_MIN), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    found = [_problem(group) for group in groups if len(group) > 1]
    return sorted(found, key=lambda one: (-len(one.incidents), one.incidents[0].on, one.incidents[0].number))


def _latest(earlier: Iterable[Earlier]) -> Sequence[Earlier]:
    return sorted(earlier, key=lambda one: (one.on, one.number))[-EARLIER_MAX:]


def _problem(group: list[Earlier]) -> Problem:
    counted = Counter(template for one in group for template in one.fingerprint.templates)
    logs = [template for template, count in sorted(counted.items()) if count * 2 > len(group)]
    print_of_first = group[0].fingerprint
    component = print_of_first.components[0][0] if print_of_first.components else ""
    helped = next((one.helped for one in reversed(group) if one.helped), "")
    words = (
        f"{component or 'No component'}, {print_of_first.cause}: {len(group)} times, "
        f"from {group[0].on.isoformat()} to {group[-1].on.isoformat()}."
        + (f" What helped last: {clip(helped)}" if helped else " Nobody wrote down what helped.")
    )
    return Problem(print_of_first.cause, component, tuple(group), tuple(logs[:LOGS_SHOWN]), words)


def _words(one: Earlier, share: float, now: Fingerprint, logs: int) -> str:
    same = []
    if now.components and one.fingerprint.components and now.components[0][0] == one.fingerprint.components[0][0]:
        same.append(f"{now.components[0][0]} suspected first")
    if now.cause is one.fingerprint.cause and now.cause is not Cause.NOT_KNOWN:
        same.append(f"cause of the same class ({now.cause})")
    if logs:
        same.append(f"{logs} log pattern{'s' if logs > 1 else ''} in common")
    helped = f"What helped then: {clip(one.helped)}" if one.helped else "Nobody wrote down what helped then."
    return (
        f"This happened on {one.on.isoformat()} (incident {one.number}), {share * 100:.0f} % alike: "
        f"{', '.join(same) or 'the same components suspected'}. {helped}"
    )
