"""One door process: the public port (shared by all doors), the internal port (shared), and its own."""

import asyncio
import contextlib
import signal
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable

import aiohttp
import uvloop
from aiohttp import web

from holdfast.contracts.confirmation import ADDRESS
from holdfast.contracts.epochs import Bank
from holdfast.contracts.routes import FILE_BYTES_MAX
from holdfast.edge import challenges, confirming, installing, pages, status
from holdfast.edge.chat.serving import Chat
from holdfast.edge.community.following import follow_tours
from holdfast.edge.community.serving import Community
from holdfast.edge.doing import drive, make_register
from holdfast.edge.errors import DoorError, RegisterMissing
from holdfast.edge.following.serving import Following
from holdfast.edge.forward import handle, sent_once
from holdfast.edge.inbox import InboxDesk
from holdfast.edge.internal import routes
from holdfast.edge.listening import listen
from holdfast.edge.outside import over_tls, refresh, server_tls
from holdfast.edge.papers import Papers
from holdfast.edge.register import create
from holdfast.edge.state import WATCH_S, Door
from holdfast.edge.waiting.limit import CEILING, FLOOR
from holdfast.edge.watchers import watch_the_control_room
from holdfast.look import ASSETS
from holdfast.settings import Installation, SettingsError, confine, load
from holdfast.signing import load_keyring
from holdfast.signing.authority import AuthorityFault
from holdfast.signing.inside import Inside
from holdfast.signing.tls import ServerTls
from holdfast.telemetry import configure_logs, get_log, lines, traces
from holdfast.telemetry.describing import describe

KEEPALIVE_TO_BANKS_S = 4
PROBE_S = 0.5
RENEW_S = 1.0
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer that has none of its own."""


def public_app(door: Door, tls: ServerTls | None) -> web.Application:
    """What customers reach; with TLS, cookies have their outside names."""

    @web.middleware
    async def secure(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        answer = await handler(request)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    async def to_bank(request: web.Request) -> web.StreamResponse:
        return await handle(door, request)

    async def genuine(request: web.Request) -> web.StreamResponse:
        return pages.genuine(door.bundles, request.query.get("code", ""), pages.language_of(request))

    async def confirmation(request: web.Request) -> web.StreamResponse:
        home = door.installation
        said = {"language": pages.language_of(request), "bank": home.bank_name, "zone": home.time_zone}
        return confirming.show(door.keyring, request.query.get("proof", ""), **said)

    async def language(request: web.Request) -> web.StreamResponse:
        return pages.choose(request)

    async def challenge(_: web.Request) -> web.StreamResponse:
        return challenges.answer(door)

    app = web.Application(client_max_size=FILE_BYTES_MAX + 1, middlewares=[over_tls, secure] if tls else [secure])
    app.add_routes(status.routes(door))
    app.router.add_get("/genuine", genuine)
    app.router.add_get(ADDRESS, confirmation)
    app.router.add_get("/language", language)
    app.router.add_get("/passkey/challenge", challenge)
    app.add_routes(Chat(door).routes())
    app.add_routes(Following(door).routes())
    app.add_routes(InboxDesk(door).routes())
    app.add_routes(Community(door).routes())
    app.add_routes(Papers(door).routes())
    app.add_routes(installing.routes(door.installation.bank_name))
    app.router.add_static("/assets/", ASSETS, append_version=False)
    app.router.add_route("*", "/{rest:.*}", to_bank)
    return app


def internal_app(door: Door) -> web.Application:
    """What the other buildings reach."""
    app = web.Application(client_max_size=4_000_000)
    app.add_routes(routes(door))
    return app


async def probe(door: Door) -> None:
    """Is the spare bank there to move customers to? Looked at twice a second; the bundle is re-read as well."""
    while True:
        try:
            address, limit = door.url("standin") + "/-/health", aiohttp.ClientTimeout(1)
            async with door.client.get(address, timeout=limit, server_hostname="standin") as got:
                door.sight.standin_answers = got.status == 200
                if door.sight.standin_answers:
                    door.known.answered_at[Bank.STANDIN] = time.monotonic()
        except (aiohttp.ClientError, TimeoutError, OSError):
            door.sight.standin_answers = False
        door.bundles.reload()
        await asyncio.sleep(PROBE_S)


async def renew(tls: ServerTls | None) -> None:
    """Take renewed certificates while the door serves."""
    while True:
        await asyncio.sleep(RENEW_S)
        refresh(tls)


async def run(number: int) -> None:
    """Serve until SIGTERM or SIGINT; then finish open requests for at most two seconds."""
    installation = load()
    describe(
        logins_at_once_least=FLOOR,
        logins_at_once_most=CEILING,
        looks_at_the_register_s=WATCH_S,
        keeps_connections_s=KEEPALIVE_TO_BANKS_S,
    )
    tls = server_tls(installation)
    door = Door(installation, number, load_keyring(installation.keys, "door"))
    calling, called = (Inside(installation.keys, "door", serves) for serves in (False, True))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    door.client = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=400, keepalive_timeout=KEEPALIVE_TO_BANKS_S, ssl=calling),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(sent_once,),
    )
    internal = [internal_app(door), internal_app(door)]
    runners = await listen(installation, number, public_app(door, tls), internal, tls, inside=called)
    await _open_register(door, stop)
    tasks = [asyncio.create_task(work(door)) for work in (Door.watch, probe, drive, watch_the_control_room)]
    tasks.append(asyncio.create_task(door.room.keep()))
    tasks.append(asyncio.create_task(renew(tls)))
    tasks.append(asyncio.create_task(follow_tours(door)))
    with contextlib.suppress(sqlite3.OperationalError):  # a full disk: it opens all the same
        await door.ask(lambda: door.register.event("door", f"{door.name} opened"))
    get_log().info("door opened", door=door.name, port=installation.door_port)
    ending = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({ending, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for task in (ending, *tasks):
        task.cancel()
    await asyncio.gather(ending, *tasks, return_exceptions=True)
    for runner in runners:
        await runner.cleanup()
    await door.client.close()
    for task in done - {ending}:
        task.result()


async def _open_register(door: Door, stop: asyncio.Event) -> None:
    """Open the register; one that is lost or broken is made anew first, while customers see the honest page."""
    try:
        door.open_register()
    except RegisterMissing as error:
        get_log().error("register lost", why=str(error))  # the sentence says it all
        await make_register(door, stop)
        door.open_register()


def first_register(installation: Installation) -> None:
    """Make the register at first installation. One that was there and is gone is made anew by the doors (rule 17)."""
    mark = installation.data / "register.made"
    if not mark.exists():
        create(installation.folder("edge") / "register.sqlite")
        mark.touch()


def main(arguments: list[str]) -> int:
    """`python -m holdfast.edge NUMBER`, or `… init` to make the register at first installation."""
    configure_logs("edge")
    try:
        if arguments == ["init"]:
            first_register(load())
            return 0
        number = int(arguments[0])
        lines.keep(load().folder("edge"), f"door-{number}")
        traces.keep(load().folder("edge"), f"door-{number}")
        if why := confine(load(), "door"):
            get_log().warning("not confined to its own files", why=why)
        uvloop.run(run(number))
    except (DoorError, SettingsError, AuthorityFault) as error:
        print(error, file=sys.stderr)  # noqa: T201  # the one sentence for the person who started it
        return 1
    return 0
