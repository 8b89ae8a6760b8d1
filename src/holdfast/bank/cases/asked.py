"""A decision as two people asked for it, what speaks against it at once, and how it is written down and answered."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.cases.choices import Move, hindrance
from holdfast.bank.cases.models import Decision
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.payments.pay import bank_today, new_note
from holdfast.contracts.epochs import Mode
from holdfast.ledger.api import AccountState, Post, Result

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


@dataclass(frozen=True, slots=True)
class Booking:
    """What is to be booked of a decision: under which id, for which cause, with which words, in which currency."""

    id: uuid.UUID
    move: Move
    currency: str
    cause: str
    words: str


def same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, or one of them is no name."""
    return not one.strip() or not other.strip() or one.strip().casefold() == other.strip().casefold()


def why_not(asked: Asked) -> str:
    """What speaks against any decision asked for like this, in words; "" for nothing."""
    if same_person(asked.asked_by, asked.approved_by):
        return "A second person has to approve it; nothing was changed."
    if len(asked.why.strip()) < WHY_CHARS_MIN:
        return "A decision needs a reason in words; nothing was changed."
    return ""


def decided_before(asked: Asked) -> dict[str, Any] | None:
    """The answer when the case was decided already, None when it was not."""
    made = Decision.objects.filter(number=asked.number).first()
    if made is None:
        return None
    if made.decision != asked.decision:
        return refused(f"Case {asked.number} was decided already: {made.decision.replace('_', ' ')}.")
    return as_answer("already", made)


def cannot(asked: Asked) -> dict[str, Any]:
    """The answer to a decision that the case does not allow."""
    return refused(f"{asked.decision.replace('_', ' ').capitalize()} cannot be decided on case {asked.number}.")


def booked_before(ident: uuid.UUID) -> Move | None:
    """What an earlier try of ours booked before it could be written down."""
    found = reader().booked([ident]).get(ident)
    return Move(found.debit, found.credit, found.amount_minor) if found else None


def book(booking: Booking) -> str:
    """Book it; why not, in words, "" when it is booked."""
    move = booking.move
    states = reader().accounts([move.debit, move.credit])
    debit, credit = states.get(move.debit), states.get(move.credit)
    words = hindrance(move, booking.currency, debit, credit)
    if words or debit is None or credit is None:
        return f"{words} Nothing was changed."
    row = rows.row(_cohort(debit, credit))
    if row.mode is not Mode.PRIMARY:
        return "The customer's group is at the spare bank now; decide when it is back. Nothing was changed."
    name = str(bank_facts.bank().get("name", "The bank"))
    posted = books().post(
        Post(
            id=booking.id,
            debit=move.debit,
            credit=move.credit,
            amount_minor=move.amount_minor,
            currency=booking.currency,
            kind=KIND,
            value_date=bank_today(),
            cohort=row.cohort,
            epoch=row.epoch,
            cause=booking.cause,
            note=new_note(name, name, booking.words),
        )
    )
    if posted.result not in BOOKED:
        return f"The books did not take it ({posted.reason.value or posted.result.value}); nothing was changed."
    return ""


def _cohort(debit: AccountState, credit: AccountState) -> int:
    """Whose term the booking falls in: the customer's whose account it touches, the debited one first."""
    return credit.cohort if debit.code.startswith("own:") else debit.cohort


def write_down(asked: Asked, ident: uuid.UUID, move: Move | None) -> Decision:
    """Record the decision; move: what was booked for it under ident."""
    return Decision.objects.create(
        number=asked.number,
        decision=asked.decision,
        why=asked.why.strip()[:300],
        owner=asked.owner[:64],
        asked_by=asked.asked_by[:64],
        approved_by=asked.approved_by[:64],
        decided_at=timezone.now(),
        payment=ident if move else None,
        debit=move.debit if move else 0,
        credit=move.credit if move else 0,
        amount_minor=move.amount_minor if move else 0,
    )


def as_answer(outcome: str, made: Decision) -> dict[str, Any]:
    """A decision as the control room reads it. outcome: `done` or `already`."""
    words = "Booked." if made.payment else "Decided; nothing had to be booked."
    return {
        "outcome": outcome,
        "words": words if outcome == "done" else f"It was decided before. {words}",
        "payment": made.payment.hex if made.payment else None,
        "amount_minor": made.amount_minor,
    }


def refused(words: str) -> dict[str, Any]:
    """The answer when nothing was changed."""
    return {"outcome": "refused", "words": words, "payment": None, "amount_minor": 0}
