"""What every customer's request passes first: the door's row, the origin, the session, the cohort.

Nobody reaches a page but through a door; nothing is read or written under an epoch older than a known one; a
customer of another cohort than the row's is sent back (421), since we cannot vouch for that row.
"""

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from holdfast.contracts.answers import (
    BANNER_HEADER,
    COHORT_HEADER,
    ROW_HEADER,
    SAYS_HEADER,
    STALE_HEADER,
    STALE_STATUS,
    WRONG_BANK_STATUS,
)
from holdfast.contracts.epochs import Bank, Mode, Row
from holdfast.contracts.errors import BadToken
from holdfast.contracts.languages import LANGUAGE_COOKIE, choose_language
from holdfast.contracts.needs import LARGE_PRINT
from holdfast.contracts.origins import NO_SITE, cross_site_reason
from holdfast.contracts.routes import find_route
from holdfast.contracts.services import service_at
from holdfast.contracts.sessions import IDLE_S, STANDIN_COOKIE, Session
from holdfast.guard.rates import PAGES_MOST, Rates
from holdfast.look import banner_from_header, banner_html
from holdfast.standin.bank import SpareBank
from holdfast.standin.errors import Drifted, MoneyStopped, StandinError
from holdfast.standin.kept import Forms
from holdfast.standin.login import find_session, token_of
from holdfast.standin.phrases import Phrases, phrases
from holdfast.standin.render import Frame, render
from holdfast.telemetry import get_log, traces
from holdfast.telemetry.metrics import REQUESTS, UNDER_WAY, outcome_of

FORMS = ("/login", "/pay")
"""Addresses that can be opened again with GET after a form was sent to them."""


@dataclass(frozen=True, slots=True)
class DoorRow:
    """The signed row of one request; cohort None for an anonymous one; request: the same however often the door sends
    the request on; network: where it came from, as far as limits look."""

    cohort: int | None
    mode: Mode
    epoch: int
    forced: int
    bank: Bank
    request: str
    network: str = ""


@dataclass
class Visit:
    """One admitted request: its row, the frame of its pages, and who is logged in.

    Session, customer and the frame in the customer's language are set together. kept: a form, sealed.
    """

    row: DoorRow
    frame: Frame
    session: Session | None = None
    renew: bool = False
    customer: dict[str, Any] = field(default_factory=dict)
    kept: str = ""
    by_password_alone: bool = False
    """Whether a session came that may only set a second factor up, which waits for the main bank; then session is
    None."""

    @property
    def who(self) -> int:
        """The customer's number; 0 for nobody."""
        return self.session.customer if self.session else 0

    @property
    def phrases(self) -> Phrases:
        """The words this request is answered with."""
        return self.frame.phrases


Handler = Callable[[Request, Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def read_row(request: Request, bank: SpareBank) -> DoorRow:
    """The row of a request; raises BadToken when no door signed one."""
    raw = bank.keyring.verify("row", request.headers.get(ROW_HEADER, ""), by={"door"})
    try:
        cohort = raw["cohort"]
        return DoorRow(
            None if cohort is None else int(cohort),
            Mode(raw["mode"]),
            int(raw["epoch"]),
            int(raw["forced"]),
            Bank(raw["bank"]),
            str(raw.get("request") or secrets.token_hex(16))[:64],
            str(raw.get("network", ""))[:64],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise BadToken("the row has not the agreed form") from error


def continued(request: Request, row: DoorRow) -> traces.Part:
    """This bank's part of the request's trace."""
    return traces.continued("spare bank: answers", row.request, request.headers.get(traces.HEADER))


def ended(span: traces.Span, request: Request, answer: Response) -> Response:
    """Say in its span what became of a request."""
    route = find_route(request.method, request.url.path)
    span.about["method"], span.about["route"] = request.method, route.name if route else "none"
    span.about["status"], span.failed = answer.status_code, answer.status_code >= 500
    return answer


def stale(known: int) -> Response:
    """409: the row is older than what is known, or for the other bank; nothing was done."""
    return PlainTextResponse("The row is not current.\n", STALE_STATUS, {STALE_HEADER: str(known)})


class Gate:
    """Wraps the handlers of customers' addresses."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank
        self.forms = Forms(bank.place.keys, bank.keyring)
        self._pages = Rates(PAGES_MOST)

    def open(self, handler: Handler, login: bool = True, signed: bool = False) -> Endpoint:
        """An endpoint: admits, answers, renews the session. login: it needs a customer; signed: no Origin needed."""

        async def endpoint(request: Request) -> Response:
            try:
                row = read_row(request, self.bank)
            except BadToken:
                return PlainTextResponse("Come through the front door.\n", 403)
            began = time.monotonic()
            with UNDER_WAY.track_inprogress(), continued(request, row) as span:
                answer = ended(span, request, await self._answer(request, row, handler, login, signed))
            service = service_at(request.method, request.url.path)
            REQUESTS.labels(service, outcome_of(answer.status_code)).observe(time.monotonic() - began)
            return answer

        return endpoint

    async def _answer(self, request: Request, row: DoorRow, handler: Handler, login: bool, signed: bool) -> Response:
        try:
            return await self._serve(request, row, handler, login, signed)
        except (StandinError, sqlite3.Error) as error:
            get_log().warning("not_answered", path=request.url.path, why=str(error))
            frame = self._frame(request)
            key = _away_key(error)
            headers = {SAYS_HEADER: key} if isinstance(error, MoneyStopped | Drifted) else None
            return render(self.bank, "away", frame, status=503, headers=headers, words=frame.phrases.say(key))

    def _frame(self, request: Request, known: str = "", customer: int = 0, left_s: int = 0) -> Frame:
        """The frame in the language that fits. known: the customer's fact."""
        language = choose_language(
            request.cookies.get(LANGUAGE_COOKIE), known, request.headers.get("accept-language", "")
        )
        banner = banner_html(banner_from_header(request.headers.get(BANNER_HEADER), language))
        here, query = request.url.path, request.url.query
        if request.method not in ("GET", "HEAD"):
            here = here if here in FORMS else "/"
        elif query:
            here = f"{here}?{query}"
        return Frame(banner, phrases(language, self.bank.place.time_zone), here, customer, left_s)

    async def _serve(self, request: Request, row: DoorRow, handler: Handler, login: bool, signed: bool) -> Response:
        fenced = await self.fence(row)
        if fenced is not None:
            return fenced
        reason = (
            None
            if signed
            else cross_site_reason(
                request.method,
                "cookie" in request.headers,
                request.headers.get("origin"),
                request.headers.get("sec-fetch-site"),
                self.bank.place.door_origin,
            )
        )
        if reason is not None:
            get_log().warning("other_site", path=request.url.path[:200], origin=request.headers.get("origin", "")[:200])
            frame = self._frame(request)
            key = "away.no_site" if reason == NO_SITE else "away.other_site"
            return render(self.bank, "away", frame, status=403, words=frame.phrases.say(key))
        visit = Visit(row, self._frame(request))
        self._recognise(request, visit)
        refused = await self._refused(request, visit) if login else None
        if refused is not None:
            return refused
        try:
            response = await handler(request, visit)
        except ClientDisconnect:
            return Response(status_code=400)
        self._renew(visit, response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    async def _refused(self, request: Request, visit: Visit) -> Response | None:
        """What is answered instead of a page for customers; None for its customer."""
        if visit.by_password_alone:
            return second_factor_waits(self.bank, visit)
        if visit.session is None:
            return await self._to_login(request, visit)
        if visit.customer["cohort"] != visit.row.cohort:
            return wrong_cohort(int(visit.customer["cohort"]))
        if request.method in ("GET", "HEAD") and self._pages.take(visit.who).over:
            return render(self.bank, "away", visit.frame, status=429, words=visit.phrases.say("away.too_many"))
        return None

    async def _to_login(self, request: Request, visit: Visit) -> Response:
        """To the login; a form that was sent after its session had ended is kept there and goes on behind it."""
        kept = await self.forms.keep(request)
        if not kept:
            return RedirectResponse("/login", 303)
        return render(self.bank, "login", visit.frame, wrong="", problem="", username="", kept=kept)

    async def fence(self, row: DoorRow) -> Response | None:
        """409 for a row that is not current, None for one that is; a higher epoch is stored first."""
        if row.cohort is None:
            return stale(0) if row.bank is not Bank.STANDIN else None
        known = self.bank.journal.known.get(row.cohort, 0)
        if row.bank is not Bank.STANDIN or row.epoch < known:
            return stale(known)
        seen = Row(row.cohort, row.mode, row.epoch, row.forced)
        self.bank.doors.saw(seen)
        with contextlib.suppress(MoneyStopped):  # pages are still read; the journal itself takes no payment
            await self.bank.learn([seen])
        return None

    def _recognise(self, request: Request, visit: Visit) -> None:
        found = find_session(request.cookies, self.bank.keyring)
        if found is None or self.bank.view.session_ended(found.session):
            return
        customer = self.bank.view.profile.customer(found.session.customer)
        if customer is None:
            return
        if found.session.by_password_alone:
            visit.by_password_alone = True
            return
        visit.session, visit.renew, visit.customer = found.session, found.renew, customer
        left_s = found.session.left_s(found.renew)
        frame = self._frame(request, str(customer.get("language", "")), visit.who, left_s)
        large = LARGE_PRINT in (customer.get("needs") or ())
        visit.frame = replace(frame, frozen=self.bank.view.customer_frozen(visit.who), large=large)

    def _renew(self, visit: Visit, response: Response) -> None:
        if visit.row.mode is Mode.PRIMARY:
            return  # a token of ours under an epoch that we do not hold would log its customer out at the main bank
        if visit.session is None or not visit.renew or self.bank.view.session_ended(visit.session):
            return
        set_session(response, token_of(visit.session, self.bank.keyring, visit.row.epoch))


def wrong_cohort(cohort: int) -> Response:
    """421: the customer belongs to another cohort than the row; the door sends the request again under its row."""
    return PlainTextResponse("Another row is needed.\n", WRONG_BANK_STATUS, {COHORT_HEADER: str(cohort)})


def second_factor_waits(bank: SpareBank, visit: Visit) -> Response:
    """403: the password alone opens nothing, and a second factor is set up at the main bank only."""
    phone = str(bank.view.profile.bank.get("phone", ""))
    return render(bank, "second-factor", visit.frame, status=403, phone=phone)


def set_session(response: Response, token: str) -> None:
    """Put our session cookie on an answer."""
    response.set_cookie(STANDIN_COOKIE, token, max_age=IDLE_S, path="/", httponly=True, samesite="lax")


def _away_key(error: Exception) -> str:
    if isinstance(error, MoneyStopped):
        return "away.money_stopped"
    if isinstance(error, Drifted):
        return "away.drifted"
    return "away.store" if isinstance(error, sqlite3.Error) else "away.other"


def now_us() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000
