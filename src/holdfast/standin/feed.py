"""The feed: pulls blocks and profile facts from the bank for as long as the process lives.

The next request's `after` tells the bank what is on disk here, so each answer is applied before the next is
asked for. A bank that is away costs a growing pause; what does not hold stops that stream in words, behind the last
block or fact that did hold, and only until what comes holds again.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.signing import Keyring
from holdfast.standin.copy import Copy
from holdfast.standin.errors import FeedBroken
from holdfast.standin.view import View
from holdfast.telemetry import get_log

WAIT_MS = 1500
BLOCKS_MAX = 200
FACTS_MAX = 1000
PAUSE_S_MIN, PAUSE_S_MAX = 0.05, 1.0
TROUBLE_PAUSE_S = 2.0
PROFILE_PAUSE_S = 0.5
TIMEOUT_S = 15.0
SILENT_S_MAX = 5.0
"""An answer that does not begin, or does not go on, for so long is lost: the question is asked again."""
TIMEOUT = aiohttp.ClientTimeout(total=TIMEOUT_S, sock_connect=SILENT_S_MAX, sock_read=SILENT_S_MAX)


class Source:
    """The bank's internal addresses, asked under the spare bank's key."""

    def __init__(self, http: aiohttp.ClientSession, keyring: Keyring, port: int) -> None:
        self._http = http
        self._keyring = keyring
        self._base = f"https://127.0.0.1:{port}"

    async def ask(self, path: str, **query: int | str) -> bytes:
        """The body of a 200 answer; raises aiohttp.ClientError, TimeoutError or OSError."""
        headers = {CALLER_HEADER: self._keyring.call("primary", path)}
        asked: dict[str, Any] = {"params": query, "headers": headers, "timeout": TIMEOUT}
        async with self._http.get(self._base + path, server_hostname="primary", **asked) as answer:
            if answer.status != 200:
                raise aiohttp.ClientError(f"the bank answered {answer.status}")
            return await answer.read()


class Feed:
    """Two streams into one copy. `trouble` holds words while a stream is stopped by something that does not hold."""

    def __init__(self, source: Source, *, copy: Copy, view: View, thread: ThreadPoolExecutor) -> None:
        self._source = source
        self._copy = copy
        self._view = view
        self._thread = thread
        self.trouble: dict[str, str] = {}
        self._level = {"books": False, "profile": False}
        self._pulling = {"books": asyncio.Lock(), "profile": asyncio.Lock()}

    async def run(self) -> None:
        """Pull both streams until cancelled."""
        await asyncio.gather(self._stream("books", self._books), self._stream("profile", self._profile))

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Meanwhile nothing is asked for or applied; what is under way ends first (a long poll takes 1.5 s)."""
        async with self._pulling["books"], self._pulling["profile"]:
            yield
            self.trouble.clear()

    async def _stream(self, name: str, pull: Callable[[], Awaitable[float]]) -> None:
        pause_s = PAUSE_S_MIN
        while True:
            try:
                async with self._pulling[name]:
                    rest_s = await pull()
                self.trouble.pop(name, None)
                pause_s = PAUSE_S_MIN
            except FeedBroken as error:
                if self.trouble.get(name) != str(error):
                    get_log().error("feed_stopped", stream=name, why=str(error))
                self.trouble[name] = str(error)
                rest_s = TROUBLE_PAUSE_S
            except (aiohttp.ClientError, TimeoutError, OSError):
                rest_s, pause_s = pause_s, min(pause_s * 2, PAUSE_S_MAX)
            except Exception as error:  # the copy's disk, or a fault of ours: never the process, always in words
                get_log().error("feed_failed", stream=name, why=repr(error))
                self.trouble[name] = f"The copy could not be written ({error})."
                rest_s = TROUBLE_PAUSE_S
            if rest_s:
                await asyncio.sleep(rest_s)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    async def _books(self) -> float:
        began = time.monotonic()
        limit = 1 if "books" in self.trouble else BLOCKS_MAX  # one by one up to what does not hold
        raw = await self._source.ask("/-/feed/books", after=self._view.head.number, wait_ms=WAIT_MS, limit=limit)
        asked_at_us = self._view.answered_at_us = time.time_ns() // 1000
        bank_head, applied = await self._in_thread(self._copy.apply_answer, raw)
        self._view.bank_head = bank_head
        if bank_head < self._view.head.number:
            raise FeedBroken(
                f"The bank's books end at block {bank_head}, the copy has {self._view.head.number}: the "
                "bank has lost blocks that it had committed. Recover the bank from the copy."
            )
        if bank_head == self._view.head.number:
            self._view.fed_at_us = asked_at_us
            await self._mark_level("books")
        if applied == 0 and time.monotonic() - began < PAUSE_S_MIN:
            return PAUSE_S_MIN  # a bank that does not wait is not asked in a tight loop
        return 0.0

    async def _profile(self) -> float:
        limit = 1 if "profile" in self.trouble else FACTS_MAX
        raw = await self._source.ask("/-/feed/profile", after=self._view.fact_number, limit=limit)
        _, applied = await self._in_thread(self._copy.apply_facts, raw)
        if applied == 0:
            await self._mark_level("profile")
        return 0.0 if applied >= limit // 2 > 0 else PROFILE_PAUSE_S

    async def _mark_level(self, name: str) -> None:
        self._level[name] = True
        if not self._view.filled and all(self._level.values()) and await self._in_thread(self._copy.has_accounts):
            await self._in_thread(self._copy.set_filled)
