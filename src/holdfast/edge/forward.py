"""One customer's request: to the bank that serves, and on to the other when that one fails.

A door sends no byte of an answer before it has all of it. A read goes on at the other bank at once; what changes
something only after the row was written anew (rule 1), so that no two banks take writes under one epoch.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from holdfast.contracts.answers import (
    BANNER_HEADER,
    COHORT_HEADER,
    OUTCOME_HEADER,
    ROW_HEADER,
    SERVED_BY_HEADER,
    STALE_STATUS,
    WRONG_BANK_STATUS,
    Outcome,
)
from holdfast.contracts.epochs import COHORTS_COUNT, Bank, Mode, Row
from holdfast.contracts.errors import BadToken
from holdfast.contracts.routes import Route, find_route
from holdfast.contracts.sessions import BIRTH_PURPOSE, COHORT_COOKIE
from holdfast.edge import pages
from holdfast.edge.state import Door
from holdfast.telemetry import get_log

ATTEMPTS_MAX = 8
REQUEST_S_MAX = 4.5
HELD_S_MAX = 3.0
LONG_WORK_S_MAX = 60.0
COMEBACK_S_MAX = 4.0
COMEBACK_GAP_S = 0.25
LOGIN_WAIT_S_MAX = 15.0
ANSWER_BYTES_MAX = 16_000_000
HOP_HEADERS = frozenset(
    {
        "connection",
        "keep-alive",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
        "accept-encoding",
        "proxy-authorization",
        "proxy-connection",
        "expect",
    }
)
log = get_log()


@dataclass
class Asked:
    """One request on its way."""

    route: Route
    method: str
    path: str
    query: str
    headers: CIMultiDict[str]
    body: bytes
    cohort: int | None
    began: float
    form: dict[str, str] = field(default_factory=dict)
    birth: int = 0
    attempts: int = 0
    given_up: set[str] = field(default_factory=set)
    was_held: bool = False
    stalled: bool = False
    struck: int = 0

    def left_s(self) -> float:
        """Seconds until this request must have its answer."""
        limit = LONG_WORK_S_MAX if self.route.deadline_s is None else REQUEST_S_MAX
        return limit - (time.monotonic() - self.began)


@dataclass(frozen=True)
class Answer:
    """A whole answer of a bank."""

    status: int
    headers: CIMultiDict[str]
    body: bytes
    bank: Bank
    row: Row | None


async def handle(door: Door, request: web.Request) -> web.StreamResponse:
    """Answer one customer's request."""
    door.counters.requests += 1
    route = find_route(request.method, request.path)
    if route is None:
        return pages.nothing_there()
    if (request.content_length or 0) > route.body_bytes_max:
        return pages.too_large(route.body_bytes_max)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return pages.too_large(route.body_bytes_max)
    if len(body) > route.body_bytes_max:
        return pages.too_large(route.body_bytes_max)
    asked = Asked(
        route,
        request.method,
        request.path,
        request.query_string,
        _clean(request),
        body,
        _cohort(door, request),
        time.monotonic(),
    )
    if route.pays:
        asked.form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        asked.birth = _birth(door, asked.form)
    return await (_log_in(door, asked) if route.name == "login" else _carry(door, asked))


async def _log_in(door: Door, asked: Asked) -> web.StreamResponse:
    """Logins wait here in their order, so that a bank never works on one whose customer has given up."""
    if door.login_places.locked():
        door.counters.queued += 1
    try:
        async with asyncio.timeout(LOGIN_WAIT_S_MAX):
            await door.login_places.acquire()
    except TimeoutError:
        return pages.many_log_in(dict(parse_qsl(asked.body.decode("utf-8", "replace"))).get("username", ""))
    try:
        asked.began = time.monotonic()
        return await _carry(door, asked)
    finally:
        door.login_places.release()


async def _carry(door: Door, asked: Asked) -> web.StreamResponse:
    """Ask until there is an answer that may go out, within the request's time and ATTEMPTS_MAX."""
    while asked.attempts < ATTEMPTS_MAX and asked.left_s() > 0:
        row = None if asked.cohort is None else door.rows[asked.cohort]
        mode = row.mode if row else door.majority()
        if mode is Mode.HANDING_BACK and asked.route.changes:
            await _hold(door, asked)
            continue
        bank = Bank.PRIMARY if mode is Mode.PRIMARY else Bank.STANDIN
        if bank.value in asked.given_up and not asked.route.changes:
            bank = bank.other()
        if bank not in asked.route.offered:
            break
        refused = await _before_standin(door, asked, row, bank)
        if refused is not None:
            return refused
        if row is not None and door.rows[row.cohort] != row:
            continue
        asked.attempts += 1
        answer = await _send(door, asked, row, bank)
        if answer is None:
            await _failed(door, asked, bank)
            alone = asked.route.changes and mode is not Mode.PRIMARY and bank is Bank.STANDIN
            if (alone or {"primary", "standin"} <= asked.given_up) and not await _comes_back(door, asked):
                break
            continue
        ready = await _judge(door, asked, answer)
        if ready is not None:
            return ready
        if {"primary", "standin"} <= asked.given_up and not await _comes_back(door, asked):
            break
    door.counters.failed += 1
    log.error("no bank answered", path=asked.path, attempts=asked.attempts)
    return pages.nobody_answers(asked.form or None, asked.path)


async def _comes_back(door: Door, asked: Asked) -> bool:
    """Nobody who may answer this did. A bank that answered until a moment ago is slow, or being started again by its
    supervisor: a moment later it is asked anew. False when none answered lately, or the request's time is out, or it
    struck two banks down (reset or 5xx, not refused or slow): what kills a process is tried at most once more."""
    silent_s = time.monotonic() - max(door.answered_at.values())
    if asked.struck > 1 or asked.left_s() <= COMEBACK_GAP_S or silent_s > COMEBACK_S_MAX:
        return False
    await door.wait_for_change(COMEBACK_GAP_S)
    asked.given_up.clear()
    asked.attempts = 0  # the request's time bounds how often this can be
    return True


async def _hold(door: Door, asked: Asked) -> None:
    """While a cohort is handed back nobody takes writes: wait for the row to change."""
    if not asked.was_held:
        asked.was_held = True
        door.counters.queued += 1
    await door.wait_for_change(min(HELD_S_MAX, max(asked.left_s(), 0.01)))


async def _before_standin(door: Door, asked: Asked, row: Row | None, bank: Bank) -> web.Response | None:
    """Rule 6: an older id goes to the stand-in only after a claim; denied, the customer is told refused."""
    if not asked.route.pays or bank is not Bank.STANDIN or row is None or asked.birth == row.epoch:
        return None
    ident = asked.form.get("id", "").replace("-", "").lower()[:32]
    _, denied = await door.ask(lambda: door.register.claim("taken", [(ident, row.cohort, row.epoch)]))
    return pages.refused_before(ident) if denied else None


async def _failed(door: Door, asked: Asked, bank: Bank) -> None:
    """The bank did not answer: note it, and write the row anew where that is due."""
    door.counters.retried += 1
    asked.given_up.add(bank.value)
    if bank is not Bank.PRIMARY:
        if asked.route.changes:
            await door.refresh()
        return
    if not (asked.stalled and asked.route.name == "login"):
        # A slow login says that many log in at once, not that the bank is gone; other requests tell that.
        door.sight.failed(time.monotonic(), asked.cohort, asked.stalled)
    # A session made at the spare bank must be of an epoch that it held, so a login moves its own group too.
    await door.trip(asked.cohort if asked.route.changes or asked.route.name == "login" else None)
    if asked.route.signed:
        while door.majority() is Mode.PRIMARY and time.monotonic() - asked.began < HELD_S_MAX:
            await door.wait_for_change(0.1)


async def _send(door: Door, asked: Asked, row: Row | None, bank: Bank) -> Answer | None:
    """One attempt at one bank; None when it refused, reset, stalled or answered 5xx."""
    headers = asked.headers.copy()
    mode = row.mode if row else door.majority()
    headers[ROW_HEADER] = door.keyring.sign(
        "row",
        {
            "cohort": row.cohort if row else None,
            "mode": mode.value,
            "epoch": row.epoch if row else 0,
            "forced": row.forced if row else 0,
            "bank": bank.value,
            "at": time.time(),
        },
    )
    banner = door.bundles.header(mode is not Mode.PRIMARY)
    if banner:
        headers[BANNER_HEADER] = banner
    limit = asked.left_s() if asked.route.deadline_s is None else min(asked.route.deadline_s, asked.left_s())
    if bank is Bank.STANDIN and asked.route.deadline_s is not None:
        limit = min(max(limit, 2.0), asked.left_s())
    url = door.url(bank.value) + asked.path + ("?" + asked.query if asked.query else "")
    try:
        async with door.client.request(
            asked.method,
            url,
            data=asked.body or None,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=max(limit, 0.05)),
        ) as got:
            body = await got.content.read(ANSWER_BYTES_MAX)
            door.counters.by[bank.value] = door.counters.by.get(bank.value, 0) + 1
            if got.status >= 500:
                asked.stalled = False
                asked.struck += 1
                log.warning("bank failed", bank=bank.value, status=got.status, path=asked.path)
                return None
            door.answered_at[bank.value] = time.monotonic()
            if bank is Bank.PRIMARY:
                door.sight.answered(time.monotonic())
            return Answer(got.status, got.headers.copy(), body, bank, row)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        asked.stalled = isinstance(error, TimeoutError)
        if not isinstance(error, TimeoutError | aiohttp.ClientConnectorError):
            asked.struck += 1
        log.warning("bank failed", bank=bank.value, error=type(error).__name__, path=asked.path)
        return None


async def _judge(door: Door, asked: Asked, answer: Answer) -> web.StreamResponse | None:
    """May this answer go out? None: ask again."""
    if answer.status == WRONG_BANK_STATUS:
        named = answer.headers.get(COHORT_HEADER, "")
        if named.isdigit() and int(named) < COHORTS_COUNT and int(named) != asked.cohort:
            asked.cohort = int(named)
            return None
        await asyncio.sleep(0.02)
        return None
    if answer.status == STALE_STATUS and asked.route.name != "clearing-file":
        await door.refresh()
        if answer.row is not None and answer.bank is not _serving(door.rows[answer.row.cohort]):
            asked.given_up.add(answer.bank.value)  # it does not serve this group: asking it again tells nothing new
        await asyncio.sleep(0.01 * asked.attempts)
        return None
    if answer.status == STALE_STATUS:
        asked.given_up.add(answer.bank.value)
        await door.refresh()
        return None
    outcome, _, ident = answer.headers.get(OUTCOME_HEADER, "").partition(" ")
    if outcome == Outcome.REFUSED_OWN and answer.row is not None:
        row = answer.row
        told = ident.replace("-", "").lower()
        _, denied = await door.ask(lambda: door.register.claim("refused", [(told, row.cohort, row.epoch)]))
        if denied:
            await door.refresh()
            return None
    return _out(door, answer)


def _serving(row: Row) -> Bank:
    return Bank.PRIMARY if row.mode is Mode.PRIMARY else Bank.STANDIN


def _out(door: Door, answer: Answer) -> web.Response:
    """The answer as it goes to the customer: without our headers, with the signed cohort cookie."""
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in answer.headers.items():
        lower = name.lower()
        if (
            lower not in HOP_HEADERS
            and not lower.startswith("holdfast-")
            and lower not in ("date", "server", "content-encoding")
        ):
            headers.add(name, value)
    headers[SERVED_BY_HEADER] = answer.bank.value
    response = web.Response(body=answer.body, status=answer.status, headers=headers)
    named = answer.headers.get(COHORT_HEADER, "")
    if named.isdigit() and int(named) < COHORTS_COUNT:
        response.set_cookie(COHORT_COOKIE, cohort_token(door, int(named)), httponly=True, samesite="Lax", path="/")
    elif named == "none":
        response.del_cookie(COHORT_COOKIE, path="/")
    return response


def cohort_token(door: Door, cohort: int) -> str:
    """The signed cookie that routes a customer of this cohort."""
    token = door.cohort_tokens.get(cohort)
    if token is None:
        token = door.cohort_tokens[cohort] = door.keyring.sign("cohort", {"cohort": cohort})
    return token


def _cohort(door: Door, request: web.Request) -> int | None:
    token = request.cookies.get(COHORT_COOKIE)
    if not token:
        return None
    known = door.cohorts_of_tokens.get(token)
    if known is not None:
        return known
    try:
        cohort = int(door.keyring.verify("cohort", token, {"door"})["cohort"])
    except (BadToken, KeyError, ValueError):
        return None
    if not 0 <= cohort < COHORTS_COUNT:
        return None
    door.cohorts_of_tokens[token] = cohort  # signatures are deterministic: at most one token a cohort and key
    return cohort


def _birth(door: Door, form: dict[str, str]) -> int:
    try:
        payload: dict[str, Any] = door.keyring.verify(BIRTH_PURPOSE, form.get("birth", ""), {"primary", "standin"})
        same = str(payload["id"]).replace("-", "").lower() == form.get("id", "").replace("-", "").lower()
        return int(payload["epoch"]) if same else 0
    except (BadToken, KeyError, ValueError):
        return 0


def _clean(request: web.Request) -> CIMultiDict[str]:
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in request.headers.items():
        lower = name.lower()
        if lower not in HOP_HEADERS and not lower.startswith("holdfast-"):
            headers.add(name, value)
    clearing = request.headers.get("Holdfast-Clearing")
    if clearing:
        headers["Holdfast-Clearing"] = clearing
    headers["Host"] = request.host
    return headers
