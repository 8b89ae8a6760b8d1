"""Help now: emergency money by one button, what is owed of it with a button to pay it back, and where help is near."""

import uuid
from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from holdfast.bank.customers.models import Account
from holdfast.bank.hardship.giving import Offer, give, offer_to
from holdfast.bank.hardship.keeping import help_known
from holdfast.bank.hardship.models import Advance
from holdfast.bank.hardship.owing import ASKED, GIVEN, due_of, owed_of
from holdfast.bank.hardship.paying_back import Back, pay_back
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome
from holdfast.contracts.help_now import Opened, Place, Why
from holdfast.look import banner_from_header

HERE = "/help-now"
WORD_MAX = 40


@dataclass(frozen=True, slots=True)
class Near:
    """Places of one area. chosen: its code; unknown: a postcode that fits none; by_kind: (kind, places)."""

    chosen: str
    postcode: str
    unknown: bool
    by_kind: tuple[tuple[str, tuple[Place, ...]], ...]


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def help_page(request: HttpRequest) -> HttpResponse:
    """What is offered, owed and near; posted: the advance that the form means, once however often it is sent."""
    if request.method != "POST":
        return _page(request)
    customer, row = customer_of(request).customer, get_visit(request).row
    asked = _asked(request)
    why = give(customer, asked, epoch=row.epoch, incident=_incident(request)) if asked else Why.LATER
    if why is not None or asked is None:
        return _page(request, why=why, status=422)
    answer = see_other(f"{HERE}?given={asked.number}")
    answer.headers[OUTCOME_HEADER] = f"{Outcome.DONE.value} {asked.ident(customer.id).hex}"
    return answer


@require_POST
@for_customers
def pay_back_page(request: HttpRequest) -> HttpResponse:
    """Pay one advance back, whole."""
    customer, row = customer_of(request).customer, get_visit(request).row
    try:
        ident = uuid.UUID(request.POST.get("advance", "")[:WORD_MAX])
    except ValueError:
        return _page(request, back=Back.LATER, status=422)
    how = pay_back(customer.id, ident, row.epoch)
    return see_other(f"{HERE}?back=done") if how is Back.DONE else _page(request, back=how, status=422)


def _asked(request: HttpRequest) -> Offer | None:
    """The advance that the form names by its month and number; None when it names none, or another id than theirs."""
    customer, number = customer_of(request).customer.id, request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) == 1):
        return None
    asked = Offer(help_known().terms, request.POST.get("month", "")[:7], int(number))
    same = request.POST.get("id", "").replace("-", "") == asked.ident(customer).hex
    return asked if same else None


def _incident(request: HttpRequest) -> bool:
    """Whether the doors show a banner of an incident: they take none from customers."""
    banner = banner_from_header(get_visit(request).banner)
    return banner is not None and banner.incident > 0


def near_of(request: HttpRequest) -> Near:
    """The places of the area that the address names."""
    known, words = help_known(), request.GET
    postcode = words.get("postcode", "").strip()[:WORD_MAX]
    chosen = known.find_area(words.get("area", "")[:WORD_MAX], postcode)
    by_kind: dict[str, list[Place]] = {}
    for place in known.near(chosen):
        by_kind.setdefault(place.kind, []).append(place)
    found = tuple((kind, tuple(places)) for kind, places in by_kind.items())
    return Near(chosen, postcode, bool(postcode) and not chosen, found)


def _page(request: HttpRequest, why: Why | None = None, back: Back | None = None, status: int = 200) -> HttpResponse:
    customer = customer_of(request).customer
    offer, day = offer_to(customer, _incident(request)), bank_today()
    of_month = Advance.objects.filter(customer=customer.id, month=offer.month).order_by("number")
    given = request.GET.get("given", "")
    offered = why or offer.why
    never = offer.terms.opened is Opened.NEVER or not offer.terms.gives
    return answers.page(
        request,
        "help_now.html",
        status,
        page="help-now",
        title=say(request, "helpnow.title"),
        nav="help",
        offer=replace(offer, why=why) if why else offer,
        ident=offer.ident(customer.id).hex,
        why=f"helpnow.why_{_never_or(offered, never)}" if offered else "",
        not_open=offered is Why.CLOSED and not never,
        to=Account.objects.filter(id=offer.account).first(),
        due=due_of(day),
        checking=[one for one in of_month if one.state == ASKED],
        given=next((one for one in of_month if one.state == GIVEN and str(one.number) == given), None),
        owed=owed_of(customer.id),
        back=f"back.{back.value}" if back else "",
        paid_back=request.GET.get("back") == "done",
        areas=help_known().areas,
        near=near_of(request),
        places_known=bool(help_known().places),
    )


def _never_or(why: Why, never: bool) -> str:
    return "never" if why is Why.CLOSED and never else why.value
