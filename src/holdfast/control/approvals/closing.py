"""Accounts that two people close for their holders; what is left is paid to an account that they name."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.money import format_amount
from holdfast.contracts.numbers import plain_number
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import BANK_TIMEOUT_S
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import switchboard

WHAT = "closing"
HERE = "/closing"
SHOWN_MAX = 50
NUMBER_MAX = 40
ROLES = frozenset({"support", "responder", "manager"})


@allowed(EVERYONE)
def closing(request: HttpRequest) -> HttpResponse:
    """The form, with what was ordered and how it ended; a POST proposes one more. Names stay at the bank."""
    if request.method != "POST":
        return _page(request)
    person = person_of(request)
    if person.role not in ROLES:
        return _page(request, f"This is not for the role {person.role}; nothing was done.", 403)
    number, to = (plain_number(request.POST.get(name, ""))[:NUMBER_MAX] for name in ("number", "to"))
    name, why = request.POST.get("name", "").strip()[:80], request.POST.get("why", "").strip()
    if not number or not why:
        return _page(request, "It needs an account number and a reason; nothing was done.", 422)
    asked = {"number": number, "to": to, "name": name}
    seen = switchboard().order("bank", "/-/closing/look", asked, BANK_TIMEOUT_S)
    if not seen.well:
        words = str(seen.body.get("error") or f"The bank did not answer ({seen.words}); nothing was done.")
        return _page(request, words, 409)
    left_minor, currency, holders = int(seen.body["balance_minor"]), str(seen.body["currency"]), seen.body["holders"]
    words = f"close the account {number} for its holders ({holders})"
    if left_minor:
        words += f" and pay the {format_amount(left_minor, currency)} {currency} that are left to {to}"
    data = {"order": uuid.uuid4().hex, "number": number, "to": to if left_minor else "", "before_minor": left_minor}
    flow.propose(person, WHAT, f"account {number}"[:32], words, why, HERE, data)
    return HttpResponseRedirect(HERE)


def _page(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    reply = switchboard().ask("bank", "/-/closing")
    found: Any = reply.body.get("closings")
    known = [one for one in found if isinstance(one, dict)] if reply.well and isinstance(found, list) else None
    rows = [
        (one["number"], format_amount(int(one["amount_minor"]), str(one["currency"])), one["currency"], one["to"],
         one["asked_by"], one["approved_by"], one["state"], one["words"])
        for one in known or []
    ]  # fmt: skip
    shown = {
        "rows": rows,
        "away": known is None,
        "words": words,
        "proposals": Proposal.objects.filter(what=WHAT, state="open").order_by("number")[:SHOWN_MAX],
        "may": person_of(request).role in ROLES,
        "typed": request.POST if status >= 400 else {},  # as HTTP has it
    }
    return render(request, "approvals/closing.html", shown, status=status)
