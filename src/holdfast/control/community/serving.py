"""What the front doors ask about the community, answered by the process of the chats in threads of its own."""

import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from aiohttp import web
from django.utils import timezone

from holdfast.contracts.community import Trouble, Who, who_from_wire
from holdfast.contracts.shapes import to_wire
from holdfast.control.asked import Asked
from holdfast.control.community import names, polls, problems, reading, searching, tours, webinars, writing
from holdfast.control.community.writing import Text

THREADS = 2
UNDER_WAY_MAX = 100
TRIM_S = 3600.0
CHOICES_MAX = 8
Act = Callable[[Who, dict[str, Any], datetime], Any]


def _text(raw: dict[str, Any]) -> Text:
    return Text(UUID(str(raw["said"])), str(raw["words"]), str(raw.get("title", "")))


def _answers(raw: dict[str, Any]) -> list[int]:
    return [int(one) for one in list(raw["chosen"])[:CHOICES_MAX]]


LOOKS: dict[str, Act] = {
    "ideas": lambda who, raw, _: reading.forum(who, str(raw["order"])),
    "idea": lambda who, raw, _: reading.one(who, int(raw["number"])),
    "webinars": lambda who, _, now: webinars.school(who, now),
    "webinar": lambda who, raw, now: webinars.one(who, int(raw["number"]), now),
    "topics": lambda who, raw, _: searching.topics(who, str(raw["find"])),
    "tours": lambda who, _, now: tours.tours(who, now),
}
"""What is only looked at; the answer is a shape."""
ACTS: dict[str, Act] = {
    "suggest": lambda who, raw, now: writing.suggest(who, _text(raw), now),
    "comment": lambda who, raw, now: writing.comment(who, int(raw["number"]), _text(raw), now),
    "ask": lambda who, raw, now: writing.ask(who, int(raw["number"]), _text(raw), now),
    "vote": lambda who, raw, now: writing.vote(who, int(raw["number"]), raw["wanted"] is True, now),
    "report": lambda who, raw, now: writing.report(who, int(raw["number"]), str(raw["words"]), now),
    "appeal": lambda who, raw, _: writing.appeal(who, int(raw["number"]), str(raw["words"])),
    "rename": lambda who, raw, now: names.rename(writing.known(who), str(raw["words"]), now),
    "poll": lambda who, raw, now: polls.answer(who, int(raw["number"]), _answers(raw), now),
    "register": lambda who, raw, now: webinars.register(who, int(raw["number"]), now),
    "give-up": lambda who, raw, now: webinars.give_up(who, int(raw["number"]), now),
    "put-away": lambda who, raw, _: tours.put_away(who, int(raw["number"])),
    "problem": lambda who, raw, now: problems.report(
        who, Trouble(raw["trouble"]), str(raw["words"]), UUID(str(raw["said"])), now
    ),
}
"""What changes something; the answer says a number at most."""


class Community:
    """The doors' side of the community."""

    def __init__(self) -> None:
        self._asked = Asked("community", THREADS, UNDER_WAY_MAX)
        self._trimmed = float("-inf")

    def routes(self) -> list[web.RouteDef]:
        """Every address, each for the doors alone."""
        looks = [self._route(name, partial(self._look, act)) for name, act in LOOKS.items()]
        return [*looks, *(self._route(name, partial(self._act, act)) for name, act in ACTS.items())]

    def _route(self, name: str, work: Any) -> web.RouteDef:
        return web.post(f"/-/community/{name}", self._asked.checked(work))

    async def _look(self, look: Act, raw: dict[str, Any]) -> dict[str, Any]:
        found = await self._asked.in_thread(lambda: look(who_from_wire(raw), raw, timezone.now()))
        return to_wire(found)

    async def _act(self, act: Act, raw: dict[str, Any]) -> dict[str, Any]:
        done = await self._asked.in_thread(lambda: act(who_from_wire(raw), raw, timezone.now()))
        if time.monotonic() - self._trimmed > TRIM_S:
            self._trimmed = time.monotonic()
            await self._asked.in_thread(lambda: problems.trim(timezone.now()))
        return {"number": done if isinstance(done, int) else 0}
