"""Service levels in the OpenSLO form (https://openslo.com, version 1), one or more a file; pure.

Read are objects of kind SLO whose indicator is a ratio of bad (or good) to total events, each named by a metric source
of type `holdfast`: component, metric, about, each with `*` for anything. Everything else is refused in words, so that
no level is believed to be watched that is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from holdfast.control.alerts.errors import BadRule

API = "openslo/v1"
LEVELS_MAX = 100
TEXT_CHARACTERS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Query:
    """Series whose values are summed: each part a word, or with `*` for anything."""

    component: str
    metric: str
    about: str = "*"


@dataclass(frozen=True, slots=True)
class Level:
    """One service level. target: the share of events that are to be good, above 0 and below 1; counts: what is bad or,
    with good_counts, what is good."""

    name: str
    title: str
    service: str
    target: float
    counts: Query
    total: Query
    good_counts: bool = False
    days: int = 28

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return 1.0 - self.target


def read_levels(text: str, file: str) -> list[Level]:
    """The levels of a file; raises BadRule."""
    if len(text) > TEXT_CHARACTERS_MAX:
        raise BadRule(f"{file}: more than {TEXT_CHARACTERS_MAX} characters; split it into several files")
    try:
        found = [one for one in yaml.safe_load_all(text) if one is not None]
    except yaml.YAMLError as error:
        raise BadRule(f"{file}: this is no YAML: {str(error)[:300]}") from error
    levels = [_level(one, file) for one in found if _kind(one, file) == "SLO"]
    if len(levels) > LEVELS_MAX:
        raise BadRule(f"{file}: more than {LEVELS_MAX} service levels")
    names = [level.name for level in levels]
    for name in names:
        if names.count(name) > 1:
            raise BadRule(f"{file}: two service levels are called {name}")
    return levels


def _kind(raw: Any, file: str) -> str:
    if not isinstance(raw, dict) or raw.get("apiVersion") != API:
        raise BadRule(f"{file}: each object begins with apiVersion: {API}")
    kind = str(raw.get("kind"))
    if kind not in ("SLO", "Service"):
        raise BadRule(f"{file}: objects of kind {kind} are not read; SLO and Service are")
    return kind


def _level(raw: dict[str, Any], file: str) -> Level:
    name = str(_at(raw, file, "metadata", "name"))[:64]
    where = f"{file}, {name}"
    spec = _at(raw, where, "spec")
    ratio = _at(spec, where, "indicator", "spec", "ratioMetric")
    good = "good" in ratio
    target = _target(spec, where)
    if str(spec.get("budgetingMethod", "Occurrences")) != "Occurrences":
        raise BadRule(f"{where}: budgetingMethod is Occurrences here")
    return Level(
        name=name,
        title=str(raw["metadata"].get("displayName") or name)[:120],
        service=str(_at(spec, where, "service"))[:64],
        target=target,
        counts=_query(ratio, where, "good" if good else "bad"),
        total=_query(ratio, where, "total"),
        good_counts=good,
        days=_days(spec, where),
    )


def _at(raw: Any, where: str, *path: str) -> Any:
    for at, name in enumerate(path):
        if not isinstance(raw, dict) or raw.get(name) is None:
            raise BadRule(f"{where}: {'.'.join(path[: at + 1])} is missing")
        raw = raw[name]
    return raw


def _target(spec: Any, where: str) -> float:
    objectives = _at(spec, where, "objectives")
    if not isinstance(objectives, list) or len(objectives) != 1:
        raise BadRule(f"{where}: one objective with a target is expected")
    try:
        target = float(_at(objectives[0], where, "target"))
    except (TypeError, ValueError) as error:
        raise BadRule(f"{where}: target is a number") from error
    if not 0 < target < 1:
        raise BadRule(f"{where}: target lies between 0 and 1, as 0.999 for 99.9 %")
    return target


def _days(spec: Any, where: str) -> int:
    windows = spec.get("timeWindow") or [{"duration": "28d", "isRolling": True}]
    duration = str(windows[0].get("duration", "")) if isinstance(windows, list) and isinstance(windows[0], dict) else ""
    if not duration.endswith("d") or not duration[:-1].isdecimal() or not 1 <= int(duration[:-1]) <= 90:
        raise BadRule(f"{where}: timeWindow is one rolling window of days, as 28d, of at most 90")
    return int(duration[:-1])


def _query(ratio: Any, where: str, name: str) -> Query:
    source = _at(ratio, where, name, "metricSource")
    if source.get("type") != "holdfast":
        raise BadRule(f"{where}: metricSource.type is holdfast")
    spec = _at(source, where, "spec")
    said = {key: str(spec.get(key, "*"))[:96] for key in ("component", "metric", "about")}
    if said["metric"] == "*":
        raise BadRule(f"{where}: {name} names its metric")
    return Query(**said)


def texts(levels: list[Level]) -> Iterator[str]:
    """One line a level, for people."""
    for level in levels:
        yield f"{level.title}: {level.target * 100:g} % over {level.days} days"
