"""How often a program may ask, or a customer open pages: so many in a window of time, counted in bounded memory.

Each bank counts for itself, in one process; a restart forgets the counts, which costs nothing but one more window.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

TOKEN_MOST, NETWORK_MOST = 300, 60
"""Requests of one token, and requests with tokens that do not hold from one network, in a window."""
PAGES_MOST = 600
"""Pages of one customer in a window: more than anybody reads, less than somebody copies who took an account over."""
WINDOW_S = 60
KEPT_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a counter stands after a request. left: requests that may still come in this window; ends_s: seconds until
    the next window; over: this request was one too many."""

    most: int
    left: int
    ends_s: int
    over: bool

    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes it."""
        return {
            "RateLimit-Policy": f'"default";q={self.most};w={WINDOW_S}',
            "RateLimit": f'"default";r={self.left};t={self.ends_s}',
        }


class Rates:
    """Counters by key; of more than kept_max keys those that were asked for longest ago are forgotten. Thread-safe."""

    def __init__(self, most: int, kept_max: int = KEPT_MAX, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._kept_max, self._clock = most, kept_max, clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[int | str, tuple[float, int]] = OrderedDict()

    def take(self, key: int | str, requests: int = 1) -> Rate:
        """Count so many requests (0: only look)."""
        now = self._clock()
        with self._lock:
            began, count = self._counts.pop(key, (now, 0))
            if now - began >= WINDOW_S:
                began, count = now, 0
            count = min(count + requests, self._most + 1)
            if count:
                self._counts[key] = (began, count)
            if len(self._counts) > self._kept_max:
                self._counts.popitem(last=False)
        ends_s = max(1, round(began + WINDOW_S - now))
        return Rate(self._most, max(0, self._most - count), ends_s, count > self._most)
