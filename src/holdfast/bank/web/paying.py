"""The payment form and its answer."""

import time
import unicodedata
import uuid
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from holdfast.bank.books import keyring
from holdfast.bank.customers.known import KnownAccount, accounts_by_number
from holdfast.bank.customers.numbers import plain_number
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.payments.judging import rules
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.payments.pay import pay
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.visit import DoorRow, get_visit
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, PaymentAnswer
from holdfast.contracts.errors import BadToken
from holdfast.contracts.money import parse_amount
from holdfast.contracts.sessions import BIRTH_PURPOSE, RECEIPT_PURPOSE

WORDS_MAX = 140
FIELDS = ("from", "to", "name", "amount", "text", "deadline")
"""deadline: `yes` when the customer says that it must arrive by a time. Here nothing is scarce; it is kept for the
form that goes on at the spare bank."""


@dataclass
class PayForm:
    """A payment form as typed, with what is wrong beside each field."""

    id: uuid.UUID
    birth: str
    values: dict[str, str]
    checked: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    debit: OwnAccount | None = None
    credit: KnownAccount | None = None
    amount_minor: int = 0


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def pay_page(request: HttpRequest) -> HttpResponse:
    """The form; posted, the payment."""
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    row = get_visit(request).row
    if request.method != "POST":
        ident = uuid.uuid4()
        chosen = request.GET.get("from", "")
        return _show(request, PayForm(ident, new_birth(ident, row), {"from": chosen}), accounts)
    form = _read(request, row)
    _check(form, accounts)
    if form.errors or form.debit is None or form.credit is None:
        return _show(request, form, accounts, 422)
    payee = form.values["name"] or owner_name(form.credit)
    asked = Request(
        id=form.id,
        customer=customer.id,
        debit=form.debit.id,
        credit=form.credit.id,
        amount_minor=form.amount_minor,
        currency=form.debit.currency,
        credit_currency=form.credit.currency,
        payer=customer.name,
        payee=payee,
        text=form.values["text"],
        birth=read_birth(form.birth, form.id, row),
        cohort=customer.cohort,
        epoch=row.epoch,
        forced=row.forced,
    )
    return _answer(request, asked, pay(asked))


def new_birth(ident: uuid.UUID, row: DoorRow) -> str:
    """The token that says in which epoch a form's id was made."""
    return keyring().sign(BIRTH_PURPOSE, {"id": ident.hex, "cohort": row.cohort, "epoch": row.epoch})


def read_birth(token: str, ident: uuid.UUID, row: DoorRow) -> int:
    """The epoch of birth; 0 (older, rule 11) when the token is forged, absent or of another id or cohort."""
    try:
        raw = keyring().verify(BIRTH_PURPOSE, token, by={"primary", "standin"})
        return int(raw["epoch"]) if (raw["id"], raw["cohort"]) == (ident.hex, row.cohort) else 0
    except (BadToken, KeyError, ValueError, TypeError):
        return 0


def _typed(request: HttpRequest, name: str) -> str:
    text = request.POST.get(name, "")
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cs")).strip()


def _read(request: HttpRequest, row: DoorRow) -> PayForm:
    values = {name: _typed(request, name) for name in FIELDS}
    birth = request.POST.get("birth", "")
    try:
        ident = uuid.UUID(hex=request.POST.get("id", ""))
    except ValueError:
        ident = uuid.uuid4()
        return PayForm(
            ident,
            new_birth(ident, row),
            values,
            errors={"form": "The form did not arrive whole. Nothing was paid; check it and send it again."},
        )
    return PayForm(ident, birth, values, request.POST.get("checked", ""))


def _check(form: PayForm, accounts: list[OwnAccount]) -> None:
    values = form.values
    form.debit = next((one for one in accounts if str(one.id) == values["from"]), None)
    if form.debit is None:
        form.errors["from"] = "Choose the account to pay from."
    number = plain_number(values["to"])
    form.credit = accounts_by_number.get(number) if number else None
    if form.credit is None:
        form.errors["to"] = (
            "We know no account with this number. Check each digit."
            if number
            else "Write the account number to pay to."
        )
    try:
        form.amount_minor = parse_amount(values["amount"], form.debit.currency if form.debit else "NOK")
    except ValueError as error:
        form.errors["amount"] = str(error)
    for name, words in (("name", "The name is"), ("text", "The message is")):
        if len(values[name]) > WORDS_MAX:
            form.errors[name] = f"{words} longer than {WORDS_MAX} characters."
    _check_name(form, number)


def _check_name(form: PayForm, number: str) -> None:
    """Ask once when the name is not the owner's; the same name sent again is the customer's decision."""
    typed = form.values["name"]
    if form.credit is None or not typed or "name" in form.errors:
        return
    pair = f"{number}|{typed.casefold()}"
    if form.checked != pair and not rules.fits(typed, form.credit.names):
        form.errors["name"] = (
            "The account belongs to somebody else than this name says. Check the number with the "
            "payee. To pay all the same, send the form again unchanged."
        )
    form.checked = pair


def owner_name(account: KnownAccount) -> str:
    """The name to show when the customer typed none."""
    return " and ".join(account.names)[:WORDS_MAX]


def _show(request: HttpRequest, form: PayForm, accounts: list[OwnAccount], status: int = 200) -> HttpResponse:
    return answers.page(
        request,
        "pay.html",
        status,
        page="pay",
        title="Pay",
        form=form,
        accounts=accounts,
        nav="pay",
        from_=form.values.get("from", ""),
    )


def _answer(request: HttpRequest, asked: Request, paid: PaymentAnswer) -> HttpResponse:
    if paid.outcome is Outcome.CONFLICT:
        answer = answers.page(
            request,
            "message.html",
            422,
            page="conflict",
            title="This form was used before",
            nav="pay",
            words="Another payment was sent with this form. What you sent now was not paid. Open a new form to pay it.",
            link="/pay",
            link_words="Open a new form",
        )
    else:
        proof = keyring().sign(
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
            },
        )
        address = reverse("receipt", kwargs={"payment": str(asked.id)})
        answer = see_other(f"{address}?{urlencode({'proof': proof})}")
    answer.headers[OUTCOME_HEADER] = f"{paid.outcome.value} {asked.id.hex}"
    return answer
