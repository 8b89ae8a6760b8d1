"""What the other buildings ask (docs/reference/wire.md, Spare bank)."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.contracts.errors import BadToken
from holdfast.guard import RULES_VERSION
from holdfast.standin import metrics
from holdfast.standin.anchors import AnchorPages, Anchors
from holdfast.standin.bank import SpareBank
from holdfast.standin.consented import PagesShownTo
from holdfast.standin.errors import StandinError
from holdfast.standin.proof import Prover
from holdfast.standin.rebuilding import Rebuilding, said
from holdfast.standin.trying import Trying
from holdfast.telemetry import lines, traces
from holdfast.telemetry.metrics import CONTENT_TYPE, exposition

LIMIT_MAX = 5000
BODY_BYTES_MAX = 100_000
Handler = Callable[[Request], Awaitable[Response]]


class Internal:
    """Handlers of /-/…; each is open to the callers it names only."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank
        self._prover = Prover(bank.copy_reader, bank.journal_reader)
        self._proving = asyncio.Lock()
        self.rebuilding = Rebuilding(bank)
        self._anchors = AnchorPages(Anchors(bank.place.folder("standin"), bank.keyring), bank.copy_reader)

    def routes(self) -> list[Route]:
        """All internal addresses."""
        return [
            Route("/-/journal", self._by(self.journal, "primary", "control")),
            Route("/-/close", self._by(self.close, "door"), methods=["POST"]),
            Route("/-/position", self._by(self.position, "door", "control")),
            Route("/-/epochs", self._by(self.epochs, "door")),
            Route("/-/balances", self._by(self.balances, "primary")),
            Route("/-/prove", self._by(self.prove, "control", "door", "runtime"), methods=["POST"]),
            Route("/-/shadow", self._by(self.shadow, "control", "runtime")),
            Route("/-/drift", self._by(self.drift, "control", "door", "runtime"), methods=["POST"]),
            Route("/-/rebuild", self._by(self.rebuild, "control", "runtime"), methods=["POST"]),
            Route("/-/anchors", self._by(self._anchors.show, "control", "runtime", "primary")),
            Route("/-/anchors", self._by(self._anchors.keep, "primary"), methods=["POST"]),
            Route("/-/try", self._by(Trying(self.bank).attempt, "control"), methods=["POST"]),
            Route("/-/pages-shown", self._by(PagesShownTo(self.bank).show, "control"), methods=["POST"]),
            Route("/-/health", self.health),
            Route("/-/metrics", self.metrics),
            Route("/-/lines", self._by(self.lines, "control", "runtime")),
            Route("/-/traces", self._by(self.traces, "control", "runtime")),
        ]

    def _by(self, handler: Handler, *callers: str) -> Handler:
        async def endpoint(request: Request) -> Response:
            try:
                stated = request.headers.get("content-length", "0")
                if not stated.isdigit() or int(stated) > BODY_BYTES_MAX:
                    return JSONResponse({"error": f"the body is larger than {BODY_BYTES_MAX} bytes"}, 413)
                caller, body = request.headers.get(CALLER_HEADER), await request.body()
                self.bank.keyring.verify_call(caller, request.url.path, set(callers), body)
            except BadToken as error:
                return JSONResponse({"error": str(error)}, 403)
            try:
                return await handler(request)
            except BadToken as error:
                return JSONResponse({"error": str(error)}, 403)
            except (ValueError, TypeError, KeyError) as error:
                return JSONResponse({"error": f"the call has not the agreed form: {error}"}, 400)
            except StandinError as error:
                return JSONResponse({"error": str(error)}, 503)

        return endpoint

    async def _read(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.bank.readers, work, *arguments)

    async def journal(self, request: Request) -> Response:
        """Entries after a number: only what is fsynced."""
        after, limit = _number(request, "after", 0), min(_number(request, "limit", 500), LIMIT_MAX)
        position = self.bank.journal.position
        entries = await self._read(self.bank.journal_reader.after, after, min(limit, max(position - after, 0)))
        return JSONResponse({"position": position, "entries": [entry.to_wire() for entry in entries]})

    async def close(self, request: Request) -> Response:
        """Close epochs, durably and once; the position is behind everything accepted under them."""
        raw = json.loads((await request.body())[:BODY_BYTES_MAX])
        rows = [(int(cohort), int(epoch)) for cohort, epoch in raw["rows"]]
        if any(not 0 <= cohort < COHORTS_COUNT or epoch <= 0 for cohort, epoch in rows):
            raise ValueError("a row names no cohort or no epoch")
        position = await asyncio.wrap_future(
            self.bank.journal.submit(
                lambda writing: [writing.close(cohort, epoch) for cohort, epoch in rows] and writing.number
            )
        )
        return JSONResponse({"position": position or self.bank.journal.position})

    async def position(self, request: Request) -> Response:  # noqa: ARG002  # every handler takes it
        """The number of the last durable entry."""
        return JSONResponse({"position": self.bank.journal.position})

    async def epochs(self, request: Request) -> Response:  # noqa: ARG002  # every handler takes it
        """The highest epoch that this bank ever knew, for a register that is made anew (rule 17)."""
        journal = self.bank.journal
        return JSONResponse({"newest": max([*journal.known.values(), *journal.closed.values()], default=0)})

    async def balances(self, request: Request) -> Response:
        """Fed balances, and what is held, at one block, without pending entries."""
        after, limit = _number(request, "after", -1), min(_number(request, "limit", 1000), LIMIT_MAX)
        block, at_us, rows, held = await self._read(self.bank.copy_reader.balances, after, limit)
        pending = len(self.bank.view.shown.entries)
        return JSONResponse({"block": block, "block_at_us": at_us, "pending": pending, "accounts": rows, "held": held})

    async def prove(self, request: Request) -> Response:
        """Prove copy and journal; `{"whole": true}` proves the chain from its first block again."""
        body = (await request.body())[:BODY_BYTES_MAX]
        whole = bool(json.loads(body).get("whole")) if body else False
        async with self._proving:
            findings, proven = await asyncio.to_thread(self._prover.prove, whole)
        return JSONResponse(
            {
                "findings": [one.to_wire() for one in findings],
                "block": proven.number,
                "hash": proven.hash.hex(),
                "position": self.bank.journal.position,
            }
        )

    async def shadow(self, request: Request) -> Response:  # noqa: ARG002  # every handler takes it
        """How often we would have decided as the bank did."""
        return JSONResponse(self.bank.shadow.to_wire())

    async def drift(self, request: Request) -> Response:  # noqa: ARG002  # every handler takes it
        """Compare the copy with the books now; `compared` is false when the bank cannot be asked."""
        compared = await self.bank.drift.look()
        return JSONResponse({"compared": compared, "drift": self.bank.drift.words})

    async def rebuild(self, request: Request) -> Response:
        """Begin to make the copy anew; 409 while one is under way."""
        begun = self.rebuilding.start(said((await request.body())[:BODY_BYTES_MAX]))
        return JSONResponse({"begun": begun, "rebuild": self.rebuilding.progress.to_wire()}, 200 if begun else 409)

    async def health(self, request: Request) -> Response:  # noqa: ARG002  # every handler takes it
        """Anyone may ask. `ok`: payments can be taken and the copy was filled; troubles are in words."""
        bank, view = self.bank, self.bank.view
        ok = bank.journal.stopped is None and view.filled and not bank.drift.words
        with view.lock:
            exposure, limits, worst = view.judging.exposure_total, view.limits_now(), bank.exposure.worst()
            unreplayed = len(view.unreplayed)
        return JSONResponse(
            {
                "ok": ok,
                "block": view.head.number,
                "drift": bank.drift.words,
                "feed_trouble": dict(bank.feed.trouble),
                "rebuild": self.rebuilding.progress.to_wire(),
                "block_at_us": view.head.at_us,
                "profile": view.fact_number,
                "fed_at_us": view.fed_at_us,
                "position": bank.journal.position,
                "unreplayed": unreplayed,
                "exposure_minor": exposure,
                "exposure_limit_minor": limits.total_minor,
                "exposure_worst_minor": worst,
                "rules_version": RULES_VERSION,
                "rules_trouble": bank.rules_trouble(),
                "rules_not_judged": bank.taking.rules.not_judged,
                "serving": sum(row.mode.value == "standin" for row in bank.doors.rows.values()),
                "payments": _count_payments(),
                "money_stopped": bank.journal.stopped,
                "filled": view.filled,
                "bank_block": view.bank_head,
                "copy_dropped": bank.copy.dropped,
            },
            200 if ok else 503,
        )

    async def metrics(self, request: Request) -> Response:  # noqa: ARG002  # every handler takes it
        """Prometheus text."""
        bank, view = self.bank, self.bank.view
        metrics.FEED_BLOCK.set(view.head.number)
        metrics.FEED_LAG_BLOCKS.set(max(view.bank_head - view.head.number, 0))
        metrics.FEED_LAG_S.set(max(time.time() - view.fed_at_us / 1e6, 0) if view.fed_at_us else 0)
        metrics.EXPOSURE.set(view.judging.exposure_total)
        with view.lock:
            metrics.EXPOSURE_WORST.set(bank.exposure.worst())
        shadow = bank.shadow.to_wire()
        for name in metrics.SHADOW_FIGURES:
            metrics.SHADOW.labels(name).set(shadow[name])
        metrics.POSITION.set(bank.journal.position)
        metrics.COMMITS.set(bank.journal.commits)
        metrics.STOPPED.set(bank.journal.stopped is not None)
        return Response(exposition("standin", metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE})

    async def lines(self, request: Request) -> Response:
        """What this process warned of."""
        return await self._kept(request, lines.FOLDER)

    async def traces(self, request: Request) -> Response:
        """What this process kept of traces."""
        return await self._kept(request, traces.FOLDER)

    async def _kept(self, request: Request, kind: str) -> Response:
        query = request.query_params
        after, limit = lines.asked(query.get("since", ""), query.get("limit", str(lines.LIMIT_MAX)))
        found = await asyncio.to_thread(lines.joined, self.bank.place.folder("standin"), after, limit, kind)
        return JSONResponse(found.to_wire())


def _number(request: Request, name: str, default: int) -> int:
    value = int(request.query_params.get(name, default))
    if not -1 <= value < 2**62:
        raise ValueError(f"{name} is out of range")
    return value


def _count_payments() -> int:
    return int(
        sum(
            sample.value
            for metric in metrics.PAYMENTS.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
        )
    )
