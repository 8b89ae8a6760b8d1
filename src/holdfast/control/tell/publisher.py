"""Bringing the newest bundle to the doors: retried with a gap and an end, recorded until one takes it."""

import threading
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.control.calls import Switchboard
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.tell.announcing import made
from holdfast.control.tell.models import Bundle, Promise
from holdfast.telemetry import get_log

ATTEMPTS_MAX = 500
GAP_S_MAX = 5.0
GAP_S_FIRST = 0.2
TIMEOUT_S = 3.0
REFUSED_STATUS = 409
LOOK_EVERY_S = 1.0
"""A bundle that another process wrote, or one left by the run before, is found so late at most."""


def publish_newest(board: Switchboard) -> bool | None:
    """One attempt for the newest bundle, if one waits and is due: True when a door took it, False when none waits, None
    when one waits on."""
    now = timezone.now()
    bundle = Bundle.objects.filter(state="made").order_by("-number").first()
    if bundle is None:
        return False
    if bundle.next_attempt_at > now:
        return None
    token = board.keyring.sign("bundle", bundle.payload)
    reply = board.order("doors", "/-/bundle", token.encode(), TIMEOUT_S)
    if reply.well:
        _taken(bundle, timezone.now())
        return True
    bundle.attempts += 1
    bundle.last_error = str(reply.body.get("error") or reply.words)[:500]
    if bundle.attempts >= ATTEMPTS_MAX or reply.status == REFUSED_STATUS:
        bundle.state = "given up"
    gap_s = min(GAP_S_FIRST * 2 ** min(bundle.attempts, 10), GAP_S_MAX)
    bundle.next_attempt_at = timezone.now() + timedelta(seconds=gap_s)
    bundle.save(update_fields=["attempts", "last_error", "state", "next_attempt_at"])
    if bundle.attempts == 1 or bundle.state == "given up":
        get_log().warning(
            "no door took the bundle",
            number=bundle.number,
            attempts=bundle.attempts,
            state=bundle.state,
            words=bundle.last_error,
        )
    return None if bundle.state == "made" else False


def _taken(bundle: Bundle, at: datetime) -> None:
    with transaction.atomic():
        Bundle.objects.filter(number=bundle.number).update(state="taken", taken_at=at, attempts=bundle.attempts + 1)
        Bundle.objects.filter(number__lt=bundle.number, state="made").update(state="superseded")
        incident_number = bundle.incident_id
        if incident_number is None:
            return
        incident = Incident.objects.select_for_update().get(pk=incident_number)
        if bundle.has_banner and incident.banner_at is None:
            incident.banner_at = at
            incident.save(update_fields=["banner_at"])
            record.add(
                incident, at, "doors", "banner", f"The doors took bundle {bundle.number}: banner and status page"
            )
        elif bundle.updates:
            record.add(incident, at, "doors", "bundle", f"The doors took bundle {bundle.number} ({bundle.reason})")
        _keep_promises(incident, bundle, at)


def _keep_promises(incident: Incident, bundle: Bundle, at: datetime) -> None:
    due = Promise.objects.filter(incident=incident, kept_at__isnull=True)
    first = due.filter(name="first_word")
    updates = due.filter(name="next_update", made_at__lt=bundle.made_at) if bundle.updates else due.none()
    for promise in [*first, *updates]:
        promise.kept_at = at
        if promise.state == "open":
            promise.state = "kept" if at <= promise.due_at else "broken"
        promise.save(update_fields=["kept_at", "state"])


def publish_for_ever(board: Switchboard, stop: threading.Event) -> None:
    """Bring a bundle as soon as one is made; what it raises is its caller's."""
    while not stop.is_set():
        made.wait(LOOK_EVERY_S)
        made.clear()
        while not stop.is_set() and publish_newest(board) is None:
            stop.wait(GAP_S_FIRST)
