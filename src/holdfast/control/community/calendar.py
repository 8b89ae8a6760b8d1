"""A webinar as a calendar takes it (RFC 5545)."""

from datetime import datetime

from icalendar import Calendar, Event

from holdfast.contracts.community import LEARN
from holdfast.control.community.models import Webinar
from holdfast.control.place import installation
from holdfast.look import MAIL_DOMAIN


def calendar(one: Webinar, language: str, now: datetime) -> str:
    """The webinar's file. One that was moved or called off has a higher sequence, so that a calendar that holds it
    follows; the address of the stream is on the page, for who has a seat, and never in the file."""
    made, event = Calendar(), Event()
    made.add("prodid", "-//Holdfast//Webinars//EN")
    made.add("version", "2.0")
    event.add("uid", f"webinar-{one.number}@{MAIL_DOMAIN}")
    event.add("dtstamp", now)
    event.add("dtstart", one.begins_at)
    event.add("dtend", one.ends_at)
    event.add("sequence", one.changes)
    event.add("summary", f"{installation().bank_name}: {one.words[language]['title']}")
    event.add("description", one.words[language]["about"])
    event.add("url", f"{installation().door_origin}{LEARN}/{one.number}")
    event.add("status", "CANCELLED" if one.called_off else "CONFIRMED")
    made.add_component(event)
    return str(made.to_ical().decode("utf-8"))
