"""The logins that a door has under way, and who waits inside the door for one, in the order in which they came."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable

from holdfast.edge.waiting.limit import READ_SLOW_S, Limit, learned

WAITING_MAX = 400
OF_ONE_NETWORK_MAX = 40
"""Requests of one network inside the door; the next is told to come again in a moment."""


class Places:
    """Used from one event loop. clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.limit = Limit()
        self.under_way = 0
        self.done = 0
        self.was_full = False
        """Whether somebody waited for a place since this was set to False."""
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._of_network: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """How many wait inside the door."""
        return len(self._waiting)

    @property
    def inside_s(self) -> float:
        """How long who comes now would wait inside the door."""
        if self.under_way < self.limit.whole:
            return 0.0
        return (len(self._waiting) + 1) / self.limit.capacity_per_s

    async def enter(self, network: str, wait_s: float, *, first: bool = False) -> bool:
        """Take a place, in turn, within wait_s; whether there was one. first: before those who wait already. Who has
        entered leaves by `leave`."""
        if self.under_way < self.limit.whole and not self._waiting:
            self.under_way += 1
            return True
        if len(self._waiting) >= WAITING_MAX or (network and self._of_network[network] >= OF_ONE_NETWORK_MAX):
            self.was_full = True
            return False
        self.was_full = True
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if first else self._waiting.append)(turn)
        self._of_network[network] += 1
        try:
            async with asyncio.timeout(wait_s):
                await turn
        except TimeoutError:
            return turn.done() and not turn.cancelled()  # it may have come in the same instant
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.under_way -= 1
            raise
        finally:
            self._of_network[network] -= 1
            if not self._of_network[network]:
                del self._of_network[network]
            if turn in self._waiting:
                self._waiting.remove(turn)
            self._let_in()
        return True

    def leave(self, took_s: float, *, well: bool, teaches: bool = True) -> None:
        """A login was answered after took_s; well: by a bank, and not by its failing; teaches: it was one of the usual
        kind, whose time says how busy the bank is."""
        full = self.under_way >= self.limit.whole
        if teaches:
            self.limit = learned(self.limit, took_s, well=well, full=full, now=self._clock())
        self.under_way -= 1
        self.done += 1
        self._let_in()

    def saw(self, took_s: float) -> None:
        """Somebody inside had an answer after took_s: when that is slow, fewer come in."""
        if took_s > READ_SLOW_S:
            self.limit = learned(self.limit, took_s, well=False, full=False, now=self._clock())

    def _let_in(self) -> None:
        while self._waiting and self.under_way < self.limit.whole:
            turn = self._waiting.popleft()
            if not turn.done():
                self.under_way += 1
                turn.set_result(None)
