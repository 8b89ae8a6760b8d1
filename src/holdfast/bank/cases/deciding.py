"""Carry out what two people decided on a case: booked once, under an id derived from the case and the decision.

The case's row is locked while it is decided, so one decision wins. The booking's id is known beforehand: a decision
whose answer was lost is found in the books when it is sent again, and taken as it was booked. Whatever would be
refused is refused before anything is written.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.cases.choices import BOOK_ON, REPAY, Move, Own, choices, hindrance, move_for
from holdfast.bank.cases.models import Decision
from holdfast.bank.cases.telling import booking_words
from holdfast.bank.customers.known import accounts_by_number
from holdfast.bank.customers.numbers import plain_number
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import JournalException
from holdfast.bank.payments.pay import bank_today, new_note
from holdfast.contracts import ids
from holdfast.contracts.epochs import Mode
from holdfast.ledger.api import AccountState, Booked, Post, Result

KIND = "case"
BOOKED = (Result.POSTED, Result.ALREADY_POSTED)
WHY_CHARS_MIN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision as two people made it; to is the number of the account that `book_on` names."""

    number: int
    decision: str
    to: str
    why: str
    owner: str
    asked_by: str
    approved_by: str


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, or one of them is no name."""
    return not one.strip() or not other.strip() or one.strip().casefold() == other.strip().casefold()


def own_accounts() -> Own:
    """The bank's own accounts that cases touch."""
    return Own(bank_facts.own("suspense"), bank_facts.own("loss"))


def transfers_of(cases: Sequence[JournalException]) -> dict[int, Booked]:
    """What the books hold of each case, by its number: under the id of its own where it has one."""
    own_ids = {case.number: ids.journal_conflict_id(case.number) for case in cases}
    found = reader().booked([*own_ids.values(), *(case.payment for case in cases)])
    return {
        case.number: booked
        for case in cases
        if (booked := found.get(own_ids[case.number]) or found.get(case.payment)) is not None
    }


def decide(asked: Asked) -> dict[str, Any]:  # noqa: PLR0911  # each refusal ends here
    """Decide a case; {"outcome": "done", "already" or "refused", "words", "payment", "amount_minor"}.

    Raises what the books raise; sent again it ends as the first time.
    """
    if same_person(asked.asked_by, asked.approved_by):
        return _refused("A second person has to approve it; nothing was changed.")
    if len(asked.why.strip()) < WHY_CHARS_MIN:
        return _refused("A decision needs a reason in words; nothing was changed.")
    with transaction.atomic():
        case = JournalException.objects.select_for_update().filter(number=asked.number).first()
        if case is None:
            return _refused(f"There is no case {asked.number}.")
        made = Decision.objects.filter(number=case.number).first()
        if made is not None:
            if made.decision != asked.decision:
                return _refused(f"Case {case.number} was decided already: {made.decision.replace('_', ' ')}.")
            return _as_answer("already", made)
        booked = transfers_of([case]).get(case.number)
        if asked.decision not in choices(case.kind, booked, own_accounts()):
            return _refused(f"{asked.decision.replace('_', ' ').capitalize()} cannot be decided on case {case.number}.")
        ident = ids.case_id(case.number, asked.decision)
        move = _booked_before(ident)
        if move is None and booked is not None:
            found = _book(case, booked, asked, ident)
            if isinstance(found, str):
                return _refused(found)
            move = found
        return _as_answer("done", _write_down(case, asked, ident, move))


def _book(case: JournalException, booked: Booked, asked: Asked, ident: uuid.UUID) -> Move | str | None:
    """Book it; the words of the refusal, or None when there is nothing to book."""
    target = 0
    if asked.decision == BOOK_ON:
        account = accounts_by_number.get(plain_number(asked.to))
        if account is None:
            return f"There is no account {asked.to or 'named'} at this bank; nothing was changed."
        target = account.id
    own = own_accounts()
    states = reader().accounts([booked.debit, booked.credit, target, own.loss])
    payer = states.get(booked.debit)
    short = max(0, payer.floor_minor - payer.balance_minor) if payer else 0
    move = move_for(asked.decision, case.kind, booked, own, target=target, short_minor=short)
    if move is None:
        return None
    debit, credit = states.get(move.debit), states.get(move.credit)
    words = hindrance(move, booked.currency, debit, credit)
    if words or debit is None or credit is None:
        return f"{words} Nothing was changed."
    row = rows.row(_cohort(debit, credit))
    if row.mode is not Mode.PRIMARY:
        return "The customer's group is at the spare bank now; decide when it is back. Nothing was changed."
    posted = books().post(_as_post(case, asked.decision, ident, move, row.cohort, row.epoch))
    if posted.result not in BOOKED:
        return f"The books did not take it ({posted.reason.value or posted.result.value}); nothing was changed."
    return move


def _cohort(debit: AccountState, credit: AccountState) -> int:
    """Whose term the booking falls in: the customer's whose account it touches, the debited one first."""
    return credit.cohort if debit.code.startswith("own:") else debit.cohort


def _as_post(  # noqa: PLR0917  # the order is the record's own
    case: JournalException, decision: str, ident: uuid.UUID, move: Move, cohort: int, epoch: int
) -> Post:
    name = str(bank_facts.bank().get("name", "The bank"))
    return Post(
        id=ident,
        debit=move.debit,
        credit=move.credit,
        amount_minor=move.amount_minor,
        currency=case.currency,
        kind=KIND,
        value_date=bank_today(),
        cohort=cohort,
        epoch=epoch,
        cause=f"case:{case.number}:{case.payment.hex}",
        note=new_note(name, name, booking_words(case.kind, decision, case.number)),
    )


def _booked_before(ident: uuid.UUID) -> Move | None:
    """What an earlier try of ours booked before it could be written down."""
    found = reader().booked([ident]).get(ident)
    return Move(found.debit, found.credit, found.amount_minor) if found else None


def _write_down(case: JournalException, asked: Asked, ident: uuid.UUID, move: Move | None) -> Decision:
    now = timezone.now()
    if asked.decision != REPAY:
        case.closed_at = now
        case.save(update_fields=["closed_at"])
    return Decision.objects.create(
        number=case.number,
        decision=asked.decision,
        why=asked.why.strip()[:300],
        owner=asked.owner[:64],
        asked_by=asked.asked_by[:64],
        approved_by=asked.approved_by[:64],
        decided_at=now,
        payment=ident if move else None,
        debit=move.debit if move else 0,
        credit=move.credit if move else 0,
        amount_minor=move.amount_minor if move else 0,
    )


def _as_answer(outcome: str, made: Decision) -> dict[str, Any]:
    words = "Booked." if made.payment else "Decided; nothing had to be booked."
    return {
        "outcome": outcome,
        "words": words if outcome == "done" else f"It was decided before. {words}",
        "payment": made.payment.hex if made.payment else None,
        "amount_minor": made.amount_minor,
    }


def _refused(words: str) -> dict[str, Any]:
    return {"outcome": "refused", "words": words, "payment": None, "amount_minor": 0}
