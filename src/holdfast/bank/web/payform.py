"""A payment as a customer types it: read, checked field by field, and turned into a request. Nothing is judged here."""

import unicodedata
import uuid
from dataclasses import dataclass, field

from django.http import HttpRequest

from holdfast.bank.books import installation, keyring
from holdfast.bank.customers.known import KnownAccount, payee_of
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.payments.judging import rules
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.web.pages import customer_of
from holdfast.bank.web.visit import DoorRow, get_visit
from holdfast.bank.web.words import say, writing
from holdfast.contracts.errors import BadToken
from holdfast.contracts.kid import PREFIX, kid_fits, plain_kid
from holdfast.contracts.metadata import Metadata, read_metadata_text
from holdfast.contracts.money import BadAmount, parse_amount
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.sessions import BIRTH_PURPOSE
from holdfast.guard import Compared, NameCheck

WORDS_MAX = 140
FIELDS = ("from", "to", "name", "amount", "kid", "text", "deadline", "metadata")
"""deadline: `yes` when the customer says that it must arrive by a time. Here nothing is scarce; it is kept for the
form that goes on at the spare bank. metadata: what the program attached that asked for the payment, unseen."""
MATCHES = Compared(NameCheck.MATCH)


@dataclass
class PayForm:
    """A payment form as typed, with what is wrong beside each field.

    checked: number and name that the customer was asked about, or had compared; warned: the sign of a scam that the
    customer read about; name: how the name compares with the owners'.
    """

    id: uuid.UUID
    birth: str
    values: dict[str, str]
    checked: str = ""
    warned: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    debit: OwnAccount | None = None
    credit: KnownAccount | None = None
    amount_minor: int = 0
    name: Compared = MATCHES
    metadata: Metadata = ()

    @property
    def text(self) -> str:
        """The words of the payment: its KID, or the message."""
        return PREFIX + self.values["kid"] if self.values.get("kid") else self.values.get("text", "")


def new_form(row: DoorRow, **values: str) -> PayForm:
    """An empty form with a new id, born in the row's epoch."""
    ident = uuid.uuid4()
    return PayForm(ident, new_birth(ident, row), values)


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


def typed(request: HttpRequest, name: str) -> str:
    """A field of the form without control characters and spaces around it."""
    text = request.POST.get(name, "")
    if text.isprintable():
        return text.strip()
    return "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cs")).strip()


def read_form(request: HttpRequest, accounts: list[OwnAccount]) -> PayForm:
    """The form as it was sent, checked; `errors` says in words what is wrong, beside which field."""
    row = get_visit(request).row
    values = {name: typed(request, name) for name in FIELDS}
    values["kid"] = plain_kid(values["kid"])
    try:
        ident = uuid.UUID(hex=request.POST.get("id", ""))
    except ValueError:
        form = new_form(row, **values)
        form.errors["form"] = say(request, "pay.not_whole")
        return form
    form = PayForm(
        ident, request.POST.get("birth", ""), values, request.POST.get("checked", ""), request.POST.get("warned", "")
    )
    check_form(request, form, accounts)
    return form


def check_form(request: HttpRequest, form: PayForm, accounts: list[OwnAccount]) -> None:
    """Say in the form what is wrong with it, beside which field."""
    values = form.values
    form.debit = next((one for one in accounts if str(one.id) == values["from"]), None)
    if form.debit is None:
        form.errors["from"] = say(request, "pay.wrong_from")
    form.credit = check_account(request, form.errors, values["to"])
    if form.debit is not None and form.credit is not None and form.debit.id == form.credit.id:
        form.errors["to"] = say(request, "pay.same_account")
    currency = form.debit.currency if form.debit else installation().currency
    form.amount_minor = check_amount(request, form.errors, values["amount"], currency)
    for name in ("name", "text"):
        if len(values[name]) > WORDS_MAX:
            form.errors[name] = say(request, f"pay.long_{name}", count=WORDS_MAX)
    metadata = read_metadata_text(values.get("metadata", ""))
    if metadata is None:
        form.errors["form"] = say(request, "pay.not_whole")
    form.metadata = metadata or ()
    _check_kid(request, form)
    _check_name(request, form)


def check_account(request: HttpRequest, errors: dict[str, str], number: str) -> KnownAccount | None:
    """The account with this number as typed; None with the words at `to` when there is none."""
    found = payee_of(customer_of(request).customer.id, number)
    if found is None:
        errors["to"] = say(request, "pay.unknown_to" if plain_number(number) else "pay.wrong_to")
    return found


def check_amount(request: HttpRequest, errors: dict[str, str], amount: str, currency: str, at: str = "amount") -> int:
    """Minor units of an amount as typed; 0 with the words at its field when it is none."""
    try:
        return parse_amount(amount, currency)
    except BadAmount as error:
        errors[at] = writing(request).bad_amount(error, currency)
        return 0


def _check_kid(request: HttpRequest, form: PayForm) -> None:
    """Firms that ask for a KID know a payment by nothing else, so a wrong one would be nobody's payment."""
    kid, need = form.values["kid"], form.credit.kid if form.credit else ""
    if kid and not kid_fits(kid):
        form.errors["kid"] = say(request, "pay.kid_wrong")
    elif need == "must" and not kid:
        form.errors["kid"] = say(request, "pay.kid_missing")
    elif kid and form.values["text"]:
        form.errors["text"] = say(request, "pay.kid_and_text")


def _check_name(request: HttpRequest, form: PayForm) -> None:
    """Ask once when the name is not the owner's; the same name sent again is the customer's decision."""
    name = form.values["name"]
    if form.credit is None or not name or "name" in form.errors:
        return
    form.name = rules.compare(name, form.credit.known_by)
    pair = f"{form.credit.number}|{name.casefold()}"
    if form.checked != pair and form.name.answer is not NameCheck.MATCH:
        form.errors["name"] = name_words(request, form.name)
    form.checked = pair


def name_words(request: HttpRequest, compared: Compared) -> str:
    """How a name compares, and what to do."""
    if compared.answer is NameCheck.CLOSE:
        return say(request, "pay.name_close", name=compared.name)
    return say(request, "pay.name_none" if compared.answer is NameCheck.NONE else "pay.name_not_possible")


def owner_name(account: KnownAccount) -> str:
    """The name to show when the customer typed none; as it stands in the books, in English."""
    return " and ".join(account.names)[:WORDS_MAX]


def to_request(request: HttpRequest, form: PayForm, debit: OwnAccount, credit: KnownAccount) -> Request:
    """The payment that a checked form asks for."""
    customer, row = customer_of(request).customer, get_visit(request).row
    return Request(
        id=form.id,
        customer=customer.id,
        debit=debit.id,
        credit=credit.id,
        amount_minor=form.amount_minor,
        currency=debit.currency,
        credit_currency=credit.currency,
        payer=customer.name,
        payee=form.values["name"] or owner_name(credit),
        text=form.text,
        birth=read_birth(form.birth, form.id, row),
        cohort=customer.cohort,
        epoch=row.epoch,
        forced=row.forced,
        metadata=form.metadata,
    )
