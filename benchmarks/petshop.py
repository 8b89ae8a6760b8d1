"""Reads the petshop data set (amazon-science/petshop-root-cause-analysis, CC-BY-4.0) into cases.

A folder `dataset` holds for each traffic pattern a call graph, usual days (`noissue`, absent for two of the four) and
issues with their true cause. The usual days stand before the issue in each series: they show how much a metric swings.
Availability comes in percent; requests as a count of each five minutes.
"""

import csv
import json
import random
from collections import defaultdict
from pathlib import Path

from holdfast.control.diagnosis.case import Call, Case, Complaint, MetricKind, Series
from holdfast.control.diagnosis.recorded import Recorded, TrueCause

SPAN_S = 300.0
KINDS = {"latency": MetricKind.LATENCY, "availability": MetricKind.AVAILABILITY, "requests": MetricKind.RATE}
HEAD_ROWS = 4
Columns = dict[tuple[str, str, str], dict[float, float]]


def read_columns(path: Path) -> Columns:
    """(component, metric, statistic) → value at each time; what is empty is absent."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    keys = list(zip(*(row[1:] for row in rows[:3]), strict=True))
    columns: Columns = defaultdict(dict)
    for row in rows[HEAD_ROWS:]:
        for key, value in zip(keys, row[1:], strict=True):
            if value:
                columns[key][float(row[0])] = float(value)
    return columns


def read_calls(path: Path) -> list[tuple[str, str]]:
    """The edges of graph.csv, a matrix with callers in rows and callees in columns."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    return [
        (row[0], callee)
        for row in rows[1:]
        for callee, value in zip(rows[0][1:], row[1:], strict=True)
        if value and float(value)
    ]


def read_issues(folder: Path) -> list[tuple[str, Recorded]]:
    """Every issue under the folder, by name."""
    root = folder / "dataset" if (folder / "dataset").is_dir() else folder
    found = []
    for target in sorted(root.glob("*/train/*/target.json")):
        pattern = target.parents[2]
        usual_file = pattern / "noissue" / "metrics.csv"
        usual = read_columns(usual_file) if usual_file.exists() else {}
        found.append((f"{pattern.name} {target.parent.name}", _issue(target, usual, read_calls(pattern / "graph.csv"))))
    return found


def _issue(target: Path, usual: Columns, edges: list[tuple[str, str]]) -> Recorded:
    told = json.loads(target.read_text())
    columns = read_columns(target.parent / "metrics.csv")
    first = min(time for points in columns.values() for time in points)
    series = []
    for (name, metric, statistic), points in columns.items():
        before = usual.get((name, metric, statistic), {})
        count = len(before)
        line = [(first - (count - index) * SPAN_S, value) for index, (_, value) in enumerate(sorted(before.items()))]
        line += sorted(points.items())
        scale = {"availability": 0.01, "requests": 1 / SPAN_S}.get(metric, 1.0)
        times, values = tuple(time for time, _ in line), tuple(value * scale for _, value in line)
        series.append(Series(name, f"{metric} {statistic}", KINDS[metric], times, values))
    aim = told["target"]
    complaint = Complaint(aim["node"], f"{aim['metric']} {aim['agg']}", float(aim["timestamp"]))
    case = Case(complaint, series=tuple(series), calls=tuple(Call(*edge) for edge in edges))
    return Recorded(case, (TrueCause((told["root_cause"]["node"],)),))


def shuffled(recorded: Recorded, seed: int) -> Recorded:
    """The same under names that say nothing, with series and calls in another order."""
    luck, case = random.Random(seed), recorded.case
    names = sorted(case.components)
    numbers = list(range(len(names)))
    luck.shuffle(numbers)
    new = {name: f"n{number}" for name, number in zip(names, numbers, strict=True)}
    series = [Series(new[s.component], s.metric, s.kind, s.times, s.values) for s in case.series]
    calls = [Call(new[call.caller], new[call.callee]) for call in case.calls]
    luck.shuffle(series)
    luck.shuffle(calls)
    complaint = Complaint(new[case.complaint.component], case.complaint.metric, case.complaint.at)
    causes = tuple(TrueCause(tuple(new[one] for one in cause.names), cause.cause) for cause in recorded.causes)
    return Recorded(Case(complaint, series=tuple(series), calls=tuple(calls)), causes)
