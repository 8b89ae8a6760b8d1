"""How unlikely a value is that goes beyond everything seen so far.

Of n values that come from one source, the next one is a new extreme with a chance of about 1/n; and how far an extreme
goes beyond the others has a falling chance too, which for tails like those of most measurements falls by a constant
factor for each part of the range. So the chance of going `beyond` (in parts of the range) is taken as

    n ** -(1 + STEEPNESS * beyond)

where n counts values that say something of their own: neighbours in a mean of twenty tell the same, so only each
twentieth counts. One over n is what the theory of records gives; the steepness is a choice, made looking at NAB
(docs/explanation/detecting.md). The range is forgotten slowly, or one bad day would blind the detector for ever.
"""

import math
from collections.abc import Sequence

STEEPNESS = 40.0
BEYOND_MAX = 3.0
"""So far beyond the range is as far as one likes."""
FIRST = 20
"""Values before which nothing is called unusual."""
FORGOTTEN_HALF_S = 60 * 86400.0
REPEAT_SHARE, REPEAT_VALUES = 0.6, 60
"""What was surprising a moment ago is discounted by this share, which fades over so many values."""
EVEN_ODDS = 6.0
"""Powers of ten that score 0.5: nominally one in a million. Plain noise makes more records than the formula says: it
reaches them about once in a thousand values (docs/explanation/detecting.md), and 0.75 once in ten thousand."""


class Range:
    """What one view of a series has seen: the lowest, the highest, how many."""

    __slots__ = ("alike", "count", "high", "low")

    def __init__(self, alike: int, state: Sequence[float] = (0.0, 0.0, 0.0)) -> None:
        """`alike`: how many neighbours tell the same. `state`: what `state` gave."""
        self.alike = alike
        self.low, self.high, self.count = state

    @property
    def state(self) -> list[float]:
        """Lowest, highest, count."""
        return [self.low, self.high, self.count]

    def unlikely(self, value: float, forgotten: float) -> float:
        """How unlikely it was, as powers of ten (6: one in a million); 0 within the range. The value is then known.

        `forgotten`: the share by which the range shrinks until the next value.
        """
        self.count += 1.0
        if self.count == 1.0:
            self.low = self.high = value
            return 0.0
        reach = self.high - self.low
        if self.low <= value <= self.high:
            shrink = reach * forgotten / 2
            self.low += shrink
            self.high -= shrink
            return 0.0
        # A series that never moved has no range: the smallest that a number can show stands in for it.
        reach += 1e-9 + 1e-6 * abs(self.low + self.high) / 2
        if value > self.high:
            beyond = (value - self.high) / reach
            self.high = value
        else:
            beyond = (self.low - value) / reach
            self.low = value
        if self.count <= FIRST:
            return 0.0
        return math.log10(max(2.0, self.count / self.alike)) * (1 + STEEPNESS * min(beyond, BEYOND_MAX))


class Surprise:
    """Several views of one series; its score of 0 to 1 says how surprising the newest value is, for all alike."""

    __slots__ = ("_forgotten", "_lately", "_ranges")

    def __init__(self, interval_s: float, alike: Sequence[int], state: Sequence[Sequence[float]] = ()) -> None:
        self._forgotten = 1 - 0.5 ** (interval_s / FORGOTTEN_HALF_S)
        states = state[1:] or [(0.0, 0.0, 0.0)] * len(alike)
        self._ranges = [Range(one, known) for one, known in zip(alike, states, strict=True)]
        self._lately = state[0][0] if state else 0.0

    @property
    def state(self) -> list[list[float]]:
        """What it has learnt, for a file."""
        return [[self._lately], *(one.state for one in self._ranges)]

    def score(self, views: Sequence[float | None]) -> float:
        """The most surprising view decides; a view that cannot be told yet is None."""
        unlikely, forgotten = 0.0, self._forgotten
        for known, value in zip(self._ranges, views, strict=True):
            if value is not None:
                unlikely = max(unlikely, known.unlikely(value, forgotten))
        self._lately *= 1 - 1 / REPEAT_VALUES
        if not unlikely:
            return 0.0
        news = unlikely - REPEAT_SHARE * self._lately
        self._lately = max(self._lately, unlikely)
        return news / (news + EVEN_ODDS) if news > 0 else 0.0
