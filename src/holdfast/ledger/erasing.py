"""Erase the words of who is no customer any more; the blocks, their hashes and every amount stay as they are."""

from collections.abc import Collection

from holdfast.ledger.connections import Connections
from holdfast.ledger.queries import load

_SQL = load("erasing")
STEP = 2000
STEPS_MAX = 5000


class Erasing(Connections):
    """What the reader can take away: words, of closed accounts only (the database looks at that itself)."""

    def others_with_words(self, account: int) -> set[int]:
        """Accounts on the other side of those of its transfers and holds that still have words."""
        return {int(row[0]) for row in self._all(_SQL["others"], {"account": account})}

    def erase_words(self, account: int, others: Collection[int]) -> int:
        """Erase the words of a closed account's transfers and holds with the bank's own accounts and with these; how
        many went. Safe to repeat; steps of STEP, so that each is short. Raises LedgerError when it cannot be read, or
        psycopg's error when the account is not closed."""
        gone, said = 0, {"account": account, "others": sorted(others), "most": STEP}
        for _ in range(STEPS_MAX):
            went = int(self._all(_SQL["erase"], said)[0][0])
            gone += went
            if went < STEP:
                break
        return gone
