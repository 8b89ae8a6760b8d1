"""Access for the customer's own programs: tokens to make, see and revoke. Who makes one shows in the same form who
they are."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.bank.api import tokens
from holdfast.bank.api.models import ApiToken
from holdfast.bank.books import installation
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.factors.passkeys import claim_challenge
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payform import check_amount, typed
from holdfast.bank.web.proving import ways_of, why_not_proved
from holdfast.bank.web.words import say
from holdfast.contracts.api import MOVES_MONEY, PREFIX, Scope
from holdfast.contracts.text import clean_line

HERE = "/security/tokens"
SCOPES = [scope.value for scope in Scope]
FIELDS = ("name", "days", "day_limit")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password")
@for_customers
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The tokens and the form; posted, a new token, shown this one time."""
    if request.method != "POST":
        return _page(request, {"days": str(tokens.DAYS[1])}, [], {})
    values = {name: clean_line(typed(request, name)) for name in FIELDS}
    chosen = [scope for scope in SCOPES if scope in request.POST.getlist("scope")]
    errors, day_minor = _check(request, values, chosen)
    customer = customer_of(request).customer
    if not errors:
        problem = why_not_proved(request, customer, claim_challenge) if _has_proof(request) else "tokens.prove_first"
        errors = {"proof": say(request, problem)} if problem else {}
    if errors:
        return _page(request, values, chosen, errors)
    text = tokens.make_token(customer, values["name"], frozenset(chosen), int(values["days"]), day_minor)
    if text is None:
        return _page(request, values, chosen, {"form": say(request, "tokens.many", count=tokens.TOKENS_MAX)})
    return answers.page(
        request,
        "token.html",
        page="token",
        title=say(request, "tokens.made"),
        nav="security",
        name=values["name"],
        text=text,
        address=f"{installation().door_origin}{PREFIX}",
    )


def _has_proof(request: HttpRequest) -> bool:
    return bool(request.POST.get("code") or request.POST.get("password"))


def _check(request: HttpRequest, values: dict[str, str], chosen: list[str]) -> tuple[dict[str, str], int]:
    """What is wrong, by field, and what the token may pay on one day, in minor units."""
    errors, day_minor = dict[str, str](), 0
    if frozen_now.customer(customer_of(request).customer.id):
        errors["form"] = say(request, "tokens.frozen")
    if not 1 <= len(values["name"]) <= tokens.NAME_MAX:
        errors["name"] = say(request, "tokens.wrong_name", count=tokens.NAME_MAX)
    if not chosen:
        errors["scope"] = say(request, "tokens.wrong_scope")
    if values["days"] not in map(str, tokens.DAYS):
        errors["days"] = say(request, "tokens.wrong_days")
    if MOVES_MONEY & set(chosen):
        day_minor = check_amount(request, errors, values["day_limit"], _currency(), "day_limit")
    return errors, day_minor


def _currency() -> str:
    return str(bank_facts.bank().get("currency", installation().currency))


@require_POST
@for_customers
def revoke(request: HttpRequest) -> HttpResponse:
    """Revoke the token that the form names; 404 for any other. It asks for nothing more: a minute may matter."""
    named = request.POST.get("token", "")
    customer = customer_of(request).customer.id
    if not (named.isdecimal() and len(named) < 19 and tokens.revoke_token(customer, int(named))):
        raise Http404
    return see_other(HERE)


def _page(request: HttpRequest, values: dict[str, str], chosen: list[str], errors: dict[str, str]) -> HttpResponse:
    customer = customer_of(request).customer.id
    return answers.page(
        request,
        "tokens.html",
        422 if errors else 200,
        page="tokens",
        title=say(request, "tokens.title"),
        nav="security",
        tokens=[_shown(request, one) for one in tokens.tokens_of(customer)],
        scopes=[
            {"scope": scope, "words": say(request, f"tokens.may_{_plain(scope)}"), "chosen": scope in chosen}
            for scope in SCOPES
        ],
        days=[{"days": str(one), "words": say(request, "tokens.for_days", count=one)} for one in tokens.DAYS],
        values=values,
        errors=errors,
        currency=_currency(),
        ways=ways_of(customer),
        description=f"{PREFIX}/openapi.json",
    )


def _plain(scope: str) -> str:
    return scope.replace(":", "_")


def _shown(request: HttpRequest, one: ApiToken) -> dict[str, Any]:
    state = "revoked" if one.revoked else "ended" if one.ends <= timezone.now() else "holds"
    return {
        "token": one,
        "state": state,
        "state_words": say(request, f"tokens.state_{state}"),
        "may": [say(request, f"tokens.may_{_plain(scope)}") for scope in SCOPES if scope in one.scopes],
        "pays": bool(MOVES_MONEY & set(one.scopes)),
    }
