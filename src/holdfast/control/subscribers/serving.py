"""What the front doors ask about subscriptions, answered by the process of the chats in threads of its own."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from aiohttp import web
from django.utils import timezone

from holdfast.contracts.subscribing import Shown, Wish
from holdfast.control.asked import Asked
from holdfast.control.subscribers import asking

THREADS = 2
UNDER_WAY_MAX = 100
Act = Callable[[dict[str, Any], datetime], Shown]


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


def routes() -> list[web.RouteDef]:
    """Every address, each for the doors alone."""
    asked = Asked("subscribers", THREADS, UNDER_WAY_MAX)

    async def answer(act: Act, raw: dict[str, Any]) -> dict[str, Any]:
        shown = await asked.in_thread(lambda: act(raw, timezone.now()))
        return shown.to_wire()

    return [web.post(f"/-/subscribe/{name}", asked.checked(partial(answer, act))) for name, act in ACTS.items()]
