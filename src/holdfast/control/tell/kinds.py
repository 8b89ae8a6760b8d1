"""The kinds of notices: what each is for, what it is filled with, and whether it passes quiet hours."""

from dataclasses import dataclass

OPENED, RESTORED = "opened", "restored"
"""Those that go by themselves, to everybody whom an incident of the whole bank touches."""
FIRST_WORDS = (OPENED, "incident-acknowledge")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind that a person composes. words: for staff; asked: what the person writes, in each language; facts: what
    is taken from the incident or the bank and must be known; urgent: passes quiet hours, unless the person says
    otherwise; frame: what stands around it in a mail."""

    name: str
    words: str
    asked: tuple[str, ...]
    facts: tuple[str, ...]
    urgent: bool
    frame: str = "frame"

    @property
    def of_incident(self) -> bool:
        """Whether it speaks of an incident; the others speak of maintenance."""
        return self.name.startswith("incident-")


ASKED = {
    "service": "What it is about, as customers call it",
    "news": "What is new",
    "works": "What works meanwhile",
    "do": "What customers can do meanwhile",
    "cause": "The cause, without names of systems",
    "wrong": "What we said that was wrong",
    "right": "What is right",
    "mended": "What we change so that it does not happen again",
    "begins": "When it begins: day and time, with its zone",
    "ends": "When it ends: day and time, with its zone",
    "instead": "How to reach the bank meanwhile, and help in an emergency",
    "changed": "What changed, and why",
    "webinar": "What the webinar is called",
}
"""What a person writes, by the name of its place in the templates."""
INCIDENT = ("bank", "incident", "began", "zone")
MAINTENANCE = ("bank",)
PLAN = ("service", "begins", "ends", "instead")
KINDS = {
    one.name: one
    for one in (
        Kind("incident-acknowledge", "Acknowledge a fault", ("service", "works"), (*INCIDENT, "next"), True),
        Kind("incident-update", "Say what is new", ("service", "news"), (*INCIDENT, "next"), False),
        Kind("incident-workaround", "Say what to do meanwhile", ("service", "do"), (*INCIDENT, "next"), True),
        Kind("incident-cause", "Tell the cause", ("service", "cause"), INCIDENT, False),
        Kind("incident-restored", "Say that it works again", ("service",), (*INCIDENT, "returned"), True),
        Kind("incident-correction", "Correct what was said", ("wrong", "right"), INCIDENT, True),
        Kind("incident-closing", "Close it", ("service", "cause", "mended"), (*INCIDENT, "returned"), False),
        Kind("maintenance-announced", "Announce maintenance", PLAN, MAINTENANCE, False),
        Kind("maintenance-reminder", "Remind of maintenance", PLAN, MAINTENANCE, False),
        Kind("maintenance-changed", "Maintenance changed", ("changed", "begins", "ends"), MAINTENANCE, False),
        Kind("maintenance-begun", "Maintenance has begun", ("service", "ends", "instead"), MAINTENANCE, True),
        Kind("maintenance-over", "Maintenance is over", ("service",), MAINTENANCE, False),
        Kind("maintenance-cancelled", "Maintenance is called off", ("service", "changed"), MAINTENANCE, False),
    )
}  # fmt: skip
OWN = "frame-own"
"""Around what is said to a few customers, and therefore not on the status page."""
WEBINAR = {
    one.name: one
    for one in (
        Kind("webinar-reminder", "Remind of a webinar", ("webinar", "begins"), ("bank",), False, OWN),
        Kind("webinar-seat", "A seat at a webinar came free", ("webinar", "begins"), ("bank",), False, OWN),
        Kind("webinar-changed", "A webinar was moved", ("webinar", "begins"), ("bank",), False, OWN),
        Kind("webinar-cancelled", "A webinar was called off", ("webinar", "begins"), ("bank",), False, OWN),
    )
}
"""Those that go to who registered, by what happens to a webinar; no page composes them."""
