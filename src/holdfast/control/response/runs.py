"""Runbooks on the console: which there are, and the buttons of one that is followed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.borders import EVERYONE, allowed
from holdfast.control.response import running
from holdfast.control.response.acting import Actor
from holdfast.control.response.machines import MACHINES
from holdfast.control.response.views import act_on

ACTS = ("done", "skip", "stop", "again")


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """All runbooks, ours and the bank's own, and the files that cannot be used."""
    known, wrong = running.known_runbooks()
    shown = [(one, [(step, MACHINES.get(step.run)) for step in one.steps]) for one in known]
    context = {"runbooks": shown, "wrong": wrong, "wait_s": int(running.WAIT.total_seconds())}
    return render(request, "response/runbooks.html", context)


@allowed(RESPONDERS)
def begin(request: HttpRequest, number: int) -> HttpResponse:
    """Follow a runbook, or try it dry."""
    name, dry = request.POST.get("name", ""), request.POST.get("how") == "dry"
    return act_on(request, number, lambda actor: running.begin(number, actor, name, dry))


@allowed(RESPONDERS)
def end(request: HttpRequest, number: int, run: int) -> HttpResponse:
    """Stop following it."""
    return act_on(request, number, lambda actor: running.end(number, actor, run))


@allowed(RESPONDERS)
def step(request: HttpRequest, number: int, run: int, step: int) -> HttpResponse:
    """Tick or skip a step, stop its machine, or let it begin anew."""
    words, wanted = request.POST.get("words", ""), request.POST.get("act", "")

    def act(actor: Actor) -> str:
        if wanted == "stop":
            return running.stop(number, actor, run, step)
        if wanted == "again":
            return running.again(number, actor, run, step)
        if wanted in ACTS:
            return running.tick(number, actor, run, step, skip=wanted == "skip", words=words)
        return f"A step is one of {', '.join(ACTS)}; nothing was done."

    return act_on(request, number, act)
