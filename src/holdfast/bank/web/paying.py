"""The payment form, the proof that a risky payment needs, and the answer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.payments.judging import Judged, judge_request
from holdfast.bank.payments.pay import begun_before, pay
from holdfast.bank.payments.payees import find_payee
from holdfast.bank.payments.undo import hold
from holdfast.bank.web.asking import NOT_CARRIED, USED_ONCE, ask_first, ask_proof, begun_meanwhile, still_to_prove
from holdfast.bank.web.exchanging import is_exchange, offer_or_form
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payanswers import answer_payment, show_form
from holdfast.bank.web.payform import new_form, read_form, to_request
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.waiting import waiting_form
from holdfast.contracts.answers import Reason
from holdfast.guard import Risk


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def pay_page(request: HttpRequest) -> HttpResponse:
    """The form; posted, the payment, or the page that asks for a proof first."""
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    if request.method != "POST":
        chosen = request.GET.get("from", "")
        return show_form(
            request, new_form(get_visit(request).row, **{"from": chosen}, **_chosen_payee(request)), accounts
        )
    form = read_form(request, accounts)
    if form.errors or form.debit is None or form.credit is None:
        return show_form(request, form, accounts, 422)
    if is_exchange(form, accounts):
        return offer_or_form(request, form, accounts)
    asked = to_request(request, form, form.debit, form.credit)
    said = pay(asked, proved=False, hold=hold)
    if isinstance(said, Judged):
        return ask_first(request, form, asked, said.risk)
    return answer_payment(request, asked, said)


def _chosen_payee(request: HttpRequest) -> dict[str, str]:
    """Number and name of the payee that the address names, of the customer's own list; 404 for any other."""
    named = request.GET.get("payee", "")
    if not named:
        return {}
    found = find_payee(customer_of(request).customer.id, int(named)) if named.isdecimal() and len(named) < 19 else None
    if found is None:
        raise Http404
    return {"to": found.number, "name": found.name}


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password", "passkey", "proof")
@for_customers
def confirm_payment(request: HttpRequest) -> HttpResponse:
    """The same form with a proof of who pays: paid once the proof holds for this very payment. Opened, the payment that
    waits for it."""
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    return _waiting(request, accounts) if request.method != "POST" else _confirmed(request, accounts)


def _confirmed(request: HttpRequest, accounts: list[OwnAccount]) -> HttpResponse:
    form = read_form(request, accounts)
    if form.errors or form.debit is None or form.credit is None:
        return show_form(request, form, accounts, 422)
    asked = to_request(request, form, form.debit, form.credit)
    said = pay(asked, proved=False, hold=hold)
    if not isinstance(said, Judged):
        return answer_payment(request, asked, said)  # nothing is to be proved, or it was
    problem = still_to_prove(request, asked)
    if problem == NOT_CARRIED:
        return ask_first(request, form, asked, said.risk)
    if problem and not (problem in USED_ONCE and begun_meanwhile(lambda: begun_before(asked))):
        return ask_proof(request, form, asked, said.risk, problem=problem)
    made = pay(asked, proved=True, hold=hold)
    if isinstance(made, Judged):
        return ask_proof(request, form, asked, made.risk)
    return answer_payment(request, asked, made)


def _waiting(request: HttpRequest, accounts: list[OwnAccount]) -> HttpResponse:
    """A payment that a program asked for, to be proved; or the form, where there is nothing to prove; or how it
    ended."""
    form = waiting_form(request, accounts)
    if form.errors or form.debit is None or form.credit is None:
        return show_form(request, form, accounts, 422)
    asked = to_request(request, form, form.debit, form.credit)
    if begun_before(asked):
        return see_other(reverse("receipt", kwargs={"payment": str(asked.id)}))
    judged = judge_request(asked)
    if judged.reason is not Reason.OK or judged.risk is Risk.NONE:
        return show_form(request, form, accounts)
    return ask_first(request, form, asked, judged.risk)
