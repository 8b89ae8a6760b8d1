"""The page where two people agree, and what the buttons of a proposal do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render

from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.staff.models import Person

SHOWN_MAX = 50
REVIEWERS = RESPONDERS | {"auditor"}


@allowed(EVERYONE)
def listing(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """What waits for a second person, what waits for a review, and what came of the rest."""
    return render(
        request,
        "approvals/listing.html",
        {
            "proposals": Proposal.objects.filter(state="open").order_by("number")[:SHOWN_MAX],
            "to_review": flow.to_review(),
            "latest": Proposal.objects.exclude(state="open").order_by("-number")[:SHOWN_MAX],
            "words": words,
        },
        status=status,
    )


def _button(request: HttpRequest, number: int, act: Callable[[int, Person], str]) -> HttpResponse:
    """Do it and go back to where the proposal belongs; what was not done is said in words."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    found = get_object_or_404(Proposal, number=number)
    words = act(number, person_of(request))
    return listing(request, words, 409) if words else HttpResponseRedirect(found.back)


@allowed(RESPONDERS)
def approve(request: HttpRequest, number: int) -> HttpResponse:
    """The second person."""
    return _button(request, number, flow.approve)


@allowed(RESPONDERS)
def decline(request: HttpRequest, number: int) -> HttpResponse:
    """The second person says no, or the first takes it back."""
    why = request.POST.get("why", "")
    return _button(request, number, lambda one, person: flow.decline(one, person, why))


@allowed(RESPONDERS)
def alone(request: HttpRequest, number: int) -> HttpResponse:
    """Break-glass: the proposer goes on alone."""
    why = request.POST.get("why", "")
    return _button(request, number, lambda one, person: flow.go_on_alone(one, person, why))


@allowed(REVIEWERS)
def review(request: HttpRequest, number: int) -> HttpResponse:
    """Somebody else looked at what one person did alone."""
    words = request.POST.get("words", "")
    return _button(request, number, lambda one, person: flow.review(one, person, words))
