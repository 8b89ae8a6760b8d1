"""From Prometheus' counters and histograms to values that a person can read: pure, and bounded.

Two readings of one source some seconds apart give rates, shares and percentiles of the time between them. A counter
that fell began anew: what it shows is then all that came since. What is neither known here nor understood is kept under
its own name, up to OTHERS_MAX of a source.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from prometheus_client.parser import text_string_to_metric_families

LINES_MAX = 12_000
SHORT = 96
GAP_S_MAX = 120.0
"""Readings further apart give no rates: too much may have happened between them."""
ABOUTS_MAX = 60
"""Different labels of one metric of one component; the rest of them are cut, and said to be."""


class Kind(StrEnum):
    """What a value is, as far as judging it goes."""

    RATE = "rate"
    ERRORS = "errors"
    LATENCY = "latency"
    SATURATION = "saturation"
    AVAILABILITY = "availability"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Name:
    """Which series a value belongs to."""

    component: str
    metric: str
    about: str
    kind: Kind
    unit: str


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of one source: when, by a clock that is never set, and each line's value."""

    at_s: float
    lines: Mapping[tuple[str, tuple[tuple[str, str], ...]], float]
    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Derived:
    """Values by their names, which programs began anew, how parts are set (by component and name), and what was cut, in
    words ("" for nothing)."""

    values: Mapping[Name, float]
    restarted: tuple[str, ...] = ()
    cut: str = ""
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)


GAUGES = {
    "process_resident_memory_bytes": ("memory", Kind.SATURATION, "bytes"),
    "process_open_fds": ("open files", Kind.SATURATION, ""),
    "holdfast_requests_under_way": ("requests under way", Kind.SATURATION, ""),
    "holdfast_waiting_people": ("people in line", Kind.SATURATION, ""),
    "holdfast_waiting_seconds": ("wait in line", Kind.SATURATION, "s"),
    "holdfast_waiting_inside": ("logins waiting inside", Kind.SATURATION, ""),
    "holdfast_logins_at_once": ("logins at once", Kind.LEVEL, ""),
    "standin_exposure_minor": ("exposure", Kind.SATURATION, "minor units"),
    "standin_exposure_worst_minor": ("most that overspending could cost", Kind.SATURATION, "minor units"),
    "standin_feed_block": ("last block in the copy", Kind.LEVEL, ""),
    "standin_feed_lag_blocks": ("blocks behind the bank", Kind.SATURATION, ""),
    "standin_feed_lag_seconds": ("age of the copy", Kind.SATURATION, "s"),
    "standin_journal_commits": ("commits of the journal", Kind.LEVEL, ""),
    "standin_journal_position": ("last entry of the journal", Kind.LEVEL, ""),
    "standin_money_stopped": ("takes no payments", Kind.SATURATION, ""),
    "standin_shadow": ("decisions compared", Kind.LEVEL, ""),
}
"""Gauges under names of their own: metric, kind and unit."""
RATES = {
    "process_cpu_seconds_total": ("processor", Kind.SATURATION, "cores"),
    "holdfast_job_seconds_total": ("job time", Kind.SATURATION, "s/s"),
    "holdfast_job_failures_total": ("job failures", Kind.ERRORS, "1/s"),
    "holdfast_not_judged_total": ("judgements failing", Kind.ERRORS, "1/s"),
    "holdfast_heard_total": ("heard", Kind.RATE, "1/s"),
    "holdfast_turns_total": ("requests that", Kind.RATE, "1/s"),
    "holdfast_let_in_total": ("let in from the line", Kind.RATE, "1/s"),
    "holdfast_places_given_total": ("places given in line", Kind.RATE, "1/s"),
    "holdfast_places_refused_total": ("asked beyond their share", Kind.RATE, "1/s"),
    "standin_payments_total": ("payments", Kind.RATE, "1/s"),
    "standin_logins_total": ("logins", Kind.RATE, "1/s"),
    "standin_orders_total": ("standing orders", Kind.RATE, "1/s"),
    "standin_card_uses_total": ("card uses", Kind.RATE, "1/s"),
    "standin_clearing_lines_total": ("lines of clearing files", Kind.RATE, "1/s"),
}
DATABASE = {
    "connections": ("connections", Kind.SATURATION, "", False),
    "busy": ("busy connections", Kind.SATURATION, "", False),
    "waiting": ("waiting for locks", Kind.SATURATION, "", False),
    "oldest_s": ("oldest transaction", Kind.SATURATION, "s", False),
    "connections_max": ("connections at most", Kind.LEVEL, "", False),
    "size_bytes": ("size", Kind.SATURATION, "bytes", False),
    "commits": ("transactions", Kind.RATE, "1/s", True),
    "rollbacks": ("rolled back", Kind.ERRORS, "1/s", True),
    "deadlocks": ("deadlocks", Kind.ERRORS, "1/s", True),
    "blocks_read": ("blocks read", Kind.SATURATION, "1/s", True),
    "wal_bytes": ("log written", Kind.RATE, "bytes/s", True),
}
"""What `holdfast_database` holds: metric, kind, unit, and whether it is a count since the beginning."""
LEFT_OUT = frozenset({"process_virtual_memory_bytes", "process_max_fds", "process_start_time_seconds"})
HISTOGRAMS = {
    "holdfast_request_seconds": ("service", "outcome", "requests", ("failed",)),
    "holdfast_call_seconds": ("to", "result", "calls", ("failed", "stalled")),
}
"""Family: the label that tells what it is about, the one that tells how it ended, the word, and which ends are bad."""
SLOW_S = 0.5
"""What took longer counts as slow; one of the buckets' borders."""
SETTING = "holdfast_setting_info"
REACHES, REACHED_BY = "holdfast_reaches", "reached by"
"""What a program says of another one counts as that one's, told by the program."""
STARTED = "process_start_time_seconds"


def read(text: str, at_s: float) -> Read:
    """Parse an exposition; raises ValueError for one that has not the form or is too long."""
    lines: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    kinds: dict[str, str] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if len(lines) >= LINES_MAX:
                raise ValueError(f"more than {LINES_MAX} lines of numbers; nothing of it was taken")
            if math.isfinite(sample.value):
                lines[sample.name, tuple(sorted(sample.labels.items()))] = float(sample.value)
                kinds[sample.name] = family.type
    return Read(at_s, lines, kinds)


def derive(before: Read | None, now: Read, part_of: Mapping[str, str]) -> Derived:
    """What the time between two readings came to. part_of: the component of what is measured on another's behalf."""
    gap_s = now.at_s - before.at_s if before else 0.0
    grown = _grown(before, now) if before and 0 < gap_s <= GAP_S_MAX else {}
    values: dict[Name, float] = {}
    settings: dict[tuple[str, str], str] = {}
    histograms: dict[tuple[str, str, str], _Bunch] = defaultdict(_Bunch)
    for (name, pairs), value in now.lines.items():
        labels = dict(pairs)
        program = labels.pop("program", "")[:48] or part_of.get("", "unknown")
        family = name.rpartition("_")[0]
        if family in HISTOGRAMS:
            histograms[family, program, labels.get(HISTOGRAMS[family][0], "")[:SHORT]].take(
                name, labels, grown.get((name, pairs)), HISTOGRAMS[family]
            )
        elif name == SETTING:
            settings[labels.get("part", "")[:48] or program, labels.get("name", "")[:64]] = labels.get("value", "")
        elif name == "holdfast_database":
            metric, kind, unit, counts = DATABASE.get(labels.get("what", ""), ("", Kind.LEVEL, "", False))
            part = part_of.get(program, program)
            if metric and not counts:
                values[Name(part, metric, "", kind, unit)] = value
            elif metric and (name, pairs) in grown:
                values[Name(part, metric, "", kind, unit)] = grown[name, pairs] / gap_s
        elif name not in LEFT_OUT and not name.endswith("_bucket"):
            line = _Line(name, labels, program, value, grown.get((name, pairs)), gap_s, now.kinds[name])
            values.update(line.meant())
    for (family, program, about), bunch in histograms.items():
        bunch.put(values, program, about, HISTOGRAMS[family][2], gap_s)
    _connections_in_use(values)
    kept, cut = _bounded(values)
    return Derived(kept, _restarted(before, now), cut, settings)


def _connections_in_use(values: dict[Name, float]) -> None:
    """The share of a database's connections that are taken, where both are told."""
    for name in [one for one in values if one.metric == "connections at most" and values[one] > 0]:
        taken = values.get(Name(name.component, "connections", "", Kind.SATURATION, ""))
        if taken is not None:
            share = Name(name.component, "connections in use", "", Kind.SATURATION, "share")
            values[share] = taken / values[name]


def _grown(before: Read, now: Read) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """By how much each count grew; a count that fell began anew, and one that is new began at nothing when its program
    was there before."""
    grown = {}
    for key, value in now.lines.items():
        was = before.lines.get(key, 0.0)
        grown[key] = value - was if value >= was else value
    return grown


def _restarted(before: Read | None, now: Read) -> tuple[str, ...]:
    if before is None:
        return ()
    return tuple(
        dict(pairs).get("program", "")
        for (name, pairs), value in now.lines.items()
        if name == STARTED and abs(before.lines.get((name, pairs), value) - value) > 1.0
    )


class _Bunch:
    """One histogram with all its ends."""

    def __init__(self) -> None:
        self.counts: dict[str, float] = defaultdict(float)
        self.buckets: dict[float, float] = defaultdict(float)
        self.bad: tuple[str, ...] = ()

    def take(
        self, name: str, labels: Mapping[str, str], grown: float | None, form: tuple[str, str, str, tuple[str, ...]]
    ) -> None:
        """Add one line's growth."""
        self.bad = form[3]
        if grown is None:
            return
        if name.endswith("_count"):
            self.counts[labels.get(form[1], "")] += grown
        elif name.endswith("_bucket"):
            self.buckets[float(labels.get("le", "inf"))] += grown

    def put(self, values: dict[Name, float], program: str, about: str, word: str, gap_s: float) -> None:
        """Its rate, its share of failures and its 95th percentile; nothing before there are two readings."""
        if gap_s <= 0 or gap_s > GAP_S_MAX or not self.counts:
            return
        total = sum(self.counts.values())
        values[Name(program, word, about, Kind.RATE, "1/s")] = total / gap_s
        if total <= 0:
            return
        failed = sum(self.counts.get(end, 0.0) for end in self.bad)
        values[Name(program, f"{word} failed", about, Kind.ERRORS, "1/s")] = failed / gap_s
        values[Name(program, f"{word} failing", about, Kind.ERRORS, "share")] = failed / total
        slow = total - self.buckets.get(SLOW_S, total)
        values[Name(program, f"{word} slow", about, Kind.LEVEL, "1/s")] = slow / gap_s
        values[Name(program, f"{word} that are slow", about, Kind.LEVEL, "share")] = slow / total
        if "refused" in self.counts:
            values[Name(program, f"{word} refused", about, Kind.LEVEL, "share")] = self.counts["refused"] / total
        values[Name(program, f"{word} 95 %", about, Kind.LATENCY, "ms")] = percentile(self.buckets, 0.95) * 1000


def percentile(buckets: Mapping[float, float], share: float) -> float:
    """The duration in seconds that this share of a cumulative histogram stays under, by straight lines between its
    borders, as Prometheus' histogram_quantile has it; what lies beyond the last border counts as that border."""
    borders = sorted(buckets)
    total = buckets[borders[-1]] if borders else 0.0
    if total <= 0:
        return 0.0
    wanted, under, floor = share * total, 0.0, 0.0
    for border in borders:
        if buckets[border] >= wanted:
            if math.isinf(border):
                return floor
            inside = buckets[border] - under
            return floor + (border - floor) * ((wanted - under) / inside if inside > 0 else 1.0)
        under, floor = buckets[border], border
    return floor


@dataclass(frozen=True, slots=True)
class _Line:
    """One gauge's or counter's line; grown: since the reading before, None for the first."""

    name: str
    labels: Mapping[str, str]
    program: str
    value: float
    grown: float | None
    gap_s: float
    kind: str

    def meant(self) -> dict[Name, float]:
        """Its value, under words of ours where we know it; none for a counter that was read once."""
        about = ", ".join(self.labels[key] for key in sorted(self.labels))[:SHORT]
        rate = None if self.grown is None or self.gap_s <= 0 else self.grown / self.gap_s
        words = self.name.removesuffix("_total").removeprefix("holdfast_")[:64]
        if self.name == REACHES:
            return {Name(about, REACHED_BY, self.program, Kind.AVAILABILITY, "share"): self.value}
        if self.name in GAUGES:
            metric, kind, unit = GAUGES[self.name]
            return {Name(self.program, metric, about, kind, unit): self.value}
        if self.name in RATES or (self.kind == "counter" and self.name.endswith("_total")):
            metric, kind, unit = RATES.get(self.name, (words, Kind.RATE, "1/s"))
            return {} if rate is None else {Name(self.program, metric, about, kind, unit): rate}
        if self.kind in ("gauge", "unknown"):
            return {Name(self.program, words, about, Kind.LEVEL, ""): self.value}
        return {}


def _bounded(values: Mapping[Name, float]) -> tuple[dict[Name, float], str]:
    """At most ABOUTS_MAX labels a metric, the busiest first; what was cut is said."""
    groups: dict[tuple[str, str], list[Name]] = defaultdict(list)
    for name in values:
        groups[name.component, name.metric].append(name)
    cut = [f"{metric} of {component}" for (component, metric), names in groups.items() if len(names) > ABOUTS_MAX]
    kept: Iterable[Name] = (
        name
        for names in groups.values()
        for name in sorted(names, key=lambda one: (-abs(values[one]), one.about))[:ABOUTS_MAX]
    )
    words = f"More than {ABOUTS_MAX} labels, the rest left out: {', '.join(sorted(cut)[:5])}." if cut else ""
    return {name: values[name] for name in kept}, words
