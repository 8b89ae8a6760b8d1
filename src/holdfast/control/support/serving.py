"""`python -m holdfast.control chat`: what the front doors ask about chats, inboxes and subscriptions
to the status page, and the bank about ways to its customers, by mutual TLS and signed calls.

A process of its own, so that a flood of customers takes nothing from the console on which staff answer them. The work
on the database is done by a few threads; a door that asks for news waits here, and holds no thread and no connection.
"""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from aiohttp import web
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.errors import BadToken
from holdfast.contracts.inbox import customer_from_wire
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.phones import plain_phone
from holdfast.contracts.support import (
    NEWS_CONVERSATIONS_MAX,
    NEWS_WAIT_MS_MAX,
    State,
    View,
    asking_from_wire,
)
from holdfast.control.place import installation, switchboard
from holdfast.control.response import pushing
from holdfast.control.subscribers import serving as following
from holdfast.control.support import forgetting, queue, talking
from holdfast.control.support.errors import NotTaken
from holdfast.control.support.models import Conversation
from holdfast.control.tell import gateways, inbox
from holdfast.settings import Installation
from holdfast.signing.inside import Inside
from holdfast.signing.sealing import NotSealed
from holdfast.telemetry import get_log

THREADS = 4
TEXTING_THREADS, CODES_A_MINUTE_MAX, MINUTE_S = 2, 30, 60.0
"""Codes to numbers, of all customers together: each costs money."""
LOOK_S = 0.03
"""Between two looks for news while a door waits."""
PLACES_S, SWEEP_S, TRIM_S = 2.0, 5.0, 3600.0
"""Places in the queue are told again after so long, chats of agents who dropped out looked for, old words forgotten."""
BODY_BYTES_MAX = 200_000
UNDER_WAY_MAX = 400
"""Calls of doors at one time; more are told to come again."""
NEWER = (Path(__file__).parent / "sql" / "newer.sql").read_text(encoding="utf-8")
T = TypeVar("T")
Handler = Callable[[web.Request], Coroutine[Any, Any, web.Response]]
log = get_log()


@dataclass
class Turn:
    """When things that need no asking were done last, monotonic seconds; under_way: calls that are being answered."""

    swept: float = float("-inf")
    placed: float = float("-inf")
    trimmed: float = float("-inf")
    under_way: int = 0


class Chats:
    """The doors' side of the support desk."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="chat")
        self._texting = ThreadPoolExecutor(TEXTING_THREADS, thread_name_prefix="texting")
        self._codes: deque[float] = deque(maxlen=CODES_A_MINUTE_MAX)
        self._turn = Turn()
        self._places: dict[UUID, int] = {}

    def routes(self) -> list[web.RouteDef]:
        """Every address, each for the doors alone but for the sign of life."""
        acts: dict[str, Callable[[dict[str, Any], datetime], View]] = {
            "say": lambda raw, now: talking.say(
                asking_from_wire(raw), str(raw["message"]), str(raw["words"]), bool(raw["person"]), now
            ),
            "read": lambda raw, now: talking.read(asking_from_wire(raw), int(raw["after"]), now),
            "person": lambda raw, now: talking.ask_person(asking_from_wire(raw), now),
            "call": lambda raw, now: talking.ask_call(asking_from_wire(raw), now),
            "end": lambda raw, now: talking.end(asking_from_wire(raw), now),
            "rate": lambda raw, now: talking.rate(asking_from_wire(raw), int(raw["score"]), now),
        }
        made = [web.post(f"/-/chat/{name}", self.checked(partial(self._act, act))) for name, act in acts.items()]
        made += [
            web.post("/-/chat/news", self.checked(self._news)),
            web.post("/-/inbox/read", self.checked(self._inbox)),
            web.post("/-/inbox/unread", self.checked(self._unread)),
            web.post("/-/told/ways", self.checked(self._ways, "primary")),
            web.post("/-/told/code", self.checked(self._code, "primary")),
        ]
        return [*made, web.get("/-/health", self._health)]

    def checked(
        self, work: Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]], caller: str = "door"
    ) -> Handler:
        """For one caller alone, so many at one time, with a fault of ours as a status."""

        async def checked(request: web.Request) -> web.Response:
            body = await request.read()
            try:
                said = request.headers.get(CALLER_HEADER)
                switchboard().keyring.verify_call(said, request.path, {caller}, body)
            except BadToken as error:
                return web.json_response({"error": str(error)}, status=403)
            if self._turn.under_way >= UNDER_WAY_MAX:
                return web.json_response({"error": "very many ask at this moment"}, status=503)
            self._turn.under_way += 1
            try:
                return web.json_response(await work(json.loads(body)))
            except NotTaken as refused:
                return web.json_response({"refused": refused.why.value}, status=409)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return web.json_response({"error": f"not of the agreed form: {type(error).__name__}"}, status=400)
            except (DatabaseFault, NotSealed) as error:
                log.error("chats cannot be kept", error=type(error).__name__)  # noqa: TRY400  # no words of customers
                return web.json_response({"error": "the desk's store does not answer"}, status=503)
            finally:
                self._turn.under_way -= 1

        return checked

    async def in_thread(self, work: Callable[[], T]) -> T:
        """In one of the threads. A connection that broke is given up and the work done again by a new one, once: every
        act may be done twice."""

        def done() -> T:
            try:
                return work()
            except (OperationalError, InterfaceError):
                connection.close()
            return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, done)

    async def _act(self, act: Callable[[dict[str, Any], datetime], View], raw: dict[str, Any]) -> dict[str, Any]:
        view = await self.in_thread(lambda: act(raw, timezone.now()))
        return view.to_wire()

    async def _inbox(self, raw: dict[str, Any]) -> dict[str, Any]:
        """A customer's inbox, which the door shows to them at once where `seen` says so."""
        customer, seen = customer_from_wire(raw), bool(raw["seen"])
        found = await self.in_thread(lambda: inbox.read(customer, timezone.now(), seen))
        return found.to_wire()

    async def _unread(self, raw: dict[str, Any]) -> dict[str, Any]:
        customer = customer_from_wire(raw)
        return {"unread": await self.in_thread(lambda: inbox.unread(customer))}

    async def _ways(self, _raw: dict[str, Any]) -> dict[str, Any]:
        """For the bank: by which short ways customers can be told, and the key that their browsers must know."""
        sms = await self.in_thread(gateways.are_set)
        number, key = await self.in_thread(lambda: pushing.newest_key(installation().keys))
        return {"sms": sms, "push": {"number": number, "key": key}}

    async def _code(self, raw: dict[str, Any]) -> dict[str, Any]:
        """For the bank: send the code that confirms a number. It takes seconds, in a thread that no chat waits for."""
        phone, language, code = plain_phone(str(raw["phone"])), str(raw["language"]), str(raw["code"])
        if not phone or language not in LANGUAGES or not (code.isascii() and code.isdecimal() and len(code) < 10):
            raise ValueError("no number, language or code")
        began = time.monotonic()
        if len(self._codes) == CODES_A_MINUTE_MAX and began - self._codes[0] < MINUTE_S:
            return {"sent": False}
        self._codes.append(began)
        found = await self.in_thread(gateways.known)
        send = partial(gateways.send_code, found, phone, language, code)
        sent = await asyncio.get_running_loop().run_in_executor(self._texting, send)
        log.info("a code that confirms a number", sent=sent, took_s=round(time.monotonic() - began, 1))
        return {"sent": sent}

    async def _news(self, raw: dict[str, Any]) -> dict[str, Any]:
        """What is new in the conversations that a door's customers look at: {id: [version, last number, ahead]} is
        what it knows; answered as soon as something is, or at the end of its wait."""
        known = {UUID(ident): tuple(map(int, seen)) for ident, seen in raw["seen"].items()}
        if len(known) > NEWS_CONVERSATIONS_MAX:
            raise ValueError("too many conversations at once")
        ends = time.monotonic() + min(int(raw["wait_ms"]), NEWS_WAIT_MS_MAX) / 1000
        while True:
            now = time.monotonic()
            await self._look_round(now, known)
            found = await self.in_thread(partial(news, known, self._places))
            if found or now >= ends:
                return {"views": [view.to_wire() for view in found]}
            await asyncio.sleep(LOOK_S)

    async def _look_round(self, now: float, known: Collection[UUID]) -> None:
        """What falls due with time while doors ask: places in the queue, lost chats, old words."""
        turn = self._turn
        if now - turn.placed > PLACES_S:
            turn.placed = now
            self._places = await self.in_thread(queue.places)
        if now - turn.swept > SWEEP_S:
            turn.swept = now
            await self.in_thread(partial(talking.still_there, known, timezone.now()))
            await self.in_thread(partial(queue.sweep, timezone.now()))
        if now - turn.trimmed > TRIM_S:
            turn.trimmed = now
            await self.in_thread(partial(forgetting.trim, timezone.now()))

    async def _health(self, _request: web.Request) -> web.Response:
        with contextlib.suppress(DatabaseFault):
            waiting = await self.in_thread(lambda: Conversation.objects.filter(state=State.WAITING).count())
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


def make_app() -> web.Application:
    """The application."""
    app = web.Application(client_max_size=BODY_BYTES_MAX)
    chats = Chats()
    app.add_routes(chats.routes())
    app.add_routes(following.routes(chats))
    return app


def serve(home: Installation) -> None:
    """Serve the doors until SIGTERM or SIGINT. Raises AuthorityFault without a certificate, OSError for a port that is
    taken."""
    inside = Inside(home.keys, "control", serves=True)
    app = make_app()
    web.run_app(app, host="127.0.0.1", port=home.support_port, ssl_context=inside, print=None, access_log=None)
