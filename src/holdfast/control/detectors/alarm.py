"""When a verdict wakes somebody, and when the alarm is over: state + verdict → at most one notice, in words.

Invariants, each with its argument:
- One trouble has one alarm: a notice that opens is reached only while none is open, and one that comes soon after the
  last was over opens that alarm again without waking anybody anew (`again`).
- Nothing short wakes anybody: a lasting change must hold for `for_s`.
- An alarm is not over because the detector gave in: it is over when the series is near what was expected when it
  opened, or has kept to a new level for `NEW_LEVEL_S` and says so.
- Without values nothing changes: silence is neither trouble nor its end. Who watches values watches that they come.
"""

import json
from dataclasses import asdict, dataclass
from typing import Literal, Self

from holdfast.control.detectors.series import Series
from holdfast.control.detectors.verdicts import Verdict, sentence

LASTING = ("level shift", "drop to zero")
FOR_S = 30.0
CALM_S = 120.0
AGAIN_S = 900.0
NEW_LEVEL_S = 4 * 3600.0
NEAR_SHARE = 0.5
"""Over is only what has gone back at least half of the way."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told of one series. `again`: the alarm of before goes on, nobody needs to be woken."""

    what: Literal["opened", "over"]
    at_s: float
    words: str
    again: bool = False


@dataclass(slots=True)
class Alarm:
    """The alarm of one series. Not safe for several threads."""

    opened_s: float | None = None
    """Since when it is open, seconds since 1970; None while it is not."""
    over_s: float | None = None
    expected: float = 0.0
    usual: float | None = None
    """What was usual when it opened: what is expected moves on with the hours, or nobody would be back at night."""
    farthest: float = 0.0
    """The largest distance from `expected`, with its sign, that the middle one of five had."""
    calm_since_s: float | None = None

    def update(self, series: Series, at_s: float, told: Verdict) -> Notice | None:
        """What follows from one verdict."""
        if told.value is None:
            return None
        if self.opened_s is None:
            if told.kind in LASTING and told.worse and told.lasting_s >= FOR_S:
                return self._open(series, at_s, told)
            return None
        hours = 0.0 if told.usual is None or self.usual is None else told.usual - self.usual
        away = told.lately - self.expected - hours
        if abs(away) > abs(self.farthest):
            self.farthest = away
        if abs(away) > NEAR_SHARE * abs(self.farthest):
            self.calm_since_s = None
        elif self.calm_since_s is None:
            self.calm_since_s = at_s
        elif at_s - self.calm_since_s >= CALM_S:
            return self._close(at_s, f"{series.words} are {series.shown(told.lately)} again")
        if at_s - self.opened_s >= NEW_LEVEL_S and told.kind not in LASTING:
            level, long = series.shown(told.lately), f"{NEW_LEVEL_S / 3600:.0f} hours"
            return self._close(at_s, f"{series.words} are {level}, {long} after the alarm: the new level")
        return None

    def to_json(self) -> str:
        """Its state, for a file."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The alarm as it was kept."""
        return cls(**json.loads(text))

    def _open(self, series: Series, at_s: float, told: Verdict) -> Notice:
        again = self.over_s is not None and 0 <= at_s - self.over_s < AGAIN_S
        self.opened_s, self.calm_since_s = at_s, None
        self.expected, self.usual, self.farthest = told.expected, told.usual, told.lately - told.expected
        return Notice("opened", at_s, sentence(series, told), again)

    def _close(self, at_s: float, words: str) -> Notice:
        self.opened_s, self.over_s, self.calm_since_s = None, at_s, None
        return Notice("over", at_s, words)
