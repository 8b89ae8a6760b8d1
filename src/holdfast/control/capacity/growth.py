"""When does growth reach a limit? From the highest use of each day, by the median of the slopes between days (Theil and
Sen), which one odd day does not bend. Pure.

Source: P. K. Sen, Estimates of the Regression Coefficient Based on Kendall's Tau, JASA 63 (1968).
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

DAYS_MIN = 4
ROOM = 0.8
"""A part is to be made larger when so much of what it bears is used."""
FAR_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Growth:
    """peak: the highest use, in the limit's unit; a_day: by how much the daily peak grows; days: until ROOM of the
    limit is used (0: it is already), None when it is not in sight or not known; words: the same for people."""

    peak: float
    a_day: float | None
    days: int | None
    words: str


def growth(peaks: Sequence[float], limit: float) -> Growth:
    """What the highest uses of some days, the oldest first, say of a limit."""
    if not peaks:
        return Growth(0.0, None, None, "not used while it was measured")
    peak, wanted = max(peaks), limit * ROOM
    share = f"{peak / limit * 100:.0f} % of it was used at most" if limit > 0 else "it bears nothing"
    if peak >= wanted:
        return Growth(peak, None, 0, f"{share}: make it larger now")
    if len(peaks) < DAYS_MIN:
        return Growth(peak, None, None, f"{share}; growth is said after {DAYS_MIN} days")
    a_day = statistics.median((b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(peaks), 2))
    latest = statistics.median(peaks[-DAYS_MIN:]) + a_day * (DAYS_MIN - 1) / 2
    days = int((wanted - latest) / a_day) if a_day > 0 else FAR_DAYS
    if days >= FAR_DAYS:
        return Growth(peak, a_day, None, f"{share}; it does not grow towards it")
    return Growth(peak, a_day, days, f"{share}; at this growth {ROOM * 100:.0f} % in {days} days")
