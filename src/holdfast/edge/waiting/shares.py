"""What one network may take in a time: a bucket of tokens each, in bounded memory (the oldest are forgotten first).

The network is the address, of IPv6 the first 64 bits (contracts/networks.py)."""

import time
from collections import OrderedDict
from collections.abc import Callable

KEPT_MAX = 20_000


class Shares:
    """clock: monotonic seconds; at_once: what a network may take at one time, per_s: what comes back in a second."""

    def __init__(self, at_once: float, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once, self._per_s, self._clock = at_once, per_s, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, network: str) -> float:
        """Take one: 0.0 when it was there, else the seconds after which it is worth asking again."""
        now = self._clock()
        left, at = self._left.pop(network, (self._at_once, now))
        left = min(self._at_once, left + max(now - at, 0.0) * self._per_s)
        taken = left >= 1.0
        self._left[network] = (left - 1.0 if taken else left, now)
        while len(self._left) > KEPT_MAX:
            self._left.popitem(last=False)
        return 0.0 if taken else (1.0 - left) / self._per_s

    def kept(self) -> int:
        """Of how many networks something is kept."""
        return len(self._left)
