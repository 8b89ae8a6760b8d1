"""Incidents on the console, and what a responder can do about one."""

from datetime import date, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.contracts.money import format_amount
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import DEEDS, RESPONDERS
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.changes.models import Change
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.incidents.suspects import shown
from holdfast.control.logs.searching import address
from holdfast.control.now import situation
from holdfast.control.response import acting, panel
from holdfast.control.response.states import WORDS
from holdfast.control.staff import log
from holdfast.control.tell import mailing
from holdfast.control.traces.views import in_time_of

WRITERS = frozenset({"responder", "communicator", "support", "manager"})
MANAGERS = frozenset({"manager"})
NOTE_LENGTH_MAX = 1000
SHOWN_MAX = 300
CHANGES_BEFORE, CHANGES_AFTER = timedelta(hours=2), timedelta(minutes=10)
LINES_BEFORE, LINES_AFTER = timedelta(minutes=10), timedelta(minutes=30)


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """All incidents, newest first."""
    found = Incident.objects.select_related("response").order_by("-number")[:100]
    incidents = [(one, panel.severity_of(one), WORDS[panel.state(one)]) for one in found]
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
            **panel.panel(incident),
            "responds": person_of(request).role in RESPONDERS,
            "incident": incident,
            "phase": record.PHASE_WORDS.get(incident.phase, incident.phase),
            "steps": steps,
            "can_hand_back": any(step.words == "Hand customers back" and step.state == "now" for step in steps),
            "can_force": incident.closed_at is None and situation.spare_bank_is_lost(),
            "proposals": flow.open_about(f"incident {number}"),
            "to_review": [one for one in flow.to_review() if one.incident_id == number],
            "seconds": [(name, at, (at - incident.began_at).total_seconds()) for name, at in instants if at],
            "suspects": shown(incident.suspects),
            "alerts": incident.alerts.order_by("severity", "began_at")[:SHOWN_MAX],
            "changes": Change.objects.filter(
                at__gte=incident.began_at - CHANGES_BEFORE, at__lte=incident.began_at + CHANGES_AFTER
            ).order_by("-at")[:20],
            "lines": _lines_around(incident),
            "traces": in_time_of(incident, timezone.now()),
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


def _lines_around(incident: Incident) -> str:
    """The address of the log lines around its beginning."""
    began = incident.began_at
    return address(**{"from": began - LINES_BEFORE, "until": began + LINES_AFTER})


def _back(number: int) -> HttpResponse:
    return HttpResponseRedirect(f"/incidents/{number}")


def _propose(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Write the proposal down; a second person confirms it, then the doors carry it out."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    incident = get_object_or_404(Incident, number=number, closed_at__isnull=True)
    why = request.POST.get("why", "")[:200]
    made = flow.propose(
        person_of(request),
        what,
        f"incident {number}",
        DEEDS[what].words,
        why,
        f"/incidents/{number}",
        incident=incident,
    )
    return HttpResponseRedirect(f"/incidents/{number}?proposal={made.number}")


@allowed(RESPONDERS)
def hand_back(request: HttpRequest, number: int) -> HttpResponse:
    """Propose that the doors hand every customer back; they prove the books before and after, and undo alone."""
    return _propose(request, number, "hand_back")


@allowed(RESPONDERS)
def force_primary(request: HttpRequest, number: int) -> HttpResponse:
    """Propose a return without the journal of a lost spare bank (rule 18); the doors refuse while it answers."""
    return _propose(request, number, "force_primary")


@allowed(WRITERS)
def note(request: HttpRequest, number: int) -> HttpResponse:
    """A line of the timeline by a person."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    get_object_or_404(Incident, number=number)
    actor = acting.staff_member(person_of(request))
    if refused := acting.note(number, actor, request.POST.get("words", "")):
        return one(request, number, refused, 422)
    return _back(number)


@allowed(WRITERS)
def helped(request: HttpRequest, number: int) -> HttpResponse:
    """What helped, in words: shown when something like it happens again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    words = request.POST.get("words", "").strip()[:NOTE_LENGTH_MAX]
    if words:
        with transaction.atomic():
            incident = get_object_or_404(Incident.objects.select_for_update(), number=number)
            Incident.objects.filter(number=number).update(helped=words)
            record.add(incident, timezone.now(), f"staff: {person.username}", "helped", f"What helped: {words}")
            log.write(person.username, person.role, "wrote what helped", {"incident": number})
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
