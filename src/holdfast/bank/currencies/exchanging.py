"""One exchange: judged as a payment between the customer's own accounts, booked as one linked pair, or not at all.

The first transfer has the exchange's id and takes what is sold to that currency's position account; the second, under
an id derived from it, gives what is bought. They stand in one block or nowhere, and are fenced and repeated like any
payment by the first one's id (payments/pay.py): the same exchange sent again is answered as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from holdfast.bank.books import books, installation, reader
from holdfast.bank.currencies.converting import KIND
from holdfast.bank.currencies.positions import open_positions, position_of
from holdfast.bank.currencies.quoting import Offer
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.exchange.feed import standin_cursor
from holdfast.bank.payments.judging import judge_request
from holdfast.bank.payments.outcomes import Request, answer_of, before
from holdfast.bank.payments.pay import POST_S_MAX, as_post, new_note, note_outcome, write_down
from holdfast.contracts.answers import Outcome, PaymentAnswer, Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN
from holdfast.contracts.ids import exchange_other_id
from holdfast.ledger.api import Post, Result


class Under(Protocol):
    """The row that the door vouches for, as far as an exchange carries it."""

    @property
    def epoch(self) -> int:
        """The group's epoch."""

    @property
    def forced(self) -> int:
        """See contracts.epochs.Row."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who confirms an offer, under which row: as payments.outcomes.Request has them. payer and payee: what the customer
    calls the two accounts; text: their own words, where they wrote any."""

    payer: str
    payee: str
    text: str
    birth: int
    cohort: int
    epoch: int
    forced: int


def asker_of(  # noqa: PLR0917  # as an Asker is made
    offer: Offer, accounts: Iterable[OwnAccount], text: str, birth: int, cohort: int, row: Under
) -> Asker:
    """Who confirms it. accounts: the customer's own; an account of theirs that is gone has no title."""
    titles = {one.id: one.title for one in accounts}
    payer, payee = titles.get(offer.debit, ""), titles.get(offer.credit, "")
    return Asker(payer, payee, text, birth, cohort, row.epoch, row.forced)


def request_of(offer: Offer, asker: Asker) -> Request:
    """The exchange's first transfer as the payment that the customer asks for."""
    one = offer.exchanged
    return Request(
        id=one.id,
        customer=offer.customer,
        debit=offer.debit,
        credit=position_of(one.terms.sold),
        amount_minor=one.sold_minor,
        currency=one.terms.sold,
        credit_currency=one.terms.sold,
        payer=asker.payer,
        payee=asker.payee,
        text=asker.text or one.words,
        birth=asker.birth,
        cohort=asker.cohort,
        epoch=asker.epoch,
        forced=asker.forced,
    )


def exchange(offer: Offer, asked: Request) -> PaymentAnswer:
    """Exchange, or say why not; asked: request_of the offer. Raises as payments.pay.pay does; the same may then be sent
    again."""
    answered = before(asked)
    if answered is not None:
        return answered
    judged = judge_request(_as_judged(offer, asked))
    if judged.held:  # this id is a payment that waits to be undone
        return PaymentAnswer(Outcome.CONFLICT, Reason.OTHER_CONTENT)
    reason = judged.reason if judged.reason is not Reason.OK else against(offer.credit)
    terms = offer.exchanged.terms
    open_positions([terms.sold, terms.bought])
    write_down(asked)
    first, second = books().post_many(posts_of(offer, asked, reason), deadline_s=POST_S_MAX)
    answer = answer_of(asked, first)
    if first.result is Result.ALREADY_POSTED and second.result is Result.CONFLICT and _went_elsewhere(offer):
        return PaymentAnswer(Outcome.CONFLICT, Reason.OTHER_CONTENT)
    if first.result is not Result.CONFLICT:
        note_outcome(asked.id, first)
    if first.result in (Result.POSTED, Result.REFUSED):
        standin_cursor.wait_for(first.block)
    return answer


def _went_elsewhere(offer: Offer) -> bool:
    """Whether another offer was confirmed under this id, which gave the money to another account."""
    other = exchange_other_id(offer.exchanged.id)
    booked = reader().booked([other]).get(other)
    return booked is not None and booked.credit != offer.credit


def posts_of(offer: Offer, asked: Request, reason: Reason) -> list[Post]:
    """The linked pair as the books take it; with a reason, as a refusal."""
    one = offer.exchanged
    first = replace(as_post(asked, reason, one.to_cause()), kind=KIND, linked=one.id)
    second = replace(
        first,
        id=exchange_other_id(one.id),
        debit=position_of(one.terms.bought),
        credit=offer.credit,
        amount_minor=one.bought_minor,
        currency=one.terms.bought,
        refuse=None,
        note=new_note(asked.payer, asked.payee, asked.text),
    )
    return [first, second]


def _as_judged(offer: Offer, asked: Request) -> Request:
    """A payment between own accounts of what is exchanged, in the bank's own currency: limits are in that."""
    own = installation().currency
    one = offer.exchanged
    value_minor = max(1, one.terms.own_minor(one.sold_minor, own))
    return replace(asked, credit=offer.credit, amount_minor=value_minor, currency=own, credit_currency=own)


def against(credit: int) -> Reason:
    """Why the account that is to be given money takes none; the books look again, but would name only the pair."""
    state = reader().accounts([credit]).get(credit)
    if state is None:
        return Reason.ACCOUNT_UNKNOWN
    if state.flags & FLAG_CLOSED:
        return Reason.ACCOUNT_CLOSED
    return Reason.ACCOUNT_FROZEN if state.flags & FLAG_FROZEN_IN else Reason.OK
