"""The buttons of the incident's page: each does one act and goes back, or says on the page why it was refused."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone

from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import allowed, person_of
from holdfast.control.incidents.models import Incident
from holdfast.control.incidents.views import WRITERS
from holdfast.control.incidents.views import one as page
from holdfast.control.response import acting
from holdfast.control.response.acting import Actor


def act_on(request: HttpRequest, number: int, act: Callable[[Actor], str]) -> HttpResponse:
    """Do one act in the name of who is logged in; refused, the page says why."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    get_object_or_404(Incident, number=number)
    refused = act(acting.staff_member(person_of(request)))
    return page(request, number, refused, 422) if refused else HttpResponseRedirect(f"/incidents/{number}")


def local_instant(typed: str) -> datetime | None:
    """What `<input type=datetime-local>` sends, in the bank's zone; None for what is no instant."""
    try:
        found = datetime.fromisoformat(typed.strip())
    except ValueError:
        return None
    return found if found.tzinfo else timezone.make_aware(found)


@allowed(RESPONDERS)
def acknowledge(request: HttpRequest, number: int) -> HttpResponse:
    """A person has seen it and works on it."""
    return act_on(request, number, lambda actor: acting.acknowledge(number, actor))


@allowed(RESPONDERS)
def state(request: HttpRequest, number: int) -> HttpResponse:
    """How far it is, among what the phase allows."""
    return act_on(request, number, lambda actor: acting.set_state(number, actor, request.POST.get("state", "")))


@allowed(RESPONDERS)
def severity(request: HttpRequest, number: int) -> HttpResponse:
    """Another severity with a reason, or the computed one again."""
    typed, why = request.POST.get("severity", ""), request.POST.get("why", "")

    def act(actor: Actor) -> str:
        if typed == "computed":
            return acting.set_severity(number, actor, None, why)
        return acting.set_severity(number, actor, int(typed) if typed in {"1", "2", "3", "4"} else 0, why)

    return act_on(request, number, act)


@allowed(WRITERS)
def post(request: HttpRequest, number: int) -> HttpResponse:
    """Take or hand over a role."""
    said = (request.POST.get(name, "") for name in ("role", "to", "note"))
    return act_on(request, number, lambda actor: acting.take_post(number, actor, *said))


@allowed(WRITERS)
def task(request: HttpRequest, number: int) -> HttpResponse:
    """One more thing to do."""
    typed = request.POST.get("due", "")
    due = local_instant(typed)

    def act(actor: Actor) -> str:
        if typed and due is None:
            return "Write when it is due as 2026-11-22T14:30, or leave it empty; nothing was written."
        return acting.add_task(number, actor, request.POST.get("words", ""), request.POST.get("owner", ""), due)

    return act_on(request, number, act)


@allowed(WRITERS)
def task_done(request: HttpRequest, number: int, task: int) -> HttpResponse:
    """A task was done."""
    return act_on(request, number, lambda actor: acting.end_task(number, actor, task))


@allowed(WRITERS)
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """What was decided, and why."""
    words, why = request.POST.get("words", ""), request.POST.get("why", "")
    return act_on(request, number, lambda actor: acting.decide(number, actor, words, why))


@allowed(WRITERS)
def link(request: HttpRequest, number: int) -> HttpResponse:
    """Where more is to be read."""
    words, url = request.POST.get("words", ""), request.POST.get("url", "")
    return act_on(request, number, lambda actor: acting.link(number, actor, words, url))


@allowed(RESPONDERS)
def review(request: HttpRequest, number: int) -> HttpResponse:
    """Write and sign the review."""
    return act_on(request, number, lambda actor: acting.sign_review(number, actor, request.POST.get("words", "")))
