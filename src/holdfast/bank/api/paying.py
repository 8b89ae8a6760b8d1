"""Paying by program: the Idempotency-Key is the payment's id, so that money moves once however often it is sent.

The order is the argument. Content first: the same key with other content is told at once. Then what the books know of
the id: whoever was answered is answered alike, by the one function that pays (payments.pay), and nothing is asked
back or limited that was not before. Only an id that nobody has heard of is limited by its token, and judged whether the
customer must confirm it; both end with nothing written, and are no outcome. While a journal is missing (rule 18)
neither is said, since the spare bank may have accepted the id.
"""

import time
import uuid
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status
from ninja.params.functions import Header

from holdfast.bank.api import schemas
from holdfast.bank.api.asking import content_of, to_request
from holdfast.bank.api.callers import Bearer, Caller
from holdfast.bank.api.limiting import keep_waiting, release, reserve
from holdfast.bank.api.models import ApiPayment
from holdfast.bank.api.once import alone, created_at, ident_of, journal_missing, state_of
from holdfast.bank.api.problems import Problem
from holdfast.bank.api.reading import caller_of
from holdfast.bank.books import installation, keyring, reader
from holdfast.bank.currencies.valuing import own_value_minor
from holdfast.bank.customers.known import known_accounts
from holdfast.bank.payments.binding import digest_of
from holdfast.bank.payments.fate import CHECKING, fates
from holdfast.bank.payments.judging import Judged
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.outcomes import Request, may_tell_refusal
from holdfast.bank.payments.pay import pay
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, PaymentAnswer, Reason
from holdfast.contracts.api import KEY_HEADER, WAITING_PURPOSE, Scope
from holdfast.contracts.epochs import Mode, Row
from holdfast.contracts.metadata import metadata_of
from holdfast.ledger.api import Result

STATES: dict[str, schemas.State] = {"done": "done", "checking": "checking", "refused": "refused"}
router = Router()


@router.post(
    "/payments",
    response={201: schemas.Payment, 202: schemas.Payment},
    auth=Bearer(Scope.PAYMENTS_WRITE),
    operation_id="make_payment",
)
def make_payment(
    request: HttpRequest,
    response: HttpResponse,
    payment: schemas.NewPayment,
    idempotency_key: str = Header(..., alias=KEY_HEADER, min_length=1, max_length=130),
) -> Status[schemas.Payment]:
    """Pay now. The same key and content again are answered as the first time, and paid once. 201: it is paid; 202:
    that is being checked, ask for the payment by its id; 422 `payment-refused`: it is never made; 403
    `confirm-needed`: the customer must confirm it at the address `confirm_at`, and nothing was done."""
    caller = caller_of(request)
    ident = ident_of(caller, idempotency_key)
    with alone(ident, caller.row.request):
        asked, said, created = _pay(caller, ident, payment)
    response.headers[OUTCOME_HEADER] = f"{said.outcome.value} {ident.hex}"
    state = state_of(request, ident, said)
    return Status(201 if state == "done" else 202, _shown(asked, state, created or created_at(ident)))


def _pay(
    caller: Caller, ident: uuid.UUID, payment: schemas.NewPayment
) -> tuple[Request, PaymentAnswer, datetime | None]:
    """Pay, or raise the Problem that says why nothing was done; and when it was asked for, if that is known."""
    content = content_of(payment)
    before = ApiPayment.objects.filter(payment=ident).first()
    if before is not None and before.content not in ("", content):
        raise Problem(422, "key-reused", payment=str(ident))
    recorded = reader().outcome(ident) is not None
    begun = recorded or (before is not None and Intent.objects.filter(id=ident).exists())
    if caller.row.forced and not recorded:
        raise journal_missing()
    asked = to_request(caller, ident, payment, known=begun)
    created = before.created if before else None
    if not begun:
        created = reserve(caller.token, ident, content, own_value_minor(asked.amount_minor, asked.currency))
        if created is None:
            raise Problem(403, "token-limit")
    said = pay(asked, proved=recorded)
    if begun:  # by these words, which may be others where the customer confirmed it or the spare bank took it
        first = Intent.objects.filter(id=ident).first() or _from_books(caller, ident)
        if first:
            asked = replace(asked, payee=first.payee, text=first.text, metadata=metadata_of(first.metadata))
    if isinstance(said, Judged):
        release(ident)
        keep_waiting(ident, asked.metadata)
        address = f"{installation().door_origin}/pay/confirm?{urlencode({'waiting': _waiting(asked, payment)})}"
        raise Problem(403, "confirm-needed", payment=str(ident), reason=said.risk.value, confirm_at=address)
    return asked, said, created


def _waiting(asked: Request, payment: schemas.NewPayment) -> str:
    """The payment as the customer's own browser takes it up, under the same id."""
    return keyring().sign(
        WAITING_PURPOSE,
        {
            "id": asked.id.hex,
            "customer": asked.customer,
            "from": str(asked.debit),
            "to": payment.to_number,
            "name": payment.payee.strip(),
            "amount_minor": asked.amount_minor,
            "currency": asked.currency,
            "kid": payment.kid,
            "text": payment.text.strip(),
            "metadata": digest_of(asked.metadata),
            "at": time.time(),
        },
    )


def _shown(
    asked: Request | Intent, state: schemas.State, created: datetime, reason: Reason | None = None
) -> schemas.Payment:
    return schemas.Payment(
        id=asked.id,
        state=state,
        reason=reason.value if reason else None,
        from_account=str(asked.debit),
        amount_minor=asked.amount_minor,
        currency=asked.currency,
        payee=asked.payee,
        text=asked.text,
        metadata=dict(sorted(dict(asked.metadata or ()).items())),
        created_at=created,
    )


@router.get(
    "/payments/{payment}",
    response=schemas.Payment,
    auth=Bearer(Scope.PAYMENTS_READ, Scope.PAYMENTS_WRITE, Scope.EXCHANGE_WRITE),
    operation_id="get_payment",
)
def get_payment(request: HttpRequest, response: HttpResponse, payment: Path[uuid.UUID]) -> schemas.Payment:
    """How a payment of the customer's ended, whichever way it was asked for."""
    caller = caller_of(request)
    found = Intent.objects.filter(id=payment, customer=caller.customer.id).first() or _from_books(caller, payment)
    if found is None and (caller.row.forced or caller.row.mode is not Mode.PRIMARY):
        raise journal_missing()
    if found is None:
        raise Problem(404, "not-found")
    fate, created = fates([payment]).get(payment, CHECKING), created_at(payment, found.created)
    if fate.state == "checking" and (reason := _untold_refusal(caller, found)) is not None:
        # The door claims the refusal before it lets this answer out (rule 5).
        response.headers[OUTCOME_HEADER] = f"{Outcome.REFUSED_OWN.value} {payment.hex}"
        return _shown(found, "refused", created, reason)
    reason = fate.reason if fate.state == "refused" else None
    return _shown(found, STATES[fate.state], created, reason)


def _from_books(caller: Caller, payment: uuid.UUID) -> Intent | None:
    """A payment of the customer's that reached this bank only with the spare bank's journal, as if asked for here."""
    found = reader().recorded(payment)
    if found is None or found.debit not in {one.id for one in known_accounts.get(caller.customer.id) or ()}:
        return None
    return Intent(
        id=payment,
        debit=found.debit,
        amount_minor=found.amount_minor,
        currency=found.currency,
        payee=found.payee,
        text=found.text,
        created=found.at,
        metadata=reader().metadata([payment]).get(payment),
    )


def _untold_refusal(caller: Caller, found: Intent) -> Reason | None:
    """Why this bank refused it, where that was not told yet and may be told now; None in every other case."""
    posted, row = reader().outcome(found.id), caller.row
    own = posted is not None and posted.result is Result.ALREADY_REFUSED and posted.source == "own"
    known = Row(caller.customer.cohort, row.mode, row.epoch, row.forced)
    return posted.reason if posted is not None and own and may_tell_refusal(found.birth, known) else None
