"""Incidents for machines: every instant, the timeline, message counts, refunds and checks."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.incidents.models import Incident
from holdfast.control.response import panel
from holdfast.control.tell import mailing

INSTANTS = (
    "began",
    "detected",
    "opened",
    "acknowledged",
    "banner",
    "first_message",
    "restored",
    "handing_back",
    "reconciled",
    "returned",
    "closed",
)
LISTED_MAX = 200
TIMELINE_MAX = 5000


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def summary(incident: Incident) -> dict[str, Any]:
    """One incident without its timeline; instants in ISO 8601 with their offset, null when not yet."""
    return {
        "number": incident.number,
        "cause": incident.cause,
        "severity": panel.severity_of(incident),
        "severity_computed": incident.severity,
        "state": panel.state(incident),
        "phase": incident.phase,
        "cause_words": incident.cause_words,
        "opened_by": incident.opened_by,
        **{name: _iso(getattr(incident, f"{name}_at")) for name in INSTANTS},
        "refunded": _iso(incident.refunds_at),
    }


def _approvals(incident: Incident) -> list[dict[str, Any]]:
    """Who proposed and who confirmed what; what was done alone, and who reviewed it."""
    return [
        {
            "number": one.number,
            "what": one.what,
            "by": one.by,
            "decided_by": one.decided_by,
            "state": one.state,
            "break_glass": one.break_glass,
            "reviewed_by": one.reviewed_by,
        }
        for one in incident.proposals.order_by("number")[:200]
    ]


def _promises(incident: Incident) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "due_at": _iso(one.due_at), "kept_at": _iso(one.kept_at), "state": one.state}
        for one in incident.promises.order_by("id")
    ]


def whole(incident: Incident) -> dict[str, Any]:
    """Everything about one incident."""
    refunds = list(incident.refunds.order_by("id"))
    return {
        **summary(incident),
        "affected_cohorts": len(incident.affected_cohorts),
        "bank_block_seen": incident.bank_block_seen,
        "bank_block_seen_at": _iso(incident.bank_block_seen_at),
        "spare_proof": incident.spare_proof,
        "books_proof": incident.books_proof,
        "suspects": incident.suspects,
        "timeline": [
            {
                "at": _iso(one.at),
                "recorded_at": _iso(one.recorded_at),
                "source": one.source,
                "kind": one.kind,
                "words": one.words,
                "data": one.data,
            }
            for one in incident.timeline.order_by("at", "id")[:TIMELINE_MAX]
        ],
        "checks": [
            {"name": one.name, "at": _iso(one.at), "passed": one.passed, "words": one.words}
            for one in incident.checks.order_by("at")
        ],
        "messages": mailing.counts(incident),
        "promises": _promises(incident),
        "refund_from": incident.refund_from.isoformat() if incident.refund_from else None,
        "refund_until": incident.refund_until.isoformat() if incident.refund_until else None,
        "refunds": [
            {
                "customer": one.customer,
                "account": one.account,
                "payment": one.payment,
                "charged_minor": one.charged_minor,
                "would_have_been_minor": one.would_have_been_minor,
                "refunded_minor": one.refunded_minor,
                "currency": one.currency,
                "why": one.why,
            }
            for one in refunds
        ],
        "bundles": [
            {
                "number": one.number,
                "reason": one.reason,
                "made_at": _iso(one.made_at),
                "state": one.state,
                "attempts": one.attempts,
                "taken_at": _iso(one.taken_at),
            }
            for one in incident.bundles.order_by("number")[:500]
        ],
        "approvals": _approvals(incident),
        "response": panel.told(incident),
        "review": incident.review,
    }


@allowed(EVERYONE, machines=frozenset({"runtime"}))
def listing(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """All incidents, newest first."""
    return JsonResponse(
        {
            "incidents": [
                summary(one) for one in Incident.objects.select_related("response").order_by("-number")[:LISTED_MAX]
            ]
        }
    )


@allowed(EVERYONE, machines=frozenset({"runtime"}))
def one(request: HttpRequest, number: int) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """One incident, whole."""
    incident = Incident.objects.filter(number=number).first()
    if incident is None:
        raise Http404(f"there is no incident {number}")
    return JsonResponse(whole(incident))
