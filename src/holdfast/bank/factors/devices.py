"""The customer's sessions and the devices they run on, as the security page lists and ends them."""

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.customers.known import ended_sessions
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.sessions import end_all, revoke
from holdfast.bank.factors import history, trusting
from holdfast.bank.factors.models import KnownSession
from holdfast.contracts.sessions import IDLE_S, AllEnded, Session

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)
SHOWN, SEEN, OPEN_MAX = 20, 50, 500
KEPT = timedelta(days=90)


def device_words(agent: str) -> str:
    """`Firefox on Windows`, from what the browser calls itself; "a program" for what is no browser we know."""
    browser = next((words for mark, words in BROWSERS if re.search(rf"{mark}[a-zA-Z]*/", agent)), "")
    system = next((words for mark, words in SYSTEMS if mark in agent), "")
    return " on ".join(filter(None, (browser, system))) or "a program"


def note_login(customer: Customer, session: Session, agent: str, known: bool) -> None:
    """A login began a session; known: on a device where the customer had logged in before. A login on another one
    stands in their history and is written to them, at most once a day; the first login of all is no news."""
    before = set() if known else _devices_before(customer.id)
    made = _known_session(session, agent, at_standin=False)
    if not before:
        KnownSession.objects.bulk_create([made], ignore_conflicts=True)
        return
    with transaction.atomic():
        KnownSession.objects.bulk_create([made], ignore_conflicts=True)
        if made.device not in before:
            history.record(customer.id, "event.new_login", device=made.device)
        if not trusting.was_told(customer):
            trusting.tell_if_new(customer, made.device)


def note_session(session: Session, agent: str, at_standin: bool = False) -> None:
    """A session was seen again, or for the first time here: one of the spare bank, which is told if its kind of device
    is new to the customer."""
    if KnownSession.objects.filter(session=session.session).update(seen=timezone.now()):
        return
    before, made = _devices_before(session.customer), _known_session(session, agent, at_standin)
    with transaction.atomic():
        KnownSession.objects.bulk_create([made], ignore_conflicts=True)
        if before and made.device not in before:
            history.record(session.customer, "event.new_login", device=made.device)
            trusting.tell_if_new(Customer.objects.get(id=session.customer), made.device)


def _devices_before(customer: int) -> set[str]:
    """In words, where the customer was logged in."""
    return set(KnownSession.objects.filter(customer=customer).values_list("device", flat=True).distinct()[:SEEN])


def _known_session(session: Session, agent: str, at_standin: bool) -> KnownSession:
    return KnownSession(
        session=session.session,
        customer_id=session.customer,
        began=datetime.fromtimestamp(session.began, UTC),
        seen=timezone.now(),
        device=device_words(agent),
        factors=list(session.factors),
        at_standin=at_standin,
    )


def open_sessions(customer: int) -> Sequence[KnownSession]:
    """Sessions that may still be used, the last seen first."""
    return _open(customer)[:SHOWN]


def _open(customer: int) -> list[KnownSession]:
    since = timezone.now() - timedelta(seconds=IDLE_S)
    found = KnownSession.objects.filter(customer=customer, seen__gt=since).order_by("-seen")[:OPEN_MAX]
    return [one for one in found if not ended_sessions.has(one.session, customer, one.began.timestamp())]


def end_session(customer: int, session: str) -> bool:
    """End one of the customer's sessions at both banks; False when the customer has no such session."""
    found = KnownSession.objects.filter(customer=customer, session=session).first()
    if found is None:
        return False
    with transaction.atomic():
        revoke(session)
        history.note(customer, "event.session_ended", device=found.device)
    return True


def end_others(customer: int, own: str, event: str = "event.others_ended", at_us: int = 0) -> None:
    """End all of the customer's sessions but this one, those that were only ever seen at the spare bank too, and forget
    known devices; event: what the history says; at_us: those begun before then, in microseconds since 1970 UTC, 0 for
    now. Those known here end by name, so that none lives on whose bank's clock runs ahead."""
    with transaction.atomic():
        trusting.forget_all(customer)
        for one in _open(customer):
            if one.session != own:
                revoke(one.session)
        end_all(customer, AllEnded(at_us or time.time_ns() // 1000, own))
        history.note(customer, event)


def forget_old() -> int:
    """A job: sessions last seen long ago are no longer kept; how many went."""
    return KnownSession.objects.filter(seen__lt=timezone.now() - KEPT).delete()[0]
