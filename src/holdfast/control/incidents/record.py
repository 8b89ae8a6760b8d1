"""Writing an incident down: opening, advancing, its timeline and its checks. Only `watch` decides when."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from holdfast.control.incidents.models import Check, Incident, TimelineEntry

PHASE_INSTANTS = {
    "repaired": "restored_at",
    "handing_back": "handing_back_at",
    "returned": "returned_at",
    "closed": "closed_at",
}
PHASE_WORDS = {
    "open": "open",
    "repaired": "repaired, customers still on the spare bank",
    "handing_back": "customers are being handed back",
    "returned": "customers are back, being checked",
    "closed": "closed",
}
ACTIVE_WORDS_MAX = 2000
TOLD = ("bank", "doors", "standin")
"""Causes of incidents of whole buildings."""


def open_incidents() -> list[Incident]:
    """The open incidents, the gravest first."""
    return list(Incident.objects.filter(closed_at__isnull=True).order_by("severity", "number"))


def open_incident(cause: str) -> Incident | None:
    """The open incident of a cause."""
    return Incident.objects.filter(cause=cause, closed_at__isnull=True).first()


def told_incidents() -> list[Incident]:
    """Those of them that customers are told of by themselves: of whole buildings. What a part's incident means for
    customers a person says."""
    return [one for one in open_incidents() if one.cause in TOLD]


def open_one(  # noqa: PLR0917  # the order is the record's own
    cause: str, severity: int, began_at: datetime, detected_at: datetime, because: str, business_date: date
) -> Incident:
    """Open an incident; the database refuses a second open one of the same cause. Refunds count in the bank's days.

    Numbers follow each other without a hole: a database's own counter skips some when its server is killed.
    """
    opened_at = timezone.now()
    incident = Incident.objects.create(
        number=(Incident.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
        cause=cause,
        severity=severity,
        phase="open",
        cause_words="not known yet",
        opened_by=because,
        began_at=min(began_at, detected_at),
        detected_at=detected_at,
        opened_at=opened_at,
        refund_from=business_date,
        refund_until=business_date + timedelta(days=settings.REFUND_DAYS),
    )
    add(incident, detected_at, "watch", "detected", because)
    add(incident, opened_at, "watch", "opened", f"Incident {incident.number} opened by itself, severity {severity}")
    return incident


def add(  # noqa: PLR0917  # the order is the record's own
    incident: Incident,
    at: datetime,
    source: str,
    kind: str,
    words: str,
    data: dict[str, Any] | None = None,
    door_event: int | None = None,
) -> None:
    """One more line of the timeline; a door's event is entered once."""
    values = {"at": at, "source": source[:64], "kind": kind[:32], "words": words[:ACTIVE_WORDS_MAX], "data": data or {}}
    if door_event is None:
        TimelineEntry.objects.create(incident=incident, **values)
    else:
        TimelineEntry.objects.get_or_create(incident=incident, door_event=door_event, defaults=values)


def advance(incident: Incident, phase: str, at: datetime, because: str) -> None:
    """Enter a phase; going back to `open` withdraws the later instants, and the timeline keeps what they were."""
    if phase == "open":
        incident.restored_at = incident.handing_back_at = incident.reconciled_at = incident.returned_at = None
        incident.books_proof = None
        incident.refunds_at = None
    elif (name := PHASE_INSTANTS.get(phase)) and getattr(incident, name) is None:
        setattr(incident, name, at)
    incident.phase = phase
    incident.save(update_fields=["phase", "books_proof", "refunds_at", "reconciled_at", *PHASE_INSTANTS.values()])
    add(incident, at, "watch", phase, because[:1].upper() + because[1:])


def check(incident: Incident, name: str, at: datetime, passed: bool, words: str) -> None:
    """Record how a named check came out last."""
    Check.objects.update_or_create(
        incident=incident, name=name, defaults={"at": at, "passed": passed, "words": words[:ACTIVE_WORDS_MAX]}
    )


def draft_review(incident: Incident) -> str:
    """A review to start from: the instants as seconds from the fault, what was seen, what is to be asked."""
    lines = [
        f"Review of incident {incident.number} (draft, written by itself)",
        "",
        f"Cause: {incident.cause_words}.",
        f"Noticed because {incident.opened_by}.",
        "",
        "Seconds from the fault:",
    ]
    for name in (
        "detected_at",
        "opened_at",
        "banner_at",
        "first_message_at",
        "restored_at",
        "reconciled_at",
        "returned_at",
        "closed_at",
    ):
        instant = getattr(incident, name)
        if instant is not None:
            seconds = (instant - incident.began_at).total_seconds()
            lines.append(f"  {name.removesuffix('_at').replace('_', ' '):<14} {seconds:8.1f}")
    kept = incident.promises.filter(state="kept").count()
    broken = incident.promises.filter(state="broken").count()
    refunds = incident.refunds.count()
    lines += [
        "",
        f"Promises: {kept} kept, {broken} broken. Refunds: {refunds}.",
        f"Groups of customers moved: {len(incident.affected_cohorts)} of 256.",
        "",
        "To be answered by people: what made the fault possible, what helped, what should change, who, until when.",
    ]
    return "\n".join(lines)
