"""The customers' pages that only read, and logging out."""

import asyncio
import contextlib
from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from holdfast.contracts.answers import AWAY_STATUS, COHORT_HEADER, SAYS_HEADER
from holdfast.contracts.api import is_api
from holdfast.contracts.routes import find_route
from holdfast.contracts.sessions import BANK_COOKIE, CLEAR_HEADER, CLEARED, COHORT_COOKIE, STANDIN_COOKIE
from holdfast.contracts.ways import told_from_wire
from holdfast.standin.bank import SpareBank
from holdfast.standin.confirming import with_confirmations
from holdfast.standin.errors import MoneyStopped
from holdfast.standin.gate import Visit
from holdfast.standin.history import History, Line
from holdfast.standin.holds import holds_of
from holdfast.standin.owing import owed_of
from holdfast.standin.problems import later
from holdfast.standin.render import Frame, missing, render

LATEST_MAX = 12
FIELD_MAX = 200
ABOUT = {
    "needs-form": "elsewhere.needs",
    "needs": "elsewhere.needs",
    "told-change": "elsewhere.told",
    "loans": "elsewhere.loans",
    "loan-repay": "elsewhere.loans",
    "security": "elsewhere.security",
    "security-change": "elsewhere.security",
}
"""What is said beside it of some addresses of the main bank alone, by their route."""


@dataclass(frozen=True, slots=True)
class AccountCard:
    """One account as a page shows it, with what the spare bank accepted counted in."""

    account: int
    number: str
    title: str
    currency: str
    balance_minor: int
    available_minor: int
    held_minor: int = 0


def typed(form: FormData, name: str, length_max: int = FIELD_MAX) -> str:
    """A form's text field, cut to length; empty when absent or a file."""
    value = form.get(name, "")
    return value.strip()[:length_max] if isinstance(value, str) else ""


def cards(bank: SpareBank, customer: int) -> list[AccountCard]:
    """The customer's accounts that the copy knows, in the profile's order."""
    view, found = bank.view, []
    with view.lock:
        for number in view.profile.own_accounts(customer):
            account = view.accounts.get(number)
            if account is not None:
                waiting = account.moved(view.shown.net.get(number, 0))
                title = view.profile.title(number) or account.code
                found.append(
                    AccountCard(
                        number,
                        view.profile.number(number),
                        title,
                        account.currency,
                        account.balance_minor + waiting,
                        view.available(account, view.shown),
                        account.held_minor - view.settled_here(account.account),
                    )
                )
    return found


async def overview_page(
    bank: SpareBank, frame: Frame, name: str, accounts: list[AccountCard], latest: list[Line]
) -> Response:
    """The overview of the frame's customer, with what they owe of emergency money."""
    owed = await asyncio.get_running_loop().run_in_executor(bank.readers, owed_of, bank, frame.customer)
    return render(
        bank,
        "overview",
        frame,
        name=name,
        accounts=accounts,
        latest=latest,
        owed_minor=sum(one.amount_minor for one in owed),
        owed_currency=bank.view.profile.help().terms.currency,
    )


class Pages:
    """Handlers; each gets the request and its admitted visit."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def logout(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """POST /logout: the session ends at both banks; all three cookies expire."""
        if visit.session is not None:
            session, cohort = visit.session.session, int(visit.customer["cohort"])
            self.bank.view.ended_sessions.add(session)
            with contextlib.suppress(MoneyStopped):  # ended here all the same, and the token's idle limit is short
                await asyncio.wrap_future(
                    self.bank.journal.submit(
                        lambda writing: writing.append("logout", cohort, visit.row.epoch, {"session": session})
                    )
                )
        response = RedirectResponse("/login", 303, {COHORT_HEADER: "none", CLEAR_HEADER: CLEARED})
        for name in (STANDIN_COOKIE, BANK_COOKIE, COHORT_COOKIE):
            response.delete_cookie(name, path="/", httponly=True, samesite="lax")
        return response

    async def overview(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /."""
        accounts = cards(self.bank, visit.who)
        lines = await History(self.bank, visit.phrases).lines(
            [one.account for one in accounts], int(visit.customer["cohort"]), visit.row.epoch
        )
        latest = [line for line in lines if line.state != "refused"][:LATEST_MAX]
        return await overview_page(self.bank, visit.frame, str(visit.customer["name"]), accounts, latest)

    async def account(self, request: Request, visit: Visit) -> Response:
        """GET /accounts/<id>: only the customer's own."""
        wanted = int(request.path_params["account"])
        one = next((card for card in cards(self.bank, visit.who) if card.account == wanted), None)
        if one is None:
            return missing(self.bank, visit.frame, "account.missing")
        lines = await History(self.bank, visit.phrases).lines([wanted], int(visit.customer["cohort"]), visit.row.epoch)
        return render(
            self.bank,
            "account",
            visit.frame,
            one=one,
            latest=[line for line in lines if line.state != "refused"],
            held=await holds_of(self.bank, [wanted] if one.held_minor else [], visit.phrases),
        )

    async def money(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /money: what happened to every payment of this customer that is known here."""
        own = self.bank.view.profile.own_accounts(visit.who)
        history = History(self.bank, visit.phrases)
        lines = await history.lines(own, int(visit.customer["cohort"]), visit.row.epoch)
        due = await asyncio.get_running_loop().run_in_executor(self.bank.readers, history.orders_due, own)
        lines, due = (with_confirmations(self.bank, visit.row.mode, found) for found in (lines, due))
        by_state = {state: [line for line in lines if line.state == state] for state in ("done", "checking", "refused")}
        return render(
            self.bank,
            "money",
            visit.frame,
            due=due,
            done=by_state["done"],
            waiting=by_state["checking"],
            refused=by_state["refused"],
            held=await holds_of(self.bank, own, visit.phrases),
        )

    async def help(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /help, with or without a session."""
        phone = str(self.bank.view.profile.bank.get("phone") or "")
        view = self.bank.view
        limits = view.limits_now() if view.profile.limits.total_minor else None
        percent = round(100 * limits.total_minor / view.profile.limits.total_minor) if limits else 100
        currency = str(view.profile.bank.get("currency") or self.bank.place.currency)
        return render(self.bank, "help", visit.frame, phone=phone, limits=limits, percent=percent, currency=currency)

    async def told(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /told: how the customer is told, as it was chosen at the main bank."""
        return render(self.bank, "told", visit.frame, told=told_from_wire(visit.customer.get("told")))

    async def elsewhere(self, request: Request, visit: Visit) -> Response:
        """An address of the main bank alone says so, with what to do instead; one that is nowhere is not found."""
        if is_api(request.url.path):
            return later(visit.frame.phrases)
        route = find_route(request.method, request.url.path)
        if route is None:
            return missing(self.bank, visit.frame, "missing.page")
        if route.signed:  # a program asks again later
            headers = {SAYS_HEADER: "elsewhere", "Retry-After": "60"}
            return JSONResponse({"error": visit.frame.phrases.say("elsewhere.words")}, AWAY_STATUS, headers)
        status = 200 if request.method in ("GET", "HEAD") else 422
        return render(self.bank, "elsewhere", visit.frame, status=status, about=ABOUT.get(route.name, ""))
