"""Carry out what two people decided on a case: booked once, under an id derived from the case and the decision.

The case's row is locked while it is decided, so one decision wins. The booking's id is known beforehand: a decision
whose answer was lost is found in the books when it is sent again, and taken as it was booked. Whatever would be
refused is refused before anything is written.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.cases.asked import (
    Asked,
    Booking,
    as_answer,
    book,
    booked_before,
    cannot,
    decided_before,
    refused,
    why_not,
    write_down,
)
from holdfast.bank.cases.choices import BOOK_ON, REPAY, Move, Own, choices, move_for
from holdfast.bank.cases.claims import decide_claim
from holdfast.bank.cases.disputing import REFUND, close, dispute_choices
from holdfast.bank.cases.models import CLAIMS_FROM, DISPUTES_FROM, Dispute
from holdfast.bank.cases.telling import booking_words, dispute_words
from holdfast.bank.currencies.positions import opened_in, own_in
from holdfast.bank.customers.known import payee_of
from holdfast.bank.exchange.models import JournalException
from holdfast.contracts import ids
from holdfast.contracts.test_customers import NOBODY
from holdfast.ledger.api import Booked


def own_accounts(currency: str) -> Own:
    """The bank's own accounts that cases in a currency touch."""
    return Own(own_in("suspense", currency), own_in("loss", currency))


def transfers_of(cases: Sequence[JournalException]) -> dict[int, Booked]:
    """What the books hold of each case, by its number: under the id of its own where it has one."""
    own_ids = {case.number: ids.journal_conflict_id(case.number) for case in cases}
    found = reader().booked([*own_ids.values(), *(case.payment for case in cases)])
    return {
        case.number: booked
        for case in cases
        if (booked := found.get(own_ids[case.number]) or found.get(case.payment)) is not None
    }


def decide(asked: Asked) -> dict[str, Any]:
    """Decide a case; {"outcome": "done", "already" or "refused", "words", "payment", "amount_minor"}.

    Raises what the books raise; sent again it ends as the first time.
    """
    if asked.number > CLAIMS_FROM:
        with transaction.atomic():
            return decide_claim(asked)
    words = why_not(asked)
    if words:
        return refused(words)
    with transaction.atomic():
        return _decide_dispute(asked) if asked.number > DISPUTES_FROM else _decide_exception(asked)


def _decide_exception(asked: Asked) -> dict[str, Any]:
    case = JournalException.objects.select_for_update().filter(number=asked.number).first()
    if case is None:
        return refused(f"There is no case {asked.number}.")
    before = decided_before(asked)
    if before is not None:
        return before
    booked = transfers_of([case]).get(case.number)
    if asked.decision not in choices(case.kind, booked, own_accounts(case.currency)):
        return cannot(asked)
    ident = ids.case_id(case.number, asked.decision)
    move = booked_before(ident)
    if move is None and booked is not None:
        found = _book(case, booked, asked, ident)
        if isinstance(found, str):
            return refused(found)
        move = found
    if asked.decision != REPAY:
        case.closed_at = timezone.now()
        case.save(update_fields=["closed_at"])
    return as_answer("done", write_down(asked, ident, move))


def _book(case: JournalException, booked: Booked, asked: Asked, ident: uuid.UUID) -> Move | str | None:
    """Book it; the words of the refusal, or None when there is nothing to book."""
    target = 0
    if asked.decision == BOOK_ON:
        account = payee_of(NOBODY, asked.to)
        if account is None:
            return f"There is no account {asked.to or 'named'} at this bank; nothing was changed."
        target = account.id
    payer = reader().accounts([booked.debit]).get(booked.debit)
    short = max(0, payer.floor_minor - payer.balance_minor) if payer else 0
    own = Own(own_in("suspense", case.currency), opened_in("loss", case.currency))
    move = move_for(asked.decision, case.kind, booked, own, target=target, short_minor=short)
    if move is None:
        return None
    cause = f"case:{case.number}:{case.payment.hex}"
    text = booking_words(case.kind, asked.decision, case.number)
    return book(Booking(ident, move, case.currency, cause, text)) or move


def _decide_dispute(asked: Asked) -> dict[str, Any]:
    """The bank pays the amount back, or explains; the reason is the answer that the customer reads."""
    made = Dispute.objects.select_for_update().filter(number=asked.number - DISPUTES_FROM).first()
    if made is None:
        return refused(f"There is no case {asked.number}.")
    before = decided_before(asked)
    if before is not None:
        return before
    if asked.decision not in dispute_choices(made):
        return cannot(asked)
    ident = ids.case_id(asked.number, asked.decision)
    move: Move | None = None
    if asked.decision == REFUND:
        move = booked_before(ident) or Move(opened_in("loss", made.currency), made.account, abs(made.amount_minor))
        cause = f"dispute:{made.number}:{made.payment.hex}"
        words = book(Booking(ident, move, made.currency, cause, dispute_words(made.number)))
        if words:
            return refused(words)
    close(made, asked.why.strip())
    return as_answer("done", write_down(asked, ident, move))
