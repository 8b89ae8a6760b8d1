"""The limits that customers set for their payments: lower at once, higher after a day and a proof of who they are."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.bank.books import installation
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.factors.passkeys import claim_challenge
from holdfast.bank.payments.own_limits import choose_limits, keep_limits, now_us, own_limits_of
from holdfast.bank.payments.undo import WINDOWS_S, choose_window, window_of
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payform import check_amount, typed
from holdfast.bank.web.proving import ways_of, why_not_proved
from holdfast.bank.web.security import is_recent
from holdfast.bank.web.words import say, writing
from holdfast.guard import Pair
from holdfast.guard.own import NO_LIMIT, raises

HERE = "/limits"
FIELDS = ("payment", "day")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password")
@for_customers
def limits_page(request: HttpRequest) -> HttpResponse:
    """What holds, what is coming, and the form; posted, the change."""
    if request.method != "POST":
        return _page(request, {}, {})
    values, errors = {name: typed(request, name) for name in FIELDS}, dict[str, str]()
    currency = _currency()
    once, day = (
        check_amount(request, errors, values[name], currency, name) if values[name] else NO_LIMIT for name in FIELDS
    )
    if not errors and day < once < NO_LIMIT:
        errors["payment"] = say(request, "limits.order")
    if errors:
        return _page(request, values, errors)
    return _choose(request, Pair(once, day), values)


def _choose(request: HttpRequest, asked: Pair, values: dict[str, str]) -> HttpResponse:
    logged_in = customer_of(request)
    customer, proved = logged_in.customer, is_recent(logged_in.session)
    if not proved and raises(own_limits_of(customer.id), asked, now_us()):
        problem = why_not_proved(request, customer, claim_challenge) if _has_proof(request) else "limits.prove_first"
        if problem:
            return _page(request, values, {"proof": say(request, problem)})
        proved = True
    if choose_limits(customer.id, asked, proved=proved) is None:
        return _page(request, values, {"proof": say(request, "limits.prove_first")})
    return see_other(HERE)


def _has_proof(request: HttpRequest) -> bool:
    return bool(request.POST.get("code") or request.POST.get("password"))


@require_POST
@for_customers
def keep(request: HttpRequest) -> HttpResponse:
    """Take back a raise that does not hold yet."""
    keep_limits(customer_of(request).customer.id)
    return see_other(HERE)


@require_POST
@for_customers
def choose_undo(request: HttpRequest) -> HttpResponse:
    """For how long payments are held back from now on, so that they may be undone."""
    seconds = typed(request, "seconds")
    if seconds not in map(str, WINDOWS_S):
        return _page(request, {}, {"seconds": say(request, "undo.wrong")})
    choose_window(customer_of(request).customer.id, int(seconds))
    return see_other(f"{HERE}#undo")


def _currency() -> str:
    return str(bank_facts.bank().get("currency", installation().currency))


def _page(request: HttpRequest, values: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    logged_in = customer_of(request)
    limits, now = own_limits_of(logged_in.customer.id), now_us()
    held, coming = limits.at(now), limits.coming if limits.waits(now) else None
    return answers.page(
        request,
        "limits.html",
        422 if errors else 200,
        page="limits",
        title=say(request, "limits.title"),
        nav="pay",
        held=_shown(held),
        coming=_shown(coming) if coming else None,
        coming_at=datetime.fromtimestamp(limits.coming_us / 1_000_000, UTC) if coming else None,
        bank=bank_facts.limits().normal,
        currency=_currency(),
        values=values or _typed(request, coming or held),
        errors=errors,
        ask_proof=not is_recent(logged_in.session),
        ways=ways_of(logged_in.customer.id),
        undo_s=window_of(logged_in.customer.id),
        windows_s=WINDOWS_S,
    )


def _shown(pair: Pair) -> dict[str, int | None]:
    """Each limit in minor units, None where the customer chose none."""
    return {
        "per_payment_minor": pair.per_payment_minor if pair.per_payment_minor < NO_LIMIT else None,
        "per_day_minor": pair.per_day_minor if pair.per_day_minor < NO_LIMIT else None,
    }


def _typed(request: HttpRequest, pair: Pair) -> dict[str, str]:
    """The limits as the form has them, to be changed."""
    figures = writing(request).typed
    amounts = zip(FIELDS, (pair.per_payment_minor, pair.per_day_minor), strict=True)
    return {name: figures(minor, _currency()) if minor < NO_LIMIT else "" for name, minor in amounts}
