"""Who the customers are: kept from the bank's profile stream, so that they can be told when the bank is down.

The bank's own test customers are no customers: nobody counts, tells or refunds them here.
"""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.contracts.errors import BadMessage
from holdfast.contracts.phones import plain_phone
from holdfast.contracts.profile import Fact, fact_from_wire
from holdfast.contracts.test_customers import is_test_customer
from holdfast.contracts.ways import minutes, told_from_wire
from holdfast.control.care.models import BankFact, Customer, PhoneCall, Refund
from holdfast.control.community.forgetting import forget as forget_community
from holdfast.control.incidents.models import Incident
from holdfast.control.support.forgetting import forget as forget_chats
from holdfast.control.tell.models import WAITING, Message
from holdfast.control.watch.models import Cursor
from holdfast.guard import BadLimits, read_limits, take_limits

CURSOR = "profile"
KEPT_FACTS = ("limits", "bank", "help")


def cursor() -> int:
    """How far the profile stream was read."""
    row = Cursor.objects.filter(name=CURSOR).first()
    return row.value if row else 0


def take(raw_facts: list[dict[str, Any]]) -> int:
    """Store facts and the cursor in one transaction; a fact of an unknown form is skipped, never the rest."""
    facts: list[Fact] = []
    highest = 0
    for raw in raw_facts:
        try:
            fact = fact_from_wire(raw)
        except BadMessage:
            highest = max(highest, int(raw.get("number", 0)) if isinstance(raw, dict) else 0)
            continue
        facts.append(fact)
        highest = max(highest, fact.number)
    latest = {(fact.kind, fact.key): fact for fact in sorted(facts, key=lambda one: one.number)}
    with transaction.atomic():
        _store_customers([fact for fact in latest.values() if fact.kind == "customer"])
        for fact in latest.values():
            if fact.kind in KEPT_FACTS and _can_be_meant(fact):
                BankFact.objects.update_or_create(kind=fact.kind, defaults={"body": fact.body or {}})
        if highest:
            Cursor.objects.update_or_create(name=CURSOR, defaults={"value": highest})
    return highest


def _can_be_meant(fact: Fact) -> bool:
    """Limits that both banks do not take are not told to customers either."""
    if fact.kind != "limits":
        return True
    known = BankFact.objects.filter(kind="limits").first()
    try:
        take_limits(fact.body, read_limits(known.body) if known else None)
    except BadLimits:
        return False
    return True


def forget() -> None:
    """Start the stream again from its beginning: the bank's store is not the one that was read."""
    Cursor.objects.filter(name=CURSOR).delete()


def _store_customers(facts: list[Fact]) -> None:
    gone = [int(fact.key) for fact in facts if fact.body is None]
    Customer.objects.filter(id__in=gone).delete()
    _forget_messages(gone)
    forget_chats(gone)
    forget_community(gone)
    PhoneCall.objects.filter(customer__in=gone).update(agreed="", again_at=None)  # that they were called stays counted
    rows = [customer for fact in facts if fact.body is not None and (customer := _customer(fact.key, fact.body))]
    Customer.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[
            *("name", "email", "language", "cohort", "needs", "needs_first"),
            *("phone", "quiet_from", "quiet_until", "channels", "sms", "push"),
        ],
    )


def _forget_messages(gone: list[int]) -> None:
    """What was mailed to who is no customer any more keeps its fate and neither address nor words; what waits is not
    sent. One that is being sent at this moment stays as it is."""
    theirs = Message.objects.filter(customer__in=gone).exclude(state="sending")
    theirs.filter(state__in=WAITING).update(state="cancelled", next_attempt_at=None)
    theirs.update(email="", subject="", body="", last_error="")


def _customer(key: str, body: dict[str, Any]) -> Customer | None:
    if key.isdecimal() and is_test_customer(int(key)):
        return None
    told = told_from_wire(body.get("told"))
    try:
        needs = [str(need) for need in body.get("needs") or []]
        return Customer(
            id=int(key),
            name=str(body.get("name", "")),
            email=str(body.get("email", "")),
            language=str(body.get("language", "en")),
            cohort=int(body["cohort"]),
            needs=needs,
            needs_first=bool(needs),
            phone=plain_phone(str(body.get("phone", ""))),
            quiet_from=minutes(told.quiet_from),
            quiet_until=minutes(told.quiet_until),
            channels=told.to_wire().get("channels", []),
            sms=told.sms,
            push=[asdict(one) for one in told.browsers],
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def bank_fact(kind: str) -> dict[str, Any]:
    """The latest body of one of KEPT_FACTS; empty when it is not known."""
    row = BankFact.objects.filter(kind=kind).first()
    return dict(row.body) if row else {}


def business_date(instant: datetime) -> date:
    """The bank's own day at an instant: what it says itself, otherwise the calendar's in its zone."""
    try:
        return date.fromisoformat(str(bank_fact("bank").get("business_date")))
    except ValueError:
        return timezone.localtime(instant).date()


def record_refunds(incident: Incident, raw: tuple[dict[str, Any], ...]) -> int:
    """Store the refunds that the bank booked; again: nothing more. Returns how many there are."""
    rows = []
    for one in raw:
        rows.append(
            Refund(
                incident=incident,
                customer=int(one["customer"]),
                account=int(one["account"]),
                payment=str(one.get("payment") or "")[:64],
                charged_minor=int(one["charged_minor"]),
                would_have_been_minor=int(one["would_have_been_minor"]),
                refunded_minor=int(one["refunded_minor"]),
                currency=str(one["currency"])[:3],
                why=str(one.get("why", "")),
            )
        )
    Refund.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)
