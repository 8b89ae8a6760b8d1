"""The level a series has kept of late, its spread, and whether the newest values have left it for good.

The level is a mean of ten minutes that a single value moves little, carried along by what the hour usually does. The
spread is the mean distance of a value from what was expected; beside it stands the mean distance of the middle one of
five, which is larger for series whose values hang together than one would work out from single ones.
"""

from collections.abc import Sequence

LEVEL_VALUES, SPREAD_VALUES = 60, 360
"""Values over which level and spread become others."""
FIRST_VALUES = 30
"""So many values come before anything is judged."""
LAST, ENOUGH = 5, 4
FAR, FAR_ONCE, USUAL = 6.5, 8.0, 2.0
"""In mean distances: the middle of five beyond `FAR` is no chance, a value beyond `FAR_ONCE` neither; nine of ten
values lie within `USUAL`."""
SOFT_FLOORS, TIMES_MAX = 10.0, 1.25
"""Below some least spreads a level is moved by differences rather than in proportion; a step it does not follow."""
BEFORE_VALUES = 8640
"""So many values a level that was given up is remembered; 0 is none."""
MOST_SHARE = 0.8
"""Four of the last five have gone at least this part of the least change that counts."""
LEARN_WITHIN = 3.0
"""A value teaches no more than one this many mean distances away would, so that a spike teaches little."""


class Level:
    """What is expected of the next value, and how far the last ones were from it. Values are the series' own."""

    __slots__ = ("_before", "_last", "_level", "count", "floor", "lately", "middle_spread", "spread", "usual")

    def __init__(self, floor: float, state: Sequence[float] = (), usual: float | None = None) -> None:
        """`floor`: the least spread. `state`, `usual`: what these gave."""
        self.floor = floor
        self.usual = usual
        """What was usual when a value was last expected."""
        self._last = [0.0] * LAST
        count, self._level, self._before, self.spread, self.middle_spread = state[:5] or (0.0,) * 5
        if state:
            self._last = list(state[5:])
        self.lately = sorted(self._last)[LAST // 2]
        """The middle one of the last five distances: two wild ones, as of a restart, do not move it."""
        self.count = int(count)
        """Values since the level was last unknown."""

    @property
    def state(self) -> list[float]:
        """What it has learnt, for a file."""
        return [float(self.count), self._level, self._before, self.spread, self.middle_spread, *self._last]

    @property
    def now(self) -> float:
        """The level, as it was last expected."""
        return self._level

    @property
    def known(self) -> bool:
        """Whether enough values came to judge by."""
        return self.count >= FIRST_VALUES

    def forget(self) -> None:
        """The level is no longer known, as after a gap; its spread still is."""
        self.count = 0
        self._settle(self._level)

    def adopt(self) -> None:
        """The last values are of the level after all, at another place of it."""
        self._settle(self._level + self.lately)

    def give_in(self) -> None:
        """The last values are the level from now on. To go back to the one of before is no change for a day."""
        self._before = self._level
        self._settle(self._level + self.lately)
        self.count = FIRST_VALUES

    def expect(self, value: float, usual: float | None) -> float:
        """What was expected of this value. `usual`: of this hour, which carries the level along; None if unknown."""
        if not self.count:
            self._level = value
        elif usual is not None and self.usual is not None:
            self._level = self._carried(self._level, usual, self.usual)
            if self._before:
                self._before = self._carried(self._before, usual, self.usual)
        self.usual = usual
        return self._level

    def _carried(self, level: float, usual: float, then: float) -> float:
        """A level moved along with the hour: in proportion, so that half as busy a day has half the morning's rise."""
        soft = SOFT_FLOORS * self.floor
        if then + soft > 0 and level + soft > 0:
            times = (usual + soft) / (then + soft)
            return (level + soft) * times - soft if 1 / TIMES_MAX < times < TIMES_MAX else level
        return level + usual - then

    def see(self, away: float) -> None:
        """The newest value's distance from what was expected."""
        self._last = last = [*self._last[1:], away]
        self.lately = sorted(last)[LAST // 2]

    def left(self, up: float, down: float) -> int:
        """1: the last values lie above for good, -1: below, 0: neither. `up`, `down`: the least change that counts."""
        far = self.lately
        if not self.known or abs(far) <= FAR * self.middle_spread or self._is_back(far, up, down):
            return 0
        if far > up:
            return 1 if self.beyond(MOST_SHARE * up) >= ENOUGH else 0
        if -far > down:
            return -1 if self.beyond(-MOST_SHARE * down) >= ENOUGH else 0
        return 0

    def _is_back(self, far: float, up: float, down: float) -> bool:
        """Whether the values went back to the level that was given up; it is the level again then."""
        if not self._before or self.count > BEFORE_VALUES:
            return False
        size = max(1.0, abs(self._before) / max(abs(self._level), self.floor, 1e-9))
        if -down * size / 2 < self._level + far - self._before < up * size / 2:
            self._settle(self._before)
            self._before = 0.0
            return True
        return False

    def _settle(self, level: float) -> None:
        self._level, self._last, self.lately = level, [0.0] * LAST, 0.0

    def beyond(self, limit: float) -> int:
        """How many of the last five are further away than this, on its side."""
        if limit < 0:
            return sum(one < limit for one in self._last)
        return sum(one > limit for one in self._last)

    def learn(self, value: float) -> None:
        """A value that is believed to be of this level."""
        away, far = value - self._level, abs(self.lately)
        self.count += 1
        floor = max(self.floor, 1e-6 * abs(self._level))
        spread = max(self.spread, floor)
        within = LEARN_WITHIN * spread
        pull = 1 / min(self.count, LEVEL_VALUES)
        if self.count > FIRST_VALUES:
            away = max(-within, min(within, away))
        self._level += pull * away
        pull = 1 / min(self.count, SPREAD_VALUES)
        few = self.count <= LAST
        away = abs(away) if few else min(abs(away), within)
        self.spread = max(floor, self.spread + pull * (away - self.spread))
        if not few:
            most = LEARN_WITHIN * max(self.middle_spread, spread / 2)
            self.middle_spread = max(floor / 2, self.middle_spread + pull * (min(far, most) - self.middle_spread))
