"""How many logins one door may have under way at a bank: more while answers are quick, fewer when they are slow. Pure.

Additive increase, multiplicative decrease, as senders on a network share one line (D.-M. Chiu, R. Jain: Analysis of the
increase and decrease algorithms for congestion avoidance, Computer Networks and ISDN Systems 17, 1989; TCP's form is
RFC 5681, section 3.1): two doors that know nothing of each other come to equal shares, at the edge of what the bank
can do.
"""

from dataclasses import dataclass, replace

FLOOR, START, CEILING = 1.0, 3.0, 8.0
"""Logins under way of one door: always one, so that nobody is shut out by a slow hour; at most what a bank's own queue
of passwords takes from two doors without turning one away (bank/customers/passwords.py)."""
QUICK_S, SLOW_S = 0.35, 0.8
"""A login is answered in some 0.1 s when nobody waits, and counts as stalled after 2 s (contracts/routes.py)."""
SHRINK = 0.7
SMOOTH = 0.1
TOOK_S_LEAST = 0.01
READ_SLOW_S = 0.5
"""A page of somebody inside is answered in some 0.05 s, and counts as stalled after 0.8 s: who comes in must not slow
down who is inside."""
PACE_LEAST_PER_S = 0.5
PACE_SMOOTH, PACE_GROWTH = 0.3, 1.01


@dataclass(frozen=True, slots=True)
class Limit:
    """at_once: logins that may be under way; took_s: how long one takes, smoothed; shrunk_at: monotonic seconds."""

    at_once: float = START
    took_s: float = 0.1
    shrunk_at: float = float("-inf")

    @property
    def whole(self) -> int:
        """The limit as a number of logins; at least one."""
        return max(int(self.at_once), 1)

    @property
    def capacity_per_s(self) -> float:
        """Logins that can be finished in a second with all places in use (Little's law)."""
        return self.at_once / max(self.took_s, TOOK_S_LEAST)


def learned(limit: Limit, took_s: float, *, well: bool, full: bool, now: float) -> Limit:
    """The limit after one login was answered: it grows by one with each round of quick answers while it is used up,
    and shrinks at most once in a round, since all answers of a round tell of the same moment.

    Invariant: FLOOR <= at_once <= CEILING, whatever was seen."""
    smoothed = limit.took_s + SMOOTH * (took_s - limit.took_s)
    after = replace(limit, took_s=max(smoothed, TOOK_S_LEAST))
    if not well or took_s > SLOW_S:
        if now - limit.shrunk_at < max(took_s, limit.took_s):
            return after
        return replace(after, at_once=max(FLOOR, limit.at_once * SHRINK), shrunk_at=now)
    if full and took_s < QUICK_S:
        return replace(after, at_once=min(CEILING, limit.at_once + 1 / limit.at_once))
    return after


def paced(pace_per_s: float, done_per_s: float, *, full: bool, most_per_s: float) -> float:
    """Logins that one door is known to finish in a second, after one more second. Pure.

    What was finished while all places were used is what can be done; while some were free it is at least that, and the
    pace grows by a hundredth to find out: people who are called type for half a minute before it shows.
    Invariant: PACE_LEAST_PER_S <= pace, and no more than all places could do (most_per_s) but for that."""
    known = pace_per_s + PACE_SMOOTH * (done_per_s - pace_per_s)
    after = known if full else max(done_per_s, pace_per_s * PACE_GROWTH)
    return max(min(after, most_per_s), PACE_LEAST_PER_S)
