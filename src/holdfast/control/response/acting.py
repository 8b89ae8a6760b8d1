"""What people do about an incident, at the console or at a terminal: each act is one transaction that writes the fact,
its line of the timeline and its line of the staff log. An act that is refused says why in words and changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.response.models import Decision, Link, Page, Post, Response, Task
from holdfast.control.response.states import SEVERITIES, WORDS, refusal
from holdfast.control.staff import log
from holdfast.control.staff.models import Person

WORDS_MAX = 1000
WHY_MIN = 5
REVIEW_MIN, REVIEW_MAX = 40, 20_000
ENTRIES_MAX = 200
"""Tasks, decisions and links of one incident, each."""
URL_MAX = 500
TERMINAL, RUNBOOK = "terminal", "runbook"
POSTS: dict[str, frozenset[str]] = {
    "lead": frozenset({"responder", "manager"}),
    "communicator": frozenset({"communicator", "responder", "manager"}),
    "scribe": frozenset({"responder", "communicator", "support", "manager"}),
}
"""The roles in an incident, and which staff may have them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. who: the username, or `terminal: NAME`; role: of staff, or `terminal`, or `runbook` for a machine that
    acts in somebody's name."""

    who: str
    name: str
    role: str

    @property
    def source(self) -> str:
        """Who it is in a timeline."""
        return {TERMINAL: self.who, RUNBOOK: RUNBOOK}.get(self.role, f"staff: {self.who}")


def staff_member(person: Person) -> Actor:
    """Somebody who logged in at the console."""
    return Actor(person.username, person.name, person.role)


def at_terminal(user: str) -> Actor:
    """Somebody who has the machine itself."""
    who = f"{TERMINAL}: {user.strip()[:40] or 'unknown'}"
    return Actor(who, who, TERMINAL)


def held(number: int) -> Incident | None:
    """The incident under its lock, which lines of its timeline do not wait for."""
    return Incident.objects.select_for_update(no_key=True).filter(number=number).first()


def written(incident: Incident, actor: Actor, kind: str, words: str, data: dict[str, Any] | None = None) -> None:
    """One line of the timeline and one of the staff log."""
    about = {"incident": incident.number, **(data or {})}
    record.add(incident, timezone.now(), actor.source, kind, words, data)
    log.write(actor.who, actor.role, kind, about)


def missing(number: int) -> str:
    """What is said of an incident that there is not."""
    return f"There is no incident {number}; nothing was done."


def acknowledge(number: int, actor: Actor) -> str:
    """A person has seen it and works on it: nobody is woken any more. "" also when it was acknowledged already."""
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        acknowledged(incident, actor)
    return ""


def acknowledged(incident: Incident, actor: Actor) -> None:
    """Write down, once, that a person works on it; the caller holds the incident."""
    if incident.acknowledged_at is not None:
        return
    incident.acknowledged_at = timezone.now()
    incident.save(update_fields=["acknowledged_at"])
    Page.objects.filter(incident=incident, state__in=("waiting", "sent")).update(state="acknowledged")
    written(incident, actor, "acknowledged", f"{actor.name} acknowledged the incident")


def set_state(number: int, actor: Actor, wanted: str) -> str:
    """Say how far it is; that acknowledges it too."""
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        if refused := refusal(incident.phase, wanted):
            return refused
        response = _response(incident)
        if response.state != wanted:
            acknowledged(incident, actor)
            response.state = wanted
            response.save(update_fields=["state"])
            written(incident, actor, "state", f"{actor.name}: {WORDS[wanted]}", {"state": wanted})
    return ""


def set_severity(number: int, actor: Actor, severity: int | None, why: str) -> str:
    """Say another severity than the computed one, with a reason; None goes back to the computed one."""
    why = why.strip()[:WORDS_MAX]
    if severity is not None and severity not in SEVERITIES:
        return "A severity is 1 (the gravest) to 4; nothing was changed."
    if len(why) < WHY_MIN:
        return "A severity is changed with a reason; nothing was changed."
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        if incident.closed_at is not None:
            return "It is closed, so its severity stands; nothing was changed."
        response = _response(incident)
        if response.severity == severity:
            return "That is its severity already; nothing was changed."
        response.severity, response.severity_why = severity, why
        response.save(update_fields=["severity", "severity_why"])
        said = f"severity {severity}" if severity else f"the computed severity {incident.severity} again"
        written(incident, actor, "severity", f"{actor.name}: {said}, because {why}", {"said": severity})
    return ""


def take_post(number: int, actor: Actor, role: str, to: str, note: str) -> str:
    """Give a role of the incident to a member of staff; who takes it over from another reads the note."""
    note = note.strip()[:WORDS_MAX]
    may = POSTS.get(role)
    if may is None:
        return f"The roles are {', '.join(POSTS)}; nothing was changed."
    with transaction.atomic():
        incident, person = held(number), Person.objects.filter(username=to.strip()).first()
        if incident is None:
            return missing(number)
        if person is None or person.role not in may:
            return f"Nobody called {to[:40]!r} can be {role}; nothing was changed."
        now, before = timezone.now(), Post.objects.filter(incident=incident, role=role, until_at=None).first()
        if before is not None and before.person_id == person.username:
            return f"{person.name} is {role} already; nothing was changed."
        if before is not None and not note:
            return "Write what the next one has to know; nothing was changed."
        if before is not None:
            Post.objects.filter(pk=before.pk).update(until_at=now)
        Post.objects.create(incident=incident, role=role, person=person, since_at=now, note=note)
        words = f"{person.name} is {role} now" + (f", handed over: {note}" if note else "")
        written(incident, actor, "role", words, {"role": role, "to": person.username})
    return ""


def add_task(number: int, actor: Actor, words: str, owner: str = "", due_at: datetime | None = None) -> str:
    """One more thing to do."""
    words, owner = words.strip()[:WORDS_MAX], owner.strip()
    if not words:
        return "A task needs words; nothing was written."
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        if owner and not Person.objects.filter(username=owner).exclude(role="auditor").exists():
            return f"Nobody called {owner[:40]!r} can have a task; nothing was written."
        if Task.objects.filter(incident=incident).count() >= ENTRIES_MAX:
            return _full("tasks")
        made = Task.objects.create(
            incident=incident, words=words, owner=owner, due_at=due_at, made_by=actor.who, made_at=timezone.now()
        )
        due = f", due {timezone.localtime(due_at):%Y-%m-%d %H:%M}" if due_at else ""
        said = f"Task {made.pk} for {owner or 'anybody'}{due}: {words}"
        written(incident, actor, "task", said, {"task": made.pk})
    return ""


def end_task(number: int, actor: Actor, task: int) -> str:
    """It was done."""
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        found = Task.objects.filter(incident=incident, pk=task).first()
        if found is None or found.done_at is not None:
            return "That task is done already, or there is none; nothing was changed."
        found.done_by, found.done_at = actor.who, timezone.now()
        found.save(update_fields=["done_by", "done_at"])
        written(incident, actor, "task done", f"{actor.name} did: {found.words}", {"task": task})
    return ""


def decide(number: int, actor: Actor, words: str, why: str) -> str:
    """Write down what was decided, and why."""
    words, why = words.strip()[:WORDS_MAX], why.strip()[:WORDS_MAX]
    if not words or len(why) < WHY_MIN:
        return "A decision needs words and its reason; nothing was written."
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        if Decision.objects.filter(incident=incident).count() >= ENTRIES_MAX:
            return _full("decisions")
        Decision.objects.create(incident=incident, words=words, why=why, by=actor.who, at=timezone.now())
        written(incident, actor, "decision", f"{actor.name} decided: {words}, because {why}")
    return ""


def link(number: int, actor: Actor, words: str, url: str) -> str:
    """Where more is to be read."""
    words, url = words.strip()[:WORDS_MAX], url.strip()
    if not words or not _linkable(url):
        return "A link needs words, and an https address or a path of this console; nothing was written."
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        if Link.objects.filter(incident=incident).count() >= ENTRIES_MAX:
            return _full("links")
        Link.objects.create(incident=incident, words=words, url=url, by=actor.who, at=timezone.now())
        written(incident, actor, "link", f"{actor.name} linked {words}", {"url": url})
    return ""


def note(number: int, actor: Actor, words: str) -> str:
    """A line of the timeline."""
    words = words.strip()[:WORDS_MAX]
    if not words:
        return "A note needs words; nothing was written."
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        record.add(incident, timezone.now(), actor.source, "note", words)
        log.write(actor.who, actor.role, "note written", {"incident": number})
    return ""


def sign_review(number: int, actor: Actor, words: str) -> str:
    """What people found, signed by who wrote it: the end of an incident. The draft alone is no review."""
    words = words.strip().replace("\r\n", "\n")[:REVIEW_MAX]
    with transaction.atomic():
        incident = held(number)
        if incident is None:
            return missing(number)
        if incident.closed_at is None:
            return "It is reviewed when it is closed; nothing was written."
        if len(words) < REVIEW_MIN or words == incident.review.strip():
            return "Answer what the draft asks, then sign: the draft alone is no review. Nothing was written."
        response = _response(incident)
        if response.reviewed_at is not None:
            return f"{response.reviewed_by} signed its review already; nothing was changed."
        response.review, response.reviewed_by, response.reviewed_at = words, actor.who, timezone.now()
        response.save(update_fields=["review", "reviewed_by", "reviewed_at"])
        written(incident, actor, "reviewed", f"{actor.name} wrote and signed the review")
    return ""


def _response(incident: Incident) -> Response:
    return Response.objects.get_or_create(incident=incident)[0]


def _full(what: str) -> str:
    return f"There are {ENTRIES_MAX} {what} already; nothing was written."


def _linkable(url: str) -> bool:
    """Whether a browser is sent nowhere but to a site by TLS, or to a page of this console."""
    if len(url) > URL_MAX or any(sign.isspace() or sign == "\\" for sign in url):
        return False
    try:
        parts = urlsplit(url)
        return (parts.scheme == "https" and bool(parts.hostname) and parts.username is None) or (
            not parts.scheme and not parts.netloc and url.startswith("/") and not url.startswith("//")
        )
    except ValueError:
        return False
