"""The form with which a customer claims what others charged because of an outage, and what became of each claim."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from holdfast.bank.books import installation
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress import proofs
from holdfast.bank.redress.claiming import (
    OPEN_MAX,
    TEXT_MAX,
    NewClaim,
    claims_of,
    confirmed,
    currencies,
    open_claim,
)
from holdfast.bank.redress.errors import BadProof
from holdfast.bank.redress.models import Claim
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.words import writing
from holdfast.contracts.confirmation import ADDRESS
from holdfast.contracts.money import BadAmount, parse_amount
from holdfast.contracts.statement import read_day
from holdfast.contracts.text import clean_line
from holdfast.look import Writing

HERE = "/claims"
MEGABYTES = proofs.BYTES_MAX // 1_000_000
TYPED_MAX = 200


@dataclass
class Form:
    """What was typed, and what is wrong with it, by field."""

    ident: uuid.UUID
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def claims_page(request: HttpRequest) -> HttpResponse:
    """The customer's claims and the form for one more; posted, one more, once for each form."""
    if request.method != "POST":
        return _show(request, Form(uuid.uuid4()))
    form, accounts = _read(request), _accounts(request)
    new = _checked(request, form, accounts)
    if new is None:
        return _show(request, form, 422)
    spoken = writing(request)
    try:
        made = open_claim(new)
    except BadProof as error:
        places = {"megabytes": MEGABYTES} if error.kind == "too_large" else {}
        form.errors["file"] = spoken.say(f"claims.bad_{error.kind}", **places)
        return _show(request, form, 422)
    if made is None:
        form.errors["form"] = spoken.say("claims.too_many", count=OPEN_MAX)
        return _show(request, form, 422)
    return see_other(HERE)


def _accounts(request: HttpRequest) -> list[OwnAccount]:
    """The customer's accounts into which the bank pays: in its own currency."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    return [one for one in accounts if one.currency == installation().currency]


def _read(request: HttpRequest) -> Form:
    names = ("by_whom", "what", "amount", "currency", "day", "account")
    typed = {name: clean_line(request.POST.get(name, ""))[:TYPED_MAX] for name in names}
    form = Form(uuid.uuid4(), typed)
    try:
        form.ident = uuid.UUID(hex=request.POST.get("id", ""))
    except ValueError:
        form.errors["form"] = writing(request).say("claims.wrong_form")
    return form


def _checked(request: HttpRequest, form: Form, accounts: list[OwnAccount]) -> NewClaim | None:
    """The claim as it can be made; None with the words beside the fields."""
    spoken, typed, today = writing(request), form.typed, bank_today()
    for name in ("by_whom", "what"):
        if not 0 < len(typed[name]) <= TEXT_MAX:
            form.errors[name] = spoken.say(f"claims.wrong_{name}", count=TEXT_MAX)
    if typed["currency"] not in currencies():
        form.errors["currency"] = spoken.say("claims.wrong_currency")
    day = read_day(typed["day"])
    if day is None or day > today:
        form.errors["day"] = spoken.say("claims.wrong_day", example=today.isoformat())
    account = next((one for one in accounts if str(one.id) == typed["account"]), None)
    if account is None:
        form.errors["account"] = spoken.say("claims.wrong_account")
    amount_minor = _amount(form, spoken)
    raw, name = _file(request, form, spoken)
    if form.errors or account is None or day is None:
        return None
    customer = customer_of(request).customer.id
    sides = (form.ident, customer, account.id, typed["by_whom"], typed["what"])
    return NewClaim(*sides, amount_minor, typed["currency"], day, name, raw)


def _amount(form: Form, spoken: Writing) -> int:
    currency = form.typed["currency"]
    try:
        return parse_amount(form.typed["amount"], currency)
    except BadAmount as error:
        form.errors["amount"] = spoken.bad_amount(error, currency)
        return 0


def _file(request: HttpRequest, form: Form, spoken: Writing) -> tuple[bytes, str]:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or not sent.size:
        form.errors["file"] = spoken.say("claims.bad_no_file")
        return b"", ""
    if sent.size > proofs.BYTES_MAX:
        form.errors["file"] = spoken.say("claims.bad_too_large", megabytes=MEGABYTES)
        return b"", ""
    return sent.read(), clean_line(sent.name or "")


def _show(request: HttpRequest, form: Form, status: int = 200) -> HttpResponse:
    spoken, customer = writing(request), customer_of(request).customer.id
    return answers.page(
        request,
        "claims.html",
        status,
        page="claims",
        title=spoken.say("claims.title"),
        nav="money",
        claims=[_claim(one, spoken) for one in claims_of(customer)],
        accounts=_accounts(request),
        currencies=currencies(),
        ident=str(form.ident),
        typed=form.typed or {"currency": installation().currency, "day": bank_today().isoformat()},
        errors=form.errors,
        megabytes=MEGABYTES,
        example=bank_today().isoformat(),
    )


def _claim(one: Claim, spoken: Writing) -> dict[str, Any]:
    known = confirmed(one)
    return {
        "made": one,
        "charged": spoken.say("claims.charged", by_whom=one.by_whom, day=spoken.day(one.day)),
        "outage": {name: datetime.fromisoformat(known[name]) for name in ("since", "until")} if known else None,
        "confirmations": [f"{ADDRESS}?{urlencode({'proof': token})}" for token in known.get("tokens", [])],
    }


@require_safe
@for_customers
def claim_file(request: HttpRequest, number: int) -> HttpResponse:
    """The customer's own file, to be saved: never shown within a page of ours."""
    claim = Claim.objects.filter(number=number, customer=customer_of(request).customer.id).first()
    raw = proofs.read(claim) if claim else b""
    if claim is None or not raw:
        raise Http404
    return as_download(claim, raw)


def as_download(claim: Claim, raw: bytes) -> HttpResponse:
    """A claim's file as a browser saves it."""
    answer = HttpResponse(raw, content_type=claim.file_type)
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="claim-{claim.number}.{proofs.ENDINGS[claim.file_type]}"'
    )
    return answer
