"""What a series usually is at each hour of the week, learnt as the hours pass.

Each hour keeps a mean that the values of that hour pull along, so an hour of a week ago is half remembered after it has
passed again. Until a week has passed the same hour of the last day of its sort stands in: Monday to Friday are one
sort, Saturday and Sunday the other. What an hour was before it began is kept
apart (`_usual`): the values of an hour must not vouch for themselves.
"""

from collections.abc import Sequence

from holdfast.control.detectors.calendar import HOUR_S, WEEK_HOURS, week_hour

PULL_S = 6000.0
"""In so many seconds the mean of an hour goes two thirds of the way to a new level."""
DAY_HOURS, SORTS_HOURS = 24, 48
WORK_HOURS = 5 * DAY_HOURS
STEP_SHARE = 2.0
"""Hours that differ by more than this share of the smaller one have a step between them."""
STATE_DIGITS = 6
"""Digits kept of an hour in a file: a usual value needs no more, and the file stays small."""


def sort_hour(hour: int) -> int:
    """The hour within its sort of day, for an hour of the week."""
    return hour % DAY_HOURS + (DAY_HOURS if hour >= WORK_HOURS else 0)


def is_step(one: float, other: float) -> bool:
    """Whether two hours are too unlike for a slope between them."""
    return abs(other - one) > STEP_SHARE * min(abs(other), abs(one))


class Seasons:
    """168 hours of the week and 24 of each sort of day. Not safe for several threads."""

    __slots__ = ("_ahead", "_behind", "_days", "_hour", "_pull", "_usual", "_weeks")

    def __init__(self, interval_s: float, state: Sequence[Sequence[float | None]] = ()) -> None:
        nothing = ((None,) * WEEK_HOURS, (None,) * SORTS_HOURS, (-1.0, None, None, None))
        weeks, days, (hour, behind, usual, ahead) = state or nothing
        self._weeks, self._days = list(weeks), list(days)
        self._pull = min(0.2, interval_s / PULL_S)
        self._hour = int(hour or 0)
        self._behind, self._usual, self._ahead = behind, usual, ahead

    @property
    def state(self) -> list[list[float | None]]:
        """What it has learnt, for a file."""
        return [
            *(
                [None if one is None else float(f"{one:.{STATE_DIGITS}g}") for one in hours]
                for hours in (self._weeks, self._days)
            ),
            [self._hour, self._behind, self._usual, self._ahead],
        ]

    def usual(self, local_s: float) -> float | None:
        """What is usual at this local time, between the middles of two hours; None when that is not known yet."""
        hour = week_hour(local_s)
        if hour != self._hour:
            if hour == (self._hour + 1) % WEEK_HOURS and self._usual is not None:
                # The hour that is over stays as it was known: what it learnt today would make a step here.
                self._behind, self._usual, self._ahead = self._usual, self._ahead, self._known(hour + 1)
            else:
                self._behind, self._usual, self._ahead = (self._known(hour + step) for step in (-1, 0, 1))
            self._hour = hour
        if self._usual is None:
            return None
        away = (local_s % HOUR_S) / HOUR_S - 0.5
        other = self._behind if away < 0 else self._ahead
        if other is None or is_step(self._usual, other):
            # A nightly run does not begin an hour early: between hours so unlike there is a step, not a slope.
            return self._usual
        return self._usual + (other - self._usual) * abs(away)

    @property
    def stepped(self) -> float | None:
        """The mean that this hour had when it passed last, where a step leads into it or out of it; else None."""
        usual = self._usual
        if usual is None:
            return None
        return usual if any(one is not None and is_step(usual, one) for one in (self._behind, self._ahead)) else None

    def learn(self, local_s: float, value: float) -> None:
        """A value of this local time."""
        hour = week_hour(local_s)
        for hours, place in ((self._weeks, hour), (self._days, sort_hour(hour))):
            known = hours[place]
            hours[place] = value if known is None else known + self._pull * (value - known)

    def now(self, local_s: float) -> float | None:
        """What this hour's mean is so far, its own values included."""
        return self._weeks[week_hour(local_s)]

    def _known(self, hour: int) -> float | None:
        hour %= WEEK_HOURS
        known = self._weeks[hour]
        return self._days[sort_hour(hour)] if known is None else known
