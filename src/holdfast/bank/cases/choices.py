"""What can be decided on a case, and the booking that carries a decision out. Pure.

A case is known by how its journal entry ended (`kind`) and by the transfer that the books hold for it. Invariant:
every booking moves money between the two accounts of that transfer, the bank's loss account, and for `book_on` one
account that two people named; so no decision can move more than the case is about.
"""

from dataclasses import dataclass

from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT
from holdfast.ledger.api import AccountState, Booked

BOOK_ON = "book_on"
GIVE_BACK = "give_back"
WRITE_OFF = "write_off"
REPAY = "repay"
LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Own:
    """The bank's own accounts that cases touch."""

    suspense: int
    loss: int


@dataclass(frozen=True, slots=True)
class Move:
    """One booking: amount_minor from debit to credit."""

    debit: int
    credit: int
    amount_minor: int


def choices(kind: str, booked: Booked | None, own: Own) -> tuple[str, ...]:
    """The decisions that a case allows, the likeliest first."""
    if booked is None or kind == "reversed":
        return (LEAVE,)
    if kind == "suspended":
        return (BOOK_ON, GIVE_BACK) if booked.credit == own.suspense else (WRITE_OFF,)
    if kind == "forced":
        return (WRITE_OFF, REPAY)
    return (LEAVE, GIVE_BACK)


def move_for(decision: str, kind: str, booked: Booked, own: Own, *, target: int, short_minor: int) -> Move | None:
    """The booking of a decision, None when nothing is to be booked. short_minor: how far a forced account lies below
    its floor now; what is written off is never more than that, nor more than the payment."""
    if decision == BOOK_ON:
        return Move(booked.credit, target, booked.amount_minor)
    if decision == GIVE_BACK:
        return Move(booked.credit, booked.debit, booked.amount_minor)
    if decision == WRITE_OFF and kind == "suspended":
        return Move(own.loss, booked.debit, booked.amount_minor)
    if decision == WRITE_OFF:
        return Move(own.loss, booked.debit, min(booked.amount_minor, short_minor))
    return None


def hindrance(  # noqa: PLR0911  # a list of reasons
    move: Move, currency: str, debit: AccountState | None, credit: AccountState | None
) -> str:
    """Why the books would not take a booking now, in words; "" when they would."""
    if move.amount_minor <= 0:
        return "The account is not below its floor any more, so there is nothing to write off."
    if debit is None or credit is None:
        return "There is no such account."
    if move.debit == move.credit:
        return "The money lies on that account already."
    if debit.currency != currency or credit.currency != currency:
        return "That account is in another currency."
    if debit.flags & (FLAG_CLOSED | FLAG_FROZEN_OUT):
        return f"Account {debit.code} is closed or frozen."
    if credit.flags & (FLAG_CLOSED | FLAG_FROZEN_IN):
        return f"Account {credit.code} is closed or frozen and takes no money."
    if debit.side == "credit" and debit.available_minor < move.amount_minor:
        return f"Account {debit.code} does not hold that much."
    return ""
