"""The pages between a form and a payment: a stop for what looks like a scam, and the proof of who pays.

Both carry the whole form on and do nothing by themselves.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse

from holdfast.bank.factors.passkeys import Claim
from holdfast.bank.factors.used import Used, use
from holdfast.bank.payments.binding import KEPT_S, bind, content_of, is_bound, token_text
from holdfast.bank.payments.judging import rules
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of
from holdfast.bank.web.payform import PayForm
from holdfast.bank.web.proving import ways_of, why_not_proved
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.factors import PasskeyAnswer
from holdfast.guard import Risk, Scam, Signs

NOT_CARRIED = "not-carried"
USED_ONCE = ("prove.code_wrong", "prove.passkey_wrong", "prove.used")
"""What the second of two equal forms reads, because the first has used its proof."""
BEGUN_LOOKS, BEGUN_GAP_S = 10, 0.1
"""A form that was sent twice at once: the second waits for the first that long at most."""


def still_to_prove(request: HttpRequest, asked: Request, when: str = "") -> str:
    """The key of the words for why the form proves nothing for this very payment, NOT_CARRIED when it carries no proof
    of it; empty when it proves it."""
    return not_proved_for(request, content_of(asked, when))


def not_proved_for(request: HttpRequest, content: dict[str, Any]) -> str:
    """As still_to_prove, for whatever was bound (binding.bind_content)."""
    token = request.POST.get("proof", "")
    if not token or not is_bound(token, content):
        return NOT_CARRIED
    customer = customer_of(request).customer
    return why_not_proved(request, customer, _claim_for(token)) or _why_used(request, token)


def _claim_for(token: str) -> Claim:
    """A passkey must have signed this very token; it is claimed with the proof itself."""

    def claim(said: PasskeyAnswer, _request: str) -> Used:
        if said.challenge != token:
            raise BadMessage("the passkey signed another payment")
        return Used.GRANTED

    return claim


def _why_used(request: HttpRequest, token: str) -> str:
    """A proof is used once: claimed for this request at the doors."""
    used = use(token_text(token), get_visit(request).row.request, KEPT_S, alone=True)
    return "" if used is Used.GRANTED else "prove.used"


def begun_meanwhile(begun: Callable[[], bool]) -> bool:
    """Whether the same form, sent twice at once, is being carried out by the first one, which `begun` tells."""
    for look in range(BEGUN_LOOKS):
        if begun():
            return True
        if look + 1 < BEGUN_LOOKS:
            time.sleep(BEGUN_GAP_S)
    return False


def ask_first(request: HttpRequest, form: PayForm, asked: Request, risk: Risk, **more: str) -> HttpResponse:
    """422: what looks like a scam stops the customer once; then the proof is asked for. more: as of ask_proof."""
    available_minor = form.debit.available_minor if form.debit else 0
    scam = rules.scam(Signs(risk, asked.amount_minor, available_minor, form.name.answer, asked.text))
    if scam is Scam.NONE or form.warned == scam.value:
        return ask_proof(request, form, asked, risk, **more)
    form.warned = scam.value
    return answers.page(
        request,
        "warn.html",
        422,
        page="warning",
        title=say(request, "prove.warn_title"),
        nav="pay",
        scam=scam.value,
        lead=say(request, f"prove.warn_{scam.value}"),
        what_to_do=say(request, f"prove.warn_{scam.value}_do"),
        asked=asked,
        action=more.get("again", "/pay"),
        fields=list(carried(form)),
    )


def ask_proof(
    request: HttpRequest,
    form: PayForm,
    asked: Request,
    risk: Risk,
    *,
    problem: str = "",
    action: str = "/pay/confirm",
    again: str = "/pay",  # noqa: ARG001  # ask_first's: where a form that was warned of goes on
    when: str = "",
) -> HttpResponse:
    """422: prove who you are for this payment. problem: the key of the words about what was sent; action: where the
    proof goes; when: the days of an order, in words for machines, which are bound too."""
    return answers.page(
        request,
        "prove.html",
        422,
        page="prove",
        title=say(request, "prove.title"),
        nav="pay",
        risk=risk.value,
        why=say(request, f"prove.why_{risk.value}"),
        problem=say(request, problem) if problem else "",
        mark=problem,
        asked=asked,
        number=form.credit.number if form.credit else "",
        proof=bind(asked, when),
        ways=ways_of(asked.customer),
        action=action,
        fields=list(carried(form)),
    )


def carried(form: PayForm) -> Iterator[tuple[str, str]]:
    """The fields of a form, to be sent on as they are."""
    yield "id", str(form.id)
    yield "birth", form.birth
    yield "checked", form.checked
    yield "warned", form.warned
    yield from form.values.items()
