"""NAB's own scoring, written anew from its paper, for `make bench-detect`.

Lavin and Ahmad, Evaluating Real-time Anomaly Detection Algorithms, the Numenta Anomaly Benchmark (IEEE ICMLA 2015,
arXiv:1510.03336): the first detection in a window of an anomaly counts, more the earlier it comes; each detection
outside of a window costs, little just after one, fully elsewhere; each window without a detection costs. The first 15 %
of a series (of 5,000 rows at most) are for learning and count nothing. 0 is a detector that says nothing, 100 one that
says only the first instant of every window; the same threshold holds for every series.
"""

import csv
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

LEARNING_SHARE, LEARNING_ROWS_MAX = 0.15, 5000
STEEPNESS, FAR = 5.0, 3.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What each outcome weighs."""

    name: str
    hit: float
    false: float
    missed: float


PROFILES = (
    Profile("standard", 1.0, 0.11, 1.0),
    Profile("few false alarms", 1.0, 0.22, 1.0),
    Profile("few missed", 1.0, 0.11, 2.0),
)
"""The weights that NAB publishes in config/profiles.json."""


@dataclass(frozen=True, slots=True)
class Series:
    """One labelled series: `times` in seconds since 1970 as if its clock were UTC; `windows` as first and last row."""

    name: str
    times: list[float]
    values: list[float]
    windows: list[tuple[int, int]]

    @property
    def learning(self) -> int:
        """How many first rows are for learning."""
        return int(min(LEARNING_SHARE * len(self.values), LEARNING_SHARE * LEARNING_ROWS_MAX))


def seconds(text: str) -> float:
    """The instant of a row or a window's end."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def read(folder: Path) -> list[Series]:
    """Every series with its windows."""
    told = json.loads((folder / "labels" / "combined_windows.json").read_text())
    out = []
    for name, limits in sorted(told.items()):
        with (folder / "data" / name).open(newline="") as file:
            rows = [(seconds(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
        times = [at for at, _ in rows]
        windows = []
        for first, last in limits:
            inside = [number for number, at in enumerate(times) if seconds(first) <= at <= seconds(last)]
            windows.append((inside[0], inside[-1]))
        out.append(Series(name, times, [value for _, value in rows], windows))
    return out


def sigmoid(place: float) -> float:
    """What a detection is worth here: -1 is a window's first row, 0 its end, 1 as far behind it as it is wide."""
    return -1.0 if place > FAR else 2 / (1 + math.exp(STEEPNESS * place)) - 1


@dataclass(slots=True)
class Weighed:
    """A series' rows beyond learning: (score, its window or -1, what a detection there is worth unweighted)."""

    rows: list[tuple[float, int, float]] = field(default_factory=list)
    windows: int = 0


def weigh(series: Series, scores: list[float]) -> Weighed:
    """Where each row stands towards the windows. Windows that lie wholly in the rows for learning stay missed."""
    out = Weighed(windows=len(series.windows))
    ends = sorted(series.windows)
    coming, last = 0, (-1, -1)
    for row, score in enumerate(scores):
        while coming < len(ends) and ends[coming][1] < row:
            last = ends[coming]
            coming += 1
        if row < series.learning:
            continue
        if coming < len(ends) and ends[coming][0] <= row:
            first, end = ends[coming]
            out.rows.append((score, coming, sigmoid(-(end - row + 1) / (end - first + 1)) / sigmoid(-1.0)))
        elif last[1] < 0:
            out.rows.append((score, -1, -1.0))
        else:
            out.rows.append((score, -1, sigmoid((row - last[1]) / max(1, last[1] - last[0]))))
    return out


@dataclass(frozen=True, slots=True)
class Result:
    """A profile's score of 100 at a threshold, and what was found there."""

    profile: str
    threshold: float
    score: float
    found: int
    windows: int
    false: int


def results(all_weighed: Iterable[Weighed]) -> "Sweep":
    """Every row of every series in falling order of score, ready to be swept."""
    rows: list[tuple[float, tuple[int, int], float]] = []
    windows = 0
    for number, weighed in enumerate(all_weighed):
        windows += weighed.windows
        rows += [(score, (number, window), worth) for score, window, worth in weighed.rows]
    rows.sort(key=lambda row: -row[0])
    return Sweep(rows, windows)


@dataclass(frozen=True, slots=True)
class Sweep:
    """All rows, falling. A detection is a row whose score reaches the threshold."""

    rows: list[tuple[float, tuple[int, int], float]]
    windows: int

    def at(self, profile: Profile, threshold: float) -> Result:
        """The score at one threshold that was chosen beforehand."""
        best: dict[tuple[int, int], float] = {}
        costs, false = 0.0, 0
        for score, window, worth in self.rows:
            if score < threshold:
                break
            if window[1] < 0:
                costs += worth * profile.false
                false += 1
            else:
                best[window] = max(best.get(window, -math.inf), worth)
        raw = sum(best.values()) * profile.hit - (self.windows - len(best)) * profile.missed + costs
        return Result(profile.name, threshold, self._normal(raw, profile), len(best), self.windows, false)

    def best(self, profile: Profile) -> Result:
        """The highest score that any threshold gives, as NAB publishes it."""
        found: dict[tuple[int, int], float] = {}
        raw = top = -self.windows * profile.missed
        at = math.inf
        for number, (score, window, worth) in enumerate(self.rows):
            if window[1] < 0:
                raw += worth * profile.false
            elif window not in found:
                found[window] = worth
                raw += worth * profile.hit + profile.missed
            elif worth > found[window]:
                raw += (worth - found[window]) * profile.hit
                found[window] = worth
            last = number + 1 == len(self.rows) or self.rows[number + 1][0] < score
            if last and raw > top:
                top, at = raw, score
        return self.at(profile, at)

    def _normal(self, raw: float, profile: Profile) -> float:
        """0 is a detector that says nothing, 100 a perfect one."""
        nothing, perfect = -self.windows * profile.missed, self.windows * profile.hit
        return 100 * (raw - nothing) / (perfect - nothing) if self.windows else 0.0
