"""An exchange that the books hold, as its receipt and its two lines show it."""

import uuid
from dataclasses import dataclass

from holdfast.bank.books import reader
from holdfast.bank.currencies.converting import Exchanged, exchanged_of
from holdfast.contracts.ids import exchange_other_id
from holdfast.ledger.api import Line
from holdfast.look import Writing


@dataclass(frozen=True, slots=True)
class Booked:
    """An exchange as the books have it, whatever was asked for last; message: what the customer wrote, "" for nothing;
    address: of its entry, where the calculation is."""

    one: Exchanged
    message: str
    address: str


def exchanged_by(ident: uuid.UUID, debit: int) -> Booked | None:
    """What was exchanged under this id out of this account; None when that is not booked."""
    line = reader().line_of(debit, ident)
    one = exchanged_of(line.cause) if line else None
    if line is None or one is None:
        return None
    return Booked(one, "" if line.text == one.words else line.text, f"/accounts/{debit}/lines/{line.seq}#how")


def other_side(line: Line, own: set[int]) -> str:
    """The address of an exchange's entry at the other account; "" where that is not among these accounts."""
    one = exchanged_of(line.cause)
    if one is None:
        return ""
    gives = line.id == one.id
    ident = exchange_other_id(one.id) if gives else one.id
    moved = reader().booked([ident]).get(ident)
    account = (moved.credit if gives else moved.debit) if moved else 0
    found = reader().line_of(account, ident) if account in own else None
    return f"/accounts/{account}/lines/{found.seq}" if found else ""


def exchange_text(spoken: Writing, line: Line) -> str:
    """What the customer wrote, else both amounts as their language has them."""
    one = exchanged_of(line.cause)
    if one is None or line.text != one.words:
        return line.text
    sold, bought = (
        spoken.amount(minor, currency)
        for minor, currency in ((one.sold_minor, one.terms.sold), (one.bought_minor, one.terms.bought))
    )
    return f"{sold} → {bought}"
