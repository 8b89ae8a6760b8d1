"""Two ends that need no measured trend of hours: a certificate's last day, and the day when peaks outgrow what was
measured to be possible.

A peak is the busiest hour of a day. Peaks of the same day of the week are compared once three weeks are known, so that
a week's wave is no growth; pay days are outliers that the median of slopes does not follow, and the limit must hold on
them: `busiest` says by how much they stand above the line.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from holdfast.control.detectors.exhaustion import DAY_S, HOUR_S, Forecast, kept
from holdfast.control.detectors.lines import line

DAYS_KEPT, DAYS_LEAST, WEEKS_LEAST_S = 70, 10, 21 * DAY_S
WEEK_S = 7 * DAY_S
BEYOND_SEEN = 6.0
"""A plan looks further ahead than an alarm: this many times what was seen."""
CERTIFICATE_TICKET_S, CERTIFICATE_PAGE_S = 21 * DAY_S, 3 * DAY_S


def certificate_urgency(ends_s: float, now_s: float) -> str:
    """`ticket` from three weeks before a certificate ends, `page` from three days before."""
    left = ends_s - now_s
    return "page" if left <= CERTIFICATE_PAGE_S else "ticket" if left <= CERTIFICATE_TICKET_S else ""


@dataclass(frozen=True, slots=True)
class Growth:
    """How the peaks grow: `a_week` in the unit of the series, `busiest` the share by which the highest stands above it,
    and when the line so raised reaches the limit; None when it does not within reach of what was seen."""

    a_week: float
    busiest: float
    full: Forecast | None


class Peaks:
    """The busiest hour of each day, for ten weeks, against a limit that a stress test measured."""

    def __init__(self, days: Sequence[tuple[int, float]] = ()) -> None:
        self._days = list(days)[-DAYS_KEPT:]
        self._hour, self._sum, self._count = -1, 0.0, 0

    def see(self, local_s: float, value: float) -> None:
        """A value at this local time (calendar.Calendar.local_s). The hour that is over may be its day's busiest."""
        hour = int(local_s // HOUR_S)
        if hour != self._hour:
            if self._count:
                self._end_hour()
            self._hour, self._sum, self._count = hour, 0.0, 0
        self._sum += value
        self._count += 1

    def growth(self, limit: float) -> Growth | None:
        """How the peaks grow; None while too few days are known or nothing says that they grow.

        The newest day is left out, since it may not have had its peak yet.
        """
        points = [(day * DAY_S, value) for day, value in self._days[:-1]]
        if len(points) < DAYS_LEAST:
            return None
        seen_s = points[-1][0] - points[0][0]
        found = line(points, WEEK_S if seen_s >= WEEKS_LEAST_S else 0.0)
        if found is None or found.low <= 0 or found.last <= 0:
            return None
        end = points[-1][0]
        busiest = max((value / (found.last + found.slope * (at - end)) for at, value in points), default=1.0)
        left = limit / busiest - found.last
        full = None
        if left <= 0:
            full = Forecast(end, end, end, found.last * busiest / limit, seen_s)
        elif left / found.slope <= BEYOND_SEEN * seen_s:
            at, early = end + left / found.slope, end + left / found.high
            late = min(end + left / found.low, at + BEYOND_SEEN * seen_s)
            full = Forecast(at, early, late, found.last * busiest / limit, seen_s)
        return Growth(found.slope * WEEK_S, busiest - 1, full)

    def to_json(self) -> str:
        """The days' peaks; at most 2 kB."""
        return json.dumps(self._days, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The peaks as they were kept, but for the hour that ran."""
        return cls([(int(day), float(value)) for day, value in json.loads(text)])

    def _end_hour(self) -> None:
        day, mean = int(self._hour * HOUR_S // DAY_S), kept(self._sum / self._count)
        if self._days and self._days[-1][0] == day:
            self._days[-1] = (day, max(mean, self._days[-1][1]))
        elif not self._days or day > self._days[-1][0]:
            self._days = [*self._days[-DAYS_KEPT + 1 :], (day, mean)]
