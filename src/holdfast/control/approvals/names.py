"""Customers who changed their name: what they asked for, as the bank shows it, decided by two people."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.control.approvals import flow
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import switchboard

WHAT = "name"
HERE = "/names"
SHOWN_MAX = 50
ROLES = frozenset({"support", "responder", "manager"})
DECISIONS = {
    "take": "give customer {customer} the name that they asked for",
    "decline": "refuse it to customer {customer}",
}


@allowed(EVERYONE)
def names(request: HttpRequest) -> HttpResponse:
    """What waits; a POST proposes a decision. The names are shown and not kept here: a proposal says numbers only."""
    person, known = person_of(request), _known()
    if request.method != "POST":
        return _page(request, known)
    if person.role not in ROLES:
        return _page(request, known, f"This is not for the role {person.role}; nothing was done.", 403)
    number, decision = request.POST.get("number", ""), request.POST.get("decision", "")
    why = request.POST.get("why", "").strip()
    found = next((one for one in known or [] if str(one["number"]) == number), None)
    if found is None or decision not in DECISIONS or not why:
        words = "It needs somebody who waits, a decision and a reason, and a bank that answers; nothing was done."
        return _page(request, known, words, 422)
    words = f"name change {number}: {DECISIONS[decision].format(customer=found['customer'])}"
    data = {"number": int(number), "take": decision == "take"}
    flow.propose(person, WHAT, f"name change {number}", words, why, HERE, data)
    return HttpResponseRedirect(HERE)


def _known() -> list[dict[str, Any]] | None:
    """What waits, as the bank says; None when it does not answer."""
    reply = switchboard().ask("bank", "/-/names")
    found = reply.body.get("names")
    return [one for one in found if isinstance(one, dict)] if reply.well and isinstance(found, list) else None


def _page(request: HttpRequest, known: list[dict[str, Any]] | None, words: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "rows": known or [],
        "away": known is None,
        "words": words,
        "proposals": Proposal.objects.filter(what=WHAT, state="open").order_by("number")[:SHOWN_MAX],
        "may": person_of(request).role in ROLES,
    }
    return render(request, "approvals/names.html", shown, status=status)
