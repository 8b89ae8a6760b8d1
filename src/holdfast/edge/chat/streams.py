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

WAIT_MS = 300
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
        """Ask as long as somebody looks. Each question is short, so that a page that opens meanwhile is in the next one
        soon; what it shows at first it has read itself."""
        while self._seen:
            asked = {conversation: list(known) for conversation, known in self._seen.items()}
            try:
                found = await asking.news(self._door, asked, WAIT_MS)
            except DeskAway:
                await asyncio.sleep(AGAIN_S)
                continue
            for view in found:
                self._hand_out(view, asked.get(view.conversation, []))

    def _hand_out(self, view: View, asked: list[int]) -> None:
        """To every page that shows it. Where a page that knows less was opened since the question was asked, the next
        one asks for what that page lacks; the others leave out what they have."""
        if self._seen.get(view.conversation) == asked:
            last = max([view.last, *(one.number for one in view.lines)])
            self._seen[view.conversation] = [view.version, last, view.ahead]
        for page in list(self._pages.get(view.conversation, ())):
            page.give(view)
