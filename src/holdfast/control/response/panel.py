"""What the incident's page and the command show of the response to it."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from holdfast.control.incidents.models import Incident
from holdfast.control.response.acting import POSTS
from holdfast.control.response.models import Page, Post, Response, Run, RunStep, Task
from holdfast.control.response.runbook import Runbook, fitting
from holdfast.control.response.running import known_runbooks
from holdfast.control.response.states import CHOICES, SEVERITIES, WORDS, state_of
from holdfast.control.staff.models import Person

SHOWN_MAX = 200
RUNS_SHOWN_MAX = 10


def said_of(incident: Incident) -> Response | None:
    """What people said of it, if anything."""
    try:
        return incident.response
    except Response.DoesNotExist:
        return None


def severity_of(incident: Incident) -> int:
    """The severity that counts: what people said, else the computed one."""
    said = said_of(incident)
    return said.severity if said is not None and said.severity is not None else incident.severity


def state(incident: Incident) -> str:
    """Its state now (states.WORDS)."""
    return _state(incident, said_of(incident))


def _state(incident: Incident, said: Response | None) -> str:
    reviewed = said is not None and said.reviewed_at is not None
    return state_of(incident.phase, incident.acknowledged_at is not None, said.state if said else "", reviewed)


def panel(incident: Incident) -> dict[str, Any]:
    """All that the page's templates of this room need."""
    said = said_of(incident)
    people = list(Person.objects.exclude(role="auditor").order_by("username")[:SHOWN_MAX])
    now = {post.role: post for post in Post.objects.filter(incident=incident, until_at=None).select_related("person")}
    state_now = _state(incident, said)
    return {
        "said": said,
        "state": state_now,
        "state_words": WORDS[state_now],
        "states": [(one, WORDS[one]) for one in CHOICES.get(incident.phase, ()) if one != state_now],
        "severity": said.severity if said is not None and said.severity is not None else incident.severity,
        "severities": SEVERITIES.items(),
        "posts": [(role, now.get(role), [one for one in people if one.role in may]) for role, may in POSTS.items()],
        "posts_before": Post.objects.filter(incident=incident)
        .exclude(Q(until_at=None) & Q(note=""))
        .select_related("person")
        .order_by("since_at")[:SHOWN_MAX],
        "people": people,
        "tasks": incident.tasks.order_by("done_at", "due_at", "id")[:SHOWN_MAX],
        "decisions": incident.decisions.order_by("at")[:SHOWN_MAX],
        "links": incident.links.order_by("at")[:SHOWN_MAX],
        "pages": incident.pages.order_by("made_at", "id")[:SHOWN_MAX],
        "runs": _runs(incident),
        "waiting": waiting(incident),
        "offered": _offered(incident),
    }


def _runs(incident: Incident) -> list[tuple[Run, list[tuple[RunStep, int]]]]:
    """The runs, the newest first, with their steps and for one that waits the seconds left."""
    now = timezone.now()
    return [
        (run, [(one, _left_s(one, now)) for one in run.steps.order_by("number")])
        for run in incident.runs.order_by("-begun_at")[:RUNS_SHOWN_MAX]
    ]


def waiting(incident: Incident | None = None) -> list[tuple[RunStep, int]]:
    """The steps that machines are about to begin, of one incident or of all, with the seconds left to stop them."""
    now, found = timezone.now(), RunStep.objects.filter(state="waiting").select_related("run")
    chosen = found.filter(run__incident=incident) if incident is not None else found
    return [(one, _left_s(one, now)) for one in chosen.order_by("due_at")[:RUNS_SHOWN_MAX]]


def _left_s(step: RunStep, now: datetime) -> int:
    return max(int((step.due_at - now).total_seconds()), 0) if step.due_at and step.state == "waiting" else 0


def _offered(incident: Incident) -> list[Runbook]:
    """The runbooks that fit it, the closest first."""
    return fitting(known_runbooks()[0], incident.cause)


def told(incident: Incident) -> dict[str, Any]:
    """The same for machines; instants in ISO 8601."""
    said = said_of(incident)
    return {
        "state": _state(incident, said),
        "severity_said": said.severity if said else None,
        "severity_why": said.severity_why if said else "",
        "roles": {
            one.role: one.person_id for one in Post.objects.filter(incident=incident, until_at=None).order_by("role")
        },
        "tasks": [_task(one) for one in incident.tasks.order_by("id")[:SHOWN_MAX]],
        "decisions": [
            {"at": one.at.isoformat(), "by": one.by, "words": one.words, "why": one.why}
            for one in incident.decisions.order_by("at")[:SHOWN_MAX]
        ],
        "links": [{"words": one.words, "url": one.url} for one in incident.links.order_by("at")[:SHOWN_MAX]],
        "pages": [_page(one) for one in incident.pages.order_by("made_at", "id")[:SHOWN_MAX]],
        "runs": [
            {
                "number": run.pk,
                "name": run.name,
                "dry": run.dry,
                "ended": run.ended_at.isoformat() if run.ended_at else None,
                "steps": [
                    {
                        "number": one.number,
                        "words": one.words,
                        "machine": one.machine,
                        "state": one.state,
                        "by": one.by,
                        "at": one.at.isoformat() if one.at else None,
                        "left_s": left_s,
                        "result": one.result,
                    }
                    for one, left_s in steps
                ],
            }
            for run, steps in _runs(incident)
        ],
        "runbooks": [{"name": one.name, "title": one.title} for one in _offered(incident)],
        "reviewed_by": said.reviewed_by if said else "",
        "signed_review": said.review if said else "",
    }


def _task(one: Task) -> dict[str, Any]:
    return {
        "number": one.pk,
        "words": one.words,
        "owner": one.owner,
        "due": one.due_at.isoformat() if one.due_at else None,
        "done": one.done_at.isoformat() if one.done_at else None,
        "done_by": one.done_by,
    }


def _page(one: Page) -> dict[str, Any]:
    """Without the address, which may carry a secret."""
    return {
        "made": one.made_at.isoformat(),
        "level": one.level,
        "recipient": one.recipient,
        "way": one.way,
        "state": one.state,
        "attempts": one.attempts,
        "sent": one.sent_at.isoformat() if one.sent_at else None,
        "trouble": one.trouble,
    }
