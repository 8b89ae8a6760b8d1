"""Exchange by program between the customer's own accounts: a quote that holds for a minute, then one exchange by it.

A quote stores nothing: it is the offer that the page shows (currencies/quoting.py), signed. The exchange has its id by
customer and Idempotency-Key, as a payment has, so that money moves once however often it is sent; the same key and
quote are answered alike also when the quote's minute is long over.
"""

import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Header

from holdfast.bank.api import schemas
from holdfast.bank.api.asking import content_of, own_account
from holdfast.bank.api.callers import Bearer, Caller
from holdfast.bank.api.limiting import release, reserve
from holdfast.bank.api.models import ApiPayment
from holdfast.bank.api.once import alone, created_at, ident_of, journal_missing, state_of
from holdfast.bank.api.problems import Problem, wrong_field
from holdfast.bank.api.reading import caller_of
from holdfast.bank.books import installation, reader
from holdfast.bank.currencies.converting import plain
from holdfast.bank.currencies.exchanging import asker_of, exchange, request_of
from holdfast.bank.currencies.quoting import NoOffer, Offer, make_offer, no_offer_words, read_offer
from holdfast.bank.customers.overview import own_accounts
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.pay import write_down
from holdfast.bank.web.words import writing
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, PaymentAnswer
from holdfast.contracts.api import KEY_HEADER, Scope

RATE_DIGITS = 10
router = Router()


@router.post(
    "/exchange-quotes",
    response=schemas.ExchangeQuote,
    auth=Bearer(Scope.EXCHANGE_WRITE),
    operation_id="quote_exchange",
)
def quote_exchange(request: HttpRequest, wanted: schemas.NewExchangeQuote) -> schemas.ExchangeQuote:
    """What the bank gives for an amount now. It holds until ends_at, also when new rates come meanwhile; nothing is
    moved or kept. 422 `no-rate`, `old-rates`, `too-small` (with `least_minor`), `too-large`: nothing is offered."""
    customer = caller_of(request).customer.id
    accounts, _ = own_accounts(customer)
    debit = own_account(accounts, wanted.from_account, "from_account")
    credit = own_account(accounts, wanted.to_account, "to_account")
    if debit.currency == credit.currency:
        raise wrong_field("to_account", "same-currency", "api.wrong_same_currency")
    made = make_offer(uuid.uuid4(), customer, debit.id, credit.id, debit.currency, credit.currency, wanted.sold_minor)
    if not isinstance(made, Offer):
        why, least_minor = made
        words = no_offer_words(why, least_minor, debit.currency, credit.currency, writing(request))
        least: dict[str, Any] = {"least_minor": least_minor} if why is NoOffer.TOO_SMALL else {}
        raise Problem(422, why.value.replace("_", "-"), words=words, **least)
    return schemas.ExchangeQuote(
        quote=made.sign(),
        ends_at=datetime.fromtimestamp(made.ends, UTC),
        margin_minor=made.margin_minor,
        **_figures(made),
    )


def _figures(offer: Offer) -> dict[str, Any]:
    one, terms = offer.exchanged, offer.exchanged.terms
    return {
        "from_account": str(offer.debit),
        "to_account": str(offer.credit),
        "sold_minor": one.sold_minor,
        "sold_currency": terms.sold,
        "bought_minor": one.bought_minor,
        "bought_currency": terms.bought,
        "rate": rate_text(terms.rate),
        "margin_ppm": terms.margin_ppm,
        "rates": terms.version,
    }


def rate_text(rate: Fraction) -> str:
    """A rate as decimal text, rounded to RATE_DIGITS decimals; the amounts, not this, are what is booked."""
    return plain((Decimal(rate.numerator) / rate.denominator).quantize(Decimal(1).scaleb(-RATE_DIGITS)))


@router.post(
    "/exchanges",
    response={201: schemas.Exchange, 202: schemas.Exchange},
    auth=Bearer(Scope.EXCHANGE_WRITE),
    operation_id="make_exchange",
)
def make_exchange(
    request: HttpRequest,
    response: HttpResponse,
    wanted: schemas.NewExchange,
    idempotency_key: str = Header(..., alias=KEY_HEADER, min_length=1, max_length=130),
) -> Status[schemas.Exchange]:
    """Exchange by a quote. The same key and content again are answered as the first time, and exchanged once, also
    when the quote is over. 201: it is done; 202: that is being checked, ask for the payment of this id; 422
    `payment-refused`: it is never made; 422 `quote-over`: nothing was moved, ask for another quote."""
    caller = caller_of(request)
    ident = ident_of(caller, idempotency_key)
    with alone(ident, caller.row.request):
        offer, said, created = _exchange(caller, ident, wanted)
    response.headers[OUTCOME_HEADER] = f"{said.outcome.value} {ident.hex}"
    state = state_of(request, ident, said)
    told = schemas.Exchange(
        id=ident, state=state, text=wanted.text.strip(), created_at=created or created_at(ident), **_figures(offer)
    )
    return Status(201 if state == "done" else 202, told)


def _exchange(
    caller: Caller, ident: uuid.UUID, wanted: schemas.NewExchange
) -> tuple[Offer, PaymentAnswer, datetime | None]:
    """Exchange, or raise the Problem that says why nothing was done; and when it was asked for, if that is known. The
    order is that of a payment (paying.py)."""
    content = content_of(wanted)
    before = ApiPayment.objects.filter(payment=ident).first()
    if before is not None and before.content not in ("", content):
        raise Problem(422, "key-reused", payment=str(ident))
    offer = read_offer(wanted.quote)
    if offer is None or offer.customer != caller.customer.id:
        raise wrong_field("quote", "not-whole", "api.wrong_quote")
    offer = replace(offer, exchanged=replace(offer.exchanged, id=ident))
    recorded = reader().outcome(ident) is not None
    begun = recorded or (before is not None and Intent.objects.filter(id=ident).exists())
    if caller.row.forced and not recorded:
        raise journal_missing()
    accounts, _ = own_accounts(caller.customer.id)
    # Rule 11: an id that a program made is older than every epoch.
    asker = asker_of(offer, accounts, wanted.text.strip(), 0, caller.customer.cohort, caller.row)
    asked, created = request_of(offer, asker), before.created if before else None
    over = not recorded and not offer.holds(time.time())
    if not begun and not over:
        created = _reserve(caller, offer, content)
        over = not offer.holds(time.time())  # judged behind the row, so that whoever comes later sees it
        if over and before is None:
            release(ident)
    if over and before is None:
        raise Problem(422, "quote-over")
    if over:  # asked for before, and perhaps on its way: that is settled, by these rates never anew
        write_down(asked)
        return offer, PaymentAnswer(Outcome.CHECKING), created
    return offer, exchange(offer, asked), created


def _reserve(caller: Caller, offer: Offer, content: str) -> datetime:
    """Write down that it is asked for; raises Problem 403 when the token may not."""
    value_minor = offer.exchanged.terms.own_minor(offer.exchanged.sold_minor, installation().currency)
    created = reserve(caller.token, offer.exchanged.id, content, max(1, value_minor))
    if created is None:
        raise Problem(403, "token-limit")
    return created
