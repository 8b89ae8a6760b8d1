"""Customers' programs at the spare bank: who asks, and what they read. The main bank's answers have the same form.

A token is known by the fact `api_token`; a revoked one is refused from the moment that the fact has come. What is
only in the main bank (entries by pages, orders, the description) is answered 503 with when to come again, never as if
there were none.
"""

import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from holdfast.contracts.answers import SAYS_HEADER
from holdfast.contracts.api import Grant, Scope, grant_from_body, read_bearer
from holdfast.contracts.cards import Card
from holdfast.contracts.errors import BadToken
from holdfast.contracts.languages import choose_language
from holdfast.contracts.numbers import iban_of, plain_number
from holdfast.guard.rates import NETWORK_MOST, TOKEN_MOST, Rate, Rates
from holdfast.standin.bank import SpareBank
from holdfast.standin.cards import Cards
from holdfast.standin.errors import Drifted, MoneyStopped, StandinError
from holdfast.standin.gate import DoorRow, Gate, continued, ended, read_row, stale, wrong_cohort
from holdfast.standin.pages import AccountCard, cards
from holdfast.standin.phrases import Phrases, phrases
from holdfast.standin.problems import answer, later
from holdfast.telemetry import get_log

AGAIN_S = "5"


@dataclass(frozen=True, slots=True)
class Program:
    """A program that may do what it asks for. customer: the fact, with its `id`."""

    grant: Grant
    customer: dict[str, Any]
    row: DoorRow
    phrases: Phrases

    @property
    def who(self) -> int:
        """The customer's number."""
        return self.grant.customer


Handler = Callable[[Request, Program], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


class ProgramGate:
    """Wraps the handlers of programs' addresses: the door's row, the token, its scopes and its rate."""

    def __init__(self, bank: SpareBank, gate: Gate) -> None:
        self.bank, self._gate = bank, gate
        self.by_token, self.by_network = Rates(TOKEN_MOST), Rates(NETWORK_MOST)

    def open(self, handler: Handler, *scopes: Scope) -> Endpoint:
        """An endpoint for programs whose token has one of these scopes."""

        async def endpoint(request: Request) -> Response:
            try:
                row = read_row(request, self.bank)
            except BadToken:
                return PlainTextResponse("Come through the front door.\n", 403)
            with continued(request, row) as span:
                return ended(span, request, await self._answer(request, row, handler, scopes))

        return endpoint

    async def _answer(self, request: Request, row: DoorRow, handler: Handler, scopes: tuple[Scope, ...]) -> Response:
        try:
            return await self._serve(request, row, handler, scopes)
        except ClientDisconnect:
            return Response(status_code=400)
        except (StandinError, sqlite3.Error) as error:
            get_log().warning("not_answered", path=request.url.path, why=str(error))
            headers = {"Retry-After": AGAIN_S}
            if isinstance(error, MoneyStopped | Drifted):
                headers[SAYS_HEADER] = "away"
            return answer(self._phrases(request), 503, "away", headers)

    def _phrases(self, request: Request, known: str = "") -> Phrases:
        """The language that the program asks for, else the customer's."""
        accepted = request.headers.get("accept-language", "")
        return phrases(choose_language(None, "" if accepted else known, accepted), self.bank.place.time_zone)

    async def _serve(self, request: Request, row: DoorRow, handler: Handler, scopes: tuple[Scope, ...]) -> Response:
        fenced = await self._gate.fence(row)
        if fenced is not None:
            return fenced
        admitted, rate = self._admit(request, row, scopes)
        said = await handler(request, admitted) if isinstance(admitted, Program) else admitted
        for name, value in (rate.headers() if rate else {}).items():
            said.headers.setdefault(name, value)
        said.headers.setdefault("Cache-Control", "no-store")
        return said

    def _admit(  # noqa: PLR0911  # one return for each reason
        self, request: Request, row: DoorRow, scopes: tuple[Scope, ...]
    ) -> tuple[Program | Response, Rate | None]:
        spoken, shown = self._phrases(request), request.headers.get("authorization", "")
        if not shown:
            return _unauthorised(spoken, "", "token-missing"), None
        named = read_bearer(shown)
        body = self.bank.view.profile.facts.get("api_token", named.digest) if named else None
        grant = grant_from_body(body) if body else None
        customer = self.bank.view.profile.customer(grant.customer) if grant else None
        if grant is None or customer is None or (named and named.customer != grant.customer):
            return self._not_let_in(spoken, row, "token-unknown")
        if self.bank.view.untold_freeze(grant.customer) is not None:  # the bank revokes it when it hears of that
            return self._not_let_in(spoken, row, "token-revoked")
        if grant.ends_us <= time.time_ns() // 1000:
            return self._not_let_in(spoken, row, "token-ended")
        if int(customer["cohort"]) != row.cohort:
            return wrong_cohort(int(customer["cohort"])), None
        spoken = self._phrases(request, str(customer.get("language", "")))
        rate = self.by_token.take(grant.token)
        if rate.over:
            return _too_many(spoken, rate), rate
        if not any(scope.value in grant.scopes for scope in scopes):
            needed = [scope.value for scope in scopes]
            challenge = f'Bearer error="insufficient_scope", scope="{" ".join(needed)}"'
            return answer(spoken, 403, "scope-missing", {"WWW-Authenticate": challenge}, scopes=needed), rate
        return Program(grant, {**customer, "id": grant.customer}, row, spoken), rate

    def _not_let_in(self, spoken: Phrases, row: DoorRow, code: str) -> tuple[Response, Rate | None]:
        """Counted by network: whoever tries tokens is stopped, and programs with good ones beside them are not."""
        rate = self.by_network.take(row.network)
        return (_too_many(spoken, rate), rate) if rate.over else (_unauthorised(spoken, "invalid_token", code), None)


def _unauthorised(spoken: Phrases, error: str, code: str) -> Response:
    challenge = f'Bearer realm="api", error="{error}"' if error else 'Bearer realm="api"'
    return answer(spoken, 401, code, {"WWW-Authenticate": challenge})


def _too_many(spoken: Phrases, rate: Rate) -> Response:
    return answer(spoken, 429, "too-many-requests", {"Retry-After": str(rate.ends_s)})


class Reading:
    """Handlers of what programs read, and of the freeze of a card."""

    def __init__(self, bank: SpareBank, cards_: Cards) -> None:
        self.bank, self._cards = bank, cards_

    async def accounts(self, request: Request, program: Program) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /accounts."""
        return JSONResponse({"items": [self._account(one) for one in cards(self.bank, program.who)]})

    async def account(self, request: Request, program: Program) -> Response:
        """GET /accounts/<id> and /accounts/<id>/balance: only the customer's own."""
        wanted = request.path_params["account"]
        own = next((one for one in cards(self.bank, program.who) if str(one.account) == wanted), None)
        if own is None:
            return answer(program.phrases, 404, "not-found")
        return JSONResponse(self._balance(own) if request.url.path.endswith("/balance") else self._account(own))

    def _account(self, one: AccountCard) -> dict[str, object]:
        return {
            "id": str(one.account),
            "number": one.number,
            "iban": iban_of(plain_number(one.number)).replace(" ", ""),
            "name": one.title,
            "currency": one.currency,
            "can_pay": not self.bank.view.account_frozen(one.account),
            "balance": self._balance(one),
        }

    def _balance(self, one: AccountCard) -> dict[str, object]:
        head = self.bank.view.head
        return {
            "booked_minor": one.balance_minor,
            "held_minor": one.held_minor,
            "available_minor": max(0, one.available_minor),
            "currency": one.currency,
            "block": head.number,
            "as_of": datetime.fromtimestamp(head.at_us / 1e6, UTC).isoformat(),
        }

    async def payees(self, request: Request, program: Program) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /payees. How a name compared when it was saved is not told here."""
        profile = self.bank.view.profile
        items = [
            {"account": str(account), "number": profile.number(account), "name": name, "name_check": ""}
            for account, name in profile.payees(program.who)
        ]
        return JSONResponse({"items": items})

    async def exchange(self, request: Request, program: Program) -> Response:
        """POST /exchange-quotes and /exchanges: only the main bank exchanges money; nothing is judged or written.
        Whether it made an exchange that was sent before is not known here."""
        quoting = request.url.path.endswith("/exchange-quotes")
        return later(program.phrases, program.phrases.say("api.quote_later" if quoting else "api.exchange_later"))

    async def cards(self, request: Request, program: Program) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /cards."""
        return JSONResponse({"items": [self._card(one) for one in self.bank.view.profile.own_cards(program.who)]})

    async def freeze(self, request: Request, program: Program) -> Response:
        """POST /cards/<id>/freeze: journaled before it is answered; 404 for another's card, 409 for an old row."""
        card = self.bank.view.profile.card(request.path_params["card"])
        if card is None or card.customer != program.who:
            return answer(program.phrases, 404, "not-found")
        refused = await self._cards.freeze_from(program.row, card)
        return JSONResponse(self._card(card)) if refused is None else stale(refused.known)

    def _card(self, card: Card) -> dict[str, object]:
        return {
            "id": card.id,
            "account": str(card.account),
            "last4": card.last4,
            "network": card.network,
            "ends": card.ends,
            "frozen": self.bank.view.card_frozen(card),
        }
