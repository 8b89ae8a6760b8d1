"""When does a door move customers to the spare bank? Pure: what was seen → rows to change and one sentence.

Invariant: only rows that are `primary` are moved, each to the same cohort's `standin` with the next epoch, and
only while the spare bank answers; so a trip never takes customers from a living bank to a dead one, and never
gives one epoch to two banks (the register's compare-and-set does the rest).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from holdfast.contracts.epochs import Mode, Row

WINDOW_S = 2.0
COHORTS_TO_MOVE_ALL = 3
STALL_WINDOW_S = 0.5
KEPT = 500


@dataclass
class Sight:
    """What one door saw of the primary lately: (instant, cohort, stalled) of each failed request, and the instants
    of its answers; monotonic seconds."""

    failures: deque[tuple[float, int, bool]] = field(default_factory=lambda: deque(maxlen=KEPT))
    answers: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    standin_answers: bool = True

    def failed(self, now: float, cohort: int | None, stalled: bool = False) -> None:
        """A request of this cohort (None: not logged in) failed at the primary; stalled: it did not answer in time."""
        self.failures.append((now, -1 if cohort is None else cohort, stalled))

    def answered(self, now: float) -> None:
        """The primary answered a request."""
        self.answers.append(now)

    def failing(self, now: float) -> int:
        """How many groups had a request that failed lately."""
        return len({cohort for at, cohort, _ in self.failures if now - at <= WINDOW_S})

    def gone(self, now: float) -> int:
        """How many groups' failures say that the primary is gone, 0 when they do not.

        Refused, reset and 5xx answers say so by themselves. Stalls say so only when at least as many requests
        stalled as were answered: a burst that makes some slow is no reason to move everybody to a smaller bank.
        """
        lately = [(cohort, stalled) for at, cohort, stalled in self.failures if now - at <= WINDOW_S]
        hard = {cohort for cohort, stalled in lately if not stalled}
        if len(hard) >= COHORTS_TO_MOVE_ALL:
            return len(hard)
        every = {cohort for cohort, _ in lately}
        answered = sum(now - at <= STALL_WINDOW_S for at in self.answers)
        return len(every) if len(every) >= COHORTS_TO_MOVE_ALL and len(lately) >= answered else 0


def rows_to_trip(sight: Sight, rows: Sequence[Row], now: float, asked: int | None) -> tuple[list[tuple[Row, Row]], str]:
    """The changes to make: `asked`'s own row when something of it must go on elsewhere, all when several failed."""
    if not sight.standin_answers:
        return [], "the spare bank does not answer either, so nobody is moved"
    failing = sight.gone(now)
    primary = [row for row in rows if row.mode is Mode.PRIMARY]
    if failing:
        seen = f"requests of {failing} groups failed at the bank within {WINDOW_S:.0f} s"
        words = f"{seen}: all groups go to the spare bank"
        return [(row, moved(row)) for row in primary], words
    own = [row for row in primary if row.cohort == asked]
    return [
        (row, moved(row)) for row in own
    ], f"a request of group {asked} failed at the bank: the group goes to the spare bank"


def moved(row: Row) -> Row:
    """The row after a trip (rule 1)."""
    return Row(row.cohort, Mode.STANDIN, row.epoch + 1, row.forced)


def majority(rows: Sequence[Row]) -> Mode:
    """Who serves those who are not logged in: the bank that serves most cohorts."""
    standin = sum(row.mode is not Mode.PRIMARY for row in rows)
    return Mode.STANDIN if standin * 2 > len(rows) else Mode.PRIMARY
