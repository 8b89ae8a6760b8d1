"""What one door knows of who serves whom, and what it saw of the primary lately. In memory only."""

from collections.abc import Iterable, Sequence

from holdfast.contracts.epochs import Bank, Mode, Row
from holdfast.edge.switching import Sight, majority


class Known:
    """The rows as last read or written; epochs only grow."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)
        self.reads: dict[int, Bank] = {}
        """Cohorts whose pages another bank shows than the one that takes their payments."""
        self.sight = Sight()
        self.answered_at = {Bank.PRIMARY: float("-inf"), Bank.STANDIN: float("-inf")}
        """When each bank last answered a request or a probe, monotonic seconds."""

    def take(self, rows: Iterable[Row]) -> bool:
        """Put rows (all, or some that changed) in place; an older one changes nothing. Whether any is another now."""
        changed = False
        for row in rows:
            known = self.rows[row.cohort]
            if row.epoch > known.epoch or (row.epoch == known.epoch and known.mode is not Mode.HANDING_BACK):
                changed = changed or row != known
                self.rows[row.cohort] = row
        return changed

    def majority(self) -> Mode:
        """Who serves those who are not logged in."""
        return majority(self.rows)
