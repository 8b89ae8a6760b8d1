"""What each thing that moves money by program has: one key, one id, one request at a time, one answer."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from holdfast.bank.api import schemas
from holdfast.bank.api.callers import Caller
from holdfast.bank.api.models import ApiPayment
from holdfast.bank.api.problems import Problem
from holdfast.bank.books import reader
from holdfast.bank.web.words import writing
from holdfast.contracts.answers import OUTCOME_HEADER, SAYS_HEADER, Outcome, PaymentAnswer
from holdfast.contracts.api import plain_key
from holdfast.contracts.ids import api_payment_id

RETRY_S = "1"
JOURNAL_RETRY_S = "30"
REFUSED = (Outcome.REFUSED_OWN, Outcome.REFUSED_SETTLED)
_under_way: dict[uuid.UUID, str] = {}
_looking = threading.Lock()


def ident_of(caller: Caller, key: str) -> uuid.UUID:
    """The id that customer and key make; raises Problem 400 for a key that can be none."""
    plain = plain_key(key)
    if not plain:
        raise Problem(400, "key-wrong")
    return api_payment_id(caller.customer.id, plain)


@contextlib.contextmanager
def alone(ident: uuid.UUID, request: str) -> Iterator[None]:
    """Raises Problem 409 while another request with this key is under way. request: the door's id of it; what the door
    sends on once more is the same request, and the books enter it once."""
    with _looking:
        by = _under_way.setdefault(ident, request)
    if by != request:
        raise Problem(409, "in-flight", headers={"Retry-After": RETRY_S, SAYS_HEADER: "in-flight"})
    try:
        yield
    finally:
        with _looking:
            _under_way.pop(ident, None)


def journal_missing() -> Problem:
    """503: the spare bank may have taken it, and its journal is not read to the end."""
    return Problem(503, "journal-missing", headers={"Retry-After": JOURNAL_RETRY_S, SAYS_HEADER: "journal-missing"})


def created_at(ident: uuid.UUID, known: datetime | None = None) -> datetime:
    """When it was asked for, here or at the spare bank; the same however often it is asked. known: when this bank wrote
    it down, of what did not come by a token."""
    here = ApiPayment.objects.filter(payment=ident).values_list("created", flat=True).first() or known
    found = None if here else reader().recorded(ident)
    return here or (found.at if found else timezone.now())


def state_of(request: HttpRequest, ident: uuid.UUID, said: PaymentAnswer) -> schemas.State:
    """Done, or being checked; raises Problem 422 for what is refused, which the door claims before it lets it out (rule
    5), and for a key that was used for something else."""
    told = {OUTCOME_HEADER: f"{said.outcome.value} {ident.hex}"}
    if said.outcome is Outcome.CONFLICT:
        raise Problem(422, "key-reused", headers=told)
    if said.outcome in REFUSED:
        raise Problem(
            422,
            "payment-refused",
            words=writing(request).reason(said.reason),
            headers=told,
            payment=str(ident),
            state="refused",
            reason=said.reason.value,
        )
    return "done" if said.outcome is Outcome.DONE else "checking"
