"""The register as a model in memory, on the same rules as edge/register.py; it may be lost as a whole."""

from collections.abc import Sequence

from holdfast.contracts.epochs import Row
from holdfast.edge.register import may_change, may_claim


class ModelRegister:
    """One compare-and-set store that both doors reach."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows_now = list(rows)
        self.claims: dict[str, tuple[str, int]] = {}
        self.orders: list[tuple[str, list[int] | None]] = []
        self.holder: tuple[str, float] = ("", 0.0)

    def swap(self, changes: Sequence[tuple[Row, Row]]) -> list[Row]:
        """Compare-and-set of whole rows; those that held."""
        held = []
        for old, new in changes:
            if not may_change(old, new):
                raise ValueError(f"a row may not change from {old} to {new}")
            if self.rows_now[old.cohort] == old:
                self.rows_now[old.cohort] = new
                held.append(new)
        return held

    def claim(self, who: str, claims: Sequence[tuple[str, int, int]]) -> list[str]:
        """Claim ids; those that were denied."""
        denied = []
        newest = max(row.epoch for row in self.rows_now)
        for ident, _cohort, epoch in claims:
            found = self.claims.get(ident)
            if may_claim(who, epoch, found, newest):
                self.claims[ident] = (who, max(epoch, found[1]) if found and found[0] == who else epoch)
            else:
                denied.append(ident)
        return denied

    def lease(self, holder: str, now: float, hold_s: float) -> bool:
        """Take or keep the hand-back's lease."""
        if self.holder[0] != holder and self.holder[1] > now:
            return False
        self.holder = (holder, now + hold_s)
        return True
