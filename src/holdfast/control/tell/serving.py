"""What the front doors ask about inboxes, and the bank about the ways to its customers, answered by the process of the
chats in threads of its own."""

import asyncio
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from aiohttp import web
from django.utils import timezone

from holdfast.contracts.inbox import customer_from_wire
from holdfast.contracts.languages import LANGUAGES
from holdfast.contracts.phones import plain_phone
from holdfast.control.asked import Asked
from holdfast.control.place import installation
from holdfast.control.response import pushing
from holdfast.control.tell import gateways, inbox
from holdfast.telemetry import get_log

THREADS = 2
UNDER_WAY_MAX = 200
TEXTING_THREADS, CODES_A_MINUTE_MAX, MINUTE_S = 2, 30, 60.0
"""Codes to numbers, of all customers together: each costs money."""
log = get_log()


class Telling:
    """Inboxes for the doors; ways and codes for the bank."""

    def __init__(self) -> None:
        self._asked = Asked("telling", THREADS, UNDER_WAY_MAX)
        self._texting = ThreadPoolExecutor(TEXTING_THREADS, thread_name_prefix="texting")
        self._codes: deque[float] = deque(maxlen=CODES_A_MINUTE_MAX)

    def routes(self) -> list[web.RouteDef]:
        """Every address."""
        return [
            web.post("/-/inbox/read", self._asked.checked(self._inbox)),
            web.post("/-/inbox/unread", self._asked.checked(self._unread)),
            web.post("/-/told/ways", self._asked.checked(self._ways, "primary")),
            web.post("/-/told/code", self._asked.checked(self._code, "primary")),
        ]

    async def _inbox(self, raw: dict[str, Any]) -> dict[str, Any]:
        """A customer's inbox, which the door shows to them at once where `seen` says so."""
        customer, seen = customer_from_wire(raw), bool(raw["seen"])
        found = await self._asked.in_thread(lambda: inbox.read(customer, timezone.now(), seen))
        return found.to_wire()

    async def _unread(self, raw: dict[str, Any]) -> dict[str, Any]:
        customer = customer_from_wire(raw)
        return {"unread": await self._asked.in_thread(lambda: inbox.unread(customer))}

    async def _ways(self, _raw: dict[str, Any]) -> dict[str, Any]:
        """By which short ways customers can be told, and the key that their browsers must know."""
        sms = await self._asked.in_thread(gateways.are_set)
        number, key = await self._asked.in_thread(lambda: pushing.newest_key(installation().keys))
        return {"sms": sms, "push": {"number": number, "key": key}}

    async def _code(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Send the code that confirms a number. It takes seconds, in a thread that nothing else waits for."""
        phone, language, code = plain_phone(str(raw["phone"])), str(raw["language"]), str(raw["code"])
        if not phone or language not in LANGUAGES or not (code.isascii() and code.isdecimal() and len(code) < 10):
            raise ValueError("no number, language or code")
        began = time.monotonic()
        if len(self._codes) == CODES_A_MINUTE_MAX and began - self._codes[0] < MINUTE_S:
            return {"sent": False}
        self._codes.append(began)
        found = await self._asked.in_thread(gateways.known)
        send = partial(gateways.send_code, found, phone, language, code)
        sent = await asyncio.get_running_loop().run_in_executor(self._texting, send)
        log.info("a code that confirms a number", sent=sent, took_s=round(time.monotonic() - began, 1))
        return {"sent": sent}
