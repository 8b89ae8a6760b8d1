"""The doors' internal addresses: rows, claims, orders, events, the bundle, health. See docs/reference/wire.md."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.errors import BadToken
from holdfast.edge import watchers
from holdfast.edge.handback import ORDERS
from holdfast.edge.state import Door
from holdfast.edge.waiting import telling
from holdfast.signing import mark_of
from holdfast.telemetry import lines, traces
from holdfast.telemetry.metrics import CONTENT_TYPE, exposition

CLAIMS_MAX = 2_000
USED_CHARACTERS_MAX = 200
WAIT_MS_MAX = 2_000
NEEDS_TWO = ("hand_back", "force_primary")
"""Whoever gives one of these alone uses break-glass: it is carried out, and told as such to be reviewed."""
Handler = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]


class Turns(Collector):
    """What became of requests on their way, counted since the door started."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def collect(self) -> Iterator[Metric]:
        """The family of turns, and whether the spare bank is there, as this door sees it."""
        family = CounterMetricFamily("holdfast_turns", "Requests that went on elsewhere, or waited", labels=["what"])
        counters = self._door.counters
        family.add_metric(["were sent again"], counters.retried)
        family.add_metric(["moved customers"], counters.tripped)
        family.add_metric(["waited"], counters.queued)
        yield family
        reached = GaugeMetricFamily("holdfast_reaches", "Whether the other part answers: 1, or 0", labels=["to"])
        reached.add_metric(["standin"], float(self._door.sight.standin_answers))
        yield reached


def routes(door: Door) -> list[web.RouteDef]:
    """All internal addresses of this door."""
    callers = {"primary", "standin", "control", "runtime"}
    return [
        web.get("/-/rows", _by(door, callers, _rows)),
        web.post("/-/claims", _by(door, {"primary", "standin"}, _claims)),
        web.post("/-/used", _by(door, {"primary", "standin"}, _used)),
        web.post("/-/orders", _by(door, {"control", "runtime"}, _orders)),
        web.post("/-/waiting", _by(door, {"control", "runtime"}, _waiting)),
        web.get("/-/events", _by(door, {"control", "runtime"}, _events)),
        web.post("/-/bundle", _by(door, {"control"}, _bundle)),
        web.post("/-/watchers", _by(door, {"control"}, _watchers, always=True)),
        web.get("/-/health", lambda request: _health(door, request)),
        web.get("/-/metrics", _by(door, {"control", "runtime"}, _metrics)),
        web.get("/-/lines", _by(door, {"control", "runtime"}, _lines, always=True)),
        web.get("/-/traces", _by(door, {"control", "runtime"}, _traces, always=True)),
    ]


def _by(
    door: Door,
    callers: set[str],
    work: Callable[[Door, web.Request], Coroutine[Any, Any, web.Response]],
    always: bool = False,
) -> Handler:
    """Open to these callers; always: also while there is no register."""

    async def checked(request: web.Request) -> web.StreamResponse:
        try:
            door.keyring.verify_call(request.headers.get(CALLER_HEADER), request.path, callers, await request.read())
        except BadToken as error:
            return web.json_response({"error": str(error)}, status=403)
        if not (door.is_open or always):
            return web.json_response({"error": "the register is lost and not made anew yet"}, status=503)
        try:
            return await work(door, request)
        except (ValueError, KeyError, TypeError) as error:
            return web.json_response({"error": f"the message has not the agreed form: {error}"}, status=400)

    return checked


async def _rows(door: Door, _request: web.Request) -> web.Response:
    rows = await door.ask(door.register.rows)
    return web.json_response(
        {"generation": max(row.epoch for row in rows) >> 32, "rows": [row.as_list() for row in rows]}
    )


async def _claims(door: Door, request: web.Request) -> web.Response:
    asked = await request.json()
    who = asked["who"]
    claims = [
        (str(ident).replace("-", "").lower(), int(cohort), int(epoch)) for ident, cohort, epoch in asked["claims"]
    ]
    if who not in ("refused", "taken") or len(claims) > CLAIMS_MAX:
        raise ValueError(f"who is refused or taken, and at most {CLAIMS_MAX} claims are taken in one call")
    granted, denied = await door.ask(lambda: door.register.claim(who, claims))
    return web.json_response({"granted": granted, "denied": denied})


async def _used(door: Door, request: web.Request) -> web.Response:
    asked = await request.json()
    text, said, keep_s = str(asked["text"]), str(asked["request"]), float(asked["keep_s"])
    if not 0 < len(text) <= USED_CHARACTERS_MAX or not 0 < len(said) <= USED_CHARACTERS_MAX or not keep_s > 0:
        raise ValueError("text and request are short texts, keep_s is a time above zero")
    return web.json_response({"granted": await door.ask(lambda: door.register.use(text, said, keep_s))})


async def _orders(door: Door, request: web.Request) -> web.Response:
    asked = await request.json()
    what, cohorts = asked["what"], asked.get("cohorts")
    if what not in ORDERS:
        raise ValueError(f"what is one of {', '.join(ORDERS)}")
    if cohorts is not None:
        cohorts = sorted({int(one) for one in cohorts})
    why, by = str(asked.get("why", ""))[:300], str(asked["by"])[:100]
    approved_by = str(asked.get("approved_by") or "")[:100]
    alone = what in NEEDS_TWO and approved_by.strip().casefold() in ("", by.strip().casefold())
    second, mark = "" if alone else approved_by, mark_of(request.headers[CALLER_HEADER])
    number = await door.ask(lambda: door.register.order(what, cohorts, why, by, second, alone, mark))
    return web.json_response({"order": number})


async def _waiting(door: Door, request: web.Request) -> web.Response:
    asked = await request.json()
    words = telling.set_by_hand(door.room, asked)
    await door.ask(lambda: door.register.event("waiting", words, {"per_s": asked["per_s"]}))
    return web.json_response(telling.state(door.room))


async def _events(door: Door, request: web.Request) -> web.Response:
    after = int(request.query.get("after", "0"))
    deadline = time.monotonic() + min(int(request.query.get("wait_ms", "0")), WAIT_MS_MAX) / 1000
    while True:
        events = await door.ask(lambda: door.register.events(after))
        left = deadline - time.monotonic()
        if events or left <= 0:
            return web.json_response({"events": events})
        await asyncio.sleep(min(0.05, left))


async def _bundle(door: Door, request: web.Request) -> web.Response:
    token = await request.text()
    try:
        number = door.bundles.take(token)
    except BadToken as error:
        return web.json_response({"error": str(error)}, status=409)
    return web.json_response({"number": number})


async def _watchers(door: Door, request: web.Request) -> web.Response:
    """A sign of life of the control room, and whom to wake when none comes any more."""
    said = watchers.understood(await request.json())
    try:
        watchers.keep(door.folder, said)
    except OSError as error:
        return web.json_response({"error": f"it could not be kept: {error.strerror}"}, status=507)
    return web.json_response({"ways": said.count()})


async def _metrics(door: Door, _request: web.Request) -> web.Response:
    own = CollectorRegistry()
    own.register(Turns(door))
    own.register(telling.Waiting(door.room))
    return web.Response(body=exposition(door.name, own), headers={"Content-Type": CONTENT_TYPE})


async def _lines(door: Door, request: web.Request) -> web.Response:
    """What every door warned of, also one that does not run."""
    return await _kept(door, request, lines.FOLDER)


async def _traces(door: Door, request: web.Request) -> web.Response:
    """What every door kept of traces, also one that does not run."""
    return await _kept(door, request, traces.FOLDER)


async def _kept(door: Door, request: web.Request, kind: str) -> web.Response:
    after, limit = lines.asked(request.query.get("since", ""), request.query.get("limit", str(lines.LIMIT_MAX)))
    found = await asyncio.to_thread(lines.joined, door.folder, after, limit, kind)
    return web.json_response(found.to_wire())


async def _health(door: Door, _request: web.Request) -> web.Response:
    counters = door.counters
    modes = Counter(row.mode.value for row in door.rows)
    return web.json_response(
        {
            "ok": door.is_open,
            "door": door.name,
            "mode_counts": dict(modes),
            "requests": counters.requests,
            "failed": counters.failed,
            "retried": counters.retried,
            "tripped": counters.tripped,
            "queued": counters.queued,
            "waiting": telling.state(door.room),
            "by_bank": counters.by,
            "newest_epoch": max((row.epoch for row in door.rows), default=0),
            "reads": dict(Counter(bank.value for bank in door.known.reads.values())),
            "forced": sum(row.forced > 0 for row in door.rows),
            "failing_groups": door.sight.failing(time.monotonic()),
            "standin_answers": door.sight.standin_answers,
            "bundle": door.bundles.bundle.get("number", 0),
        }
    )
