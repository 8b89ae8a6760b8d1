"""Who is called first in an incident: affected customers who asked for it, with who called, when, and what was agreed.

The list is made from what the control room itself keeps, so that it is there while the bank is not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from holdfast.contracts.needs import CALL_ME, FOR_STAFF, HARD_TIMES, MORE_TIME, TOLD_FIRST, known_needs
from holdfast.control.care.models import Customer, PhoneCall
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.staff import log
from holdfast.control.staff.models import Person

OUTCOMES = {
    "reached": "reached",
    "no-answer": "did not answer",
    "later": "wants to be called later",
    "declined": "does not want to be called",
}
DONE = ("reached", "declined")
LATER_MAX = timedelta(days=7)
AGAIN_AFTER = timedelta(minutes=20)
"""Who did not answer is called again after this."""
AGREED_MAX = 500
SHOWN_MAX = 200
ORDER = (HARD_TIMES, MORE_TIME, TOLD_FIRST)
"""Of those who want to be called, these first, in this order."""


@dataclass(frozen=True, slots=True)
class ToCall:
    """One customer on the list. due: None when they need no call any more; last: the latest call, None for none."""

    customer: Customer
    needs: tuple[str, ...]
    calls: int
    last: PhoneCall | None
    due: datetime | None


def place_of(needs: list[str]) -> int:
    """The smaller, the sooner. Pure."""
    return min((number for number, code in enumerate(ORDER) if code in needs), default=len(ORDER))


def to_call(incident: Incident, now: datetime) -> list[ToCall]:
    """Everybody affected who asked to be called, those who are due first, then by need; who was reached comes last."""
    asked = Customer.objects.filter(needs__contains=[CALL_ME]).exclude(phone="")
    calls: dict[int, list[PhoneCall]] = {}
    for one in PhoneCall.objects.filter(incident=incident).order_by("at", "id"):
        calls.setdefault(one.customer, []).append(one)
    affected = asked.filter(cohort__in=incident.affected_cohorts).order_by("id")
    far = now + LATER_MAX * 2

    def place(one: ToCall) -> tuple[bool, datetime, int, int]:
        return one.due is None, max(one.due or far, now), place_of(one.customer.needs), one.customer.id

    return sorted((_row(one, calls.get(one.id, []), incident) for one in affected), key=place)[:SHOWN_MAX]


def _row(customer: Customer, calls: list[PhoneCall], incident: Incident) -> ToCall:
    last = calls[-1] if calls else None
    if last is None:
        due: datetime | None = incident.opened_at
    elif last.outcome in DONE:
        due = None
    else:
        due = last.again_at or last.at + AGAIN_AFTER
    needs = tuple(FOR_STAFF[code] for code in known_needs(customer.needs) if code != CALL_ME)
    return ToCall(customer, needs, len(calls), last, due)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended; see PhoneCall."""

    outcome: str
    agreed: str
    again_at: datetime | None


def note_call(incident: Incident, customer: int, by: Person, ended: Ended, now: datetime) -> str:
    """Write a call down; "" when it was, otherwise why not, with nothing written. The timeline tells that somebody was
    called, never who nor what was said."""
    outcome, agreed, again_at = ended.outcome, ended.agreed, ended.again_at
    if outcome not in OUTCOMES:
        return "Choose how the call ended; nothing was written."
    if len(agreed) > AGREED_MAX:
        return f"What was agreed fits in {AGREED_MAX} characters; nothing was written."
    if outcome == "later" and (again_at is None or not now < again_at <= now + LATER_MAX):
        return f"Write when to call again, within {LATER_MAX.days} days; nothing was written."
    if not Customer.objects.filter(id=customer).exists():
        return "Nobody with that number is a customer; nothing was written."
    with transaction.atomic():
        PhoneCall.objects.create(
            incident=incident,
            customer=customer,
            at=now,
            by=by.username,
            outcome=outcome,
            agreed=agreed,
            again_at=again_at if outcome == "later" else None,
        )
        about = {"incident": incident.number, "customer": customer, "outcome": outcome}
        log.write(by.username, by.role, "called a customer", about)
        if outcome == "reached":
            all_reached = PhoneCall.objects.filter(incident=incident, outcome="reached")
            words = f"Customers reached by telephone: {all_reached.values('customer').distinct().count()}"
            record.add(incident, now, by.username, "call", words)
    return ""
