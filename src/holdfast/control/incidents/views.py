"""Incidents on the console, and what a responder can do about one."""

from datetime import date

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.contracts.money import format_amount
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.now import situation
from holdfast.control.place import switchboard
from holdfast.control.staff import log
from holdfast.control.tell import mailing

RESPONDERS = frozenset({"responder", "manager"})
WRITERS = frozenset({"responder", "communicator", "support", "manager"})
MANAGERS = frozenset({"manager"})
ORDER_TIMEOUT_S = 4.0
NOTE_LENGTH_MAX = 1000
SHOWN_MAX = 300


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """All incidents, newest first."""
    incidents = [
        (one, record.PHASE_WORDS.get(one.phase, one.phase)) for one in Incident.objects.order_by("-number")[:100]
    ]
    return render(request, "incidents/listing.html", {"incidents": incidents})


@allowed(EVERYONE)
def one(request: HttpRequest, number: int, words: str = "", status: int = 200) -> HttpResponse:
    """One incident: steps, suspects, checks, messages, refunds, timeline, review."""
    incident = get_object_or_404(Incident, number=number)
    steps = situation.steps_of(incident)
    instants = [
        (name.removesuffix("_at").replace("_", " "), getattr(incident, name))
        for name in (
            "began_at",
            "detected_at",
            "opened_at",
            "banner_at",
            "first_message_at",
            "restored_at",
            "reconciled_at",
            "returned_at",
            "closed_at",
        )
    ]
    refunds = [
        (
            refund,
            format_amount(refund.charged_minor, refund.currency),
            format_amount(refund.would_have_been_minor, refund.currency),
            format_amount(refund.refunded_minor, refund.currency),
        )
        for refund in incident.refunds.order_by("id")[:SHOWN_MAX]
    ]
    return render(
        request,
        "incidents/one.html",
        {
            "incident": incident,
            "phase": record.PHASE_WORDS.get(incident.phase, incident.phase),
            "steps": steps,
            "can_hand_back": any(step.words == "Hand customers back" and step.state == "now" for step in steps),
            "seconds": [(name, at, (at - incident.began_at).total_seconds()) for name, at in instants if at],
            "checks": incident.checks.order_by("at"),
            "counts": mailing.counts(incident),
            "refunds": refunds,
            "notices": incident.notices.order_by("-made_at")[:30],
            "promises": incident.promises.order_by("id")[:50],
            "timeline": incident.timeline.order_by("at", "id")[:SHOWN_MAX],
            "words": words,
            "refresh_s": 0 if incident.closed_at else 4,
        },
        status=status,
    )


def _back(number: int) -> HttpResponse:
    return HttpResponseRedirect(f"/incidents/{number}")


@allowed(RESPONDERS)
def acknowledge(request: HttpRequest, number: int) -> HttpResponse:
    """A person has seen it and works on it."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, now = person_of(request), timezone.now()
    with transaction.atomic():
        incident = get_object_or_404(Incident.objects.select_for_update(), number=number)
        if incident.acknowledged_at is None:
            Incident.objects.filter(number=number).update(acknowledged_at=now)
            record.add(
                incident, now, f"staff: {person.username}", "acknowledged", f"{person.name} acknowledged the incident"
            )
            log.write(person.username, person.role, "acknowledged", {"incident": number})
    return _back(number)


@allowed(RESPONDERS)
def hand_back(request: HttpRequest, number: int) -> HttpResponse:
    """Order the doors to hand every customer back; they prove the books before and after, and undo by themselves."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    incident = get_object_or_404(Incident, number=number, closed_at__isnull=True)
    why = f"incident {number}: {request.POST.get('why', '')[:200]}".rstrip(": ")
    log.write(person.username, person.role, "hand-back ordered", {"incident": number})
    reply = switchboard().order(
        "doors", "/-/orders", {"what": "hand_back", "cohorts": None, "why": why, "by": person.username}, ORDER_TIMEOUT_S
    )
    now = timezone.now()
    if not reply.well:
        log.write(person.username, person.role, "hand-back not taken", {"incident": number, "words": reply.words})
        record.add(
            incident,
            now,
            f"staff: {person.username}",
            "order",
            f"The hand-back that {person.name} ordered was not taken: the doors {reply.words}",
        )
        words = f"No door took the order ({reply.words}); nothing was done. Look at the doors' card, then try again."
        return one(request, number, words, 502)
    record.add(
        incident,
        now,
        f"staff: {person.username}",
        "order",
        f"{person.name} ordered the hand-back of all customers (order {reply.body.get('order', '–')})",
    )
    return _back(number)


@allowed(WRITERS)
def note(request: HttpRequest, number: int) -> HttpResponse:
    """A line of the timeline by a person."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    words = request.POST.get("words", "").strip()[:NOTE_LENGTH_MAX]
    if words:
        with transaction.atomic():
            incident = get_object_or_404(Incident, number=number)
            record.add(incident, timezone.now(), f"staff: {person.username}", "note", words)
            log.write(person.username, person.role, "note written", {"incident": number})
    return _back(number)


@allowed(MANAGERS)
def refund_until(request: HttpRequest, number: int) -> HttpResponse:
    """The date until which charges are recomputed; set by a manager while refunds are not booked yet."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    try:
        until = date.fromisoformat(request.POST.get("until", ""))
    except ValueError:
        return one(request, number, "Write the date as year-month-day, for example 2026-03-01.", 422)
    with transaction.atomic():
        incident = get_object_or_404(Incident, number=number)
        changed = Incident.objects.filter(number=number, refunds_at__isnull=True).update(refund_until=until)
        if changed:
            record.add(
                incident,
                timezone.now(),
                f"staff: {person.username}",
                "refund date",
                f"{person.name} set the refund date to {until}",
            )
            log.write(person.username, person.role, "refund date set", {"incident": number, "until": until.isoformat()})
    if not changed:
        return one(request, number, "Refunds were booked already; the date stands.", 409)
    return _back(number)
