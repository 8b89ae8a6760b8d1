"""Make the copy anew while the spare bank goes on serving by the old one.

A second copy, in a file of its own beside the first, is fed from the first block and the first fact on. Once it is
level with the bank it takes the first one's place in one step: no block is applied meanwhile, the step runs in the
journal writer's order, so that no payment is decided between, and the view's lock is held, so that no page sees half
of it. The waiting entries are those of the whole journal against the new copy. The journal itself is not touched.
Killed before that step the spare bank starts with the old copy, and the half-made file is removed.
"""

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp

from holdfast.contracts.journal import Entry
from holdfast.standin.bank import SpareBank
from holdfast.standin.copy import Copy, point_at, remove_copy
from holdfast.standin.deciding import restore
from holdfast.standin.errors import StandinError
from holdfast.standin.feed import BLOCKS_MAX, FACTS_MAX
from holdfast.standin.journal import Writing
from holdfast.standin.reader import CopyReader
from holdfast.standin.view import View
from holdfast.telemetry import get_log

PAUSE_S = 0.3
ROUNDS_MAX = 20
CHECKPOINT_EVERY = 50
"""Answers between two checkpoints of the copy in the making, whose log would otherwise grow as large as itself."""
WRITER_S_MAX = 20.0


@dataclass
class Progress:
    """How far it is; ended: words of how the last one ended."""

    running: bool = False
    why: str = ""
    block: int = 0
    bank_block: int = 0
    facts: int = 0
    ended: str = ""

    def to_wire(self) -> dict[str, Any]:
        """As health shows it."""
        return dict(vars(self))


class Entries:
    """The journal as its writer sees it, entries of the running commit too, behind a number."""

    def __init__(self, writing: Writing, after: int) -> None:
        self._writing = writing
        self._after = after

    def payments(self, after: int) -> Iterable[Entry]:
        """Accepts, voids and refusals with a higher number too, in order."""
        return [one for one in self._writing.entries(max(self._after, after)) if "payment" in one.body]

    def logouts(self, since_us: int) -> Iterable[str]:
        """Sessions ended since then."""
        found = self._writing.entries(self._after)
        return [str(one.body["session"]) for one in found if one.kind == "logout" and one.at_us >= since_us]

    def freezes(self) -> Iterable[dict[str, Any]]:
        """The bodies of entries that froze or unfroze a card."""
        return [one.body for one in self._writing.entries(self._after) if one.kind == "card"]

    def frozen(self) -> Iterable[dict[str, Any]]:
        """The bodies of entries by which a customer froze everything."""
        return [one.body for one in self._writing.entries(self._after) if one.kind == "freeze"]


class Rebuilding:
    """One at a time."""

    def __init__(self, bank: SpareBank) -> None:
        self._bank = bank
        self.progress = Progress()
        self._task: asyncio.Task[None] | None = None

    def start(self, why: str) -> bool:
        """Begin; False when one is under way."""
        if self.progress.running:
            return False
        self.progress = Progress(True, why)
        self._task = asyncio.create_task(self._run())
        return True

    async def stop(self) -> None:
        """End what is under way; the old copy stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        path = self._bank.copy.path.with_name(f"copy-{time.time_ns() // 1000}.sqlite")
        get_log().info("rebuild_begins", why=self.progress.why, file=path.name)
        new: Copy | None = None
        try:
            view = View()
            view.profile.today = self._bank.view.profile.today
            view.profile.own_currency = self._bank.view.profile.own_currency
            new = await asyncio.to_thread(Copy, path, view, self._bank.vault)
            await self._fill(new)
            await self._swap(new)
            new = None
            self.progress.ended = f"The copy was made anew to block {self._bank.view.head.number}."
        except (StandinError, OSError, RuntimeError) as error:
            self.progress.ended = f"The copy was not made anew: {error}"
        except BaseException:
            self.progress.ended = "The copy was not made anew: it was cut short."
            raise
        finally:
            self.progress.running = False
            get_log().info("rebuild_ends", words=self.progress.ended)
            if new is not None:
                new.close()
                remove_copy(path)

    async def _fill(self, new: Copy) -> None:
        """Feed it from the beginning until it is level with the bank; the bank may be away for a while."""
        source, progress, level, rounds = self._bank.source, self.progress, False, 0
        while not level:
            rounds += 1
            if rounds % CHECKPOINT_EVERY == 0:
                await asyncio.to_thread(new.checkpoint)
            try:
                raw = await source.ask(
                    "/-/feed/books", after=new.view.head.number, wait_ms=0, limit=BLOCKS_MAX, rebuild=1
                )
                facts = await source.ask("/-/feed/profile", after=new.view.fact_number, limit=FACTS_MAX)
            except (aiohttp.ClientError, TimeoutError, OSError):
                await asyncio.sleep(PAUSE_S)
                continue
            progress.bank_block, blocks = await asyncio.to_thread(new.apply_answer, raw)
            progress.block = new.view.head.number
            _, told = await asyncio.to_thread(new.apply_facts, facts)
            progress.facts = new.view.fact_number
            level = blocks < BLOCKS_MAX and told == 0 and progress.block >= progress.bank_block
        new.view.bank_head = progress.bank_block
        new.view.fed_at_us = new.view.answered_at_us = time.time_ns() // 1000

    async def _swap(self, new: Copy) -> None:
        """Put it in the old one's place, no older than the old one unless that had drifted."""
        bank, loop = self._bank, asyncio.get_running_loop()
        reader = CopyReader(new.path, self._bank.vault)
        upto = bank.journal.position
        await asyncio.to_thread(restore, new.view, bank.journal_reader, reader, time.time_ns() // 1000)
        async with bank.feed.paused():
            for _ in range(ROUNDS_MAX):
                if new.view.head.number >= bank.view.head.number or bank.copy.drift:
                    break
                await self._fill(new)
            else:
                raise RuntimeError(
                    f"the bank's books end at block {new.view.head.number}, the copy in use has "
                    f"{bank.view.head.number}, which may be all that is left of what the bank lost"
                )
            await asyncio.to_thread(new.set_filled)
            await loop.run_in_executor(bank.copy_thread, self._exchange, new, upto)

    def _exchange(self, new: Copy, upto: int) -> None:
        """In the copy's thread: nothing is applied; the rest in the journal writer's order: nothing is decided."""
        bank, old = self._bank, self._bank.copy.path
        reader = CopyReader(new.path, self._bank.vault)

        def change(writing: Writing) -> None:
            restore(new.view, Entries(writing, upto), reader, time.time_ns() // 1000)
            _hide_after(new.view, bank.journal.position)
            point_at(new.path)
            bank.view.adopt(new.view)
            bank.copy.take_over(new)
            bank.copy_reader.move(new.path)

        bank.journal.submit(change).result(WRITER_S_MAX)
        new.close()  # by now it holds the old one's connection
        remove_copy(old)


def _hide_after(view: View, position: int) -> None:
    """Entries of the running commit are judged with but not shown before they are on disk."""
    for ident, one in list(view.shown.entries.items()):
        if one.number > position:
            view.shown.remove(ident)


def said(raw: bytes) -> str:
    """The reason in the body of a call; raises ValueError or TypeError when it has not the agreed form."""
    body = json.loads(raw) if raw else {}
    if not isinstance(body, dict):
        raise TypeError("the body is no JSON object")
    return str(body.get("why", ""))[:300]
