"""From a proposal to the deed: proposed by one person, approved by another, carried out once, all of it on record.

A proposal leaves the state `open` under its row's lock and only once, so however often it is approved it is carried
out once. Break-glass: where a deed allows it, its proposer goes on alone with a typed reason; that opens an alarm
which somebody else has to review.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.control.approvals.deeds import DEEDS, Result
from holdfast.control.approvals.models import Proposal
from holdfast.control.changes import record as changes
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident
from holdfast.control.staff import log
from holdfast.control.staff.models import Person

WHY_CHARS_MIN = 10
WHY_CHARS_MAX = 300
TERMINAL = "terminal:"
CARRYING_OUT_MAX = timedelta(minutes=1)
UNKNOWN_END = (
    "The control room stopped before it heard how this ended: it may have been done, or not. Look whether it was; to "
    "propose it again is safe, since what was done is not done a second time."
)


def propose(  # noqa: PLR0917  # the order is the record's own
    person: Person,
    what: str,
    subject: str,
    words: str,
    why: str,
    back: str,
    data: dict[str, Any] | None = None,
    incident: Incident | None = None,
) -> Proposal:
    """A new proposal, or the one that is open already for this deed and subject."""
    now = timezone.now()
    with transaction.atomic():
        Proposal.objects.filter(what=what, subject=subject, state="open", until__lt=now).update(state="expired")
        made, new = Proposal.objects.get_or_create(
            what=what,
            subject=subject,
            state="open",
            defaults={
                "words": words,
                "data": data or {},
                "why": why.strip()[:WHY_CHARS_MAX],
                "by": person.username,
                "at": now,
                "until": now + DEEDS[what].stands_for,
                "back": back,
                "incident": incident,
            },
        )
        if new:
            about = {"proposal": made.number, "what": what, "subject": subject, "why": made.why, "data": made.data}
            log.write(person.username, person.role, "proposed", about)
            _tell(
                made, now, person.username, "proposal", f"{person.name} proposed to {words}; a second person confirms"
            )
    return made


def approve(number: int, person: Person) -> str:
    """Approve and carry out; "" when it was done, otherwise why not, in words."""
    with transaction.atomic():
        found = _held(number)
        if isinstance(found, str):
            return found
        if found.by.casefold() == person.username.casefold():
            return "You proposed it, so somebody else has to approve it; nothing was done."
        if person.role not in DEEDS[found.what].approvers:
            return f"The role {person.role} cannot approve this; nothing was done."
        _decide(found, person, "approved")
    return _carry_out(found, person)


def decline(number: int, person: Person, why: str) -> str:
    """Decline, or withdraw one's own; nothing is carried out."""
    with transaction.atomic():
        found = _held(number)
        if isinstance(found, str):
            return found
        own = found.by == person.username
        if not own and person.role not in DEEDS[found.what].approvers:
            return f"The role {person.role} cannot decline this; nothing was done."
        found.result = why.strip()[:WHY_CHARS_MAX] or "no reason given"
        _decide(found, person, "declined")
        words = "withdrew the proposal" if own else "declined"
        _tell(found, timezone.now(), person.username, "declined", f"{person.name} {words} to {found.words}")
    return ""


def go_on_alone(number: int, person: Person, why: str) -> str:
    """Break-glass by the proposer; "" when it was done, otherwise why not, in words."""
    if len(why.strip()) < WHY_CHARS_MIN:
        return f"Going on alone needs a reason of at least {WHY_CHARS_MIN} letters; nothing was done."
    with transaction.atomic():
        found = _held(number)
        if isinstance(found, str):
            return found
        if found.by != person.username or not DEEDS[found.what].alone:
            return "Nobody can go on alone with this; nothing was done."
        found.break_glass = True
        found.why = why.strip()[:WHY_CHARS_MAX]
        _decide(found, person, "approved")
        _alarm(found, timezone.now(), person.name)
    return _carry_out(found, person)


def review(number: int, person: Person, words: str) -> str:
    """What one person did alone was looked at by another; "" when that is on record."""
    if not words.strip():
        return "Write what you found; the review was not recorded."
    with transaction.atomic():
        found = Proposal.objects.select_for_update().filter(number=number, break_glass=True).first()
        if found is None or found.reviewed_at is not None:
            return "There is nothing to review here."
        if found.by.casefold() == person.username.casefold():
            return "You did it, so somebody else has to review it."
        found.reviewed_by, found.reviewed_at, found.review = person.username, timezone.now(), words.strip()[:1000]
        found.save(update_fields=["reviewed_by", "reviewed_at", "review"])
        about = {"proposal": number, "by": found.by, "words": found.review}
        log.write(person.username, person.role, "break-glass reviewed", about)
        said = f"{person.name} reviewed the break-glass of {found.by}: {found.review}"
        _tell(found, found.reviewed_at, person.username, "review", said)
    return ""


def note_terminal(event: int, at: datetime, data: dict[str, Any], incident: Incident | None) -> None:
    """What somebody ordered at a terminal, past this room, is break-glass; noted once a door's event."""
    by, what = str(data.get("by", ""))[:64], str(data.get("what", ""))
    if not data.get("break_glass") or not by.startswith(TERMINAL):
        return
    deed = DEEDS.get(what)
    found, new = Proposal.objects.get_or_create(
        door_event=event,
        defaults={
            "what": what[:16],
            "subject": f"order {data.get('order', event)}"[:32],
            "words": deed.words if deed else what.replace("_", " "),
            "why": str(data.get("why", ""))[:WHY_CHARS_MAX],
            "by": by,
            "at": at,
            "until": at,
            "back": "/approvals",
            "incident": incident,
            "state": "done",
            "decided_by": by,
            "decided_at": at,
            "break_glass": True,
        },
    )
    if new:
        _alarm(found, at, by)


def end_unfinished(now: datetime) -> int:
    """Give an end to what was approved and has not been told since how it ended, because a process died; how many.

    Nothing is carried out here, so it may be run at any time and twice; a carrying out that lives after all still
    writes its own end over this one.
    """
    with transaction.atomic():
        found = Proposal.objects.select_for_update(skip_locked=True).filter(
            state="approved", decided_at__lt=now - CARRYING_OUT_MAX
        )
        for one in found:
            one.state, one.result = "failed", UNKNOWN_END
            one.save(update_fields=["state", "result"])
            log.write("control room", "machine", "end not known", {"proposal": one.number, "subject": one.subject})
            _tell(one, now, "control room", "order", f"{one.words}: {UNKNOWN_END}")
    return len(found)


def to_review() -> list[Proposal]:
    """Break-glass that nobody reviewed yet, the oldest first."""
    return list(Proposal.objects.filter(break_glass=True, reviewed_at__isnull=True).order_by("at")[:100])


def open_about(subject: str) -> list[Proposal]:
    """The open proposals about a subject."""
    return list(Proposal.objects.filter(subject=subject, state="open", until__gt=timezone.now()).order_by("number"))


def _held(number: int) -> Proposal | str:
    """The open proposal under its lock, or why there is none."""
    found = Proposal.objects.select_for_update().filter(number=number).first()
    if found is None:
        return "There is no such proposal."
    if found.state != "open":
        return f"It is {found.state} already" + (f" (by {found.decided_by})." if found.decided_by else ".")
    if found.until < timezone.now():
        return "It was proposed too long ago; propose it again."
    return found


def _decide(found: Proposal, person: Person, state: str) -> None:
    found.state, found.decided_by, found.decided_at = state, person.username, timezone.now()
    found.save()
    about = {"proposal": found.number, "what": found.what, "subject": found.subject, "by": found.by, "why": found.why}
    deed = "break-glass" if found.break_glass else state
    log.write(person.username, person.role, deed, about)


def _carry_out(found: Proposal, person: Person) -> str:
    result: Result = DEEDS[found.what].carry_out(found)
    now = timezone.now()
    with transaction.atomic():
        found.state, found.result = ("done" if result.done else "failed"), result.words[:1000]
        found.save(update_fields=["state", "result"])
        about = {"proposal": found.number, "subject": found.subject, "words": found.result}
        log.write(person.username, person.role, f"{found.what.replace('_', ' ')} {found.state}", about)
        who = f"{found.by} alone" if found.break_glass else f"{found.by}, approved by {found.decided_by}"
        said = f"{who}: {found.words}: " + (result.words if result.done else f"not taken. {result.words}")
        _tell(found, now, person.username, "order", said)
        if result.done:
            changes.note(now, "", "decision", f"{found.words}: {result.words}", found.by)
    return "" if result.done else result.words


def _alarm(found: Proposal, at: datetime, name: str) -> None:
    if found.by.startswith(TERMINAL):
        log.write(found.by, "terminal", "break-glass", {"proposal": found.number, "what": found.what, "why": found.why})
    said = f"Break-glass used by {name} to {found.words}, to be reviewed: {found.why}"
    _tell(found, at, found.by, "break-glass", said)


def _tell(found: Proposal, at: datetime, by: str, kind: str, words: str) -> None:
    if found.incident is not None:
        record.add(found.incident, at, f"staff: {by}", kind, words)
