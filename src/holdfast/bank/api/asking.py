"""A payment as a program asks for it: checked member by member, and turned into what the payment form asks for too.

Nothing is judged here; that is one function for pages and programs (payments.pay).
"""

import hashlib
import json
import uuid
from collections.abc import Iterable

from ninja import Schema

from holdfast.bank.api.callers import Caller
from holdfast.bank.api.problems import Problem, wrong_field
from holdfast.bank.api.schemas import NewPayment
from holdfast.bank.customers.known import KnownAccount, payee_of
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.payments.judging import rules
from holdfast.bank.payments.outcomes import Request
from holdfast.contracts.kid import PREFIX, kid_fits, plain_kid
from holdfast.contracts.metadata import metadata_of, metadata_trouble
from holdfast.guard import NameCheck

NAMES_MAX = 140
CHECKS = {
    NameCheck.CLOSE: "name-close",
    NameCheck.NONE: "name-other",
    NameCheck.NOT_POSSIBLE: "name-not-checked",
}


def content_of(asked: Schema) -> str:
    """SHA-256 of all that was asked for, in hex; of what carries no metadata as it always was. Bodies of other kinds
    have other members, so theirs never is the same."""
    members = asked.model_dump(mode="json", exclude=None if getattr(asked, "metadata", None) else {"metadata"})
    said = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def to_request(caller: Caller, ident: uuid.UUID, asked: NewPayment, *, known: bool) -> Request:
    """The payment that is asked for; raises Problem with what is wrong, beside its member. known: this id was asked for
    before, so that nothing is asked back about name or KID."""
    accounts, _ = own_accounts(caller.customer.id)
    debit, credit = own_account(accounts, asked.from_account, "from_account"), _credit(caller.customer.id, asked)
    if debit.id == credit.id:
        raise wrong_field("to_number", "same-account", "api.wrong_same")
    if asked.currency != debit.currency:
        raise wrong_field("currency", "other-currency", "api.wrong_currency")
    if asked.metadata and metadata_trouble(asked.metadata):
        raise wrong_field("metadata", "metadata-wrong", "api.wrong_metadata")
    kid = plain_kid(asked.kid)
    if not known:
        _check_kid(asked, kid, credit)
        _check_name(asked, credit)
    row, customer = caller.row, caller.customer
    return Request(
        id=ident,
        customer=customer.id,
        debit=debit.id,
        credit=credit.id,
        amount_minor=asked.amount_minor,
        currency=debit.currency,
        credit_currency=credit.currency,
        payer=customer.name,
        payee=asked.payee.strip() or " and ".join(credit.names)[:NAMES_MAX],
        text=PREFIX + kid if kid else asked.text.strip(),
        birth=0,  # rule 11: an id that a program made is older than every epoch
        cohort=customer.cohort,
        epoch=row.epoch,
        forced=row.forced,
        metadata=metadata_of(asked.metadata),
    )


def own_account(accounts: Iterable[OwnAccount], wanted: str, field: str) -> OwnAccount:
    """The customer's own account with this id; raises Problem beside the field when none is theirs."""
    own = next((one for one in accounts if str(one.id) == wanted), None)
    if own is None:
        raise wrong_field(field, "not-found", "api.wrong_from")
    return own


def _credit(customer: int, asked: NewPayment) -> KnownAccount:
    found = payee_of(customer, asked.to_number)
    if found is None:
        raise wrong_field("to_number", "not-found", "api.wrong_to")
    return found


def _check_kid(asked: NewPayment, kid: str, credit: KnownAccount) -> None:
    """As the form does: who asks for a KID knows a payment by nothing else."""
    if kid and not kid_fits(kid):
        raise wrong_field("kid", "kid-wrong", "api.wrong_kid")
    if credit.kid == "must" and not kid:
        raise wrong_field("kid", "kid-missing", "api.wrong_kid_missing")
    if kid and asked.text.strip():
        raise wrong_field("text", "kid-and-text", "api.wrong_kid_and_text")


def _check_name(asked: NewPayment, credit: KnownAccount) -> None:
    """A name that is not the owner's stops the payment, unless the program says that it is meant."""
    name = asked.payee.strip()
    if not name or asked.accept_name:
        return
    compared = rules.compare(name, credit.known_by)
    if compared.answer is not NameCheck.MATCH:
        raise Problem(422, CHECKS[compared.answer], name=compared.name)
