"""`make bench-diagnosis`: is the right cause named first, or among the first three, and are the probabilities kept?

Three sources, told apart in the table. petshop: 20 real faults in a real shop under load, with names, series and calls
shuffled by several seeds (PETSHOP=folder, or the variable HOLDFAST_PETSHOP); in all 20 the same component is the cause,
so it says nothing of how other components' faults are found. Recorded: cases kept from a running installation
(benchmarks/cases, or CASES=folder of JSON files, or HOLDFAST_CASES); those in benchmarks/cases were looked at while the
diagnosis was mended, so they tell how it does on faults that it knows. Made up: arithmetic in the shape of Holdfast
(made_up.py), for the two constants of confidence; it proves nothing about real faults. FIT=1 looks for better constants
on made-up cases that the figures do not use. What runs here is what runs in the control room.
"""

import argparse
import gzip
import math
import os
import random
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

import made_up
import petshop
from table import Figure, keep, say

from holdfast.control.diagnosis import Case, Diagnosis, diagnose
from holdfast.control.diagnosis.case import Call, Complaint, MetricKind, Series
from holdfast.control.diagnosis.confidence import Weights
from holdfast.control.diagnosis.recorded import CaseUnreadable, Recorded
from holdfast.control.diagnosis.suspects import Suspect, SuspectKind
from holdfast.control.diagnosis.templates import count

SHUFFLES = 5
MADE_UP, MADE_UP_FROM, FIT_FROM = 300, 10_000, 50_000
RECORDED_MIN = 60
OWN = Path(__file__).parent / "cases"
BINS = 5
LOG_LINES = 20_000
SPEED_PARTS, SPEED_METRICS, SPEED_POINTS, SPEED_TIMES = 60, 10, 240, 5


@dataclass(frozen=True, slots=True)
class Scored:
    """One case: first right, all its causes among the first three, and what was promised of each suspect."""

    name: str
    first: bool
    three: bool
    right_class: bool | None
    promises: tuple[tuple[float, bool], ...]


def is_right(suspect: Suspect, recorded: Recorded) -> bool:
    """One of the true causes, or "not known" where there was none."""
    if not recorded.causes:
        return suspect.kind is SuspectKind.NOT_KNOWN
    return any({suspect.component, suspect.subject} & set(cause.names) for cause in recorded.causes)


def score(name: str, recorded: Recorded, found: Diagnosis) -> Scored:
    """Compare. Of two causes both have to stand among the first three; either may come first."""
    top, three = found.top, found.suspects[:3]
    named = [any({one.component, one.subject} & set(cause.names) for one in three) for cause in recorded.causes]
    all_three = all(named) if recorded.causes else any(is_right(one, recorded) for one in three)
    classes = {cause.cause for cause in recorded.causes if cause.cause is not None}
    right_class = (is_right(top, recorded) and top.cause in classes) if classes else None
    open_causes = list(recorded.causes)
    promises = []
    for one in found.suspects:
        met = next((cause for cause in open_causes if {one.component, one.subject} & set(cause.names)), None)
        if met is not None:
            open_causes.remove(met)
        promises.append((one.confidence, met is not None or (not recorded.causes and is_right(one, recorded))))
    return Scored(name, is_right(top, recorded), all_three, right_class, tuple(promises))


def brier(scored: list[Scored]) -> float:
    """The mean squared distance between what was promised of the first suspect and whether it was right."""
    firsts = [one.promises[0] for one in scored]
    return sum((promised - right) ** 2 for promised, right in firsts) / len(firsts)


def print_reliability(scored: list[Scored]) -> float:
    """Of what was called so and so sure, how much was right; the mean gap between the two, by number of suspects."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for one in scored:
        for promised, right in one.promises:
            bins[min(int(promised * BINS), BINS - 1)].append((promised, right))
    gap, all_promises = 0.0, sum(len(promises) for promises in bins.values())
    for number in sorted(bins):
        promises = bins[number]
        promised = sum(one for one, _ in promises) / len(promises)
        right = sum(right for _, right in promises) / len(promises)
        gap += abs(promised - right) * len(promises) / all_promises
        print(f"    called {promised:4.0%} sure: {right:4.0%} right, of {len(promises)}")
    return gap


def figures_of(what: str, scored: list[Scored], bars: tuple[str, str]) -> list[Figure]:
    """What is told of one source."""
    print(f"  {what}: {len(scored)} diagnoses")
    gap = print_reliability(scored)
    for one in scored:
        if not one.first:
            print(f"    not first{'' if one.three else ', nor among three'}: {one.name}")
    figures = [
        Figure(f"{what}: cases", len({one.name for one in scored}), ""),
        Figure(f"{what}: right cause first", sum(one.first for one in scored) / len(scored), "of 1", bars[0]),
        Figure(f"{what}: among the first three", sum(one.three for one in scored) / len(scored), "of 1", bars[1]),
        Figure(f"{what}: Brier score of the first", brier(scored), "(0 best)"),
        Figure(f"{what}: promise and truth apart by", gap, "of 1"),
    ]
    classed = [one.right_class for one in scored if one.right_class is not None]
    if classed:
        figures.append(Figure(f"{what}: first with right class", sum(classed) / len(classed), "of 1"))
    return figures


def of_petshop(folder: Path) -> list[Figure]:
    """The 20 issues, each under several shuffled names."""
    issues = petshop.read_issues(folder)
    if not issues:
        raise SystemExit(f"{folder} holds no petshop issues (dataset/*/train/*/target.json)")
    scored = []
    for name, recorded in issues:
        for seed in range(SHUFFLES):
            case = petshop.shuffled(recorded, seed)
            scored.append(score(name, case, diagnose(case.case)))
    say("petshop: one and the same component is the cause of all issues")
    return figures_of("petshop", scored, (">= 0.75", ">= 0.90"))


def of_recorded(folder: Path) -> list[Figure]:
    """Cases recorded in a running installation whose cause somebody wrote down."""
    scored, unnoticed = [], []
    for path in sorted((*folder.glob("*.json"), *folder.glob("*.json.gz"))):
        try:
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            recorded = Recorded.read(raw.decode())
        except CaseUnreadable as error:
            raise SystemExit(f"{path.name}: {error}") from error
        if recorded.known:
            name = path.name.partition(".")[0]
            scored.append(score(name, recorded, diagnose(recorded.case)))
            unnoticed += [name] if not recorded.case.complaint.component else []
    if not scored:
        raise SystemExit(f"{folder} holds no recorded case with a known cause")
    if unnoticed:
        say(f"recorded: noticed by nobody, and counted as not found: {', '.join(unnoticed)}")
    enough = len(scored) >= RECORDED_MIN
    return figures_of("recorded", scored, (">= 0.80", ">= 0.95") if enough else ("", ""))


def of_made_up(cases: int) -> list[Figure]:
    """Made-up cases that the constants were not chosen on."""
    scored = []
    for seed in range(MADE_UP_FROM, MADE_UP_FROM + cases):
        recorded = made_up.make(seed)
        words = " and ".join(f"{one.cause} of {one.names[0]}" for one in recorded.causes) or "no cause"
        scored.append(score(f"seed {seed}: {words}", recorded, diagnose(recorded.case)))
    return figures_of("made up", scored, ("", ""))


def big_case() -> Case:
    """60 components in a tree of calls with 10 metrics of 240 points each; one in the middle gets slow."""
    luck, kinds = random.Random(5), tuple(MetricKind)
    times = tuple(made_up.START + 5.0 * number for number in range(SPEED_POINTS))
    at, series = times[200], []
    for part in range(SPEED_PARTS):
        for metric in range(SPEED_METRICS):
            middle = 0.02 if kinds[metric % 5] is not MetricKind.RATE else 50.0
            values = [middle * luck.uniform(0.8, 1.2) for _ in times]
            if part in (0, 1, 3, 7):
                values[200:] = [value * 8 for value in values[200:]]
            series.append(Series(f"part {part}", f"metric {metric}", kinds[metric % 5], times, tuple(values)))
    calls = tuple(Call(f"part {(part - 1) // 2}", f"part {part}") for part in range(1, SPEED_PARTS))
    return Case(Complaint("part 0", "metric 1", at), series=tuple(series), calls=calls)


def speed() -> Figure:
    """The slowest of several."""
    case, took = big_case(), []
    for _ in range(SPEED_TIMES):
        began = time.perf_counter()
        diagnose(case)
        took.append(time.perf_counter() - began)
    return Figure(f"{SPEED_PARTS} components, {SPEED_METRICS} metrics, {SPEED_POINTS} points", max(took), "s", "<= 1")


def log_speed() -> Figure:
    """How fast lines of many patterns become templates."""
    luck = random.Random(6)
    verbs = [
        f"{first} {second}" for first in ("posted", "read", "refused", "took") for second in ("page", "block", "id")
    ]
    lines = [
        (float(number), f"{luck.choice(verbs)} {luck.randint(1, 9**9)} of {luck.choice('abcdef') * 4} in {number} ms")
        for number in range(LOG_LINES)
    ]
    began = time.perf_counter()
    found = count("bank-web", lines, LOG_LINES / 2, 0.0, float(LOG_LINES))
    assert sum(one.before + one.after for one in found) == LOG_LINES
    return Figure("log lines to templates", LOG_LINES / (time.perf_counter() - began), "lines/s")


def fit(cases: int) -> None:
    """Print how well each pair of constants promises, on made-up cases of their own; the least is the best."""
    made = [made_up.make(seed) for seed in range(FIT_FROM, FIT_FROM + cases)]
    tried = []
    for sharpness in (1.0, 1.5, 2.0, 2.5):
        for unknown in (0.08, 0.15, 0.25, 0.4):
            lost = []
            for recorded in made:
                found = diagnose(recorded.case, Weights(sharpness, unknown))
                right = math.fsum(one.confidence for one in found.suspects if is_right(one, recorded))
                lost.append(-math.log(max(right, 1e-6)))
            tried.append((sum(lost) / len(lost), sharpness, unknown))
            say(f"sharpness {sharpness}, unknown {unknown}: {tried[-1][0]:.4f} nats lost a case")
    best = min(tried)
    say(f"best: sharpness {best[1]}, unknown {best[2]} ({best[0]:.4f})")


def main() -> int:
    """Measure what is there, and say what is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--petshop", type=Path, default=os.environ.get("HOLDFAST_PETSHOP") or None)
    parser.add_argument("--cases", type=Path, default=os.environ.get("HOLDFAST_CASES") or OWN)
    parser.add_argument("--made-up", type=int, default=MADE_UP)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if given.fit:
        fit(given.made_up)
        return 0
    figures = [speed(), log_speed()]
    if given.petshop:
        figures += of_petshop(Path(given.petshop))
    else:
        say("NOT MEASURED on petshop: name its folder by PETSHOP= or HOLDFAST_PETSHOP")
    figures += of_recorded(Path(given.cases))
    return keep("diagnosis", figures + of_made_up(given.made_up))


if __name__ == "__main__":
    sys.exit(main())
