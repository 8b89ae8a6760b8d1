"""Cases on the console: the list, one case, taking it, and proposing a decision that another person confirms."""

import base64
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from holdfast.contracts.money import format_amount
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS, decide_alone
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.cases.models import Case
from holdfast.control.cases.reading import refresh
from holdfast.control.place import switchboard
from holdfast.control.staff import log

SHOWN_MAX = 300
WHY_CHARS_MIN = 5
FILE_TIMEOUT_S = 5.0
NAMES_MORE = {
    "book_on": "Booking on needs an account number, the other decisions none.",
    "pay_part": "Paying a part needs the amount, the other decisions none.",
}
"""Decisions that name something beside the reason, and what is said when it is missing."""
KIND_WORDS = {
    "suspended": "held in suspense",
    "forced": "below its floor",
    "posted": "one id, two payments",
    "reversed": "card use given back",
    "already": "card use to look at",
    "dispute": "a customer's question",
    "claim": "a customer's claim for what others charged",
}
DECISION_WORDS = {
    "book_on": "book it on to an account",
    "give_back": "give it back",
    "write_off": "the bank carries it (write off against loss)",
    "repay": "agree a repayment, book nothing",
    "leave": "leave it as it is",
    "refund": "pay the amount back (the bank carries it)",
    "explain": "explain, book nothing",
    "pay": "pay what was charged",
    "pay_part": "pay a part of it",
    "decline": "pay nothing",
}


def age_words(since: datetime, now: datetime) -> str:
    """`3 days`, `5 hours`, `12 minutes`."""
    age = max(now - since, timedelta())
    for words, span in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if (count := age // span) >= 1:
            return f"{count} {words}{'' if count == 1 else 's'}"
    return "less than a minute"


def _row(case: Case, now: datetime) -> dict[str, Any]:
    body = case.body
    return {
        "case": case,
        "kind": KIND_WORDS.get(str(body.get("kind")), str(body.get("kind"))),
        "amount": format_amount(int(body.get("amount_minor", 0)), str(body.get("currency", ""))),
        "age": age_words(case.opened_at, now),
        "choices": [(one, DECISION_WORDS.get(one, one)) for one in body.get("choices", [])],
        "debit": body.get("from", ""),
        "worth": _worth(body),
        "decision": DECISION_WORDS.get(str((body.get("decision") or {}).get("decision")), ""),
    }


def _worth(body: dict[str, Any]) -> str:
    """What a claim in another currency comes to in the bank's own; "" for nothing to say."""
    worth, own = body.get("worth_minor"), str(body.get("own_currency", ""))
    if worth is None or own == body.get("currency"):
        return ""
    return f"{format_amount(int(worth), own)} {own}"


@allowed(EVERYONE)
def listing(request: HttpRequest) -> HttpResponse:
    """The open cases, the oldest first, then the latest others. Account numbers, no names."""
    trouble, now = refresh(), timezone.now()
    waiting = Case.objects.exclude(state="closed").order_by("opened_at", "number")[:SHOWN_MAX]
    closed = Case.objects.filter(state="closed").order_by("-number")[:SHOWN_MAX]
    rows = [_row(one, now) for one in (*waiting, *closed)]
    return render(request, "cases/listing.html", {"rows": rows, "open": len(waiting), "trouble": trouble})


@allowed(EVERYONE)
def one(request: HttpRequest, number: int, words: str = "", status: int = 200) -> HttpResponse:
    """One case: what it is about, who owns it, what can be decided, what was."""
    trouble = refresh(number - 1, 1)
    case = get_object_or_404(Case, number=number)
    page = {
        **_row(case, timezone.now()),
        "body": case.body,
        "mine": case.owner == person_of(request).username,
        "proposals": flow.open_about(f"case {number}"),
        "words": words,
        "trouble": trouble,
    }
    return render(request, "cases/one.html", page, status=status)


@allowed(RESPONDERS)
def take(request: HttpRequest, number: int) -> HttpResponse:
    """Become the owner; who owned it before is on record."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    with transaction.atomic():
        case = get_object_or_404(Case.objects.select_for_update(), number=number)
        if case.owner != person.username:
            log.write(person.username, person.role, "case taken", {"case": number, "before": case.owner})
            case.owner, case.taken_at = person.username, timezone.now()
            case.save(update_fields=["owner", "taken_at"])
    return HttpResponseRedirect(f"/cases/{number}")


@allowed(RESPONDERS)
def proof(request: HttpRequest, number: int) -> HttpResponse:
    """The file that proves a claim, to be saved; who took it is on record."""
    reply = switchboard().ask("bank", "/-/claims/file", f"number={number}", FILE_TIMEOUT_S)
    if not reply.well:
        raise Http404
    person = person_of(request)
    log.write(person.username, person.role, "proof of a claim taken", {"case": number})
    answer = HttpResponse(base64.b64decode(str(reply.body["content"])), content_type=str(reply.body["type"]))
    answer.headers["Content-Disposition"] = f'attachment; filename="{reply.body["name"]}"'
    return answer


def _alone(request: HttpRequest, case: Case, decision: str, to: str, why: str) -> HttpResponse:
    """A claim up to the sum that the bank leaves to one person: decided at once, and on record."""
    person = person_of(request)
    said = {"number": case.number, "decision": decision, "to": to, "owner": case.owner, "why": why}
    log.write(person.username, person.role, "claim decided by one", said)
    result = decide_alone(said, person.username)
    log.write(person.username, person.role, "claim decided by one ended", {**said, "words": result.words[:300]})
    if not result.done:
        return one(request, case.number, result.words, 409)
    return HttpResponseRedirect(f"/cases/{case.number}")


def _not_proposed(case: Case, username: str, decision: str, to: str, why: str) -> tuple[int, str]:
    """Why a decision cannot be proposed, with its status; (0, "") when it can."""
    if case.owner != username:
        return 409, "Take the case first: its owner proposes. Nothing was done."
    if decision not in case.body.get("choices", []):
        return 422, "That cannot be decided on this case. Nothing was done."
    if len(why) < WHY_CHARS_MIN:
        return 422, "Write the reason in a few words. Nothing was done."
    if (decision in NAMES_MORE) != bool(to):
        return 422, NAMES_MORE.get(decision, NAMES_MORE["book_on"])
    return 0, ""


@allowed(RESPONDERS)
def propose(request: HttpRequest, number: int) -> HttpResponse:
    """Its owner proposes a decision."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person, case = person_of(request), get_object_or_404(Case, number=number)
    decision, to = request.POST.get("decision", ""), request.POST.get("to", "").strip()[:40]
    why = request.POST.get("why", "").strip()
    status, refused = _not_proposed(case, person.username, decision, to, why)
    if refused:
        return one(request, number, refused, status)
    if case.body.get("alone") is True:
        return _alone(request, case, decision, to, why)
    words = f"decide case {number}: {DECISION_WORDS.get(decision, decision)}{f' {to}' if to else ''}"
    data = {"number": number, "decision": decision, "to": to, "owner": case.owner}
    flow.propose(person, "case", f"case {number}", words, why, f"/cases/{number}", data)
    return HttpResponseRedirect(f"/cases/{number}")
