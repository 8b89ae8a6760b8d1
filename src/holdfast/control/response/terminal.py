"""What `./holdfast incident …` asks for when there is no browser: one signed address for acts, one for who is on call.

Whoever can sign as `runtime` has the machine itself; on record they are `terminal: NAME`, the name that the machine
knows them by.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.incidents.models import Incident
from holdfast.control.response import acting, oncall, paging, panel, running
from holdfast.control.response.acting import Actor

BODY_MAX = 40_000
RUNTIME = frozenset({"runtime"})
Said = dict[str, Any]


def _due(said: Said) -> datetime | None:
    """The instant a task is due; raises ValueError for what is none."""
    typed = str(said.get("due") or "")
    if not typed:
        return None
    found = datetime.fromisoformat(typed)
    return found if found.tzinfo else timezone.make_aware(found)


def _words(said: Said, name: str) -> str:
    return str(said.get(name) or "")


def _severity(number: int, actor: Actor, said: Said) -> str:
    wanted = said.get("severity")
    return acting.set_severity(number, actor, None if wanted is None else int(wanted), _words(said, "why"))


def _tick(number: int, actor: Actor, said: Said) -> str:
    run, step, words = int(said["run"]), int(said["step"]), _words(said, "words")
    return running.tick(number, actor, run, step, skip=bool(said.get("skip")), words=words)


ACTS: dict[str, Callable[[int, Actor, Said], str]] = {
    "acknowledge": lambda number, actor, _: acting.acknowledge(number, actor),
    "note": lambda number, actor, said: acting.note(number, actor, _words(said, "words")),
    "state": lambda number, actor, said: acting.set_state(number, actor, _words(said, "state")),
    "severity": _severity,
    "role": lambda number, actor, said: acting.take_post(
        number, actor, _words(said, "role"), _words(said, "to"), _words(said, "note")
    ),
    "task": lambda number, actor, said: acting.add_task(
        number, actor, _words(said, "words"), _words(said, "owner"), _due(said)
    ),
    "task done": lambda number, actor, said: acting.end_task(number, actor, int(said["task"])),
    "decision": lambda number, actor, said: acting.decide(number, actor, _words(said, "words"), _words(said, "why")),
    "link": lambda number, actor, said: acting.link(number, actor, _words(said, "words"), _words(said, "url")),
    "review": lambda number, actor, said: acting.sign_review(number, actor, _words(said, "words")),
    "runbook": lambda number, actor, said: running.begin(number, actor, _words(said, "name"), bool(said.get("dry"))),
    "step": _tick,
    "stop": lambda number, actor, said: running.stop(number, actor, int(said["run"]), int(said["step"])),
    "again": lambda number, actor, said: running.again(number, actor, int(said["run"]), int(said["step"])),
    "end runbook": lambda number, actor, said: running.end(number, actor, int(said["run"])),
}


@allowed(frozenset(), machines=RUNTIME)
def act(request: HttpRequest, number: int) -> HttpResponse:
    """One act: {"do": …, "user": …} and what it needs. 422 with `error` when it is refused; then nothing changed."""
    if request.method != "POST" or len(request.body) > BODY_MAX:
        return JsonResponse({"error": f"POST an act of {BODY_MAX} bytes at most"}, status=422)
    try:
        said = json.loads(request.body)
        wanted = ACTS[str(said["do"])]
        refused = wanted(number, acting.at_terminal(str(said.get("user") or "")), said)
    except (ValueError, KeyError, TypeError, OverflowError):
        return JsonResponse({"error": "that act cannot be read; nothing was done"}, status=422)
    if refused:
        return JsonResponse({"error": refused}, status=422)
    incident = Incident.objects.get(number=number)
    return JsonResponse({"number": number, "state": panel.state(incident), "severity": panel.severity_of(incident)})


@allowed(EVERYONE, machines=RUNTIME)
def on_call(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """Who is on call now, by place, and what is wrong with it in words."""
    now = timezone.now()
    places = {oncall.PLACES[place]: one.username for place, one in oncall.on_call(now).items()}
    return JsonResponse({"on_call": places, "trouble": paging.on_call_words(now)})
