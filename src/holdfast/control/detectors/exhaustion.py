"""When something that runs out will be full: "between 14:10 and 15:30", or nothing when there is no honest trend.

A `Trend` keeps a resource's use in two steps: medians of five minutes for six hours, which see a leak, and of hours for
two weeks, which see a disk fill. The line through them is Theil's and Sen's (the median of all slopes between two
points, lines.py), early and late come from the limits of the same slopes. Hours are compared with the same hours of
other days, so that a day's wave is no trend.

Nothing is said when the points could also stand still, when the rise is within their spread, when it flattens so that
it would end below the limit (a cache that fills), when it is further away than a few times what was seen, or when
customers' mornings look like it and no day is known yet.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from statistics import median
from typing import Self

from holdfast.control.detectors.lines import line, slope_of

HOUR_S, DAY_S = 3600.0, 86400.0
FINE_S, FINE_POINTS = 300.0, 72
COARSE_S, COARSE_POINTS = HOUR_S, 336
VALUE_MAX = 1e15
"""What is larger, or no number, is no measurement."""
BETWEEN_MAX = 60
"""Values of one step that are kept for its median; of more, each new one takes the place of the oldest."""
FINE_LEAST, COARSE_DAYS_LEAST = 8, 3
SPREADS, LEAST = 3.0, 0.01
"""A rise is one beyond so many spreads of its points, and beyond this share of the limit."""
FALL_SHARE = 0.1
BEYOND_SEEN = 3.0
"""A forecast looks no further ahead than this many times the time it has seen."""
FLATTENS = 0.85
"""A second half that rises less than this part of the first is taken to go on flattening."""
SHORT_POINTS, SHORT_DOUBT = 12, 0.1
"""Of so few points the two halves are known only so well."""
PAGE_S, TICKET_S = 3 * HOUR_S, 7 * DAY_S
PAGE_USED, PAGE_USED_DAILY = 0.6, 0.8
"""Below this share of the limit nobody is woken: much may still happen; what customers take they also give back."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the limit is reached, seconds since 1970. `seen_s`: how long the trend has been seen to hold."""

    full_s: float
    early_s: float
    late_s: float
    used: float
    """The share of the limit that is used now."""
    seen_s: float
    page_used: float = PAGE_USED
    """The share of the limit below which nobody is woken."""

    def urgency(self, now_s: float) -> str:
        """`page` when it may be full within three hours, `ticket` within a week, else nothing.

        A rise of hours says nothing before most is used; one of days does.
        """
        if self.early_s - now_s <= PAGE_S and self.used >= self.page_used:
            return "page"
        if self.used < PAGE_USED and self.seen_s < DAY_S:
            return ""
        return "ticket" if self.full_s - now_s <= TICKET_S else ""

    def words(self, what: str, zone: tzinfo) -> str:
        """In plain words, the instants on the clock of `zone`."""
        early, full, late = (
            datetime.fromtimestamp(at_s, UTC).astimezone(zone).strftime("%d.%m.%Y %H:%M")
            for at_s in (self.early_s, self.full_s, self.late_s)
        )
        return f"{what} will be full at about {full} (between {early} and {late}); {self.used * 100:.0f} % is used"


class Trend:
    """How one resource's use grows towards its limit; values in its unit. Not safe for several threads."""

    def __init__(self, limit: float, daily: bool = False) -> None:
        """`daily`: whether it follows the customers' day (series.Kind.daily)."""
        self.limit, self.daily = limit, daily
        self._fine: list[tuple[float, float]] = []
        self._coarse: list[tuple[float, float]] = []
        self._step, self._between = -1, list[float]()

    def see(self, at_s: float, value: float | None) -> None:
        """A value that was measured."""
        if value is None or not abs(value) <= VALUE_MAX:
            return
        step = int(at_s // FINE_S)
        if step != self._step:
            self._end_step()
            self._step = step
            # After a clock was set back, what it calls the future is not known.
            self._fine = [one for one in self._fine if at_s - FINE_S * FINE_POINTS <= one[0] < at_s]
            self._coarse = [one for one in self._coarse if at_s - COARSE_S * COARSE_POINTS <= one[0] < at_s]
        if len(self._between) >= BETWEEN_MAX:
            self._between.pop(0)
        self._between.append(value)

    def forecast(self) -> Forecast | None:
        """When it is full, by the last hours, as many as show a trend, else by the last days; None without one."""
        points = since_fall(self._fine, FALL_SHARE * self.limit)
        for count in (FINE_POINTS, FINE_POINTS // 3, FINE_POINTS // 6):
            if count != FINE_POINTS and count >= len(points):
                continue
            soon = self._honest(points[-count:], 0.0)
            if soon is not None and self._was_as_high(points[:-count], points[-1][1]):
                continue  # a wave that comes back is no rise
            if soon is not None and (not self.daily or self._unlike_other_days(points[-count:])):
                return soon
        days = since_fall(self._coarse, FALL_SHARE * self.limit)
        if not days or days[-1][0] - days[0][0] < COARSE_DAYS_LEAST * DAY_S:
            return None
        thin = 1 + len(days) * 4 // COARSE_POINTS
        return self._honest([one for one in days if int(one[0] // COARSE_S) % thin == 0], DAY_S)

    def to_json(self) -> str:
        """What it has seen; at most 8 kB."""
        return json.dumps(
            {
                "fine": [(int(at), value) for at, value in self._fine],
                "coarse": [(int(at // COARSE_S), value) for at, value in self._coarse],
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, limit: float, text: str, daily: bool = False) -> Self:
        """The trend as it was kept, but for the values of the step that ran."""
        out, kept = cls(limit, daily), json.loads(text)
        out._fine = [(float(at), float(value)) for at, value in kept["fine"]][-FINE_POINTS:]
        out._coarse = [((at + 0.5) * COARSE_S, float(value)) for at, value in kept["coarse"]][-COARSE_POINTS:]
        return out

    def _end_step(self) -> None:
        if not self._between:
            return
        middle = (self._step + 0.5) * FINE_S
        self._fine = [*self._fine[-FINE_POINTS + 1 :], (middle, kept(median(self._between)))]
        self._between = []
        hour = middle // COARSE_S
        inside = [value for at, value in self._fine if at // COARSE_S == hour]
        if self._coarse and self._coarse[-1][0] // COARSE_S == hour:
            self._coarse.pop()
        self._coarse = [*self._coarse[-COARSE_POINTS + 1 :], ((hour + 0.5) * COARSE_S, kept(median(inside)))]

    def _honest(self, points: Sequence[tuple[float, float]], apart_s: float) -> Forecast | None:
        """What these points foretell, if they foretell anything."""
        few = len(points) // 4
        if len(points) < FINE_LEAST or mean(points[-few:]) - mean(points[:few]) < LEAST * self.limit:
            return None
        found, seen_s = line(points, apart_s), points[-1][0] - points[0][0]
        if found is None or found.low <= 0 or found.slope * seen_s < max(SPREADS * found.spread, LEAST * self.limit):
            return None
        left = self.limit - found.last
        if left <= 0:
            return self._told(points[-1][0], (0.0, 0.0, 0.0), found.last, seen_s)
        half = len(points) // 2
        first, second = slope_of(points[: half + 1], apart_s), slope_of(points[half:], apart_s)
        full_s = left / found.slope
        if first is None or second is None or second <= 0 or full_s > BEYOND_SEEN * seen_s:
            return None
        goes_on = (second / first if first > 0 else 1.0) - (SHORT_DOUBT if len(points) < SHORT_POINTS else 0.0)
        if goes_on < FLATTENS and second * seen_s / 2 * goes_on / (1 - goes_on) < left:
            return None
        early_s, late_s = left / max(found.high, second), min(left / found.low, full_s + BEYOND_SEEN * seen_s)
        return self._told(points[-1][0], (full_s, early_s, late_s), found.last, seen_s)

    def _told(self, now_s: float, after: tuple[float, float, float], last: float, seen_s: float) -> Forecast:
        full_s, early_s, late_s = (now_s + one for one in after)
        page_used = PAGE_USED_DAILY if self.daily else PAGE_USED
        return Forecast(full_s, early_s, late_s, last / self.limit, seen_s, page_used)

    def _was_as_high(self, before: Sequence[tuple[float, float]], now: float) -> bool:
        return any(value > now - LEAST * self.limit for _, value in before)

    def _unlike_other_days(self, points: Sequence[tuple[float, float]]) -> bool:
        """Whether most of the rise is new, beside the same hours of days before. False before a day is known."""
        rise = slope_of(points, 0.0)
        if rise is None:
            return False
        hours = {int(at // COARSE_S): value for at, value in self._coarse}
        for days in (1, 7):
            before = [(at, between_hours(hours, at - days * DAY_S)) for at, _ in points]
            known = [(at, value) for at, value in before if value is not None]
            usual = slope_of(known, 0.0) if len(known) == len(points) else None
            if days == 1 and usual is None:
                return False
            if usual is not None and usual > rise / 2:
                return False
        return True


def between_hours(hours: Mapping[int, float], at_s: float) -> float | None:
    """What was used then, between the middles of two hours; None where one of them is not known."""
    place = at_s / COARSE_S - 0.5
    hour = math.floor(place)
    if hour not in hours or hour + 1 not in hours:
        return None
    return hours[hour] + (hours[hour + 1] - hours[hour]) * (place - hour)


def since_fall(points: Sequence[tuple[float, float]], fall: float) -> list[tuple[float, float]]:
    """The points since the last one that was lower than the one before by more than `fall`: what was freed is gone."""
    for number in range(len(points) - 1, 0, -1):
        if points[number - 1][1] - points[number][1] > fall:
            return list(points[number:])
    return list(points)


def mean(points: Sequence[tuple[float, float]]) -> float:
    """The mean value of some points."""
    return sum(value for _, value in points) / len(points)


def kept(value: float) -> float:
    """A value with the five digits that are kept of it."""
    return float(f"{value:.5g}")
