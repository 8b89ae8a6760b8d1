"""Waking people: who is paged when, and the fate of each page.

An incident of severity 1 or 2 that nobody has acknowledged wakes the first on call at once, the second SECOND_AFTER
later, everybody who can acknowledge EVERYBODY_AFTER later. Where the one on call cannot be reached, or nobody is on
call, the next are woken at once. A page is written down before it leaves and its fate after it: who kills the watch
between the two has it sent once more, never not at all. Acknowledging ends them all.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.maintenance.known import planned_by
from holdfast.control.place import installation
from holdfast.control.response import contacts, oncall, sending
from holdfast.control.response.models import Page, PushDevice
from holdfast.control.response.panel import severity_of
from holdfast.control.response.pushing import Device
from holdfast.control.response.states import WAKES
from holdfast.control.staff.models import Person

SECOND_AFTER = timedelta(minutes=5)
EVERYBODY_AFTER = timedelta(minutes=10)
ATTEMPTS_MAX = 6
GAP_S = (5.0, 15.0, 30.0, 60.0, 120.0)
"""Between one attempt and the next; a page is given up after some four minutes."""
AT_ONCE_MAX = 8
ESCALATED_MAX = 20
EVERYBODY_MAX = 50
LEVELS = {1: "first on call", 2: "second on call", 3: "everybody"}
NO_CONTACT = "no responder or manager has a contact"
NOBODY = "Nobody is on call: everybody who can acknowledge is woken"
SHARED, NOBODY_THERE = "everyone", "nobody"


def levels_due(waited: timedelta, first: bool, second: bool) -> frozenset[int]:
    """Which levels are to be paged, so long after the first was due. first, second: whether somebody on call in that
    place can be reached. Pure."""
    due = {1} if first else {2} if second else {3}
    if waited >= SECOND_AFTER:
        due.add(2 if second else 3)
    if waited >= EVERYBODY_AFTER:
        due.add(3)
    return frozenset(due)


def reachable() -> list[Person]:
    """Those who can acknowledge and have a contact."""
    able = Person.objects.filter(role__in=oncall.ON_CALL, contact__isnull=False).select_related("contact")
    by_sms = contacts.gateway_is_set()
    some = able.prefetch_related("devices").order_by("username")[:EVERYBODY_MAX]
    return [one for one in some if contacts.ways_of(one, by_sms=by_sms)]


def escalate(now: datetime) -> int:
    """Write down the pages that are due; how many."""
    made = 0
    waiting = Incident.objects.filter(closed_at__isnull=True, acknowledged_at__isnull=True).order_by("number")
    for incident in waiting.select_related("response")[:ESCALATED_MAX]:
        if severity_of(incident) <= WAKES and planned_by(incident) is None:
            made += _escalate(incident.number, now)
        else:
            Page.objects.filter(incident=incident, state="waiting").update(state="ended")
    Page.objects.filter(state="waiting", incident__closed_at__isnull=False).update(state="ended")
    return made


def _escalate(number: int, now: datetime) -> int:
    able = {one.username: one for one in reachable()}
    places = {place: one for place, one in oncall.on_call(now).items() if one.username in able}
    with transaction.atomic():
        incident = Incident.objects.select_for_update(no_key=True).filter(number=number, acknowledged_at=None).first()
        if incident is None:
            return 0
        known = list(Page.objects.filter(incident=incident).order_by("made_at"))
        waited = now - known[0].made_at if known else timedelta(0)
        somebody = bool(able) or bool(contacts.shared())
        # A level that found nobody counts as tried until there is somebody.
        tried = {one.level for one in known if one.recipient != NOBODY_THERE or not somebody}
        due = levels_due(waited, 1 in places, 2 in places) - tried
        made = 0
        for level in sorted(due):
            people = list(able.values()) if level == 3 else [places[level]]  # the last level is everybody
            made += _write_down(incident, level, people, now)
        return made


def _write_down(incident: Incident, level: int, people: list[Person], now: datetime) -> int:
    by_sms = contacts.gateway_is_set()
    ways = [(one.username, way, address) for one in people for way, address in contacts.ways_of(one, by_sms=by_sms)]
    if url := contacts.shared():
        ways.append((SHARED, "webhook", url))
    for recipient, way, address in ways:
        Page.objects.create(
            incident=incident, level=level, recipient=recipient, way=way, address=address, made_at=now, next_at=now
        )
    names = ", ".join(one.name for one in people) or f"nobody, as {NO_CONTACT}"
    record.add(incident, now, "paging", "paged", f"Woken, {LEVELS[level]}: {names}", {"level": level})
    if not ways:  # on record as one page that failed, so that the level is not tried each second
        Page.objects.create(
            incident=incident,
            level=level,
            recipient=NOBODY_THERE,
            way="none",
            address="",
            state="failed",
            made_at=now,
            next_at=now,
            trouble=NO_CONTACT,
        )
    return len(ways)


def send_due(now: datetime) -> int:
    """Send what is waiting, some at once; how many were tried. No database connection is held while they are sent."""
    due = Page.objects.filter(state="waiting", next_at__lte=now, incident__acknowledged_at__isnull=True)
    pages = list(due.select_related("incident", "incident__response").order_by("next_at", "id")[:AT_ONCE_MAX])
    if not pages:
        return 0
    home = installation()
    gateway = contacts.gateway() if any(one.way == "sms" for one in pages) else ""
    devices = contacts.devices_of({one.recipient for one in pages if one.way == "push"})
    letters = [_letter(one, home.console_origin, gateway, devices.get(one.recipient, [])) for one in pages]
    with ThreadPoolExecutor(AT_ONCE_MAX) as pool:
        said = list(pool.map(lambda one: sending.send(one, home), letters))
    PushDevice.objects.filter(pk__in=[number for one in said for number in one.gone]).delete()
    for page, one in zip(pages, said, strict=True):
        _fate(page, one.trouble, timezone.now())
    return len(pages)


def _letter(page: Page, console: str, gateway: str, devices: list[tuple[int, Device]]) -> sending.Letter:
    incident = page.incident
    return sending.Letter(
        way=page.way,
        address=page.address,
        incident=incident.number,
        severity=severity_of(incident),
        level=LEVELS[page.level],
        because=incident.opened_by,
        detected_at=incident.detected_at,
        url=f"{console}/incidents/{incident.number}",
        mark=f"page-{page.pk}-incident-{incident.number}",
        again=page.attempts > 0,
        gateway=gateway,
        devices=tuple(devices),
    )


def _fate(page: Page, trouble: str, now: datetime) -> None:
    attempts = page.attempts + 1
    state = "sent" if not trouble else "failed" if attempts >= ATTEMPTS_MAX else "waiting"
    gap_s = GAP_S[min(attempts, len(GAP_S)) - 1]
    with transaction.atomic():
        # Acknowledged meanwhile: it stays so.
        changed = Page.objects.filter(pk=page.pk, state="waiting").update(
            state=state,
            attempts=attempts,
            trouble=trouble[:300],
            sent_at=now if state == "sent" else None,
            next_at=now + timedelta(seconds=gap_s),
        )
        if changed and state != "waiting":
            ended = "was sent" if state == "sent" else f"was given up after {attempts} attempts: {trouble[:200]}"
            words = f"The page to {page.recipient} by {page.way} {ended}"
            record.add(page.incident, now, "paging", f"page {state}", words, {"page": page.pk})


def on_call_words(now: datetime) -> str:
    """What is wrong with who would be woken now; "" when it is well."""
    able = {one.username for one in reachable()}
    if not able:
        return f"Nobody can be woken: {NO_CONTACT}"
    places = oncall.on_call(now)
    if not places:
        return NOBODY
    away = [one.name for one in places.values() if one.username not in able]
    if away:
        return f"On call without a contact: {', '.join(away)}; whoever comes next is woken at once"
    return "" if 1 in places else "Nobody is first on call: the second is woken at once"


def has_contact(person: Person) -> bool:
    """Whether a page can reach this person."""
    return bool(contacts.ways_of(person, by_sms=contacts.gateway_is_set()))
