"""Changes that a level of ten minutes does not see: zeros in a row, and a series that leaves its old ways slowly."""

import math
from collections.abc import Sequence

ZERO_VALUES_LEAST = 4
ZERO_ODDS = 9.0
"""Powers of ten: zeros in a row that come by chance less often than this are no chance."""
ZERO_MEMORY, ZERO_SHARE_LEAST = 360, 0.005
HOUR_S, DAY_S = 3600.0, 86400.0
SPREAD_S, KNOWN_S = 3 * DAY_S, 2 * DAY_S
FAR, LEAST_SHARE = 5.0, 0.2


class Zeros:
    """How many zeros in a row are still chance for this series, by how often it is zero anyway."""

    __slots__ = ("row", "share")

    def __init__(self, state: Sequence[float] = (0, 0.5)) -> None:
        self.row, self.share = int(state[0]), state[1]

    @property
    def state(self) -> list[float]:
        """What it has learnt, for a file."""
        return [self.row, self.share]

    def see(self, value: float, count: int) -> bool:
        """Whether the series has dropped to zero. `count`: values of the present level."""
        if value == 0:
            self.row += 1
            chance = max(self.share, ZERO_SHARE_LEAST, 1 / (count + 2))
            if self.row >= ZERO_VALUES_LEAST and -self.row * math.log10(chance) >= ZERO_ODDS:
                return True
        else:
            self.row = 0
        pull = max(1 / ZERO_MEMORY, 1 / (count + 2))
        self.share += pull * ((value == 0) - self.share)
        return False


class Drift:
    """How far an hour's mean has wandered from the same hour of last week, beside how far it usually does."""

    __slots__ = ("_known_s", "_spread", "away")

    def __init__(self, state: Sequence[float] = (0.0, 0.0, 0.0)) -> None:
        self.away, self._spread, self._known_s = state

    @property
    def state(self) -> list[float]:
        """What it has learnt, for a file."""
        return [self.away, self._spread, self._known_s]

    def see(self, away: float, passed_s: float, usual: float, least: float) -> bool:
        """Whether it has drifted. `away`: the value less last week's; `least`: a smaller drift is none."""
        pull = min(1.0, passed_s / HOUR_S)
        self.away += pull * (away - self.away)
        drifted = (
            self._known_s >= KNOWN_S
            and abs(self.away) > FAR * self._spread
            and abs(self.away) > max(least, LEAST_SHARE * abs(usual))
        )
        slow = min(1.0, passed_s / min(SPREAD_S, self._known_s + HOUR_S))
        self._spread += slow * (abs(self.away) - self._spread)
        self._known_s += passed_s
        return drifted
