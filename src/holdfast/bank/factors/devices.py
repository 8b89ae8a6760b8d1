"""The customer's sessions and the devices they run on, as the security page lists and ends them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.customers.known import ended_sessions
from holdfast.bank.customers.sessions import revoke
from holdfast.bank.factors import history
from holdfast.bank.factors.authenticator import forget_devices
from holdfast.bank.factors.models import KnownSession
from holdfast.contracts.sessions import IDLE_S, Session

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)
SHOWN, SEEN = 20, 50
KEPT = timedelta(days=90)


def device_words(agent: str) -> str:
    """`Firefox on Windows`, from what the browser calls itself; "a program" for what is no browser we know."""
    browser = next((words for mark, words in BROWSERS if re.search(rf"{mark}[a-zA-Z]*/", agent)), "")
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    return " on ".join(filter(None, (browser, system))) or "a program"


def note_session(session: Session, agent: str, at_standin: bool = False) -> None:
    """A session began, or was seen again; one on a device that is new to the customer stands in their history."""
    now, began = timezone.now(), datetime.fromtimestamp(session.began, UTC)
    if KnownSession.objects.filter(session=session.session).update(seen=now):
        return
    made = KnownSession(
        session=session.session,
        customer_id=session.customer,
        began=began,
        seen=now,
        device=device_words(agent),
        factors=list(session.factors),
        at_standin=at_standin,
    )
    before = set(
        KnownSession.objects.filter(customer=session.customer).values_list("device", flat=True).distinct()[:SEEN]
    )
    KnownSession.objects.bulk_create([made], ignore_conflicts=True)
    if before and made.device not in before:
        history.note(session.customer, f"Logged in on {made.device}, where you were not logged in before.")


def open_sessions(customer: int) -> Sequence[KnownSession]:
    """Sessions that may still be used, the last seen first."""
    since = timezone.now() - timedelta(seconds=IDLE_S)
    found = KnownSession.objects.filter(customer=customer, seen__gt=since).order_by("-seen")[:SHOWN]
    return [one for one in found if one.session not in ended_sessions]


def end_session(customer: int, session: str) -> bool:
    """End one of the customer's sessions at both banks; False when the customer has no such session."""
    found = KnownSession.objects.filter(customer=customer, session=session).first()
    if found is None:
        return False
    with transaction.atomic():
        revoke(session)
        history.note(customer, f"The session on {found.device} was ended.")
    return True


def end_others(customer: int, own: str) -> int:
    """End all of the customer's sessions but this one, and forget known devices; how many were ended."""
    forget_devices(customer)
    others = [one for one in open_sessions(customer) if one.session != own]
    return sum(end_session(customer, one.session) for one in others)


def forget_old() -> int:
    """A job: sessions last seen long ago are no longer kept; how many went."""
    return KnownSession.objects.filter(seen__lt=timezone.now() - KEPT).delete()[0]
