"""What employers may pay in wages a month without confirming each file: agreed with them, set by two people."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.money import BadAmount, format_amount, parse_amount
from holdfast.contracts.numbers import plain_number
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import installation, switchboard

WHAT = "payroll"
HERE = "/payroll"
SHOWN_MAX = 50
ENDS = "0"
"""Typed as an amount, it ends the agreement."""


@allowed(EVERYONE)
def payroll(request: HttpRequest) -> HttpResponse:
    """Show the limits that hold; a POST proposes one more, a change, or an end."""
    known = _known()
    if request.method != "POST":
        return _page(request, known)
    person = person_of(request)
    if person.role not in RESPONDERS:
        return _page(request, known, f"This is not for the role {person.role}; nothing was done.", 403)
    number, why = plain_number(request.POST.get("number", "")), request.POST.get("why", "").strip()
    amount = request.POST.get("amount", "").strip()
    if known is None or not number or not why:
        words = "A payroll limit needs an account number, a reason, and a bank that answers; nothing was done."
        return _page(request, known, words, 422)
    held = next((one for one in known if one["number"] == number), None)
    before, currency = (int(held["limit_minor"]), str(held["currency"])) if held else (0, _currency())
    try:
        after = 0 if amount == ENDS else parse_amount(amount, currency)
    except BadAmount as error:
        return _page(request, known, f"{error} Nothing was done.", 422)
    if before == after:
        return _page(request, known, "Nothing differs from what holds; nothing was done.", 422)
    said = f"{_shown(before, currency)} → {_shown(after, currency)} {currency} a month"
    data = {"number": number, "before_minor": before, "limit_minor": after}
    flow.propose(person, WHAT, number, f"change what the account {number} may pay in wages: {said}", why, HERE, data)
    return HttpResponseRedirect(HERE)


def _known() -> list[dict[str, Any]] | None:
    """The limits that hold, as the bank says; None when it does not answer."""
    reply = switchboard().ask("bank", "/-/payroll")
    found = reply.body.get("limits")
    return [one for one in found if isinstance(one, dict)] if reply.well and isinstance(found, list) else None


def _currency() -> str:
    return installation().currency


def _shown(minor: int, currency: str) -> str:
    return format_amount(minor, currency) if minor else "none"


def _page(request: HttpRequest, known: list[dict[str, Any]] | None, words: str = "", status: int = 200) -> HttpResponse:
    rows = [
        (one["number"], one["title"], format_amount(int(one["limit_minor"]), str(one["currency"])), one["currency"],
         one["asked_by"], one["approved_by"])
        for one in known or []
    ]  # fmt: skip
    proposals = Proposal.objects.filter(what=WHAT, state="open").order_by("number")[:SHOWN_MAX]
    return render(
        request,
        "approvals/payroll.html",
        {"rows": rows, "away": known is None, "words": words, "proposals": proposals},
        status=status,
    )
