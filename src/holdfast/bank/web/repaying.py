"""A customer pays a loan back early: what it comes to today, the proof of who asks, and how it ended.

The page that is confirmed carries a token over loan, form and every figure (payments/binding.py): with another one, or
on another day, it proves nothing, and the page is shown anew with what holds now.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from holdfast.bank.charges.models import Loan
from holdfast.bank.charges.repaying import Against, Quote, find_repayment, quote, repay
from holdfast.bank.payments.binding import bind_content
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.asking import NOT_CARRIED, USED_ONCE, begun_meanwhile, not_proved_for
from holdfast.bank.web.calculations import interest_rows, repayment_parts
from holdfast.bank.web.loans import own_loan, show_loan
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payform import check_amount
from holdfast.bank.web.proving import ways_of
from holdfast.bank.web.words import say, writing


@dataclass(frozen=True, slots=True)
class Asked:
    """What a customer asks: id: chosen before it is sent; amount: of the part as it was typed, "" for the whole."""

    id: uuid.UUID
    amount: str


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password", "passkey", "proof")
@for_customers
def repay_page(request: HttpRequest, loan: int) -> HttpResponse:
    """What paying back `amount` (absent: everything) comes to today, to be confirmed; posted with a proof, done."""
    found, sent = own_loan(request, loan), request.method == "POST"
    said = request.POST if sent else request.GET
    asked = Asked(_ident(said.get("id", "")) if sent else uuid.uuid4(), said.get("amount", "").strip()[:40])
    if sent and find_repayment(found, asked.id) is not None:
        return _ended(found, asked)
    errors: dict[str, str] = {}
    part_minor = None
    if asked.amount or said.get("part"):
        part_minor = check_amount(request, errors, asked.amount, found.currency)
    if errors:
        return show_loan(request, found, asked.amount, errors["amount"])
    made = quote(found, bank_today(), part_minor)
    if isinstance(made, Against):
        typed = None if part_minor is None else asked.amount
        return show_loan(request, found, typed, say(request, f"loans.not_{made.value}"))
    return _confirmed(request, made, asked) if sent else _to_confirm(request, made, asked)


def _ident(text: str) -> uuid.UUID:
    """The form's id; a new one, of which nothing is bound, for what is none."""
    try:
        return uuid.UUID(hex=text)
    except ValueError:
        return uuid.uuid4()


def _confirmed(request: HttpRequest, made: Quote, asked: Asked) -> HttpResponse:
    if made.short_minor:
        return _to_confirm(request, made, asked)
    problem = not_proved_for(request, _content(request, made, asked))
    if problem in USED_ONCE and begun_meanwhile(lambda: find_repayment(made.loan, asked.id) is not None):
        return _ended(made.loan, asked)
    if problem:
        words = "loans.not_as_shown" if problem == NOT_CARRIED else problem
        return _to_confirm(request, made, asked, words)
    done = repay(made, asked.id, customer_of(request).customer.id)
    if isinstance(done, Against):
        return show_loan(request, own_loan(request, made.loan.id), None, say(request, f"loans.not_{done.value}"))
    return _ended(made.loan, asked)


def _content(request: HttpRequest, made: Quote, asked: Asked) -> dict[str, Any]:
    """Everything that makes it this repayment, as it is signed."""
    return {
        "customer": customer_of(request).customer.id,
        "repayment": asked.id.hex,
        "loan": made.loan.id,
        "whole": made.whole,
        "principal_minor": made.principal_minor,
        "amount_minor": made.total_minor,
        "currency": made.loan.currency,
        "day": made.day.isoformat(),
    }


def _ended(loan: Loan, asked: Asked) -> HttpResponse:
    return see_other(f"{reverse('loan', kwargs={'loan': loan.id})}?asked={asked.id}")


def _to_confirm(request: HttpRequest, made: Quote, asked: Asked, problem: str = "") -> HttpResponse:
    spoken = writing(request)
    return answers.page(
        request,
        "repay.html",
        422 if problem or (made.short_minor and request.method == "POST") else 200,
        page="repay",
        title=spoken.say("loans.repay_title"),
        nav="overview",
        made=made,
        loan=made.loan,
        asked=asked,
        after=made.coming[0] if made.coming else None,
        last=made.coming[-1] if made.coming else None,
        left_minor=made.owed_minor - made.principal_minor,
        parts=repayment_parts(made, made.loan.currency, spoken),
        rows=interest_rows(made.grown, made.loan, spoken),
        proof="" if made.short_minor else bind_content(_content(request, made, asked)),
        ways=ways_of(customer_of(request).customer.id),
        problem=spoken.say(problem) if problem else "",
        mark=problem,
    )
