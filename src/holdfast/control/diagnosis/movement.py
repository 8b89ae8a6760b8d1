"""How one metric moved: robust scores before and after a trigger.

The middle is the median and the spread the interquartile range, since a mean is spoilt when the trigger comes a minute
late and a few bad points stand before it. The spread is never less than what counting alone makes it swing.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

from holdfast.control.diagnosis.case import MetricKind, Series, finite

IQR_OF_A_NORMAL = 1.349
"""The interquartile range of a normal distribution, in standard deviations."""
AFTER_S = (120.0, 30.0)
"""What comes so long after the trigger is looked at: two minutes, and half a minute for a fault that ends soon."""
AFTER_POINTS_MIN = 4
LEAD_S_MAX = 600.0
"""A fault may have begun so long before somebody cried out."""
MOVED = 3.0
ROOM = 0.6
"""What is used to a smaller share than this keeps nobody waiting: a pool that grew and stays is no fault."""
SCORE_MAX = 50.0
FEW_POINTS = 8
SWING, SWING_OF_FEW = 0.05, 0.10
SATURATION_SWING, LATENCY_SWING_S = 0.02, 0.0002
COUNTED_MIN = 20.0
PICTURE_POINTS = 40


@dataclass(frozen=True, slots=True)
class Movement:
    """A metric before and after. before, after, spread and excess are in the metric's unit; availability is turned
    into the share that failed. score: spreads above (below: negative) what was usual, at most 50 either way.
    began: when it left what was usual, None if it did not. picture: its last points; mark: which came at the trigger.
    """

    component: str
    metric: str
    kind: MetricKind
    before: float
    after: float
    spread: float
    score: float
    began: float | None
    picture: tuple[float, ...]
    mark: int

    @property
    def excess(self) -> float:
        """How much more than usual, 0 when it is not more."""
        return max(self.after - self.before, 0.0)

    @property
    def up(self) -> bool:
        """It is clearly more than usual."""
        return self.score >= MOVED

    @property
    def down(self) -> bool:
        """It is clearly less than usual."""
        return self.score <= -MOVED

    @property
    def harm(self) -> float:
        """The score where more is harm; 0 for a rate, which says nothing by itself, and for what has room enough."""
        harmless = self.kind is MetricKind.RATE or (self.kind is MetricKind.SATURATION and self.after < ROOM)
        return 0.0 if harmless else max(self.score, 0.0)


@dataclass(frozen=True, slots=True)
class Track:
    """The points of one series of which something is known, by time; availability as the share that failed. step_s:
    the usual time between two points. cut: which point is the first whose span was not over at the trigger."""

    series: Series
    times: tuple[float, ...]
    values: tuple[float, ...]
    step_s: float
    cut: int

    @property
    def usual(self) -> float:
        """The middle before the trigger, 0 when there is nothing before it."""
        return median(self.values[: self.cut]) if self.cut else 0.0


def track(series: Series, at: float) -> Track:
    """Read a series beside a trigger."""
    points = []
    failed = series.kind is MetricKind.AVAILABILITY
    for raw_time, raw in zip(series.times, series.values, strict=False):
        if (time := finite(raw_time)) is not None and (value := finite(raw)) is not None:
            points.append((time, 1.0 - value if failed else value))
    points.sort()
    times = tuple(time for time, _ in points)
    gaps = [later - earlier for earlier, later in pairwise(times) if later > earlier]
    step = median_low(gaps) if gaps else 0.0
    cut = bisect_left(times, at - step + 1e-6)
    return Track(series, times, tuple(value for _, value in points), step, cut)


def move(seen: Track, at: float, counted: float = 0.0) -> Movement | None:
    """How it moved at the trigger; None when there is nothing before it or nothing after it.

    counted: how many requests a point sums up, for shares of requests; 0 when not known.
    """
    cut, kind = seen.cut, seen.series.kind
    if not 0 < cut < len(seen.times):
        return None
    usual = sorted(seen.values[: _clean_until(seen, at)])
    middle = _share(usual, 0.5)
    spread = max(
        (_share(usual, 0.75) - _share(usual, 0.25)) / IQR_OF_A_NORMAL, _swing(seen, middle, len(usual), counted)
    )
    after = max((_level(seen, middle, at, window) for window in AFTER_S), key=lambda level: abs(level - middle))
    score = max(-SCORE_MAX, min(SCORE_MAX, (after - middle) / spread))
    began = _began(seen, middle, math.copysign(spread, score), at) if abs(score) >= MOVED else None
    shown = slice(max(0, cut - PICTURE_POINTS // 2), cut + PICTURE_POINTS // 2)
    mark = min(cut, PICTURE_POINTS // 2)
    name = seen.series
    return Movement(name.component, name.metric, kind, middle, after, spread, score, began, seen.values[shown], mark)


def _level(seen: Track, middle: float, at: float, window_s: float) -> float:
    """The upper or lower quartile after the trigger, whichever is further from what is usual."""
    until = bisect_left(seen.times, max(at + window_s, seen.times[seen.cut] + AFTER_POINTS_MIN * seen.step_s))
    late = sorted(seen.values[seen.cut : max(until, seen.cut + 1)])
    high, low = _share(late, 0.75), _share(late, 0.25)
    return high if high - middle >= middle - low else low


def _clean_until(seen: Track, at: float) -> int:
    """Where the points end that show what is usual: the last third of those before the trigger, at most ten minutes,
    is left out, since a trigger may come late; not where only few would remain."""
    clean = max(bisect_left(seen.times, at - LEAD_S_MAX), seen.cut - seen.cut // 3)
    return clean if clean >= FEW_POINTS else seen.cut


def _began(seen: Track, middle: float, spread: float, at: float) -> float:
    """The beginning of the run of unusual points that holds the trigger, or of the first one after it."""

    def unusual(index: int) -> bool:
        return (seen.values[index] - middle) / spread >= MOVED

    first = next((index for index in range(seen.cut, len(seen.times)) if unusual(index)), seen.cut)
    while first > 0 and seen.times[first - 1] >= at - LEAD_S_MAX and unusual(first - 1):
        first -= 1
    return seen.times[first]


def _share(ordered: Sequence[float], share: float) -> float:
    """The quantile, between two values in proportion."""
    place = share * (len(ordered) - 1)
    under = int(place)
    upper = ordered[min(under + 1, len(ordered) - 1)]
    return ordered[under] + (upper - ordered[under]) * (place - under)


def _swing(seen: Track, middle: float, count: int, counted: float) -> float:
    """The least spread to believe in: what counting swings by (a binomial share, a Poisson count), and a little."""
    part = (SWING if count >= FEW_POINTS else SWING_OF_FEW) * abs(middle)
    match seen.series.kind:
        case MetricKind.ERRORS | MetricKind.AVAILABILITY:
            asked = max(counted, COUNTED_MIN)
            share = (max(0.0, min(middle, 1.0)) * asked + 1) / (asked + 2)
            return math.sqrt(share * (1 - share) / asked)
        case MetricKind.SATURATION:
            return max(SATURATION_SWING, part)
        case MetricKind.RATE:
            step = seen.step_s or 1.0
            return max(part, math.sqrt(max(middle * step, 1.0)) / step)
        case _:
            return max(part, LATENCY_SWING_S)
