"""One series, watched value by value: what is expected now, and what is out of the ordinary.

What is expected is the level of the last ten minutes, moved along with what the hour usually does: of use after ten
minutes, better after a day and after a week. A change counts as lasting when the middle one of the last five values has
left the range that it keeps to, four of the five lie on the same side, and it is large enough to matter for the
kind of series. While a lasting change holds nothing is learnt from it, for an hour at most; then it is the new level,
since a detector that never gives in would never be of use again.

What cannot be trusted is not judged: no value, a value that is no finite number, the first values after a gap, a
counter that started anew. A clock that is set changes which hour is meant, and nothing else.
"""

import json
from datetime import datetime
from typing import Any, Self

from holdfast.control.detectors.calendar import Calendar
from holdfast.control.detectors.levels import ENOUGH, FAR_ONCE, LAST, USUAL, Level
from holdfast.control.detectors.records import Surprise
from holdfast.control.detectors.seasons import Seasons
from holdfast.control.detectors.series import Series
from holdfast.control.detectors.verdicts import Change, Verdict
from holdfast.control.detectors.wandering import Drift, Zeros

VERSION = 1
SLOW_VALUES = 20
HELD_S_MAX = 3600.0
GAP_VALUES = 12
"""A gap of more values than these makes the level unknown again."""
VALUE_MAX = 1e15
"""What is larger, or no number, is no measurement; sums of what is smaller stay finite."""
SPREAD_SHARE = 0.01
"""A spread below this share of the level is not believed."""
ALIKE = (1, SLOW_VALUES // 2, SLOW_VALUES, 1)
"""Of the four views of a value (see `_score`), how many neighbours tell the same."""


class StateUnknown(ValueError):
    """What was kept of a detector is of another version or no such thing; begin with a new detector."""


class Detector:
    """Detects for one series; what it keeps is bounded (`to_json`). Not safe for several threads."""

    def __init__(self, series: Series, calendar: Calendar | None = None) -> None:
        """`calendar` may be shared by all detectors of a thread."""
        self.series = series
        self._calendar = calendar or Calendar()
        self._seasons = Seasons(series.interval_s)
        self._surprise = Surprise(series.interval_s, ALIKE)
        self._level = Level(series.kind.floor)
        self._zeros, self._drift = Zeros(), Drift()
        self._at: float | None = None
        self._raw: float | None = None
        self._near: float | None = None
        self._slow: list[float] = []
        self._slow_sum = 0.0
        self._since: float | None = None
        """When the lasting change began that holds."""

    def update(self, at: datetime | float, value: float | None) -> Verdict:
        """Judge a value and learn from it. `at`: aware, or seconds since 1970."""
        at_s = at.timestamp() if isinstance(at, datetime) else at
        interval_s = self.series.interval_s
        passed_s = interval_s if self._at is None else at_s - self._at
        seen = self._watched(value, passed_s)
        if value is not None and abs(value) <= VALUE_MAX:
            self._at = at_s
        level = self._level
        if seen is None:
            return Verdict(None, 0.0, "", level.now, level.now, level.now, level.now, None, 0.0, False)
        if passed_s > GAP_VALUES * interval_s:
            level.forget()
            self._since = None
        local_s = self._calendar.local_s(at_s)
        usual = self._seasons.usual(local_s)
        expected = level.expect(seen, usual)
        score = self._score(seen, self._seasons.now(local_s))
        level.see(seen - expected)
        up, down = self._least_changes(expected, local_s)
        change, side, lasting_s = self._change(at_s, seen, seen - expected, up, down)
        drifted = False
        busy = self._calendar.busy(local_s)
        if not busy:
            # Also while a change holds: what comes each night is usual, however large.
            self._seasons.learn(local_s, seen)
        if self._since is None:
            level.learn(seen)
            if usual is not None and not busy:
                drifted = self._drift.see(
                    seen - usual, max(0.0, min(passed_s, interval_s)), usual, self.series.kind.least
                )
        if drifted and not change and usual is not None:
            away, wide = self._drift.away, USUAL * level.spread
            return Verdict(seen, score, "drift", usual, usual - wide, usual + wide, usual + away, usual, 0.0,
                           self._is_worse(1 if away > 0 else -1))  # fmt: skip
        wide = USUAL * max(level.spread, SPREAD_SHARE * abs(expected))
        newest = sorted(self._slow[-LAST:])
        lately = newest[len(newest) // 2]
        worse = change != "" and self._is_worse(side)
        return Verdict(seen, score, change, expected, expected - wide, expected + wide, lately, usual, lasting_s, worse)

    def to_json(self) -> str:
        """All it has learnt, at most 8 kB; of the series itself only its name."""
        return json.dumps(
            {
                "version": VERSION,
                "series": self.series.name,
                "seasons": self._seasons.state,
                "surprise": self._surprise.state,
                "level": self._level.state,
                "usual": self._level.usual,
                "zeros": self._zeros.state,
                "drift": self._drift.state,
                "at": self._at,
                "raw": self._raw,
                "near": self._near,
                "slow": self._slow,
                "since": self._since,
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, series: Series, text: str, calendar: Calendar | None = None) -> Self:
        """The detector as it was kept. Raises StateUnknown when the text is not one that this version wrote for it."""
        out = cls(series, calendar)
        try:
            kept: dict[str, Any] = json.loads(text)
            if kept["version"] != VERSION or kept["series"] != series.name:
                raise StateUnknown(f"version {kept['version']} of {kept['series']}")
            out._seasons = Seasons(series.interval_s, kept["seasons"])
            out._surprise = Surprise(series.interval_s, ALIKE, kept["surprise"])
            out._level = Level(series.kind.floor, kept["level"], kept["usual"])
            out._zeros, out._drift = Zeros(kept["zeros"]), Drift(kept["drift"])
            out._at, out._raw, out._near, out._since = kept["at"], kept["raw"], kept["near"], kept["since"]
            out._slow = [float(one) for one in kept["slow"]][-SLOW_VALUES:]
        except (KeyError, TypeError, ValueError) as wrong:
            raise StateUnknown(f"The kept state of {series.name} is not used: {wrong}") from wrong
        out._slow_sum = sum(out._slow)
        return out

    def _watched(self, value: float | None, passed_s: float) -> float | None:
        """The value that is judged: of a counter its growth a second, None when there is nothing to judge."""
        if value is None or not abs(value) <= VALUE_MAX:
            return None
        if not self.series.kind.counter:
            return value
        before, self._raw = self._raw, value
        if before is None or value < before or passed_s <= 0 or passed_s > GAP_VALUES * self.series.interval_s:
            return None
        return (value - before) / passed_s

    def _score(self, seen: float, same_hour: float | None) -> float:
        """How surprising it is in four views: itself, away from the last ones, their mean, away from its hour."""
        slow = self._slow
        slow.append(seen)
        self._slow_sum += seen
        if len(slow) > SLOW_VALUES:
            self._slow_sum -= slow.pop(0)
        if len(slow) < SLOW_VALUES or not self._level.count % SLOW_VALUES:
            self._slow_sum = sum(slow)  # sums of floating point numbers wander when only added to and taken from
        near = seen if self._near is None else self._near
        self._near = near + (seen - near) / SLOW_VALUES
        return self._surprise.score(
            (
                seen,
                seen - near,
                self._slow_sum / SLOW_VALUES if len(slow) == SLOW_VALUES else None,
                None if same_hour is None else seen - same_hour,
            )
        )

    def _least_changes(self, expected: float, local_s: float) -> tuple[float, float]:
        """The least rise and the least fall that matter now."""
        kind, size = self.series.kind, abs(expected)
        up = kind.up_share + (kind.busy_share if self._calendar.busy(local_s) else 0.0)
        return max(kind.least, up * size), max(kind.least, kind.down_share * size)

    def _change(self, at_s: float, seen: float, away: float, up: float, down: float) -> tuple[Change, int, float]:
        """What the value says, to which side, and for how many seconds it has lasted."""
        level, kind = self._level, self.series.kind
        zero = self._zeros.see(seen, level.count) and not kind.may_rest and level.known and level.now > kind.floor
        side = -1 if zero else level.left(up, down)
        if side and not zero and self._is_usual(level.now + level.lately, at_s):
            level.adopt()
            side = 0
        zero = zero or (side < 0 and self._zeros.row >= ENOUGH)
        if side:
            begun_s = at_s - (self._zeros.row if zero else ENOUGH) * self.series.interval_s
            since = self._since = min(begun_s if self._since is None else self._since, at_s)
            lasting_s = at_s - since
            if lasting_s > HELD_S_MAX:
                level.give_in()
                self._since = None
            return "drop to zero" if zero else "level shift", side, lasting_s
        if level.beyond(up / 2) < 2 and level.beyond(-down / 2) < 2:
            self._since = None
        if level.known and abs(away) > FAR_ONCE * max(level.spread, SPREAD_SHARE * abs(level.now)):
            return "spike", 1 if away > 0 else -1, 0.0
        return "", 0, 0.0

    def _is_usual(self, lately: float, at_s: float) -> bool:
        """Whether the series went where it was at this hour before, as for a nightly run that begins at once."""
        hourly = self._seasons.stepped
        if hourly is None:
            return False
        up, down = self._least_changes(hourly, self._calendar.local_s(at_s))
        return -down / 2 < lately - hourly < up / 2

    def _is_worse(self, side: int) -> bool:
        worse = self.series.kind.worse
        return worse == "both" or (worse == "up") == (side > 0)
