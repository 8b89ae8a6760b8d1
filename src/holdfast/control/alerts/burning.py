"""How fast a service level's budget is used up, over several windows at once; pure.

Source: Beyer and others, The Site Reliability Workbook (2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts": a
budget of 30 days that burns 14.4 times as fast as it may is gone by 2 % in an hour, and so on. The short window beside
each long one lets an alert end soon after its cause did.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from holdfast.control.alerts.openslo import Level

BURNS = "budget burns"
"""The name under which a service level fires."""
EVENTS_MIN = 20.0
"""Fewer events than this in the long window say nothing: one failed request of two is no outage."""


@dataclass(frozen=True, slots=True)
class Window:
    """One pair of windows; rate: how many times too fast; severity and page: what follows."""

    rate: float
    long: timedelta
    short: timedelta
    severity: int
    page: bool


WINDOWS = (
    Window(14.4, timedelta(hours=1), timedelta(minutes=5), 2, True),
    Window(6.0, timedelta(hours=6), timedelta(minutes=30), 2, True),
    Window(3.0, timedelta(days=1), timedelta(hours=2), 3, False),
    Window(1.0, timedelta(days=3), timedelta(hours=6), 4, False),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """Events of a span: how many, and how many of them bad."""

    total: float
    bad: float

    @property
    def share(self) -> float:
        """The share that was bad; 0 when nothing happened."""
        return self.bad / self.total if self.total > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Burning:
    """A level that burns too fast: over which window, how many times too fast, and the same in words."""

    level: Level
    window: Window
    rate: float
    words: str


def burning(level: Level, count: Callable[[timedelta], Counted], windows: Sequence[Window] = WINDOWS) -> Burning | None:
    """The gravest pair of windows that both burn too fast. count: the events of the last so and so long."""
    for window in windows:
        long = count(window.long)
        if long.total < EVENTS_MIN or long.share / level.budget < window.rate:
            continue
        short = count(window.short)
        if short.share / level.budget < window.rate:
            continue
        rate = short.share / level.budget
        words = (
            f"{level.title}: {short.share * 100:.1f} % were not good in the last {_said(window.short)}, "
            f"{long.share * 100:.1f} % in the last {_said(window.long)}; {level.budget * 100:g} % may be"
        )
        return Burning(level, window, rate, words)
    return None


def left(level: Level, over: Counted) -> float:
    """The share of the budget of the level's whole window that is left; below 0 when it is overspent."""
    return 1.0 - over.share / level.budget


def _said(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours < 1:
        return f"{span.total_seconds() / 60:.0f} minutes"
    if hours < 48:
        return "hour" if hours == 1 else f"{hours:.0f} hours"
    return f"{hours / 24:.0f} days"
