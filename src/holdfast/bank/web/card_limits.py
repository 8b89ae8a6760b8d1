"""The page on which a customer sets a card's limits."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.cards.limiting import OwnLimits, choose_limits, own_card, raises
from holdfast.bank.cards.models import Card
from holdfast.bank.customers.overview import own_accounts
from holdfast.bank.factors.passkeys import claim_challenge
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payform import check_amount, typed
from holdfast.bank.web.proving import ways_of, why_not_proved
from holdfast.bank.web.security import is_recent
from holdfast.bank.web.words import say, writing

FIELDS = ("use", "day")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password")
@for_customers
def card_limits(request: HttpRequest, card: str) -> HttpResponse:
    """What holds, and the form; posted, the change. 404 for a card of somebody else."""
    customer = customer_of(request).customer.id
    found = own_card(card, customer)
    accounts = {one.id: one.currency for one in own_accounts(customer)[0]}
    if found is None or found.account not in accounts:
        raise Http404
    currency = accounts[found.account]
    if request.method != "POST":
        return _page(request, found, currency, {}, {})
    values, errors = {name: typed(request, name) for name in FIELDS}, dict[str, str]()
    use, day = (
        check_amount(request, errors, values[name], currency, name) if values[name] else None for name in FIELDS
    )
    for name, asked, most in (("use", use, found.per_use_minor), ("day", day, found.per_day_minor)):
        if asked is not None and asked > most:
            errors.setdefault(name, say(request, "cards.above", most=writing(request).amount(most, currency)))
    if not errors and (day or found.per_day_minor) < (use or 0):
        errors["use"] = say(request, "cards.order")
    if errors:
        return _page(request, found, currency, values, errors)
    return _choose(request, found, OwnLimits(use, day), currency, values)


def _choose(request: HttpRequest, card: Card, asked: OwnLimits, currency: str, values: dict[str, str]) -> HttpResponse:
    logged_in = customer_of(request)
    proved = is_recent(logged_in.session)
    if not proved and raises(card, asked):
        shown = bool(request.POST.get("code") or request.POST.get("password"))
        problem = why_not_proved(request, logged_in.customer, claim_challenge) if shown else "limits.prove_first"
        if problem:
            return _page(request, card, currency, values, {"proof": say(request, problem)})
        proved = True
    if not choose_limits(card.id, logged_in.customer.id, asked, proved=proved):
        return _page(request, card, currency, values, {"proof": say(request, "limits.prove_first")})
    return see_other("/cards")


def _page(
    request: HttpRequest, card: Card, currency: str, values: dict[str, str], errors: dict[str, str]
) -> HttpResponse:
    logged_in = customer_of(request)
    figures = writing(request).typed
    own = zip(FIELDS, (card.own_use_minor, card.own_day_minor), strict=True)
    return answers.page(
        request,
        "card_limits.html",
        422 if errors else 200,
        page="card-limits",
        title=say(request, "cards.own_title", last=card.last4),
        nav="cards",
        card=card,
        holds=card.as_known(),
        currency=currency,
        values=values or {name: figures(minor, currency) if minor else "" for name, minor in own},
        errors=errors,
        ask_proof=not is_recent(logged_in.session),
        ways=ways_of(logged_in.customer.id),
    )
