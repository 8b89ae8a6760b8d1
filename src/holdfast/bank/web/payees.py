"""The customer's list of payees: each with the answer of the name check, ready to be paid."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.bank.customers.known import KnownAccount
from holdfast.bank.payments.judging import rules
from holdfast.bank.payments.payees import PAYEES_MAX, payees_of, remove_payee, save_payee
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payform import WORDS_MAX, check_account, name_words, typed
from holdfast.bank.web.words import say
from holdfast.guard import NameCheck

HERE = "/payees"
ENDING = 5
"""Of an account number only its last digits are shown: enough to tell payees apart, too few to pay from a look."""


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def payees_page(request: HttpRequest) -> HttpResponse:
    """The list and the form to add to it; posted, one more."""
    if request.method != "POST":
        return _page(request)
    values = {name: typed(request, name) for name in ("to", "name")}
    errors: dict[str, str] = {}
    account = check_account(request, errors, values["to"])
    if not values["name"]:
        errors["name"] = say(request, "payees.name_missing")
    elif len(values["name"]) > WORDS_MAX:
        errors["name"] = say(request, "pay.long_name", count=WORDS_MAX)
    if errors or account is None:
        return _page(request, values, errors)
    return _save(request, values, account)


def _save(request: HttpRequest, values: dict[str, str], account: KnownAccount) -> HttpResponse:
    """Ask once about a name that is not the owner's; the same sent again is the customer's decision."""
    compared = rules.compare(values["name"], account.known_by)
    pair = f"{account.number}|{values['name'].casefold()}"
    if compared.answer is not NameCheck.MATCH and request.POST.get("checked") != pair:
        errors = {"name": name_words(request, compared)}
        return _page(request, values, errors, checked=pair, answer=compared.answer.value)
    if not save_payee(customer_of(request).customer.id, account, values["name"], compared.answer):
        return _page(request, values, {"form": say(request, "payees.full", most=PAYEES_MAX)})
    return see_other(HERE)


@require_POST
@for_customers
def remove(request: HttpRequest) -> HttpResponse:
    """Take one off the list; 404 for what is not on it."""
    named = request.POST.get("account", "")
    known = named.isdecimal() and len(named) < 19
    if not known or not remove_payee(customer_of(request).customer.id, int(named)):
        raise Http404
    return see_other(HERE)


def _page(
    request: HttpRequest, values: dict[str, str] | None = None, errors: dict[str, str] | None = None, **more: Any
) -> HttpResponse:
    shown = [
        {"payee": one, "ending": one.number[-ENDING:], "check": say(request, f"payees.check_{one.checked}")}
        for one in payees_of(customer_of(request).customer.id)
    ]
    return answers.page(
        request,
        "payees.html",
        422 if errors else 200,
        page="payees",
        title=say(request, "payees.title"),
        nav="pay",
        payees=shown,
        values=values or {},
        errors=errors or {},
        **more,
    )
