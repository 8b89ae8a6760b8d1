"""What the front doors ask about subscriptions, answered by the process that also answers about chats."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from aiohttp import web
from django.utils import timezone

from holdfast.contracts.subscribing import Shown, Wish
from holdfast.control.subscribers import asking

Work = Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]
Act = Callable[[dict[str, Any], datetime], Shown]


class Desk(Protocol):
    """What serves the doors: checks who calls, and has threads for the database."""

    def checked(self, work: Work) -> Callable[[web.Request], Coroutine[Any, Any, web.Response]]:
        """For the doors alone."""

    async def in_thread(self, work: Callable[[], Any]) -> Any:
        """In one of the threads; may be done twice."""


def _wish(raw: dict[str, Any]) -> Wish:
    return Wish(
        str(raw["channel"]),
        str(raw["address"]),
        tuple(map(str, raw["components"])),
        str(raw["language"]),
        str(raw["network"]),
    )


ACTS: dict[str, Act] = {
    "ready": lambda _raw, _now: asking.ready(),
    "ask": lambda raw, now: asking.ask(_wish(raw), now),
    "confirm": lambda raw, now: asking.confirm(str(raw["code"]), now),
    "look": lambda raw, _now: asking.look(str(raw["key"])),
    "change": lambda raw, _now: asking.change(
        str(raw["key"]), tuple(map(str, raw["components"])), str(raw["language"])
    ),
    "end": lambda raw, _now: asking.end(str(raw["key"])),
}  # fmt: skip


def routes(desk: Desk) -> list[web.RouteDef]:
    """Every address, each for the doors alone."""

    async def answer(act: Act, raw: dict[str, Any]) -> dict[str, Any]:
        shown: Shown = await desk.in_thread(lambda: act(raw, timezone.now()))
        return shown.to_wire()

    return [web.post(f"/-/subscribe/{name}", desk.checked(partial(answer, act))) for name, act in ACTS.items()]
