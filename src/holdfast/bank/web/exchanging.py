"""Exchange between a customer's own accounts: the rates, the offer for a payment form, and its confirmation."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from holdfast.bank.currencies.exchanging import against, asker_of, exchange, request_of
from holdfast.bank.currencies.models import RateList
from holdfast.bank.currencies.publishing import is_too_old, newest
from holdfast.bank.currencies.quoting import HOLDS_S, Offer, make_offer, no_offer_words, read_offer
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.payments.models import Intent
from holdfast.bank.web import answers
from holdfast.bank.web.asking import carried
from holdfast.bank.web.figures import percent, rate, rate_figures
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payanswers import answer_payment, show_form
from holdfast.bank.web.payform import PayForm, new_form, read_birth, read_form
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import writing
from holdfast.contracts.answers import Reason
from holdfast.look import Writing

NOT_WHOLE, OVER = "exchange.not_whole", "exchange.over"


@dataclass(frozen=True, slots=True)
class Row:
    """What one unit of a currency costs, and what is given for it, in the bank's own currency."""

    currency: str
    buy: str
    sell: str


def is_exchange(form: PayForm, accounts: list[OwnAccount]) -> bool:
    """Whether the form pays from one account of the customer's to another in another currency."""
    if form.debit is None or form.credit is None or form.debit.currency == form.credit.currency:
        return False
    return any(one.id == form.credit.id for one in accounts)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def exchange_page(request: HttpRequest) -> HttpResponse:
    """The rates; posted, the exchange that was offered, or a new offer where that one is over."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    if request.method != "POST":
        return _rates(request, accounts)
    form = read_form(request, accounts)
    if form.errors or not is_exchange(form, accounts):
        return show_form(request, form, accounts, 422)
    offer = read_offer(request.POST.get("offer", ""))
    if offer is None or not _is_of(offer, form, customer_of(request).customer.id):
        return offer_or_form(request, form, accounts, NOT_WHOLE)
    if not offer.holds(time.time()):
        return offer_or_form(request, form, accounts, OVER)
    row = get_visit(request).row
    birth, cohort = read_birth(form.birth, form.id, row), customer_of(request).customer.cohort
    asked = request_of(offer, asker_of(offer, accounts, form.text, birth, cohort, row))
    return answer_payment(request, asked, exchange(offer, asked))


def _is_of(offer: Offer, form: PayForm, customer: int) -> bool:
    """Whether the offer is of this very form of this customer."""
    one = offer.exchanged
    made = (offer.customer, one.id, offer.debit, offer.credit, one.sold_minor)
    debit, credit = (side.id if side else 0 for side in (form.debit, form.credit))
    return made == (customer, form.id, debit, credit, form.amount_minor)


def offer_or_form(request: HttpRequest, form: PayForm, accounts: list[OwnAccount], problem: str = "") -> HttpResponse:
    """The offer to confirm, nothing done; the form again where nothing can be offered; the receipt of a form that was
    confirmed before. problem: the key of the words about what was sent."""
    customer = customer_of(request).customer.id
    if Intent.objects.filter(id=form.id, customer=customer).exists():
        return see_other(reverse("receipt", kwargs={"payment": str(form.id)}))
    made = _offer(request, form, customer)
    if made is None:
        return show_form(request, form, accounts, 422)
    spoken, terms = writing(request), made.exchanged.terms
    return answers.page(
        request,
        "exchange_offer.html",
        422 if problem else 200,
        page="exchange-offer",
        title=spoken.say("exchange.offer"),
        nav="pay",
        problem=spoken.say(problem) if problem else "",
        mark=problem,
        offer=made,
        one=made.exchanged,
        token=made.sign(),
        form=form,
        to_title=next(one.title for one in accounts if one.id == made.credit),
        rate=rate(terms, terms.rate, spoken),
        margin=percent(terms.margin_ppm, spoken),
        margin_minor=made.margin_minor,
        ends=datetime.fromtimestamp(made.ends, UTC),
        holds_s=HOLDS_S,
        fields=list(carried(form)),
    )


def _offer(request: HttpRequest, form: PayForm, customer: int) -> Offer | None:
    """The offer for a checked form; None with the words beside its fields."""
    debit, credit, spoken = form.debit, form.credit, writing(request)
    if debit is None or credit is None:
        return None
    if form.amount_minor > debit.available_minor:
        form.errors["amount"] = spoken.reason(Reason.NOT_ENOUGH_MONEY)
    refused = against(credit.id)
    if refused is not Reason.OK:
        form.errors["to"] = spoken.reason(refused)
    if form.errors:
        return None
    made = make_offer(form.id, customer, debit.id, credit.id, debit.currency, credit.currency, form.amount_minor)
    if isinstance(made, Offer):
        return made
    why, least_minor = made
    field = "amount" if why.about_amount else "to"
    form.errors[field] = no_offer_words(why, least_minor, debit.currency, credit.currency, spoken)
    return None


def _rates(request: HttpRequest, accounts: list[OwnAccount]) -> HttpResponse:
    held, spoken = newest(), writing(request)
    return answers.page(
        request,
        "exchange_rates.html",
        page="exchange-rates",
        title=spoken.say("exchange.rates"),
        nav="pay",
        held=held,
        old=held is not None and is_too_old(held),
        margin=percent(held.margin_ppm, spoken) if held else "",
        rows=[_row(held, currency, spoken) for currency in held.rates] if held else [],
        several=len({one.currency for one in accounts}) > 1,
        form=new_form(get_visit(request).row),
        accounts=accounts,
        to=sorted(accounts, key=lambda one: one.currency == accounts[0].currency),
    )


def _row(held: RateList, currency: str, spoken: Writing) -> Row:
    buy, sell = 1 / held.between(held.own, currency).rate, held.between(currency, held.own).rate
    return Row(currency, rate_figures(buy, spoken), rate_figures(sell, spoken))
