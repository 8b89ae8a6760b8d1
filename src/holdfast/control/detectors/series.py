"""What a series measures, and which change of it would matter to anybody.

A detector learns by itself what is usual. What it cannot learn is what matters: a response that takes 9 ms instead of 6
is a clear change and nobody's trouble. So each kind of series states the smallest change that may wake a person, once
for all series of the kind; nothing is set by hand for a single series.
"""

from dataclasses import dataclass
from typing import Literal

Worse = Literal["up", "down", "both"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of series. `least`, `floor` and the series' values are in the series' own unit."""

    name: str
    worse: Worse
    """Where trouble lies. A change to the other side is said, but wakes nobody."""
    up_share: float = 0.0
    """A rise matters from this share of what is expected: 1.0 is a doubling."""
    down_share: float = 0.0
    least: float = 0.0
    """A change that is smaller than this never matters."""
    floor: float = 0.0
    """Spread below which the series is not believed to be, so that a series that has stood still has some."""
    busy_share: float = 0.0
    """How much further a rise may go on a pay day, as a share of what is expected."""
    counter: bool = False
    """Whether the values only grow until what counts them restarts; what is watched is then their growth a second."""
    daily: bool = False
    """Whether it follows the customers' day, so that a rise in the morning is no trend before a day is known."""
    may_rest: bool = False
    """Whether zeros in a row are nothing to speak of."""


RATE = Kind("rate", "both", up_share=3.0, down_share=0.3, least=1.0, floor=0.05, busy_share=4.0, daily=True)
"""Events a second. A fall is trouble early, a rise only when it is a flood."""
COUNT = Kind("count", "both", up_share=3.0, down_share=0.3, least=1.0, floor=0.05, busy_share=4.0, counter=True,
             daily=True)  # fmt: skip
"""A counter of events, watched as events a second."""
LATENCY = Kind("latency", "up", up_share=1.0, least=20.0, floor=1.0, busy_share=1.0, daily=True, may_rest=True)
"""Milliseconds."""
ERRORS = Kind("errors", "up", least=0.04, floor=0.001, may_rest=True)
"""The share of requests that failed, 0 to 1."""
QUEUE = Kind("queue", "up", up_share=2.0, least=100.0, floor=2.0, busy_share=4.0, daily=True, may_rest=True)
"""How many wait."""
SHARE = Kind("share", "up", least=0.25, floor=0.005, may_rest=True)
"""How much of something that runs out is used, 0 to 1: memory, disk."""
PLACES = Kind("places", "up", up_share=0.5, least=0.25, floor=0.005, busy_share=3.0, daily=True, may_rest=True)
"""The same of what customers take and give back: connections, workers."""
KINDS = {kind.name: kind for kind in (RATE, COUNT, LATENCY, ERRORS, QUEUE, SHARE, PLACES)}


@dataclass(frozen=True, slots=True)
class Series:
    """One series. `words` name it in a sentence, in the plural ("payments a second"); `unit` stands behind a value."""

    name: str
    kind: Kind
    words: str
    unit: str = ""
    interval_s: float = 10.0
    """How often a value comes."""

    def shown(self, value: float) -> str:
        """A value as a person reads it: three digits, shares as per cent."""
        if self.kind in (ERRORS, SHARE, PLACES):
            return f"{value * 100:.3g} %"
        text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
        return f"{text} {self.unit}".rstrip()
