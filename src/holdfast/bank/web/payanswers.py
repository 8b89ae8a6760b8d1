"""How a payment form ends: shown again, or on to its receipt, which the other bank can show as well."""

import time

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from holdfast.bank.books import keyring
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.web import answers
from holdfast.bank.web.pages import see_other
from holdfast.bank.web.payform import PayForm
from holdfast.bank.web.words import say
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, PaymentAnswer
from holdfast.contracts.sessions import RECEIPT_CHARACTERS_MAX, RECEIPT_COOKIE, RECEIPT_PURPOSE, RECEIPT_S


def show_form(request: HttpRequest, form: PayForm, accounts: list[OwnAccount], status: int = 200) -> HttpResponse:
    """The form, with what is wrong beside its fields."""
    return answers.page(
        request,
        "pay.html",
        status,
        page="pay",
        title=say(request, "pay.title"),
        form=form,
        accounts=accounts,
        nav="pay",
        from_=form.values.get("from", ""),
    )


def answer_payment(request: HttpRequest, asked: Request, paid: PaymentAnswer) -> HttpResponse:
    """303 to the receipt; 422 for a form whose id is another payment's."""
    if paid.outcome is Outcome.CONFLICT:
        answer = answers.page(
            request,
            "message.html",
            422,
            page="conflict",
            title=say(request, "pay.conflict"),
            nav="pay",
            words=say(request, "pay.conflict_words"),
            link="/pay",
            link_words=say(request, "pay.new_form"),
        )
    else:
        address = reverse("receipt", kwargs={"payment": str(asked.id)})
        answer, token = see_other(address), _receipt(asked, paid)
        if len(token) <= RECEIPT_CHARACTERS_MAX:
            answer.set_cookie(RECEIPT_COOKIE, token, RECEIPT_S, path=address, httponly=True, samesite="Lax")
    answer.headers[OUTCOME_HEADER] = f"{paid.outcome.value} {asked.id.hex}"
    return answer


def _receipt(asked: Request, paid: PaymentAnswer) -> str:
    """The token by which the other bank can show at once how it ended."""
    return keyring().sign(
        RECEIPT_PURPOSE,
        {
            "id": asked.id.hex,
            "outcome": paid.outcome.value,
            "reason": paid.reason.value,
            "amount_minor": asked.amount_minor,
            "currency": asked.currency,
            "debit": asked.debit,
            "credit": asked.credit,
            "payee": asked.payee,
            "text": asked.text,
            "at": time.time(),
            "bank": "primary",
            "customer": asked.customer,
            **({"metadata": True} if asked.metadata else {}),
        },
    )
