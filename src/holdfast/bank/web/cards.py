"""The customer's cards, and the card network's address."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from holdfast.bank.books import keyring
from holdfast.bank.cards.authorising import Said, authorise, find_card
from holdfast.bank.cards.freezing import cards_of, set_frozen
from holdfast.bank.customers.overview import own_accounts
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.holds import holds_of
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say, writing
from holdfast.contracts.answers import OUTCOME_HEADER, REASON_WORDS, Reason
from holdfast.contracts.cards import (
    NETWORK_HEADER,
    USE_BYTES_MAX,
    USE_PURPOSE,
    CardOutcome,
    CardUse,
    card_words,
    last_day_passed,
    read_card_use,
)
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.guard import RULES_VERSION


@require_safe
@for_customers
def cards_page(request: HttpRequest) -> HttpResponse:
    """The customer's own cards, each with a button to freeze or unfreeze it."""
    customer = customer_of(request).customer
    accounts, seen = own_accounts(customer.id)
    titles = {one.id: one for one in accounts}
    held = holds_of(accounts, writing(request))
    shown = [
        {
            "card": one,
            "account": titles.get(one.account),
            "ended": last_day_passed(one.ends, bank_today()),
            "until": one.as_known().until,
            "holds": one.as_known(),
            "holds_now": [
                each for each in held if (each.hold.debit, each.hold.text) == (one.account, card_words(one.last4))
            ],
        }
        for one in cards_of(customer.id)
    ]
    title = say(request, "cards.title")
    return answers.page(request, "cards.html", page="cards", title=title, nav="cards", fresh=seen, cards=shown)


@require_POST
@for_customers
def freeze(request: HttpRequest, card: str, what: str) -> HttpResponse:
    """Freeze or unfreeze one of the customer's own cards; 303 to the cards, 404 for any other card."""
    if not set_frozen(card, customer_of(request).customer.id, what == "freeze"):
        raise Http404
    return see_other("/cards")


@require_POST
def card_use(request: HttpRequest) -> HttpResponse:
    """A card network's question: 200 with the answer, 400 when it is not valid, 403 when the network did not sign it,
    421 with the cohort of the card, 422 when the transaction was asked before with other content."""
    raw = request.body
    if len(raw) > USE_BYTES_MAX:
        return JsonResponse({"error": f"the card use is larger than {USE_BYTES_MAX} bytes"}, status=400)
    signed = keyring().verify(USE_PURPOSE, request.headers.get(NETWORK_HEADER, ""), by={"network"})
    if signed.get("sha256") != hashlib.sha256(raw).hexdigest():
        raise BadToken("the card network signed another card use")
    try:
        use = read_card_use(raw)
    except BadMessage as error:
        return JsonResponse({"error": str(error)}, status=400)
    known = find_card(use.card)
    if known is None:
        return _answer(use, Said(CardOutcome.UNKNOWN, Reason.CARD_UNKNOWN))
    row = get_visit(request).row
    if row.cohort != known.account.cohort:
        return answers.wrong_cohort(known.account.cohort)
    return _answer(use, authorise(use, known, row.epoch, row.forced))


def _answer(use: CardUse, said: Said) -> HttpResponse:
    answer = JsonResponse(
        {
            "outcome": said.outcome.value,
            "reason": said.reason.value,
            "words": REASON_WORDS[said.reason],
            "id": use.id.hex,
            "block": said.block,
            "bank": "primary",
            "rules_version": RULES_VERSION,
        },
        status=422 if said.outcome is CardOutcome.CONFLICT else 200,
    )
    if said.ended is not None:
        answer.headers[OUTCOME_HEADER] = f"{said.ended.value} {use.id.hex}"
    return answer
