"""The books for an accountant or auditor: a day's trial balance, which days are closed, closing more by two people."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from holdfast.contracts.money import format_amount
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS
from holdfast.control.approvals.models import Proposal
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.place import switchboard

WHAT = "books_close"
HERE = "/books"
ASK_S_MAX = 6.0
SHOWN_MAX = 50
CLASSES = ("asset", "liability", "equity", "income", "expense")


@allowed(EVERYONE)
def books(request: HttpRequest) -> HttpResponse:
    """Show a day; a POST proposes to close all days up to one."""
    typed = request.GET.get("day", "")
    if typed and _day(typed) is None:
        return _page(request, _ask(""), f"{typed[:20]!r} is no day; write it as 2026-11-22.", 422)
    if request.method != "POST":
        return _page(request, _ask(typed))
    person, known = person_of(request), _ask("")
    if person.role not in RESPONDERS:
        return _page(request, known, f"This is not for the role {person.role}; nothing was done.", 403)
    day, why = _day(request.POST.get("day", "")), request.POST.get("why", "").strip()
    refused = _refused(known, day, why)
    if refused or day is None:
        return _page(request, known, f"{refused} Nothing was done.", 422)
    words = f"close the books up to {day}: what is booked later counts later, and this is never undone"
    flow.propose(person, WHAT, day.isoformat(), words, why, HERE, {"day": day.isoformat()})
    return HttpResponseRedirect(HERE)


def _refused(known: dict[str, Any] | None, day: date | None, why: str) -> str:
    if known is None:
        return "The bank does not answer."
    if day is None:
        return "The day is missing; write it as 2026-11-22."
    if not why:
        return "A reason is missing."
    if day.isoformat() > str(known["last_day_over"]):
        return f"{day} is not over; {known['last_day_over']} is the newest day that can be closed."
    if any(one["day"] >= day.isoformat() for one in known["closings"]):
        return f"{day} is closed already."
    return ""


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None


def _ask(day: str) -> dict[str, Any] | None:
    """The bank's answer for a day (the newest that is over); None when it does not answer."""
    reply = switchboard().ask("bank", "/-/books", f"day={day}" if day else "", timeout_s=ASK_S_MAX)
    return reply.body if reply.well and "lines" in reply.body else None


def _page(request: HttpRequest, known: dict[str, Any] | None, words: str = "", status: int = 200) -> HttpResponse:
    return render(
        request,
        "approvals/books.html",
        {
            "known": known,
            "rows": _rows(known) if known else [],
            "unbalanced": [_shown(minor, one) for one, minor in (known or {}).get("differences", {}).items() if minor],
            "words": words,
            "anchor": _newest_anchor(),
            "proposals": Proposal.objects.filter(what=WHAT, state="open").order_by("number")[:SHOWN_MAX],
        },
        status=status,
    )


def _rows(known: dict[str, Any]) -> list[dict[str, str]]:
    """The lines, amounts as they are read: a net on the side on which it stands."""
    return [
        {
            "line": one["line"],
            "name": one["name_en"],
            "class": one["class"],
            "currency": one["currency"],
            "debits": format_amount(one["debits_minor"], one["currency"]),
            "credits": format_amount(one["credits_minor"], one["currency"]),
            "debit_net": format_amount(max(one["net_minor"], 0), one["currency"]) if one["net_minor"] > 0 else "",
            "credit_net": format_amount(-one["net_minor"], one["currency"]) if one["net_minor"] < 0 else "",
        }
        for one in sorted(known["lines"], key=lambda one: (one["currency"], CLASSES.index(one["class"]), one["line"]))
    ]


def _shown(minor: int, currency: str) -> str:
    return f"{format_amount(minor, currency)} {currency}"


def _newest_anchor() -> int:
    """The newest block that the spare bank keeps an anchor of; 0 when it keeps none, or does not answer."""
    reply = switchboard().ask("standin", "/-/anchors", "limit=1")
    found = reply.body.get("anchors")
    return int(found[0]["block"]) if reply.well and isinstance(found, list) and found else 0
