"""One customer's request over HTTP: read whole, carried by its procedure, answered whole.

A door sends no byte of an answer before it has all of it. What to do with an answer, or without one, is decided
in `carrying`; this module turns that into requests to the banks and an answer to the customer.
"""

import contextlib
import sqlite3
import time
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from holdfast.contracts.answers import (
    AWAY_STATUS,
    BANNER_HEADER,
    COHORT_HEADER,
    FRONT_HEADER,
    ROW_HEADER,
    SAYS_HEADER,
    SERVED_BY_HEADER,
    TOUR_HEADER,
)
from holdfast.contracts.api import KEY_HEADER, plain_key, read_bearer
from holdfast.contracts.community import COOKIE as COMMUNITY_COOKIE
from holdfast.contracts.epochs import COHORTS_COUNT, Bank, Mode
from holdfast.contracts.errors import BadToken
from holdfast.contracts.ids import api_payment_id
from holdfast.contracts.networks import network_of
from holdfast.contracts.routes import Route, find_route
from holdfast.contracts.services import Service, service_of
from holdfast.contracts.sessions import BANK_COOKIE, BIRTH_PURPOSE, COHORT_COOKIE, STANDIN_COOKIE
from holdfast.contracts.support import COOKIE as CHAT_COOKIE
from holdfast.edge import hearing, pages, saying
from holdfast.edge.carrying import Asked, Without, carry, cohort_named
from holdfast.edge.chat.visitor import logged_in
from holdfast.edge.community.touring import COOKIE as TOURED_COOKIE
from holdfast.edge.doing import perform
from holdfast.edge.passing import HOP_HEADERS, cleaned
from holdfast.edge.procedures import Answer, Failed, Send
from holdfast.edge.state import Door
from holdfast.edge.suspects import Turn, marks
from holdfast.edge.waiting.limit import READ_SLOW_S
from holdfast.edge.waiting.meeting import FIRST_STEPS, Arrival, find_place, give, has_proved, meet, note_front
from holdfast.edge.waiting.room import HOLD_S
from holdfast.edge.waiting.ticket import COOKIE
from holdfast.telemetry import get_log, traces
from holdfast.telemetry.metrics import CALLS, HEARD, REQUESTS, UNDER_WAY, outcome_of

LOGIN_WAIT_S_MAX = 15.0
ANSWER_BYTES_MAX = 16_000_000
PARTS = {Bank.PRIMARY: "bank-web", Bank.STANDIN: "standin"}
"""The programs that answer in a bank's name, as measurements name them."""
log = get_log()


@dataclass(frozen=True)
class Sent:
    """What the customer's client sent, as it is passed on; network: where it came from (contracts.networks);
    request: its id and its trace's, the same however often it is sent on; tour: what is new on the
    page, "" for nothing."""

    method: str
    path: str
    query: str
    headers: CIMultiDict[str]
    body: bytes
    form: dict[str, str]
    language: str
    sessions: str
    network: str
    request: str = field(default_factory=traces.new_trace)
    tour: str = ""

    def marks(self) -> bytes:
        """What tells this request from others (edge/suspects.py)."""
        return marks(self.method, f"{self.path}?{self.query}", self.sessions, self.body)


class SentOnce(aiohttp.ClientError):
    """The connection broke after the request was sent. Of this kind, so that the client never sends it again."""


async def sent_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """The client's own second try of a GET whose connection broke is not wanted: a door decides who is asked again."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise SentOnce(type(error).__name__) from error


async def handle(door: Door, request: web.Request) -> web.StreamResponse:
    """Answer one customer's request, and count it."""
    began = time.monotonic()
    door.counters.requests += 1
    route = find_route(request.method, request.path)
    trace = traces.new_trace()
    with (
        UNDER_WAY.track_inprogress(),
        traces.Part("door: a request", trace, drawn=traces.is_drawn(trace)) as span,
    ):
        answer = await _answer(door, request, route, trace)
        span.about["method"], span.about["route"] = request.method, route.name if route else "none"
        span.about["status"], span.failed = answer.status, answer.status >= 500
    took_s = time.monotonic() - began
    if took_s > READ_SLOW_S and route and route.only_shows and not door.room.line.look().is_open:
        door.room.places.saw(took_s)
    service = service_of(route.name) if route else Service.ELSEWHERE
    REQUESTS.labels(service, outcome_of(answer.status)).observe(took_s)
    if heard := hearing.heard(route.name if route else "", request.method, answer.status):
        HEARD.labels(heard).inc()
    return answer


async def _answer(door: Door, request: web.Request, route: Route | None, trace: str) -> web.StreamResponse:
    language = pages.language_of(request)
    if not door.is_open:
        return saying.nobody_answers(None, "", request.path, language)
    if route is None:
        return saying.nothing_there(request.path, language)
    body = await _body(request, route.body_bytes_max)
    if body is None:
        return saying.too_large(route.body_bytes_max, request.path, language)
    arrival = Arrival(request, route, body, language)
    met = await meet(door.room, door.keyring, arrival)
    if met.answer is not None:
        return met.answer
    answer = await _go_on(door, arrival, trace, met.let_in)
    if met.cookie and COOKIE not in answer.cookies:
        give(answer, met.cookie)
    return answer


async def _go_on(door: Door, arrival: Arrival, trace: str, let_in: bool) -> web.StreamResponse:
    """On to a bank; let_in: the line was passed."""
    request, route, body, language = arrival.request, arrival.route, arrival.body, arrival.language
    by_form = route.pays and not route.api
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)) if by_form else {}
    ident = _api_ident(request) if route.pays and route.api else form.get("id", "")
    network = network_of(request.remote or "")
    sent = Sent(
        request.method,
        request.path,
        request.query_string,
        cleaned(request, route),
        body,
        form,
        language,
        _sessions(request, route),
        network,
        trace,
        _tour(door, request),
    )
    if door.blamed and door.blamed.holds(door.register.fingerprint(sent.marks())):
        return saying.struck(ident[:36], request.path, language)
    asked = Asked(route, _cohort(door, request, route), time.monotonic())
    if route.pays:
        asked.ident = ident.replace("-", "").lower()[:32]
        asked.birth_cohort, asked.birth = _birth(door, form)
    if route.name in FIRST_STEPS and request.method == "POST":
        return await _come_in(door, asked, sent, arrival, let_in)
    return await _carry(door, asked, sent)


async def _body(request: web.Request, bytes_max: int) -> bytes | None:
    """The whole body; None when it is larger than that."""
    if (request.content_length or 0) > bytes_max:
        return None
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        return None
    return body if len(body) <= bytes_max else None


async def _come_in(door: Door, asked: Asked, sent: Sent, arrival: Arrival, let_in: bool) -> web.StreamResponse:
    """Logins wait here in their order, so that a bank never works on one whose customer has given up. Who waits for
    longer than a moment gets a place in the line; who was let in from it waits on; a code goes before passwords."""
    places, first = door.room.places, has_proved(door.keyring, arrival.form)
    wait_s = LOGIN_WAIT_S_MAX if let_in or first else HOLD_S
    door.counters.queued += places.under_way >= places.limit.whole
    with traces.span("door: waits for a place to log in"):
        entered = await places.enter(sent.network, wait_s, first=first)
    if not entered:
        if not first and (arrival.token or not let_in):
            return await find_place(door.room, door.keyring, arrival)
        return pages.many_log_in(arrival.name, sent.language)
    began, well = time.monotonic(), False
    try:
        asked.began = began
        answer = await _carry(door, asked, sent)
        well = answer.status < 500
    finally:
        places.leave(time.monotonic() - began, well=well, teaches=asked.route.name == "login")
        if let_in:
            door.room.line.note(finished=1)
    if arrival.token and answer.status == 303 and COHORT_COOKIE in answer.cookies:
        answer.del_cookie(COOKIE, path="/")  # inside now: the ticket is used up
    return answer


async def _carry(door: Door, asked: Asked, sent: Sent) -> web.StreamResponse:
    """Run the request's procedure; what it sends goes out here."""

    async def sender(effect: Send) -> Answer | Failed:
        if not asked.struck:
            return await _send(door, asked, sent, effect)
        async with Turn(door.folder / "struck.lock") as turn:
            answer = await _send(door, asked, sent, effect)
            return replace(answer, alone=turn.alone) if isinstance(answer, Failed) else answer

    answer: Answer | Without
    try:
        answer = await perform(door, carry(door.known, asked, time.monotonic), sender)
    except sqlite3.Error as error:  # without the register nothing final may be told
        log.exception("the register does not answer", why=str(error))
        answer = Without.NOBODY
    door.counters.retried += asked.retried
    door.counters.queued += asked.was_held
    if isinstance(answer, Answer):
        return _out(door, answer)
    if answer is Without.REFUSED_BEFORE:
        return saying.refused_before(asked.ident, sent.path, sent.language)
    door.counters.failed += 1
    if answer is Without.STRUCK:
        with contextlib.suppress(sqlite3.Error):  # without the register it is refused this once only
            await door.blame(sent.marks(), asked.route.name)
        return saying.struck(sent.form.get("id", asked.ident)[:36], sent.path, sent.language)
    log.error("no bank answered", path=sent.path, attempts=asked.attempts)
    return saying.nobody_answers(sent.form or None, asked.ident, sent.path, sent.language)


async def _send(door: Door, asked: Asked, sent: Sent, effect: Send) -> Answer | Failed:
    """One attempt at one bank, and its span."""
    with traces.span("door: asks a bank") as span:
        span.about["bank"], span.about["attempt"] = effect.bank.value, asked.attempts
        answer = await _sent(door, asked, sent, effect, span.carried())
        if isinstance(answer, Answer):
            span.about["status"] = answer.status
        else:
            span.failed = True
            span.about["stalled"] = answer.stalled
        return answer


async def _sent(door: Door, asked: Asked, sent: Sent, effect: Send, carried: str) -> Answer | Failed:
    """carried: the header by which the bank goes on with the trace."""
    row, bank = effect.row, effect.bank
    headers = sent.headers.copy()
    mode = row.mode if row else door.majority()
    headers[ROW_HEADER] = door.keyring.sign(
        "row",
        {
            "cohort": row.cohort if row else None,
            "mode": mode.value,
            "epoch": row.epoch if row else 0,
            "forced": row.forced if row else 0,
            "bank": bank.value,
            "request": sent.request,
            "network": sent.network,
            "at": time.time(),
        },
    )
    if carried:
        headers[traces.HEADER] = carried
    banner = door.bundles.header(mode is not Mode.PRIMARY)
    if banner:
        headers[BANNER_HEADER] = banner
    elif sent.tour and bank is Bank.PRIMARY and mode is Mode.PRIMARY:  # never beside a notice of a fault
        headers[TOUR_HEADER] = sent.tour
    left_s = asked.left_s(time.monotonic())
    limit = left_s if asked.route.deadline_s is None else min(asked.route.deadline_s, left_s)
    if bank is Bank.STANDIN and asked.route.deadline_s is not None:
        limit = min(max(limit, 2.0), left_s)
    url = door.url(bank.value) + sent.path + ("?" + sent.query if sent.query else "")
    began, to = time.monotonic(), PARTS[bank]
    try:
        async with door.client.request(
            sent.method,
            url,
            data=sent.body or None,
            headers=headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=max(limit, 0.05)),
            server_hostname=bank.value,
        ) as got:
            body = await got.content.read(ANSWER_BYTES_MAX)
            door.counters.by[bank.value] = door.counters.by.get(bank.value, 0) + 1
            if got.status >= 500 and not (got.status == AWAY_STATUS and SAYS_HEADER in got.headers):
                log.warning("bank failed", bank=bank.value, status=got.status, path=sent.path)
                CALLS.labels(to, "failed").observe(time.monotonic() - began)
                return Failed(struck=got.status != AWAY_STATUS)
            door.known.answered_at[bank] = time.monotonic()
            CALLS.labels(to, "answered").observe(time.monotonic() - began)
            if bank is Bank.PRIMARY:
                door.sight.answered(time.monotonic())
            return Answer(got.status, got.headers.copy(), body, bank, row)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        log.warning("bank failed", bank=bank.value, error=type(error).__name__, path=sent.path)
        refused = isinstance(error, aiohttp.ClientConnectorError)
        stalled = isinstance(error, TimeoutError)
        broke = not (stalled or refused)
        CALLS.labels(to, "stalled" if stalled else "failed").observe(time.monotonic() - began)
        return Failed(stalled, struck=broke, died=broke)


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
    cohort = cohort_named(answer.headers)
    if cohort is not None:
        token = door.keyring.sign("cohort", {"cohort": cohort})
        response.set_cookie(COHORT_COOKIE, token, httponly=True, samesite="Lax", path="/")
        note_front(door.room, response, answer.headers.get(FRONT_HEADER, ""))
    elif named == "none":
        response.del_cookie(COHORT_COOKIE, path="/")
        response.del_cookie(CHAT_COOKIE, path="/")  # who logged out leaves no chat behind on this device
        response.del_cookie(COMMUNITY_COOKIE, path="/")
    return response


def _tour(door: Door, request: web.Request) -> str:
    """The tour for the page that is asked for; who asks is looked at only where one is published for it."""
    if not door.touring.about(request.method, request.path):
        return ""
    customer = logged_in(door.keyring, request)
    return door.touring.header(customer, request.path, request.cookies.get(TOURED_COOKIE, ""))


def _api_ident(request: web.Request) -> str:
    """The id of the payment that a program asks for; empty without a token or a key (contracts.api)."""
    named, key = read_bearer(request.headers.get("Authorization", "")), plain_key(request.headers.get(KEY_HEADER, ""))
    return api_payment_id(named.customer, key).hex if named and key else ""


def _sessions(request: web.Request, route: Route) -> str:
    """Whose request it is, as far as telling one request from another needs it."""
    if route.api:
        return request.headers.get("Authorization", "")
    return "&".join(request.cookies.get(name, "") for name in (BANK_COOKIE, STANDIN_COOKIE))


def _cohort(door: Door, request: web.Request, route: Route) -> int | None:
    if route.api:
        named = read_bearer(request.headers.get("Authorization", ""))
        return named.cohort if named else None
    token = request.cookies.get(COHORT_COOKIE)
    if not token:
        return None
    door.forget_tokens()
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


def _birth(door: Door, form: dict[str, str]) -> tuple[int, int]:
    """(cohort, epoch) in which the form's id was made; (-1, 0) when no bank vouches for it."""
    try:
        payload: dict[str, Any] = door.keyring.verify(BIRTH_PURPOSE, form.get("birth", ""), {"primary", "standin"})
        same = str(payload["id"]).replace("-", "").lower() == form.get("id", "").replace("-", "").lower()
        return (int(payload["cohort"]), int(payload["epoch"])) if same else (-1, 0)
    except (BadToken, KeyError, ValueError, TypeError):
        return -1, 0
