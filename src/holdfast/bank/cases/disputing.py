"""Disputes: a customer asks what an entry is, or says that it is wrong; two people decide, and the customer reads it.

A dispute is a case of its own kind. What can be decided: `refund`, the bank pays the amount back from its loss account
(only what left the customer's account, and never more than the entry), or `explain`, nothing is booked. Either way
the reason that the two people wrote is the answer that the customer reads.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.cases.models import DISPUTES_FROM, Decision, Dispute
from holdfast.ledger.api import Line

KIND = "dispute"
REFUND, EXPLAIN = "refund", "explain"
REASONS = ("unknown", "not_mine", "wrong_amount", "twice", "not_received")
"""Why, as the customer chooses it; the texts are `dispute.reason_<reason>`."""
REASON_WORDS = {
    "unknown": "The customer asks what this is",
    "not_mine": "The customer says that they did not make it",
    "wrong_amount": "The customer says that the amount is wrong",
    "twice": "The customer says that it was taken twice",
    "not_received": "The customer says that they did not get what they paid for",
}
"""For the control room."""
WORDS_MAX = 500
OPEN_MAX = 20
"""Open disputes of one customer at a time."""
LISTED_MAX = 100


def open_dispute(  # noqa: PLR0917  # what the form and its entry say
    ident: uuid.UUID, customer: int, account: int, currency: str, line: Line, title: str, reason: str, words: str
) -> Dispute | None:
    """The dispute of this entry, made now or before; None when the customer has OPEN_MAX open ones.

    Sent again, and by another owner of the account, it is the same one."""
    made = find_dispute(account, line.id)
    if made is not None:
        return made
    if Dispute.objects.filter(customer=customer, closed_at=None).count() >= OPEN_MAX:
        return None
    try:
        with transaction.atomic():
            return Dispute.objects.create(
                id=ident,
                customer=customer,
                account=account,
                payment=line.id,
                amount_minor=line.amount_minor,
                currency=currency,
                other_account=line.other_account,
                title=title[:140],
                reason=reason,
                words=words[:WORDS_MAX],
            )
    except IntegrityError:
        return find_dispute(account, line.id)


def find_dispute(account: int, payment: uuid.UUID) -> Dispute | None:
    """The dispute of an entry of an account."""
    return Dispute.objects.filter(account=account, payment=payment).first()


def disputes_of(accounts: Sequence[int]) -> list[Dispute]:
    """The disputes of these accounts' entries, the newest first."""
    return list(Dispute.objects.filter(account__in=accounts).order_by("-number")[:LISTED_MAX])


def dispute_choices(made: Dispute) -> tuple[str, ...]:
    """What can be decided on it, the likeliest first."""
    return (EXPLAIN, REFUND) if made.amount_minor < 0 else (EXPLAIN,)


def listed(after: int, limit: int) -> list[dict[str, Any]]:
    """The disputes among the cases above a number, in order, as the control room reads them: no names."""
    found = list(Dispute.objects.filter(number__gt=max(0, after - DISPUTES_FROM)).order_by("number")[:limit])
    decided = {one.number: one for one in Decision.objects.filter(number__in=[made.case for made in found])}
    accounts = sorted({number for made in found for number in (made.account, made.other_account)})
    codes = {account: state.code for account, state in reader().accounts(accounts).items()} if accounts else {}
    return [_wire(made, decided.get(made.case), codes) for made in found]


def _wire(made: Dispute, decision: Decision | None, codes: dict[int, str]) -> dict[str, Any]:
    own, other = (codes.get(one, str(one)) for one in (made.account, made.other_account))
    left = made.amount_minor < 0
    return {
        "number": made.case,
        "kind": KIND,
        "state": "closed" if made.closed_at else "open",
        "words": f"{REASON_WORDS.get(made.reason, made.reason)}: {made.words or 'nothing written'}",
        "amount_minor": abs(made.amount_minor),
        "currency": made.currency,
        "payment": made.payment.hex,
        "from": own if left else other,
        "to": other if left else own,
        "opened_at": made.opened_at.isoformat(),
        "closed_at": made.closed_at.isoformat() if made.closed_at else None,
        "choices": [] if decision else list(dispute_choices(made)),
        "decision": decision.to_wire() if decision else None,
    }


def close(made: Dispute, answer: str) -> None:
    """It is decided; answer: what the customer reads."""
    made.closed_at, made.answer = timezone.now(), answer[:300]
    made.save(update_fields=["closed_at", "answer"])
