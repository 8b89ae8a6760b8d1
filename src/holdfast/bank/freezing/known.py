"""Which accounts are frozen just now, kept whole in memory, so that a payment asks the database nothing for it.

What this process freezes counts at once, what another one does within a second. There are few at any time.
"""

import threading
import time
from collections.abc import Callable

from holdfast.bank.freezing.models import Frozen

LOOK_S = 1.0


class FrozenNow:
    """Customers who froze everything, and the accounts that pay nothing. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._customers: frozenset[int] = frozenset()
        self._accounts: frozenset[int] = frozenset()
        self._looked_at = float("-inf")

    def forget(self) -> None:
        """Read again at the next question; after the change was committed."""
        with self._lock:
            self._looked_at = float("-inf")

    def account(self, account: int) -> bool:
        """Whether this account pays nothing because an owner froze everything."""
        self.look()
        return account in self._accounts

    def shown(self, customer: int) -> bool:
        """Whether this customer had frozen everything at the last look; asks the database nothing, so that a page that
        says that it is away is not lost for it."""
        return customer in self._customers

    def customer(self, customer: int) -> bool:
        """Whether this customer froze everything."""
        self.look()
        return customer in self._customers

    def look(self) -> None:
        """Read again what others may have changed, at most once a second. Raises what the database raises."""
        with self._lock:
            if self._clock() - self._looked_at < LOOK_S:
                return
            self._looked_at = self._clock()
        found = list(Frozen.objects.values_list("customer_id", "accounts"))
        with self._lock:
            self._customers = frozenset(customer for customer, _ in found)
            self._accounts = frozenset(int(account) for _, accounts in found for account in accounts)


frozen_now = FrozenNow()
