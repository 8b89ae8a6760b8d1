"""The stream of blocks, and how far the spare bank has it on disk."""

import threading
import time
from typing import Any

from holdfast.bank.books import bell, reader

WAIT_MS_MAX = 2000
LOOK_S = 0.1
LIMIT_MAX = 500
ASKED_S_MAX = 2.0
ANSWER_WAIT_S = 0.02


class FeedCursor:
    """How far the spare bank has the blocks on disk, by what it asked for last. Thread-safe."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._block = 0
        self._asked_at = float("-inf")
        self._waited = 0
        self._without = 0

    def asked(self, after: int) -> None:
        """The spare bank asked for what follows `after`: it has everything up to there on disk."""
        with self._condition:
            self._block = after
            self._asked_at = time.monotonic()
            self._condition.notify_all()

    @property
    def block(self) -> int:
        """The last block it has on disk."""
        return self._block

    def wait_for(self, block: int) -> bool:
        """Wait until it has this block, at most 20 ms and not at all when it is away; whether it has it."""
        with self._condition:
            away = time.monotonic() - self._asked_at > ASKED_S_MAX
            has = self._block >= block
            if not has and not away:
                has = self._condition.wait_for(lambda: self._block >= block, ANSWER_WAIT_S)
            self._waited += 1
            self._without += not has
            return has

    def without_share(self) -> float:
        """The share of answers given before the spare bank had the block, 0 to 1."""
        with self._condition:
            return self._without / self._waited if self._waited else 0.0


standin_cursor = FeedCursor()


def read_blocks(after: int, wait_ms: int, limit: int) -> dict[str, Any]:
    """Blocks after a number in wire form; waits for one up to wait_ms, woken by this process's own blocks."""
    end = time.monotonic() + min(max(wait_ms, 0), WAIT_MS_MAX) / 1000
    limit = min(max(limit, 1), LIMIT_MAX)
    while True:
        blocks = reader().blocks(after, limit)
        rest_s = end - time.monotonic()
        if blocks or rest_s <= 0:
            last = blocks[-1]["number"] if blocks else after
            return {"head": max(reader().head().block, last), "blocks": blocks}
        _wait_for_block(after, end)


def _wait_for_block(after: int, end: float) -> None:
    """Until a block after this one is heard of, from this process or another, or the end is past."""
    while (rest_s := end - time.monotonic()) > 0:
        if bell.wait_beyond(after, min(LOOK_S, rest_s)) or reader().head().block > after:
            return
