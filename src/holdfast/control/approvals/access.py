"""A customer who cannot get in, or whose access somebody else may have: ended by one person, made easier by two."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import BANK_TIMEOUT_S, Result, change_access
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import switchboard
from holdfast.control.staff import log
from holdfast.control.staff.models import Person

WHAT = "access"
HERE = "/access"
SHOWN_MAX = 50
ROLES = frozenset({"support", "responder", "manager"})
ALONE = {
    "sessions": "End every session; all devices are as new ones",
    "password": "End the password; the customer chooses a new one with a code from the mail",
}
BOTH = {
    "authenticator": "Remove lost passkeys, authenticator and codes of who was identified (a second person confirms)",
    "leave": "End that somebody is a customer: close the empty accounts and every way in (a second person confirms)",
}
PROPOSED = {
    "authenticator": "remove the lost passkeys, authenticator and codes of customer {customer}, who was identified",
    "leave": "end that customer {customer} is one: close the empty accounts and every way in",
}


@allowed(EVERYONE)
def access(request: HttpRequest) -> HttpResponse:
    """The form; a POST ends something at once, or proposes what needs a second person."""
    if request.method != "POST":
        return _page(request)
    person = person_of(request)
    if person.role not in ROLES:
        return _page(request, f"This is not for the role {person.role}; nothing was done.", 403)
    username, why = request.POST.get("username", "").strip().lower()[:80], request.POST.get("why", "").strip()
    deed = request.POST.get("deed", "")
    if not username or not why or deed not in ALONE | BOTH:
        return _page(request, "It needs a username, a reason and what to do; nothing was done.", 422)
    found = switchboard().order("bank", "/-/access/find", {"username": username}, BANK_TIMEOUT_S)
    if not found.well:
        words = str(found.body.get("error") or f"The bank did not answer ({found.words}); nothing was done.")
        return _page(request, words, 404)
    customer = int(found.body["customer"])
    if deed in BOTH:
        words = PROPOSED[deed].format(customer=customer)
        data = {"customer": customer, "deed": deed}
        flow.propose(person, WHAT, f"customer {customer}", words, why, HERE, data)
        return HttpResponseRedirect(HERE)
    result = _alone(person, customer, deed, why)
    return _page(request, f"Customer {customer}: {result.words}", 200 if result.done else 409)


def _alone(person: Person, customer: int, deed: str, why: str) -> Result:
    """Written down before it is done, so that a deed without a line cannot be."""
    about = {"customer": customer, "deed": deed, "why": why[: flow.WHY_CHARS_MAX]}
    log.write(person.username, person.role, "customer access", about)
    result = change_access(customer, deed, why[: flow.WHY_CHARS_MAX], person.username, "")
    log.write(person.username, person.role, "customer access ended", {**about, "words": result.words[:300]})
    return result


def _page(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    proposals = Proposal.objects.filter(what=WHAT, state="open").order_by("number")[:SHOWN_MAX]
    shown = {
        "deeds": [*ALONE.items(), *BOTH.items()],
        "words": words,
        "bad": status >= 400,  # as HTTP has it
        "proposals": proposals,
        "may": person_of(request).role in ROLES,
        "typed": request.POST if status >= 400 else {},  # as above
    }
    return render(request, "approvals/access.html", shown, status=status)
