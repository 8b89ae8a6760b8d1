"""Payments that are held back, as the receipt and the page of what is to come show them."""

import uuid
from dataclasses import dataclass

from holdfast.bank.payments.models import HeldPayment
from holdfast.bank.payments.undo import find_held, held_now
from holdfast.look import Writing


@dataclass(frozen=True, slots=True)
class Held:
    """A held payment as its page shows it. at: the clock with seconds."""

    payment: HeldPayment
    at: str


def held_of(payment: uuid.UUID, customer: int, spoken: Writing) -> Held | None:
    """What a receipt says of its being held back; None when it never was."""
    found = find_held(payment, customer)
    return None if found is None else _shown(found, spoken)


def all_held(customer: int, spoken: Writing) -> list[Held]:
    """What the customer may still undo."""
    return [_shown(one, spoken) for one in held_now(customer)]


def _shown(held: HeldPayment, spoken: Writing) -> Held:
    local = spoken.local(held.goes_at)
    at = spoken.say("day.clock_second", hour=local.hour, minute=local.minute, second=local.second)
    return Held(held, at)
