"""Robust lines: the median of all slopes between two points, with its limits.

Theil's and Sen's estimator (Sen, Estimates of the Regression Coefficient Based on Kendall's Tau, JASA 1968): a quarter
of wild points does not bend it, and its limits are ranks of the same slopes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

SURE = 2.58
"""99 of 100: how sure the slope's limits are, in standard distances."""
POINTS_LEAST, SLOPES_LEAST = 4, 6
APART_WITHIN = 0.05


@dataclass(frozen=True, slots=True)
class Line:
    """A robust line: value at the last point, slope a second with its limits, the points' spread around it."""

    last: float
    slope: float
    low: float
    high: float
    spread: float


def line(points: Sequence[tuple[float, float]], apart_s: float = 0.0) -> Line | None:
    """The line of Theil and Sen; None for fewer than four points or six slopes.

    `apart_s`: only pairs whose distance in time is a multiple of it are compared, to within a twentieth.
    """
    slopes = slopes_between(points, apart_s)
    if len(points) < POINTS_LEAST or len(slopes) < SLOPES_LEAST:
        return None
    slope, count = median(slopes), len(points)
    # Sen's limits: ranks of the slopes, by the spread of Kendall's S under no trend; with pairs left out, their share.
    spread = math.sqrt(count * (count - 1) * (2 * count + 5) / 18) * math.sqrt(2 * len(slopes) / (count * (count - 1)))
    away = SURE * spread / 2
    low = slopes[max(0, round(len(slopes) / 2 - away))]
    high = slopes[min(len(slopes) - 1, round(len(slopes) / 2 + away))]
    end = points[-1][0]
    levels = [value - slope * (at - end) for at, value in points]
    last = median(levels[-max(4, len(levels) // 4) :])
    middle = median(levels)
    return Line(last, slope, low, high, median(abs(one - middle) for one in levels))


def slope_of(points: Sequence[tuple[float, float]], apart_s: float) -> float | None:
    """The median slope alone; None without two points to compare."""
    slopes = slopes_between(points, apart_s)
    return median(slopes) if slopes else None


def slopes_between(points: Sequence[tuple[float, float]], apart_s: float) -> list[float]:
    """The slopes of all pairs, rising; with `apart_s` of those only whose distance in time is a multiple of it."""
    slopes = []
    for number, (then, before) in enumerate(points):
        for at, value in points[number + 1 :]:
            times = (at - then) / apart_s if apart_s else 1.0
            if round(times) and abs(times - round(times)) < APART_WITHIN:
                slopes.append((value - before) / (at - then))
    slopes.sort()
    return slopes
