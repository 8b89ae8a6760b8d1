"""`python -m holdfast.control chat`: what the front doors ask about chats, by mutual TLS and signed calls.

A process of its own, so that a flood of customers takes nothing from the console on which staff answer them. The work
on the database is done by a few threads; a door that asks for news waits here, and holds no thread and no connection.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web
from django.db import Error as DatabaseFault
from django.db import connection
from django.utils import timezone

from holdfast.contracts.support import (
    NEWS_CONVERSATIONS_MAX,
    NEWS_WAIT_MS_MAX,
    State,
    View,
    asking_from_wire,
)
from holdfast.control.asked import Asked
from holdfast.control.support import consenting, forgetting, queue, talking
from holdfast.control.support.models import Conversation
from holdfast.settings import Installation
from holdfast.signing.inside import Inside
from holdfast.signing.sealing import NotSealed
from holdfast.telemetry import get_log

THREADS = 4
LOOK_S = 0.03
"""Between two looks for news while a door waits."""
PLACES_S, SWEEP_S, TRIM_S = 2.0, 5.0, 3600.0
"""Places in the queue are told again after so long, chats of agents who dropped out looked for, old words forgotten."""
BODY_BYTES_MAX = 200_000
UNDER_WAY_MAX = 400
"""Calls of doors at one time; more are told to come again."""
NEWER = (Path(__file__).parent / "sql" / "newer.sql").read_text(encoding="utf-8")


@dataclass
class Turn:
    """When things that need no asking were done last, monotonic seconds."""

    swept: float = float("-inf")
    placed: float = float("-inf")
    trimmed: float = float("-inf")

    def due(self, now: float) -> bool:
        """Whether something is to be done again."""
        return now - self.placed > PLACES_S or now - self.swept > SWEEP_S or now - self.trimmed > TRIM_S


class Chats:
    """The doors' side of the support desk."""

    def __init__(self) -> None:
        self._asked = Asked("chat", THREADS, UNDER_WAY_MAX)
        self._turn = Turn()
        self._places: dict[UUID, int] = {}
        self._round: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        """Every address, each for the doors alone but for the sign of life."""
        acts: dict[str, Callable[[dict[str, Any], datetime], View]] = {
            "say": lambda raw, now: talking.say(
                asking_from_wire(raw), str(raw["message"]), str(raw["words"]), bool(raw["person"]), now
            ),
            "read": lambda raw, now: talking.read(asking_from_wire(raw), int(raw["after"]), now),
            "person": lambda raw, now: talking.ask_person(asking_from_wire(raw), now),
            "call": lambda raw, now: talking.ask_call(asking_from_wire(raw), now),
            "let": lambda raw, now: consenting.let(asking_from_wire(raw), str(raw["consent"]), now),
            "stop": lambda raw, now: consenting.stop(asking_from_wire(raw), now),
            "end": lambda raw, now: talking.end(asking_from_wire(raw), now),
            "rate": lambda raw, now: talking.rate(asking_from_wire(raw), int(raw["score"]), now),
        }
        made = [web.post(f"/-/chat/{name}", self._asked.checked(partial(self._act, act))) for name, act in acts.items()]
        return [*made, web.post("/-/chat/news", self._asked.checked(self._news)), web.get("/-/health", self._health)]

    async def _act(self, act: Callable[[dict[str, Any], datetime], View], raw: dict[str, Any]) -> dict[str, Any]:
        view = await self._asked.in_thread(lambda: act(raw, timezone.now()))
        return view.to_wire()

    async def _news(self, raw: dict[str, Any]) -> dict[str, Any]:
        """What is new in the conversations that a door's customers look at: {id: [version, last number, ahead]} is
        what it knows; answered as soon as something is, or at the end of its wait."""
        known = {UUID(ident): tuple(map(int, seen)) for ident, seen in raw["seen"].items()}
        if len(known) > NEWS_CONVERSATIONS_MAX:
            raise ValueError("too many conversations at once")
        ends = time.monotonic() + min(int(raw["wait_ms"]), NEWS_WAIT_MS_MAX) / 1000
        while True:
            now = time.monotonic()
            self._look_round(now, known)
            found = await self._asked.in_thread(partial(news, known, self._places))
            if found or now >= ends:
                return {"views": [view.to_wire() for view in found]}
            await asyncio.sleep(LOOK_S)

    def _look_round(self, now: float, known: Collection[UUID]) -> None:
        """What falls due with time while doors ask is done beside the looks for news, one round at a time: no message
        waits for it."""
        resting = self._round is None or self._round.done()
        if resting and self._turn.due(now):
            self._round = asyncio.create_task(self._do_round(now, known))

    async def _do_round(self, now: float, known: Collection[UUID]) -> None:
        """Places in the queue, lost chats, old words. What fails now falls due again."""
        turn = self._turn
        try:
            if now - turn.placed > PLACES_S:
                turn.placed = now
                self._places = await self._asked.in_thread(queue.places)
            if now - turn.swept > SWEEP_S:
                turn.swept = now
                await self._asked.in_thread(partial(talking.still_there, known, timezone.now()))
                await self._asked.in_thread(partial(queue.sweep, timezone.now()))
            if now - turn.trimmed > TRIM_S:
                turn.trimmed = now
                await self._asked.in_thread(partial(forgetting.trim, timezone.now()))
        except (DatabaseFault, NotSealed) as error:
            get_log().warning("a round at the support desk failed", error=type(error).__name__)

    async def _health(self, _request: web.Request) -> web.Response:
        with contextlib.suppress(DatabaseFault):
            waiting = await self._asked.in_thread(lambda: Conversation.objects.filter(state=State.WAITING).count())
            return web.json_response({"ok": True, "waiting": waiting})
        return web.json_response({"ok": False}, status=503)


def news(known: dict[UUID, tuple[int, ...]], places: dict[UUID, int]) -> list[View]:
    """The views of those conversations that are newer than known, or wait in another place by now; places: of those who
    waited a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute(NEWER, [list(known), [seen[0] for seen in known.values()]])
        changed = {ident for (ident,) in cursor.fetchall()}
    moved = [ident for ident, seen in known.items() if places.get(ident, seen[2]) != seen[2]]
    if moved:
        still = Conversation.objects.filter(pk__in=moved, state=State.WAITING)
        changed |= set(still.values_list("id", flat=True))
    if not changed:
        return []
    now, found = timezone.now(), []
    for one in Conversation.objects.filter(pk__in=changed).select_related("agent"):
        found.append(talking.view(one, known[one.pk][1], now, places))
    return found


def make_app(more: Iterable[web.RouteDef] = ()) -> web.Application:
    """The application; more: what other rooms answer the doors by the same process."""
    app = web.Application(client_max_size=BODY_BYTES_MAX)
    app.add_routes([*Chats().routes(), *more])
    return app


def serve(home: Installation, more: Iterable[web.RouteDef]) -> None:
    """Serve the doors until SIGTERM or SIGINT. Raises AuthorityFault without a certificate, OSError for a port that is
    taken."""
    inside = Inside(home.keys, "control", serves=True)
    app = make_app(more)
    web.run_app(app, host="127.0.0.1", port=home.support_port, ssl_context=inside, print=None, access_log=None)
