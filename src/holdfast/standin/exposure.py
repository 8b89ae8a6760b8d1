"""What the bank could lose by overspending at most, from limits and data as they stand.

Whoever is at both banks in the instant of a trip can spend the same balance twice: at the bank, in a block that the
copy has not, and here. What leaves here is bounded three times: by what the copy says the account has, by the
cohort's limit (rule 12: an entry leaves that sum only when its block has come back), and by the total. So

    worst = min(total, sum over cohorts of min(cohort limit, sum of what its accounts have above their floor) + help),

and never less than what is out already. help: the emergency money of which the books have not told yet, and what this
bank gives at most in a day, twice: no account of the copy has it, and it counts when it is given and when it is spent.
Other currencies count by their value in the bank's own (guard/worth.py): what
waits with the value that it had when it was taken, what accounts have by the rates of now. The sums of the accounts are
counted anew each minute in the copy, in short steps.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.guard import LimitSet
from holdfast.standin.reader import CopyReader
from holdfast.standin.view import View

EVERY_S = 60.0
STEP = 20_000
"""Accounts in one step: some milliseconds of a reader's thread."""
PAUSE_S = 0.002
UNKNOWN = 2**62


def worst_minor(
    covered: Sequence[int], limits: LimitSet, exposed: Mapping[int, int], exposed_total: int, help_minor: int = 0
) -> int:
    """The formula above. covered: what each cohort's accounts have above their floor; exposed: what is out already,
    by cohort and in total; help_minor: emergency money; all in minor units."""
    cohorts = sum(max(min(limits.cohort_minor, has), exposed.get(cohort, 0)) for cohort, has in enumerate(covered))
    return max(min(limits.total_minor, cohorts + 2 * help_minor), exposed_total)


class Exposure:
    """Keeps the cohorts' sums of customers' accounts; until they were counted first, the limits alone bound."""

    def __init__(self, view: View, reader: CopyReader, readers: ThreadPoolExecutor) -> None:
        self._view = view
        self._reader = reader
        self._readers = readers
        self.covered = [UNKNOWN] * COHORTS_COUNT

    async def run(self) -> None:
        """Count for as long as the process lives."""
        while True:
            await self.count()
            await asyncio.sleep(EVERY_S if self._view.filled else 1.0)

    async def count(self) -> None:
        """Add up what the customers' accounts have, some thousand at a time."""
        covered, after, loop = [0] * COHORTS_COUNT, -1, asyncio.get_running_loop()
        while True:
            upto, found = await loop.run_in_executor(self._readers, self._reader.covered, after, STEP)
            if not upto:
                break
            for cohort, currency, minor in found:
                covered[cohort] += self._view.profile.worth(minor, currency)
            after = upto
            await asyncio.sleep(PAUSE_S)
        self.covered = covered

    def worst(self) -> int:
        """What could be lost at most at this instant, in minor units (the view's lock is held by the caller)."""
        waiting = self._view.judging
        terms = self._view.profile.help().terms
        given = terms.spare_day_minor + max(0, -waiting.net.get(terms.account, 0)) if terms.gives else 0
        return worst_minor(self.covered, self._view.limits_now(), waiting.exposure, waiting.exposure_total, given)
