"""What a payment request is told, given what the books said: protocol.md, rules 3, 5, 7, 9 and 18. Pure."""

import uuid
from dataclasses import dataclass

from holdfast.bank.errors import StaleEpoch
from holdfast.contracts.answers import Outcome, PaymentAnswer, Reason
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row, generation_of
from holdfast.contracts.metadata import Metadata
from holdfast.ledger.api import Posted, Result


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer asks to be paid. birth 0: the id is older (rule 11); the row is what the door vouched for;
    metadata: what the customer's program attached."""

    id: uuid.UUID
    customer: int
    debit: int
    credit: int
    amount_minor: int
    currency: str
    credit_currency: str
    payer: str
    payee: str
    text: str
    birth: int
    cohort: int
    epoch: int
    forced: int = 0
    metadata: Metadata = ()


def claims_are_lost(birth: int, epoch: int) -> bool:
    """Whether the claims on this id may have gone with an earlier register; derived ids count as of the first."""
    return generation_of(max(birth, FIRST_EPOCH)) < generation_of(epoch)


def before(request: Request) -> PaymentAnswer | None:
    """What is said before anything is judged; None: go on. Raises StaleEpoch for an epoch below the id's birth."""
    if request.birth > request.epoch:
        raise StaleEpoch(request.birth)
    if request.forced and claims_are_lost(request.birth, request.epoch):
        return PaymentAnswer(Outcome.CHECKING)  # rule 18: nobody knows what it was told
    return None


def answer_of(request: Request, posted: Posted) -> PaymentAnswer:
    """The answer to a request whose post ended so; raises StaleEpoch.

    Invariant: `refused own` is never said of an id that an unread journal may hold as accepted (rule 18).
    """
    match posted.result:
        case Result.STALE:
            raise StaleEpoch(max(posted.known_epoch, request.birth))
        case Result.CONFLICT:
            return PaymentAnswer(Outcome.CONFLICT, Reason.OTHER_CONTENT)
        case Result.POSTED | Result.ALREADY_POSTED:
            return PaymentAnswer(Outcome.DONE, Reason.OK, posted.block)
    if posted.source == "journal":
        return PaymentAnswer(Outcome.REFUSED_SETTLED, posted.reason, posted.block)
    if request.forced and request.birth <= request.forced:
        return PaymentAnswer(Outcome.CHECKING, Reason.OK, posted.block)
    return PaymentAnswer(Outcome.REFUSED_OWN, posted.reason, posted.block)


def may_tell_refusal(birth: int, row: Row) -> bool:
    """Whether a refusal of our own may be claimed and told now: by who serves, and of no id that an unread journal
    may hold as accepted (rules 5 and 18; birth 0 is older than every epoch)."""
    return row.mode is Mode.PRIMARY and not (row.forced and birth <= row.forced)
