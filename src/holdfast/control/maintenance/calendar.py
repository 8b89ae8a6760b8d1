"""Planned maintenance for calendars, feeds and machines, as customers and programs take it from the doors."""

from datetime import datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from holdfast.control.maintenance.models import Maintenance
from holdfast.control.place import installation
from holdfast.control.tell.phrases import phrases
from holdfast.look import MAIL_DOMAIN

SHOWN_MAX = 30
OVER_FOR = timedelta(days=14)
PUBLIC = ("announced", "begun", "over", "cancelled")
STATUSES = {"announced": "scheduled", "begun": "in_progress", "over": "completed", "cancelled": "completed"}
"""Ours in the words of the Statuspage API (metastatuspage.com/api, "Scheduled Maintenances")."""


def public(now: datetime) -> list[Maintenance]:
    """What customers may know of: to come, going on, and what ended in the last fortnight; the next first. What was
    withdrawn before it was announced is not among it."""
    found = Maintenance.objects.filter(state__in=PUBLIC, announced_at__isnull=False, ends_at__gt=now - OVER_FOR)
    return list(found.order_by("begins_at")[:SHOWN_MAX])


def calendar(now: datetime) -> str:
    """The calendar (RFC 5545), in English; what was called off is there as cancelled, so that it leaves calendars that
    took it before."""
    made = Calendar()
    made.add("prodid", "-//Holdfast//Planned maintenance//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"{installation().bank_name}: planned maintenance")
    for one in public(now):
        event = Event()
        event.add("uid", f"maintenance-{one.number}@{MAIL_DOMAIN}")
        event.add("dtstamp", now)
        event.add("dtstart", one.begins_at)
        event.add("dtend", one.ends_at)
        event.add("sequence", one.changes + (one.state == "cancelled"))
        event.add("summary", f"{installation().bank_name}: {one.words['en']['service']}")
        event.add("description", one.words["en"]["instead"])
        event.add("status", "CANCELLED" if one.state == "cancelled" else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return str(made.to_ical().decode("utf-8"))


def for_machines(now: datetime) -> list[dict[str, Any]]:
    """The same in the form of the Statuspage API's scheduled maintenances."""
    return [
        {
            "id": str(one.number),
            "name": one.words["en"]["service"],
            "status": STATUSES[one.state],
            "impact": "maintenance",
            "scheduled_for": one.begins_at.isoformat(),
            "scheduled_until": one.ends_at.isoformat(),
            "created_at": one.announced_at.isoformat() if one.announced_at else None,
            "resolved_at": one.ended_at.isoformat() if one.ended_at else None,
            "body": one.words["en"]["instead"],
        }
        for one in public(now)
    ]


def on_page(language: str, now: datetime) -> list[dict[str, str]]:
    """What the status page shows: what is to come or going on."""
    book = phrases(language, installation().time_zone)
    return [
        {
            "number": str(one.number),
            "service": one.words[language]["service"],
            "instead": one.words[language]["instead"],
            "times": book.say("page", "from_to", begins=book.at(one.begins_at, now), ends=book.at(one.ends_at, now)),
            "state": book.say("page", f"maintenance_{one.state}"),
            "tone": "notice" if one.state == "begun" else "",
        }
        for one in public(now)
        if one.state in ("announced", "begun")
    ]
