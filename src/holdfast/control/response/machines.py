"""What machines can do as a step of a runbook, each with what a dry run says of it.

Of the supervisor one thing can be asked from here, on a socket made for it: to start one program again, from the
release that is installed.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.control.alerts.models import Silence
from holdfast.control.alerts.opening import PREFIX
from holdfast.control.alerts.views import SILENCES_MAX
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import DEEDS, ORDER_TIMEOUT_S, RESPONDERS, Result
from holdfast.control.changes import record as changes
from holdfast.control.incidents.models import Incident
from holdfast.control.place import installation, switchboard
from holdfast.control.response import waiting_room
from holdfast.control.response.acting import RUNBOOK
from holdfast.control.staff import log
from holdfast.control.staff.models import Person
from holdfast.control.watch.models import Building, Service
from holdfast.settings import SettingsError, ask_for_step

PROGRAMS = frozenset({"bank-web", "bank-worker", "standin", "door-1", "door-2"})
"""What the supervisor starts again for a runbook."""
NO_PROGRAM = "neither the incident nor its likeliest suspect names a program that can be started again from here"
SILENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Deed:
    """One deed of a machine. would: what a dry run says; carry_out: does it in the name of who began the runbook."""

    words: str
    would: Callable[[Incident], str]
    carry_out: Callable[[Incident, str], Result]


def _groups() -> Counter[str]:
    """Groups of customers by where they are served (`p`, `s`, `h`), as the doors said last."""
    service = Service.objects.filter(id=1).first()
    return Counter(service.modes if service else "")


def _would_move(_incident: Incident) -> str:
    groups, doors = _groups(), Building.objects.filter(name="doors").first()
    spare = Building.objects.filter(name="standin").first()
    told = {one.name: one.words for one in (doors, spare) if one is not None}
    return (
        f"would order the doors to move {groups['p']} groups to the spare bank; {groups['s']} are there already. "
        f"Doors: {told.get('doors', 'never seen')}; spare bank: {told.get('standin', 'never seen')}"
    )


def _move(incident: Incident, who: str) -> Result:
    said = {"cohorts": None, "why": f"incident {incident.number}, by a runbook", "by": who, "approved_by": ""}
    for what in ("standin_on", "reads_follow"):
        reply = switchboard().order("doors", "/-/orders", {"what": what, **said}, ORDER_TIMEOUT_S)
        if not reply.well:
            return Result(False, f"no door took the order {what.replace('_', ' ')} ({reply.words})")
    return Result(True, f"the doors took order {reply.body.get('order', '–')}")


def _would_propose(_incident: Incident) -> str:
    return f"would propose to hand {_groups()['s']} groups back to the main bank; a second person confirms it"


def _propose(incident: Incident, who: str) -> Result:
    person = Person.objects.filter(username=who, role__in=RESPONDERS).first()
    if person is None:
        return Result(False, "only a responder or manager can propose it; ./holdfast standin off does it at a terminal")
    if incident.closed_at is not None:
        return Result(False, "the incident is closed")
    number, words = incident.number, DEEDS["hand_back"].words
    made = flow.propose(
        person, "hand_back", f"incident {number}", words, "by a runbook", f"/incidents/{number}", incident=incident
    )
    return Result(True, f"proposal {made.number} waits for a second person")


def _part(incident: Incident) -> str:
    return incident.cause.removeprefix(PREFIX) if incident.cause.startswith(PREFIX) else ""


def _would_silence(incident: Incident) -> str:
    part = _part(incident)
    return f"would silence the alerts of {part} for an hour" if part else "would do nothing: it is no part's incident"


def _silence(incident: Incident, who: str) -> Result:
    part, now = _part(incident), timezone.now()
    if not part:
        return Result(False, "this is no incident of one part, so there is nothing to silence")
    with transaction.atomic():
        if Silence.objects.filter(ends_at__gt=now).count() >= SILENCES_MAX:
            return Result(False, f"there are {SILENCES_MAX} silences already; end some first")
        why = f"incident {incident.number}, by a runbook"
        Silence.objects.create(component=part, rule="*", why=why, by=who, begins_at=now, ends_at=now + SILENT)
        log.write(who, RUNBOOK, "silenced", {"part": part, "rule": "*", "hours": 1})
    return Result(True, f"alerts of {part} wake nobody for an hour")


def _likeliest(incident: Incident) -> str:
    """The program to start again: the incident's part, or the part that its likeliest suspect names; "" when neither
    is a program that can be."""
    named = [_part(incident), *(str(one.get("component", "")) for one in (incident.suspects or [])[:1])]
    return next((one for one in named if one in PROGRAMS), "")


def _would_restart(incident: Incident) -> str:
    program = _likeliest(incident)
    return f"would have {program} started again from the installed release" if program else NO_PROGRAM


def _restart(incident: Incident, who: str) -> Result:
    incident.refresh_from_db(fields=["suspects"])
    program = _likeliest(incident)
    if not program:
        return Result(False, NO_PROGRAM)
    # Written down before it is done: what probes see of it is then no new trouble.
    changes.note(timezone.now(), program, "start", f"{program} is to be started again by a runbook", who)
    try:
        ask_for_step(installation().data, do="restart", program=program, by=who)
    except SettingsError as error:
        return Result(False, str(error))
    return Result(True, f"{program} was started again from the installed release, and listens")


def _half_rate() -> float:
    """Half of what the doors say they can serve, at least one person a second; both doors look much alike."""
    doors = Building.objects.filter(name="doors").first()
    said = (doors.detail if doors else {}).get("waiting") or {}
    return max(1.0, round(float(said.get("logins_per_s_most") or 0.0), 1))


def _would_limit(_incident: Incident) -> str:
    return f"would let at most {_half_rate():g} people a second come in; who is inside notices nothing"


def _limit(incident: Incident, who: str) -> Result:
    return waiting_room.order(_half_rate(), f"incident {incident.number}, by a runbook", who, RUNBOOK)


def _would_open(_incident: Incident) -> str:
    return "would let in as many as the bank can serve again"


def _open(incident: Incident, who: str) -> Result:
    return waiting_room.order(None, f"incident {incident.number}, by a runbook", who, RUNBOOK)


MACHINES: dict[str, Deed] = {
    "spare bank on": Deed("moves every group of customers to the spare bank", _would_move, _move),
    "spare bank off": Deed("proposes that customers go back; a second person confirms", _would_propose, _propose),
    "restart part": Deed("starts the likeliest part again, from the installed release", _would_restart, _restart),
    "waiting room": Deed(
        "lets in half as many people as the doors could; the others wait in line", _would_limit, _limit
    ),
    "waiting room open": Deed("lets in as many people as the bank can serve", _would_open, _open),
    "silence alerts": Deed("silences the part's alerts for an hour", _would_silence, _silence),
}
