"""What every screen of the console shares: the frame's words, and where its pages are."""

from typing import Any

from django.http import HttpRequest

from holdfast.control.place import installation
from holdfast.control.staff.people import IDLE

NAVIGATION = (
    ("/", "Now"),
    ("/incidents", "Incidents"),
    ("/on-call", "On call"),
    ("/runbooks", "Runbooks"),
    ("/waiting-room", "Waiting room"),
    ("/cases", "Cases"),
    ("/approvals", "Two people"),
    ("/messages", "Messages"),
    ("/compose", "Write to customers"),
    ("/delivery", "Delivery"),
    ("/followers", "Status followers"),
    ("/maintenance", "Maintenance"),
    ("/alerts", "Alerts"),
    ("/journeys", "Journeys"),
    ("/measurements", "Measurements"),
    ("/logs", "Log lines"),
    ("/traces", "Traces"),
    ("/changes", "Changes"),
    ("/capacity", "Capacity"),
    ("/both", "Both sides"),
    ("/limits", "Limits"),
    ("/payroll", "Payroll"),
    ("/books", "Books"),
    ("/prices", "Prices"),
    ("/rates", "Exchange rates"),
    ("/reviews", "Reviews of charges"),
    ("/support", "Support desk"),
    ("/community", "Community"),
    ("/calls", "Calls"),
    ("/needs", "Customers’ needs"),
    ("/access", "Customers’ access"),
    ("/closing", "Closing accounts"),
    ("/names", "Changed names"),
    ("/break", "Break it yourself"),
    ("/staff", "Staff log"),
    ("/sign-in", "Your sign-in"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every template: who is logged in, where the pages are, what the bank is called."""
    path = request.path
    navigation = [
        {"href": href, "words": words, "current": path == href or (href != "/" and path.startswith(href))}
        for href, words in NAVIGATION
    ]
    return {
        "person": getattr(request, "person", None),
        "left_s": getattr(request, "left_s", 0),
        "idle_s": int(IDLE.total_seconds()),
        "navigation": navigation,
        "bank": installation().bank_name,
        "door": installation().door_origin,
    }
