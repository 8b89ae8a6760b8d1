"""What is new, to every open page: one question to the desk at a time for all conversations that this door's customers
look at, its answer handed to each page that shows one of them. Nothing is asked while nobody looks.
"""

import asyncio
import contextlib
from collections import defaultdict

from holdfast.contracts.support import NEWS_CONVERSATIONS_MAX, View
from holdfast.edge.chat import asking
from holdfast.edge.chat.asking import DeskAway
from holdfast.edge.state import Door

WAIT_MS = 2_000
AGAIN_S = 1.0
"""After a desk that did not answer."""
PAGES_MAX = 4_000
PAGES_EACH_MAX = 4
WAITING_MAX = 20
"""News that a slow page has not taken; it is then closed, and its browser asks anew."""


class Page:
    """One open page: what it knows of its conversation, and the news that it has not taken yet (None: it is closed)."""

    def __init__(self, view: View) -> None:
        self.conversation = view.conversation
        self.news: asyncio.Queue[View | None] = asyncio.Queue(WAITING_MAX)

    def give(self, view: View | None) -> None:
        """Hand it over; a page that takes nothing is closed."""
        try:
            self.news.put_nowait(view)
        except asyncio.QueueFull:
            with contextlib.suppress(asyncio.QueueEmpty):
                self.news.get_nowait()
            self.news.put_nowait(None)


class Streams:
    """The open pages of one door. Used from its event loop."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._pages: dict[str, list[Page]] = defaultdict(list)
        self._seen: dict[str, list[int]] = {}
        self._count = 0
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self, view: View) -> Page | None:
        """A page that shows this view from now on; None when there are too many."""
        there = self._pages.get(view.conversation, [])
        full = self._count >= PAGES_MAX or len(there) >= PAGES_EACH_MAX
        if full or (not there and len(self._seen) >= NEWS_CONVERSATIONS_MAX):
            return None
        page = Page(view)
        self._pages[view.conversation].append(page)
        self._count += 1
        self._note(view)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        self._more.set()
        return page

    def close(self, page: Page) -> None:
        """The page is gone."""
        there = self._pages.get(page.conversation, [])
        if page in there:
            there.remove(page)
            self._count -= 1
        if not there:
            self._pages.pop(page.conversation, None)
            self._seen.pop(page.conversation, None)

    def _note(self, view: View) -> None:
        """The least that any page of the conversation knows counts, so that none misses a line."""
        known = self._seen.get(view.conversation)
        told = [view.version, view.last, view.ahead]
        self._seen[view.conversation] = told if known is None else [min(known[0], told[0]), *told[1:]]
        if known is not None:
            self._seen[view.conversation][1] = min(known[1], told[1])

    async def _follow(self) -> None:
        """Ask as long as somebody looks; a page that opens meanwhile breaks the wait off."""
        while self._seen:
            self._more.clear()
            asked = asyncio.create_task(asking.news(self._door, dict(self._seen), WAIT_MS))
            changed = asyncio.create_task(self._more.wait())
            try:
                await asyncio.wait({asked, changed}, return_when=asyncio.FIRST_COMPLETED)
                if asked.done():
                    for view in asked.result():
                        self._hand_out(view)
            except DeskAway:
                await asyncio.sleep(AGAIN_S)
            finally:
                asked.cancel()
                changed.cancel()
                await asyncio.gather(asked, changed, return_exceptions=True)

    def _hand_out(self, view: View) -> None:
        if view.conversation in self._seen:
            last = max([view.last, *(one.number for one in view.lines)])
            self._seen[view.conversation] = [view.version, last, view.ahead]
        for page in list(self._pages.get(view.conversation, ())):
            page.give(view)
