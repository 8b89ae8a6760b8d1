"""What the front doors, or the bank, ask of the control room: each call checked, bounded in number, done by a few
threads."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiohttp import web
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError, connection

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.errors import BadToken
from holdfast.control.errors import Declined
from holdfast.control.place import switchboard
from holdfast.signing.sealing import NotSealed
from holdfast.telemetry import get_log

T = TypeVar("T")
Handler = Callable[[web.Request], Coroutine[Any, Any, web.Response]]
log = get_log()


class Asked:
    """One room's side towards the doors. threads: of its own, so that one room's work takes nothing from another's;
    most: calls at one time, more are told to come again."""

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._name, self._most, self._under_way = name, most, 0
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)

    def checked(
        self, work: Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]], caller: str = "door"
    ) -> Handler:
        """A handler for one caller alone: 403 for anybody else, 409 with its name for what is declined, 400 for what is
        not of the agreed form, 503 while the store does not answer."""

        async def handler(request: web.Request) -> web.Response:
            body = await request.read()
            try:
                said = request.headers.get(CALLER_HEADER)
                switchboard().keyring.verify_call(said, request.path, {caller}, body)
            except BadToken as error:
                return web.json_response({"error": str(error)}, status=403)
            if self._under_way >= self._most:
                return web.json_response({"error": "very many ask at this moment"}, status=503)
            self._under_way += 1
            try:
                return web.json_response(await work(json.loads(body)))
            except Declined as declined:
                return web.json_response({"refused": declined.why.value}, status=409)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                return web.json_response({"error": f"not of the agreed form: {type(error).__name__}"}, status=400)
            except (DatabaseFault, NotSealed) as error:
                log.error("cannot be kept", room=self._name, error=type(error).__name__)  # noqa: TRY400  # no words of customers
                return web.json_response({"error": "the store does not answer"}, status=503)
            finally:
                self._under_way -= 1

        return handler

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
