"""Opening an account, alone or together with another customer; and what one account is: numbers, owners, its name."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from holdfast.bank.accounts import asking
from holdfast.bank.accounts.models import AGREED, DECLINED, OPENED, WAITING, AccountRequest
from holdfast.bank.accounts.naming import clean_title, name_account
from holdfast.bank.books import reader
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.transactions import own_account
from holdfast.bank.web.words import writing
from holdfast.contracts.numbers import iban_of, number_fits, plain_number
from holdfast.contracts.text import clean_line
from holdfast.look import Writing

FIELDS = ("product", "currency", "title", "owners", "partner_number", "partner_name")
PRODUCTS = {"current": "open.product_current", "savings": "open.product_savings"}
HERE = "/accounts/new"


@dataclass
class OpenForm:
    """The form as typed, with what is wrong beside each field."""

    id: str
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    partner: Customer | None = None


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def new_page(request: HttpRequest) -> HttpResponse:
    """The form and what waits; posted, the account, or the question to its other owner."""
    if request.method != "POST":
        return _show(request, OpenForm(str(uuid.uuid4()), {"currency": "NOK", "owners": "alone"}))
    customer, spoken = customer_of(request).customer, writing(request)
    form = OpenForm(request.POST.get("id", ""), {name: clean_line(request.POST.get(name, ""))[:200] for name in FIELDS})
    wish = _read(form, customer, spoken)
    if wish is None:
        return _show(request, form, 422)
    made = asking.ask(customer, wish, form.partner)
    if made is None:
        form.errors["form"] = spoken.say("open.too_many", count=asking.ACCOUNTS_MAX)
        return _show(request, form, 422)
    return see_other(f"{HERE}/{made.id}")


def _read(form: OpenForm, customer: Customer, spoken: Writing) -> asking.Wish | None:
    """What is asked for; None, with what is wrong in the form, when that cannot be read."""
    values = form.values
    try:
        ident = uuid.UUID(hex=form.id)
    except ValueError:
        ident = uuid.uuid4()
        form.id, form.errors["form"] = str(ident), spoken.say("open.wrong_form")
    for name, allowed in (
        ("product", asking.PRODUCTS),
        ("currency", asking.CURRENCIES),
        ("owners", ("alone", "joint")),
    ):
        if values[name] not in allowed:
            form.errors[name] = spoken.say(f"open.wrong_{name}")
    title = clean_title(values["title"]) or spoken.say(PRODUCTS.get(values["product"], "about.other"))
    if values["owners"] == "joint":
        _read_partner(form, customer, spoken)
    return None if form.errors else asking.Wish(ident, values["product"], values["currency"], title)


def _read_partner(form: OpenForm, customer: Customer, spoken: Writing) -> None:
    number, name = plain_number(form.values["partner_number"]), form.values["partner_name"]
    if not name:
        form.errors["partner_name"] = spoken.say("open.wrong_name")
        return
    if number and not number_fits(number):
        form.errors["partner_number"] = spoken.say("open.wrong_number")
        return
    found = asking.find_partner(customer, number, name)
    if isinstance(found, Customer):
        form.partner = found
    elif found == "cohort":
        form.errors["form"] = spoken.say("open.cohort")
    else:
        form.errors["partner_number"] = spoken.say("open.wrong_self" if found == "self" else "open.wrong_partner")


def _show(request: HttpRequest, form: OpenForm, status: int = 200) -> HttpResponse:
    spoken, customer = writing(request), customer_of(request).customer
    offered, waiting = asking.requests_of(customer.id)
    return answers.page(
        request,
        "open.html",
        status,
        page="open",
        title=spoken.say("open.title"),
        nav="overview",
        form=form,
        products=[(one, spoken.say(PRODUCTS[one])) for one in asking.PRODUCTS],
        currencies=asking.CURRENCIES,
        title_max=asking.TITLE_MAX,
        offered=[_request(one, spoken) for one in offered],
        waiting=[_request(one, spoken) for one in waiting if one.partner_id],
    )


def _request(made: AccountRequest, spoken: Writing) -> dict[str, Any]:
    return {"made": made, "product": spoken.say(PRODUCTS.get(made.product, "about.other"))}


@require_safe
@for_customers
def request_page(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """How a request ended, for the two it concerns."""
    customer = customer_of(request).customer.id
    made = AccountRequest.objects.select_related("asker", "partner").filter(id=ident).first()
    if made is None or customer not in (made.asker_id, made.partner_id):
        raise Http404
    if made.state == AGREED:
        made = asking.open_agreed(made.number)
    if made.state == OPENED:
        spoken = writing(request)
        return answers.page(
            request,
            "opened.html",
            page="opened",
            title=spoken.say("open.opened"),
            nav="overview",
            account=made.account,
            number=made.account_number,
        )
    if made.state == DECLINED:
        return answers.message(request, 200, "open.declined")
    if made.state != WAITING or made.partner is None or customer == made.partner_id:
        return see_other(HERE)
    return answers.page(
        request,
        "asked.html",
        page="asked",
        title=writing(request).say("open.asked"),
        nav="overview",
        partner=made.partner.name,
    )


@require_POST
@for_customers
def request_answer(request: HttpRequest, ident: uuid.UUID, what: str) -> HttpResponse:
    """The other owner agrees or declines, or the asker withdraws; 404 for anybody else."""
    made = asking.answer(ident, customer_of(request).customer.id, what) if what in asking.ANSWERS else None
    if made is None:
        raise Http404
    return see_other(f"{HERE}/{made.id}" if made.state == OPENED else HERE)


@require_safe
@for_customers
def about_page(request: HttpRequest, account: int) -> HttpResponse:
    """What this account is, and the form to name it."""
    return _about(request, account)


@require_POST
@for_customers
def name(request: HttpRequest, account: int) -> HttpResponse:
    """Name it; 303 to what it is."""
    own, _ = own_account(request, account)
    typed = clean_line(request.POST.get("title", ""))
    if not typed or len(typed) > asking.TITLE_MAX:
        return _about(request, account, writing(request).say("about.rename_wrong", count=asking.TITLE_MAX), typed[:200])
    name_account(own.id, clean_title(typed))
    return see_other(f"/accounts/{own.id}/about")


def _about(request: HttpRequest, account: int, wrong: str = "", typed: str = "") -> HttpResponse:
    own, seen = own_account(request, account)
    held = Account.objects.get(id=own.id)
    owners = Customer.objects.filter(accounts=own.id).order_by("id").values_list("name", flat=True)
    spoken = writing(request)
    floor_minor = reader().accounts([own.id])[own.id].floor_minor
    return answers.page(
        request,
        "about.html",
        422 if wrong else 200,
        page="about",
        title=spoken.say("about.title"),
        nav="overview",
        account=own,
        fresh=seen,
        iban=iban_of(own.number),
        product=spoken.say(PRODUCTS.get(held.product, "about.other")),
        owners=list(owners),
        overdraft_minor=max(0, -floor_minor),
        kept_minor=max(0, floor_minor),
        title_max=asking.TITLE_MAX,
        wrong=wrong,
        typed=typed or own.title,
    )
