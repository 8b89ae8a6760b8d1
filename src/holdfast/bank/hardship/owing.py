"""What customers owe of emergency money: noted once it is in the books, told to the spare bank, read in its journal."""

import re
import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from holdfast.bank.exchange.entering import Ended
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.hardship.keeping import help_known
from holdfast.bank.hardship.models import Advance
from holdfast.contracts import ids
from holdfast.contracts.help_now import KIND, OWED_FACT, Owed
from holdfast.contracts.journal import Payment

ASKED, GIVEN, REFUSED, SUSPENDED = "asked", "given", "refused", "suspended"
GIVEN_BY = ("posted", "already", "forced")
"""How a replayed entry ended that reached its account."""
_CAUSE = re.compile(r"advance:(\d{4}-\d\d):(\d{1,2})")


def cause_of(month: str, number: int) -> str:
    """What stands with the transfer in the books."""
    return f"advance:{month}:{number}"


def due_of(day: date) -> date:
    """From which day on an advance of this day is taken back."""
    return day + timedelta(days=help_known().terms.back_days)


def owed_of(customer: int) -> list[Advance]:
    """The advances that are not paid back, the oldest first."""
    return list(Advance.objects.filter(customer=customer, state=GIVEN, paid_back=None).order_by("day", "number"))


def tell_owed(customer: int) -> None:
    """Tell the spare bank what the customer owes now; in the transaction that changed it, which has their lock."""
    found = [Owed(one.month, one.number, one.amount_minor, one.day, one.due) for one in owed_of(customer)]
    body = {"open": [one.to_wire() for one in found]} if found else None
    tell(OWED_FACT, [(str(customer), body)])


def note_given(advance: uuid.UUID, state: str) -> None:
    """The books have answered: it was given, or refused for good. Safe to repeat."""
    with transaction.atomic():
        customer = Advance.objects.get(id=advance).customer
        lock_customer(customer)
        if Advance.objects.filter(id=advance).exclude(state__in=(GIVEN, state)).update(state=state):
            tell_owed(customer)


def follow_advances(ended: Sequence[Ended]) -> None:
    """Note what a chunk of the spare bank's journal gave; in the caller's transaction. Safe to repeat."""
    for one in ended:
        if one.entry.kind != "accept" or one.entry.payment().kind != KIND:
            continue
        payment, named = one.entry.payment(), _CAUSE.fullmatch(one.entry.payment().cause)
        if named is None:
            continue
        lock_customer(payment.customer)
        state = GIVEN if one.ended in GIVEN_BY else SUSPENDED
        _note_replayed(_booked_as(payment, one.entry.number), payment, named.group(1), int(named.group(2)), state)
        tell_owed(payment.customer)


def _booked_as(payment: Payment, number: int) -> uuid.UUID:
    """Its own id, or the one under which an entry is booked whose id the books hold with other content."""
    known = Advance.objects.filter(id=payment.id, state=GIVEN).first()
    same = known is None or (known.account, known.amount_minor) == (payment.credit, payment.amount_minor)
    return payment.id if same else ids.journal_conflict_id(number)


def _note_replayed(ident: uuid.UUID, payment: Payment, month: str, number: int, state: str) -> None:
    said = {
        "customer": payment.customer,
        "account": payment.credit,
        "cohort": payment.cohort,
        "month": month,
        "number": number,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "day": payment.value_date,
        "due": due_of(payment.value_date),
        "state": state,
        "source": "journal",
    }
    _, made = Advance.objects.get_or_create(id=ident, defaults=said)
    if not made:  # asked for here as well, and told by the spare bank
        Advance.objects.filter(id=ident).exclude(state=GIVEN).update(
            account=payment.credit, amount_minor=payment.amount_minor, state=state, source="journal"
        )
