"""Pages for customers who are logged in: overview, account, receipt, what happened; and help."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from holdfast.bank.books import keyring, reader
from holdfast.bank.currencies.positions import is_position
from holdfast.bank.customers.known import known_accounts
from holdfast.bank.customers.models import Account
from holdfast.bank.customers.overview import own_accounts
from holdfast.bank.customers.sessions import LoggedIn, find_logged_in, read_session, session_cookie
from holdfast.bank.factors.devices import note_session
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.hardship.owing import owed_of
from holdfast.bank.orders.confirming import confirmation_of
from holdfast.bank.payments.fate import CHECKING, Fate, fates
from holdfast.bank.payments.models import HeldPayment, Intent, Told
from holdfast.bank.payments.money import money_of
from holdfast.bank.payments.undo import find_held
from holdfast.bank.web import answers
from holdfast.bank.web.exchanged import exchanged_by
from holdfast.bank.web.held import held_of
from holdfast.bank.web.holds import holds_of
from holdfast.bank.web.kept import keep
from holdfast.bank.web.lines import show_line
from holdfast.bank.web.visit import get_visit, recognise
from holdfast.bank.web.words import say, writing
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, Reason
from holdfast.contracts.confirmation import ADDRESS, PURPOSE
from holdfast.contracts.epochs import Mode
from holdfast.contracts.errors import BadToken
from holdfast.contracts.sessions import BANK_COOKIE, COHORT_COOKIE, RECEIPT_COOKIE, RECEIPT_PURPOSE, STANDIN_COOKIE
from holdfast.guard.rates import PAGES_MOST, Rates

LINES = 50
LATEST = 6
ADVISED = frozenset(
    {
        Reason.NOT_ENOUGH_MONEY,
        Reason.ACCOUNT_CLOSED,
        Reason.AMOUNT_LIMIT,
        Reason.DAY_LIMIT,
        Reason.OWN_PAYMENT_LIMIT,
        Reason.OWN_DAY_LIMIT,
        Reason.TOO_MANY,
        Reason.PAYEE_BLOCKED,
        Reason.NEW_PAYEE_LIMIT,
        Reason.UNUSUAL_AMOUNT,
    }
)
"""Refusals about which a customer can do something."""

View = Callable[..., HttpResponse]
SET_UP = "/security/begin"
"""Where who has no second factor yet sets one up."""


def see_other(address: str) -> HttpResponse:
    """303: go there with GET."""
    answer = HttpResponse(status=303)
    answer.headers["Location"] = address
    return answer


def set_session_cookie(answer: HttpResponse, token: str) -> None:
    """This bank's session cookie."""
    answer.set_cookie(BANK_COOKIE, token, path="/", httponly=True, samesite="Lax")


def agent_of(request: HttpRequest) -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")[:400]


def expire_cookies(answer: HttpResponse) -> None:
    """Expire the session cookies of both banks, and the door's cohort cookie."""
    for name in (BANK_COOKIE, STANDIN_COOKIE, COHORT_COOKIE):
        answer.set_cookie(name, "", path="/", httponly=True, samesite="Lax", max_age=0)


_pages = Rates(PAGES_MOST)


def ask_to_log_in(request: HttpRequest) -> HttpResponse:
    """To the login; a form that was sent after its session had ended is kept there and goes on behind it."""
    kept = keep(request)
    if not kept:
        return see_other("/login")
    return answers.page(
        request, "login.html", page="login", title=say(request, "login.title"), kept=kept, username="", error=""
    )


def for_customers(view: View) -> View:
    """The page needs a customer: no session goes to the login, one by a password alone to where a second factor is set
    up; another cohort's row is answered 421."""

    @wraps(view)
    def whole(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if customer_of(request).session.by_password_alone:
            return see_other(SET_UP)
        return view(request, *args, **named)

    return for_everyone_in(whole)


def for_everyone_in(view: View) -> View:
    """As for_customers, also for who has shown nothing but the password: what such a session may do."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        visit = get_visit(request)
        found = read_session(request.COOKIES)
        if found is None:
            return ask_to_log_in(request)
        session, by_standin = found
        if visit.row.cohort != session.cohort:
            return answers.wrong_cohort(session.cohort)
        frozen_now.look()
        visit.logged_in = find_logged_in(session, by_standin)
        if visit.logged_in is None:
            answer = see_other("/login")
            expire_cookies(answer)
            return answer
        if request.method in ("GET", "HEAD") and _pages.take(session.customer).over:
            return answers.message(request, 429, "common.too_many", "too-many")
        answer = view(request, *args, **named)
        ours = visit.row.mode is Mode.PRIMARY  # a token of ours is of an epoch that we hold
        if ours and visit.logged_in.renew and BANK_COOKIE not in answer.cookies:
            set_session_cookie(answer, session_cookie(session, visit.row.epoch))
            note_session(session, agent_of(request), by_standin)
        return answer

    return guarded


def customer_of(request: HttpRequest) -> LoggedIn:
    """Who is logged in, on a page for customers."""
    found = get_visit(request).logged_in
    if found is None:
        raise Http404
    return found


@require_safe
@for_customers
def overview(request: HttpRequest) -> HttpResponse:
    """Balances and the latest entries: the answer first."""
    customer, spoken = customer_of(request).customer.id, writing(request)
    (accounts, seen), owed = own_accounts(customer), owed_of(customer)
    cards = [
        {
            "account": account,
            "lines": [show_line(spoken, line, account.currency) for line in reader().lines(account.id, LATEST)],
        }
        for account in accounts
    ]
    return answers.page(
        request,
        "overview.html",
        page="overview",
        title=spoken.say("overview.title"),
        cards=cards,
        fresh=seen,
        nav="overview",
        owed_minor=sum(one.amount_minor for one in owed),
        owed_currency=owed[0].currency if owed else "",
    )


@require_safe
@for_customers
def account_page(request: HttpRequest, account: int) -> HttpResponse:
    """Fifty entries with the running balance; `before` goes further back."""
    customer = customer_of(request).customer
    accounts, seen = own_accounts(customer.id)
    own = next((one for one in accounts if one.id == account), None)
    if own is None:
        raise Http404
    before = request.GET.get("before", "")
    lines = reader().lines(account, LINES + 1, int(before) if before.isdecimal() and len(before) < 19 else None)
    more = lines[LINES - 1].seq if len(lines) > LINES else None
    return answers.page(
        request,
        "account.html",
        page="account",
        title=own.title,
        account=own,
        fresh=seen,
        more=more,
        nav="overview",
        first=not before,
        lines=[show_line(writing(request), line, own.currency) for line in lines[:LINES]],
        holds=[] if before else holds_of([own], writing(request)),
    )


@require_safe
@for_customers
def receipt(request: HttpRequest, payment: str) -> HttpResponse:
    """How one payment ended; by the books, or by the signed proof in its cookie while they do not know it yet."""
    customer = customer_of(request).customer
    try:
        ident = uuid.UUID(hex=payment)
    except ValueError as error:
        raise Http404 from error
    shown = (
        _from_proof(request.COOKIES.get(RECEIPT_COOKIE), ident, customer.id)
        or _from_intent(ident, customer.id)
        or _from_held(ident, customer.id)
        or _from_books(ident, customer.id)
    )
    if shown is None:
        raise Http404
    fate = fates([ident]).get(ident)
    if fate is None or (fate is CHECKING and shown["fate"].state == "refused"):
        # A door let this proof out only after its claim, so the refusal is told, here and on every other page.
        fate = shown["fate"]
        if fate.state == "refused":
            Told.objects.get_or_create(payment=ident)
    answer = answers.page(
        request,
        "receipt.html",
        page="receipt",
        title=say(request, "receipt.title"),
        payment=ident,
        fate=fate,
        shown=shown,
        nav="pay",
        outcome=_mark(fate),
        advice=advice(request, fate),
        short=fate.state == "refused" and fate.reason is Reason.NOT_ENOUGH_MONEY,
        held=held_of(ident, customer.id, writing(request)) if fate.state != "done" else None,
        too_late=request.GET.get("undo") == "late",
        exchanged=exchanged_by(ident, shown["debit"]) if is_position(shown["credit"]) else None,
    )
    if fate.state != "refused":
        answer.headers[OUTCOME_HEADER] = f"{_mark(fate)} {ident.hex}"
    return answer


def advice(request: HttpRequest, fate: Fate) -> str:
    """What to do about a refusal; empty where there is nothing to say beyond its reason."""
    advised = fate.state == "refused" and fate.reason in ADVISED
    return say(request, f"advice.{fate.reason.value}") if advised else ""


def _mark(fate: Fate) -> str:
    if fate.state == "refused":
        return (Outcome.REFUSED_SETTLED if fate.source == "journal" else Outcome.REFUSED_OWN).value
    return (Outcome.DONE if fate.state == "done" else Outcome.CHECKING).value


def _from_proof(token: str | None, ident: uuid.UUID, customer: int) -> dict[str, Any] | None:
    if not token:
        return None
    try:
        raw = keyring().verify(RECEIPT_PURPOSE, token, by={"primary", "standin"})
        if uuid.UUID(hex=str(raw["id"])) != ident or int(raw["customer"]) != customer:
            return None
        outcome = Outcome(raw["outcome"])
        state = {"done": "done", "checking": "checking"}.get(outcome.value, "refused")
        source = "journal" if outcome is Outcome.REFUSED_SETTLED else "own"
        return {
            "amount_minor": int(raw["amount_minor"]),
            "currency": str(raw["currency"]),
            "payee": str(raw["payee"]),
            "text": str(raw["text"]),
            "debit": int(raw["debit"]),
            "credit": int(raw["credit"]),
            "at": _instant(raw.get("at")),
            "by_standin": raw["signer"] == "standin",
            "metadata": _attached(ident) if raw.get("metadata") else [],
            "fate": Fate(state, Reason(raw["reason"]), source),
        }
    except (BadToken, KeyError, ValueError, TypeError):
        return None


def _attached(ident: uuid.UUID) -> list[tuple[str, str]]:
    """What the program attached to a payment that is booked, by name."""
    return sorted(reader().metadata([ident]).get(ident, {}).items())


def _instant(value: object) -> datetime | None:
    """When a proof was made, in seconds or as ISO text; None when it says neither."""
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except ValueError:
        try:
            return datetime.fromisoformat(str(value)).astimezone(UTC)
        except ValueError:
            return None


def _from_intent(ident: uuid.UUID, customer: int) -> dict[str, Any] | None:
    return _as_shown(Intent.objects.filter(id=ident, customer=customer).first())


def _from_held(ident: uuid.UUID, customer: int) -> dict[str, Any] | None:
    return _as_shown(find_held(ident, customer))


def _as_shown(intent: Intent | HeldPayment | None) -> dict[str, Any] | None:
    if intent is None:
        return None
    return {
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
        "payee": intent.payee,
        "text": intent.text,
        "debit": intent.debit,
        "credit": intent.credit,
        "at": intent.created,
        "by_standin": False,
        "metadata": sorted((intent.metadata or {}).items()),
        "fate": CHECKING,
    }


def _from_books(ident: uuid.UUID, customer: int) -> dict[str, Any] | None:
    """A payment of the customer's that reached this bank only with the spare bank's journal."""
    found = reader().recorded(ident)
    if found is None or found.debit not in {account.id for account in known_accounts.get(customer) or ()}:
        return None
    title = Account.objects.filter(id=found.credit).values_list("title", flat=True).first()
    return {
        "amount_minor": found.amount_minor,
        "currency": found.currency,
        "payee": found.payee or title or "",
        "text": found.text,
        "debit": found.debit,
        "credit": found.credit,
        "at": found.at,
        "by_standin": found.source == "journal",
        "metadata": _attached(ident),
        "fate": CHECKING,
    }


@require_safe
@for_customers
def money(request: HttpRequest) -> HttpResponse:
    """What happened to my money."""
    customer = customer_of(request).customer
    accounts, seen = own_accounts(customer.id)
    return answers.page(
        request,
        "money.html",
        page="money",
        title=say(request, "money.title"),
        nav="money",
        fresh=seen,
        money=money_of(accounts, customer.id, writing(request)),
        holds=holds_of(accounts, writing(request)),
    )


@require_safe
@for_customers
def confirmation(request: HttpRequest, payment: str) -> HttpResponse:
    """What the bank confirms to the payee of a missed payment: on to the doors' page, which anybody may open."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    try:
        found = confirmation_of(uuid.UUID(hex=payment), [account.id for account in accounts])
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return see_other(f"{ADDRESS}?{urlencode({'proof': keyring().sign(PURPOSE, found.to_payload())})}")


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Help, for everybody."""
    recognise(request)
    return answers.page(request, "help.html", page="help", title=say(request, "help.title"), nav="help")
