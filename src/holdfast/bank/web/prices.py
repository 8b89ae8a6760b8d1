"""Pages about prices: the whole list, and what one account costs and earns."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.bank.books import installation
from holdfast.bank.charges.closing import accrued
from holdfast.bank.charges.engine.interest import round_minor
from holdfast.bank.charges.engine.prices import INTEREST, OVERDRAFT, PriceList, Product, Rate
from holdfast.bank.charges.models import Accrual, Booking
from holdfast.bank.charges.publishing import price_book
from holdfast.bank.customers.models import Account
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.calculations import booking_shown
from holdfast.bank.web.figures import percent
from holdfast.bank.web.pages import for_customers
from holdfast.bank.web.transactions import own_account
from holdfast.bank.web.visit import recognise
from holdfast.bank.web.words import writing
from holdfast.look import Writing

PRODUCTS = {
    "current": "prices.product_current",
    "savings": "prices.product_savings",
    "business": "prices.product_business",
}
BOOKED_SHOWN_MAX = 24


@dataclass(frozen=True, slots=True)
class Priced:
    """One line of a price list in words: what, the price (or one line a tier), and how it is counted."""

    what: str
    prices: list[str]
    how: str = ""


def product_name(name: str, spoken: Writing) -> str:
    """What a product is called."""
    return spoken.say(PRODUCTS[name]) if name in PRODUCTS else spoken.say("prices.product_other", name=name)


def product_prices(product: Product, currency: str, spoken: Writing) -> list[Priced]:
    """All that a product costs and earns."""
    out = [
        _rate(f"prices.rule_{rule}", rate, currency, spoken)
        for rule in (INTEREST, OVERDRAFT)
        if (rate := product.rate(rule)) is not None
    ]
    if product.service is not None:
        amount, free = spoken.amount(product.service.amount_minor, currency), product.service.free_from_minor
        if free is not None:
            amount = spoken.say("prices.service_free", amount=amount, free=spoken.amount(free, currency))
        booked = spoken.say(f"prices.booked_{product.service.booked}")
        out.append(Priced(spoken.say("prices.rule_service"), [amount], booked))
    if product.uses is not None:
        each = spoken.amount(product.uses.amount_minor, currency)
        words = spoken.say("prices.uses_free", count=product.uses.free, amount=each)
        out.append(Priced(spoken.say("prices.rule_uses"), [words], spoken.say(f"prices.booked_{product.uses.booked}")))
    return out


def _rate(key: str, rate: Rate, currency: str, spoken: Writing) -> Priced:
    prices = []
    for tier in rate.tiers:
        words = spoken.say("prices.rate", rate=percent(tier.rate_ppm, spoken))
        if len(rate.tiers) > 1:
            words = f"{spoken.say('prices.tier', amount=spoken.amount(tier.from_minor, currency))}: {words}"
        prices.append(words)
    how = [spoken.say(f"prices.booked_{rate.booked}")]
    how.append(spoken.say("prices.basis", divisor=rate.count.divisor, count=rate.count.value))
    if len(rate.tiers) > 1:
        how.insert(0, spoken.say("prices.tier_whole" if rate.whole else "prices.tier_parts"))
    return Priced(spoken.say(key), prices, ", ".join(how))


def list_prices(held: PriceList, spoken: Writing) -> list[tuple[str, list[Priced]]]:
    """A whole list: (heading, prices) of each product, of loans and of the rest."""
    loan, currency = held.loan, held.currency

    def amounts(minor: int) -> str:
        return spoken.amount(minor, currency) if minor else spoken.say("prices.nothing")

    rate = percent(loan.late_rate_ppm, spoken)
    late = spoken.say("prices.loan_late_words", amount=amounts(loan.late_fee_minor), rate=rate)
    loans = [
        Priced(spoken.say("prices.loan_instalment"), [amounts(loan.instalment_fee_minor)]),
        Priced(spoken.say("prices.loan_late"), [late]),
        Priced(spoken.say("prices.loan_early"), [amounts(loan.early_fee_minor)]),
    ]
    other = [Priced(spoken.say("prices.late_order"), [amounts(held.late_order_minor)])]
    products = [
        (product_name(name, spoken), product_prices(one, currency, spoken)) for name, one in held.products.items()
    ]
    return [*products, (spoken.say("prices.loans"), loans), (spoken.say("prices.other_charges"), other)]


@require_safe
def prices_page(request: HttpRequest) -> HttpResponse:
    """The price list in force, and the one to come; for everybody."""
    recognise(request)
    spoken, today = writing(request), bank_today()
    prices = price_book(installation().currency)
    held = prices.on(today)
    coming = next((one for one in prices.lists if one.valid_from > today), None)
    return answers.page(
        request,
        "prices.html",
        page="prices",
        title=spoken.say("prices.title"),
        nav="help",
        held=held,
        parts=list_prices(held, spoken) if held else [],
        coming=coming,
        coming_parts=_changed(held, coming, spoken) if coming else [],
    )


def _changed(held: PriceList | None, coming: PriceList, spoken: Writing) -> list[tuple[str, list[Priced]]]:
    """What of a list to come differs from the one in force."""
    now = dict(list_prices(held, spoken)) if held else {}
    out = []
    for heading, prices in list_prices(coming, spoken):
        differs = [one for one in prices if one not in now.get(heading, [])]
        if differs:
            out.append((heading, differs))
    return out


@require_safe
@for_customers
def costs_page(request: HttpRequest, account: int) -> HttpResponse:
    """What this account costs and earns, what accrued so far, and what was booked."""
    own, seen = own_account(request, account)
    spoken, today = writing(request), bank_today()
    product = Account.objects.filter(id=own.id).values_list("product", flat=True).get()
    held = price_book(own.currency).on(today)
    priced = held.products.get(product) if held else None
    booked = Booking.objects.filter(account=own.id, ended="booked").order_by("-until", "rule")[:BOOKED_SHOWN_MAX]
    return answers.page(
        request,
        "costs.html",
        page="costs",
        title=spoken.say("prices.costs"),
        nav="overview",
        account=own,
        fresh=seen,
        held=held,
        product=product_name(product, spoken),
        prices=product_prices(priced, own.currency, spoken) if priced else [],
        accrued=_accrued(accrued(own.id), spoken),
        booked=[_booked(one, spoken) for one in booked],
    )


@require_safe
@for_customers
def charge_page(request: HttpRequest, account: int, charge: str) -> HttpResponse:
    """How one charge of this account was calculated; 404 for any other."""
    own, seen = own_account(request, account)
    spoken = writing(request)
    try:
        ident = uuid.UUID(hex=charge)
    except ValueError as error:
        raise Http404 from error
    found = Booking.objects.filter(id=ident, account=own.id).first()
    if found is None:
        raise Http404
    return answers.page(
        request,
        "charge.html",
        page="charge",
        title=spoken.say(f"prices.rule_{found.rule}"),
        nav="overview",
        account=own,
        fresh=seen,
        one=found,
        how=booking_shown(found, spoken),
    )


def _accrued(found: Iterable[Accrual], spoken: Writing) -> list[dict[str, Any]]:
    return [
        {
            "what": spoken.say(f"prices.accrued_{one.rule}"),
            "amount_minor": round_minor(int(one.grains)),
            "words": spoken.say("prices.accrued_words", first=spoken.day(one.first), through=spoken.day(one.through)),
        }
        for one in found
        if round_minor(int(one.grains))
    ]


def _booked(one: Booking, spoken: Writing) -> dict[str, Any]:
    return {"what": spoken.say(f"prices.rule_{one.rule}"), "day": spoken.day(one.until), "one": one}
