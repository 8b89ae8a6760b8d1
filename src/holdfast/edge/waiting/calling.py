"""How many people are called from the line at this moment. Pure.

Called is who has waited longest; how many, follows what this door's logins can do. Not everybody who is called comes (a
program that keeps no cookie never does), so as many more are called as lately did not come, up to CALLED_FOR_ONE_MAX.
"""

from collections import deque
from dataclasses import dataclass

HEADROOM = 0.9
CALLED_FOR_ONE_MAX = 5.0
SHARE_LEAST = 1 / CALLED_FOR_ONE_MAX
WINDOW_S = 20.0
COMES_AFTER_S = 20.0
"""Who is called sees it when the page renews itself, within a quarter of a minute. Taken longer than that, so that
nobody who is still to come counts as one who does not: calling too many would undo the order."""
FEW = 20
POSTS_EACH = 1.5
"""Logins sent by one person while nothing was measured yet: a password, for some then a code."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What is known now: seconds since the last look, logins this door can finish in a second, how long the last
    who was let in waits inside the door, the share of the called who come, logins sent by each who came, people in the
    line, and calls left over from the last look (at most one; see to_call)."""

    passed_s: float
    capacity_per_s: float
    inside_s: float
    share: float
    posts_each: float
    in_line: int
    left_over: float


def to_call(moment: Moment, inside_s_max: float) -> tuple[int, float]:
    """How many to call now, and what is left over. Nobody while those who were let in wait longer than inside_s_max.

    Invariant: 0 <= called <= in_line, and left over <= 1; it is below 0 while people come in by places near the front
    (room.py), in whose stead nobody is called."""
    if moment.inside_s > inside_s_max or moment.in_line <= 0:
        return 0, min(moment.left_over, 1.0)
    per_s = moment.capacity_per_s * HEADROOM / max(moment.posts_each, 1.0) / max(moment.share, SHARE_LEAST)
    wanted = moment.left_over + per_s * max(moment.passed_s, 0.0)
    called = max(min(int(wanted), moment.in_line), 0)
    return called, min(wanted - called, 1.0)


@dataclass(frozen=True, slots=True)
class Sample:
    """The shared counters at one instant: called, came and logins finished, since the line was made."""

    at: float
    called: int
    came: int
    finished: int


class History:
    """The counters of the last minutes, one sample a second: how fast the line moves, and who missed a turn."""

    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._samples: deque[Sample] = deque()

    def add(self, sample: Sample) -> None:
        """Keep it, when the last one is a second old."""
        if self._samples and (sample.at - self._samples[-1].at < 1.0):
            return
        self._samples.append(sample)
        while len(self._samples) > 2 and sample.at - self._samples[1].at > self._keep_s:
            self._samples.popleft()

    def called_before(self, at: float) -> int:
        """The last number that had been called at an instant; 0 when nothing is kept of that time."""
        older = self._before(at)
        return older.called if older else 0

    def per_s(self, now: float) -> float:
        """Numbers called in a second lately; 0 when nothing is known."""
        first, last = self._before(now - WINDOW_S) or (self._samples[0] if self._samples else None), self._before(now)
        if first is None or last is None or last.at - first.at < 1.0:
            return 0.0
        return (last.called - first.called) / (last.at - first.at)

    def came_per_s(self, now: float) -> float:
        """People let in from the line in a second lately."""
        first, last = self._before(now - WINDOW_S) or (self._samples[0] if self._samples else None), self._before(now)
        if first is None or last is None or last.at - first.at < 1.0:
            return 0.0
        return (last.came - first.came) / (last.at - first.at)

    def share(self, now: float) -> float:
        """The share of the called who came, between SHARE_LEAST and 1; 1 while too few were called to tell."""
        begin, end = self._before(now - COMES_AFTER_S - WINDOW_S) or self._first(), self._before(now - COMES_AFTER_S)
        since, last = self._before(now - WINDOW_S) or self._first(), self._before(now)
        if begin is None or end is None or since is None or last is None or end.called - begin.called < FEW:
            return 1.0
        return min(1.0, max(SHARE_LEAST, (last.came - since.came) / (end.called - begin.called)))

    def posts_each(self, now: float) -> float:
        """Logins sent by each who came, between 1 and 4."""
        since, last = self._before(now - WINDOW_S) or self._first(), self._before(now)
        if since is None or last is None or last.came - since.came < FEW:
            return POSTS_EACH
        return min(4.0, max(1.0, (last.finished - since.finished) / (last.came - since.came)))

    def _first(self) -> Sample | None:
        return self._samples[0] if self._samples else None

    def _before(self, at: float) -> Sample | None:
        return next((one for one in reversed(self._samples) if one.at <= at), None)
