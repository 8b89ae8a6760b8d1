"""Rules over measurements as data: what fires, when, how gravely; pure.

A rule names series by component, metric and what they are about, each with `*` for anything. Kinds: `above` and `below`
a fixed value; `absent`, when a series that was told is told no more. Each holds for some rounds before it fires and is
quiet for some before it ends, so that one odd value wakes nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import yaml

from holdfast.control.alerts.errors import BadRule
from holdfast.control.metrics.deriving import Name

KINDS = ("above", "below", "absent")
RULES_MAX = 200
SEVERITIES = range(1, 5)
FIELDS = {
    "name": str,
    "kind": str,
    "component": str,
    "metric": str,
    "about": str,
    "value": float,
    "only_with": str,
    "only_with_above": float,
    "rounds": int,
    "quiet_rounds": int,
    "severity": int,
    "page": bool,
    "words": str,
    "what_to_do": str,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. value: the limit, in the series' unit; only_with: another metric of the same component and about that
    must lie above only_with_above (a share of failures means little without requests); rounds: of ten seconds each;
    words: what is said, with {component}, {about}, {value}; what_to_do: the first step, in words."""

    name: str
    kind: str
    component: str
    metric: str
    words: str
    about: str = "*"
    value: float = 0.0
    only_with: str = ""
    only_with_above: float = 0.0
    rounds: int = 2
    quiet_rounds: int = 6
    severity: int = 3
    page: bool = False
    what_to_do: str = ""

    def concerns(self, name: Name) -> bool:
        """Whether a series is one of its."""
        return (
            fnmatchcase(name.component, self.component)
            and fnmatchcase(name.metric, self.metric)
            and fnmatchcase(name.about, self.about)
        )


def read_rules(text: str, file: str) -> list[Rule]:
    """The rules of a file; raises BadRule."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadRule(f"{file}: this is no YAML: {str(error)[:300]}") from error
    if not isinstance(found, list) or len(found) > RULES_MAX:
        raise BadRule(f"{file}: a list of at most {RULES_MAX} rules is expected")
    return [_rule(one, f"{file}, rule {number}") for number, one in enumerate(found, 1)]


def _rule(raw: Any, where: str) -> Rule:
    if not isinstance(raw, dict):
        raise BadRule(f"{where}: a rule is a set of names and values")
    told: dict[str, Any] = {}
    for name, value in raw.items():
        if name not in FIELDS:
            raise BadRule(f"{where}: {name} is not known; known are {', '.join(FIELDS)}")
        wanted = FIELDS[name]
        fits = isinstance(value, wanted) or (wanted is float and isinstance(value, int) and not isinstance(value, bool))
        if not fits or (wanted is int and isinstance(value, bool)):
            raise BadRule(f"{where}: {name} is a {wanted.__name__}")
        told[name] = float(value) if wanted is float else value
    for name in ("name", "kind", "component", "metric", "words"):
        if not told.get(name):
            raise BadRule(f"{where}: {name} is missing")
    rule = Rule(**told)
    if rule.kind not in KINDS:
        raise BadRule(f"{where}: kind is one of {', '.join(KINDS)}")
    if rule.severity not in SEVERITIES or not 1 <= rule.rounds <= 1000 or not 1 <= rule.quiet_rounds <= 1000:
        raise BadRule(f"{where}: severity is 1 to 4, rounds and quiet_rounds are 1 to 1000")
    try:
        rule.words.format(component="", about="", value="")
    except (KeyError, IndexError, ValueError) as error:
        raise BadRule(f"{where}: words may name {{component}}, {{about}} and {{value}}") from error
    return rule


@dataclass(frozen=True, slots=True)
class Seen:
    """What one round says of one series under one rule: whether it is bad, and in words."""

    rule: Rule
    name: Name
    bad: bool
    value: float
    words: str


def judge(rules: Sequence[Rule], values: Mapping[Name, float], said: Mapping[Name, str]) -> list[Seen]:
    """Each rule with a fixed limit over the round's values. said: each value as a person reads it."""
    others = {(name.component, name.metric, name.about): value for name, value in values.items()}
    found = []
    for rule in rules:
        if rule.kind not in ("above", "below"):
            continue
        for name, value in values.items():
            if not rule.concerns(name):
                continue
            beyond = value > rule.value if rule.kind == "above" else value < rule.value
            if beyond and rule.only_with:
                beyond = others.get((name.component, rule.only_with, name.about), 0.0) > rule.only_with_above
            found.append(Seen(rule, name, beyond, value, worded(rule, name, said.get(name, f"{value:g}"))))
    return found


def worded(rule: Rule, name: Name, value: str) -> str:
    """The rule's words for one series."""
    return rule.words.format(component=name.component, about=name.about or name.component, value=value)
