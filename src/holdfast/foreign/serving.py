"""The feeder at work: the two feeds on the bank's port, a look into the folder each second, the journal pulled."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
from aiohttp import web

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.errors import BadToken
from holdfast.foreign.core import Core
from holdfast.foreign.errors import ForeignError
from holdfast.foreign.folder import Folder
from holdfast.foreign.handing import Handing
from holdfast.settings import Installation
from holdfast.signing import Keyring, load_keyring
from holdfast.signing.inside import Inside
from holdfast.telemetry import get_log, lines

LOOK_S = 1.0
WAIT_STEP_S = 0.05
WAIT_MS_MAX = 2000
BLOCKS_MAX = 500
FACTS_MAX = 5000
ENTRIES_MAX = 1000
HANDED_BACK = "handed-back"
READERS = frozenset({"standin", "control"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answer = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


class Feeder:
    """One foreign core: its store, its folder, and the way back."""

    def __init__(self, home: Installation, folder: Path) -> None:
        self.home = home
        self.core = Core(home.folder("foreign") / "core.sqlite", home.bank_name, home.currency, home.time_zone)
        self.keyring: Keyring = load_keyring(home.keys, "primary")
        self._folder = Folder(folder, self.core)
        self._handing = Handing(self.core, folder / HANDED_BACK, home.bank_name)
        self.standin_block = 0

    def look(self) -> None:
        """Read what is new in the folder, and say what made no sense."""
        batch = self._folder.look()
        if batch is not None:
            for problem in self.core.take(batch):
                get_log().warning("left_out", file=problem.file, line=problem.line, words=problem.words)

    async def pull(self, http: aiohttp.ClientSession) -> int:
        """Read the spare bank's journal on from where we are; how many entries."""
        path = "/-/journal"
        after = await asyncio.to_thread(self._handing.position)
        async with http.get(
            f"https://127.0.0.1:{self.home.standin_port}{path}",
            params={"after": after, "limit": ENTRIES_MAX},
            headers={CALLER_HEADER: self.keyring.call("standin", path)},
            timeout=aiohttp.ClientTimeout(total=5),
            server_hostname="standin",
        ) as answer:
            answer.raise_for_status()
            entries = (await answer.json())["entries"]
        return await asyncio.to_thread(self._handing.take, entries)

    async def run(self) -> None:
        """For ever; what fails is said and tried again."""
        calling = aiohttp.TCPConnector(ssl=Inside(self.home.keys, "primary", serves=False))
        async with aiohttp.ClientSession(connector=calling) as http:
            while True:
                try:
                    await asyncio.to_thread(self.look)
                    while await self.pull(http) == ENTRIES_MAX:
                        pass
                except (aiohttp.ClientError, TimeoutError):
                    pass  # the spare bank starts, or rests; its journal waits for us
                except (ForeignError, OSError, sqlite3.Error, KeyError, ValueError) as error:
                    get_log().error("feeder_waits", why=str(error))
                await asyncio.sleep(LOOK_S)


class Answers:
    """The addresses on the bank's port, each bound to one feeder."""

    def __init__(self, feeder: Feeder) -> None:
        self._feeder = feeder

    def called_by(self, names: frozenset[str], work: Answer) -> Handler:
        """Only calls signed by one of these buildings are answered; `work` is told by which."""

        async def checked(request: web.Request) -> web.StreamResponse:
            try:
                said, body = request.headers.get(CALLER_HEADER), await request.read()
                who = self._feeder.keyring.verify_call(said, request.path, names, body)
                return await work(request, who)
            except BadToken as error:
                return web.json_response({"error": str(error)}, status=403)
            except ValueError as error:
                return web.json_response({"error": f"the query has not the agreed form: {error}"}, status=400)

        return checked

    async def books(self, request: web.Request, caller: str) -> web.Response:
        """Blocks after a number, by long poll; the spare bank's question also says what it has on disk."""
        core = self._feeder.core
        after, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "500"))
        wait_s = min(int(request.query.get("wait_ms", "0")), WAIT_MS_MAX) / 1000
        if caller == "standin":
            self._feeder.standin_block = after
        for _ in range(int(wait_s / WAIT_STEP_S)):
            if await asyncio.to_thread(core.head) > after:
                break
            await asyncio.sleep(WAIT_STEP_S)
        blocks = await asyncio.to_thread(core.blocks_after, after, min(limit, BLOCKS_MAX))
        return web.json_response({"head": await asyncio.to_thread(core.head), "blocks": blocks})

    async def profile(self, request: web.Request, _: str) -> web.Response:
        """Profile facts after a number, in order."""
        after, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "1000"))
        facts = await asyncio.to_thread(self._feeder.core.facts_after, after, min(limit, FACTS_MAX))
        return web.json_response(facts)

    async def problems(self, _request: web.Request, _: str) -> web.Response:
        """What was left out, the newest first."""
        return web.json_response({"problems": await asyncio.to_thread(self._feeder.core.problems)})

    async def lines(self, request: web.Request, _: str) -> web.Response:
        """What this process warned of; of traces it keeps none, as customers' requests come past it."""
        query = request.query
        after, limit = lines.asked(query.get("since", ""), query.get("limit", str(lines.LIMIT_MAX)))
        folder, kind = self._feeder.home.folder("foreign"), request.path.rpartition("/")[2]
        found = await asyncio.to_thread(lines.joined, folder, after, limit, kind)
        return web.json_response(found.to_wire())

    async def health(self, _: web.Request) -> web.Response:
        """How the feeder is; `waiting`: payments handed back that the core has not reported yet."""
        head = await asyncio.to_thread(self._feeder.core.head)
        waiting = await asyncio.to_thread(self._feeder.core.waiting)
        said = {"ok": True, "database": True, "block": head, "standin_block": self._feeder.standin_block}
        words = "a foreign core, known from files"
        return web.json_response({**said, "waiting": waiting, "words": words, "mode_counts": {}})


async def _nobody(_: web.Request) -> web.Response:
    return web.Response(status=503, text="The core's own channels serve customers; here the spare bank does.\n")


def make_app(feeder: Feeder) -> web.Application:
    """What stands on the bank's port; customers get 503 here, so that the doors ask the spare bank."""
    answers = Answers(feeder)

    async def life(_: web.Application) -> AsyncIterator[None]:
        work = asyncio.create_task(feeder.run())
        yield
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        feeder.core.close()

    app = web.Application()
    app.cleanup_ctx.append(life)
    app.add_routes(
        [
            web.get("/-/feed/books", answers.called_by(READERS, answers.books)),
            web.get("/-/feed/profile", answers.called_by(READERS, answers.profile)),
            web.get("/-/problems", answers.called_by(READERS | {"runtime"}, answers.problems)),
            web.get("/-/lines", answers.called_by(frozenset({"control", "runtime"}), answers.lines)),
            web.get("/-/traces", answers.called_by(frozenset({"control", "runtime"}), answers.lines)),
            web.get("/-/health", answers.health),
            web.route("*", "/{rest:.*}", _nobody),
        ]
    )
    return app
