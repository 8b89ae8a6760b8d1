"""Reviews of what an incident made customers pay: made by one person, looked at, given by two. Numbers, no names."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import timezone

from holdfast.contracts.money import format_amount
from holdfast.control.approvals import flow
from holdfast.control.approvals.deeds import RESPONDERS, order_review
from holdfast.control.borders import EVERYONE, allowed, person_of
from holdfast.control.incidents.models import Incident
from holdfast.control.place import switchboard
from holdfast.control.staff import log

HERE = "/reviews"
ASK_TIMEOUT_S = 3.0
CSV_TIMEOUT_S = 10.0
PAGE = 100
CSV_PAGE, CSV_PAGES_MAX = 5_000, 400
INCIDENTS_MAX = 30
TYPED_MAX = 20
KINDS = {
    "late_order": "Late charges of standing orders",
    "late_instalment": "Being late with loans",
    "charges": "Interest and fees",
}
TRIED = {
    "counts": "counted as made on their day",
    "again": "one more try of the same payment",
    "in_time": "made on their day after all",
    "not_covered": "not counted: the account had not the money",
}
ENDED = {
    "": "not booked yet",
    "booked": "booked",
    "aside": "at the suspense account, as the account takes no money",
    "before": "given by another deed meanwhile",
    "refused": "the books did not take it",
}
CSV_COLUMNS = ("id", "kind", "customer", "account", "currency", "charged_minor", "would_minor", "amount_minor", "ended")


@allowed(EVERYONE)
def listing(request: HttpRequest, words: str = "", status: int = 200) -> HttpResponse:
    """The reviews and the form for one; a POST begins it."""
    if request.method == "POST" and not words:
        return _begin(request)
    known = _ask("/-/reviews")
    incidents = Incident.objects.order_by("-number")[:INCIDENTS_MAX]
    shown = {
        "known": known,
        "reviews": [{**one, "total": _total(one)} for one in known.get("reviews", [])],
        "incidents": incidents,
        "words": words,
        "typed": request.POST if words else {},
        "until": request.POST.get("until") or known.get("today", ""),
    }
    return render(request, "approvals/reviews.html", shown, status=status)


def _ask(path: str, **query: object) -> dict[str, Any]:
    """The bank's answer; empty when it does not answer."""
    text = "&".join(f"{name}={value}" for name, value in query.items())
    reply = switchboard().ask("bank", path, text, ASK_TIMEOUT_S)
    return reply.body if reply.well else {}


def _begin(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if person.role not in RESPONDERS:
        return listing(request, f"This is not for the role {person.role}; nothing was done.", 403)
    typed = {name: request.POST.get(name, "").strip()[:TYPED_MAX] for name in ("incident", "until", "from", "to")}
    why = request.POST.get("why", "").strip()[: flow.WHY_CHARS_MAX]
    incident = Incident.objects.filter(number=int(typed["incident"]) if typed["incident"].isdecimal() else 0).first()
    words, without = _without(typed)
    if incident is None or not why:
        words = "A review needs an incident and a reason. Nothing was done."
    if not words and not _is_day(typed["until"]):
        words = "Write the last day as 2027-01-31. Nothing was done."
    if words or incident is None:
        return listing(request, words, 422)
    said = {
        "incident": str(incident.number),
        "since": incident.began_at.isoformat(),
        "first_day": incident.refund_from.isoformat() if incident.refund_from else None,
        "until": typed["until"],
        "without": without,
        "cohorts": incident.affected_cohorts or None,
        "why": why,
        "asked_by": person.username,
    }
    result = order_review("review", "/-/reviews/begin", said)
    log.write(person.username, person.role, "review of charges", {**said, "words": result.words[:300]})
    return HttpResponseRedirect(HERE) if result.done else listing(request, result.words, 409)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _without(typed: dict[str, str]) -> tuple[str, list[str]]:
    """What is wrong with the time without any bank, in words; and its beginning and end, none where it is empty."""
    if not typed["from"] and not typed["to"]:
        return "", []
    try:
        zone = timezone.get_current_timezone()
        span = [datetime.fromisoformat(typed[name]).replace(tzinfo=zone) for name in ("from", "to")]
    except ValueError:
        return "Write the time without any bank as 2027-01-31 14:05, twice, or leave both empty. Nothing was done.", []
    return "", [one.isoformat() for one in span]


@allowed(EVERYONE)
def one(request: HttpRequest, number: int, words: str = "", status: int = 200) -> HttpResponse:
    """One review: totals by kind, and what each customer is given, a page at a time or of one customer."""
    typed = {name: request.GET.get(name, "") for name in ("after", "customer")}
    asked = {name: int(text) if text.isdecimal() and len(text) < TYPED_MAX else 0 for name, text in typed.items()}
    known = _ask("/-/reviews/one", number=number, limit=PAGE, **asked)
    if not known:
        raise Http404
    rows = [_row(row) for row in known["given"]]
    shown = {
        "review": known,
        "kinds": [_kind(kind, both, known) for kind, both in known["figures"].get("given", {}).items()],
        "tried": [(TRIED.get(state, state), count) for state, (count,) in known["figures"].get("tried", {}).items()],
        "total": _total(known),
        "rows": rows,
        "more": rows[-1]["id"] if len(rows) == PAGE else 0,
        "customer": asked["customer"] or "",
        "proposals": flow.open_about(f"review {number}"),
        "words": words,
        "refresh_s": 4 if known["state"] in ("computing", "giving") else 0,
    }
    return render(request, "approvals/review.html", shown, status=status)


def _kind(kind: str, both: list[int], known: dict[str, Any]) -> tuple[str, int, str]:
    return _kind_words(kind), both[0], _amount(both[1], known)


def _kind_words(kind: str) -> str:
    name = kind.removeprefix("rule:").replace("_", " ")
    return KINDS.get(kind) or f"Compensation: {name}"


def _amount(minor: int, known: dict[str, Any]) -> str:
    currency = str(known.get("currency", ""))
    return f"{format_amount(minor, currency)} {currency}"


def _total(known: dict[str, Any]) -> str:
    return _amount(sum(minor for _, minor in known.get("figures", {}).get("given", {}).values()), known)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    names = ("charged_minor", "would_minor", "amount_minor")
    amounts = {name.removesuffix("_minor"): format_amount(int(row[name]), str(row["currency"])) for name in names}
    return {
        **row,
        **amounts,
        "kind": _kind_words(str(row["kind"])),
        "ended": ENDED.get(str(row["ended"]), row["ended"]),
    }


@allowed(EVERYONE)
def calculation(request: HttpRequest, number: int, given: int) -> HttpResponse:
    """What one customer is given, with every figure."""
    known = _ask("/-/reviews/calculation", given=given)
    if not known or known.get("review") != number:
        raise Http404
    return render(request, "approvals/review_calculation.html", {"number": number, "one": known, "row": _row(known)})


@allowed(RESPONDERS)
def propose(request: HttpRequest, number: int) -> HttpResponse:
    """Propose that it is given; a manager who did not make it confirms."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    known, why = _ask("/-/reviews/one", number=number, limit=1), request.POST.get("why", "").strip()
    if not known or known["state"] != "ready":
        return one(request, number, "It is not computed yet, or decided already. Nothing was done.", 409)
    if not why:
        return one(request, number, "Write the reason in a few words. Nothing was done.", 422)
    count = sum(both[0] for both in known["figures"]["given"].values())
    words = f"give what review {number} computed: {count} amounts, {_total(known)} together"
    data = {"number": number, "figures": known["figures"]}
    flow.propose(person_of(request), "review", f"review {number}", words, why, f"{HERE}/{number}", data)
    return HttpResponseRedirect(f"{HERE}/{number}")


@allowed(RESPONDERS)
def drop(request: HttpRequest, number: int) -> HttpResponse:
    """End it; nothing is given. An open proposal about it comes to nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    person = person_of(request)
    said = {"number": number, "drop": True, "asked_by": person.username}
    result = order_review("review-decision", "/-/reviews/decide", said)
    log.write(person.username, person.role, "review dropped", {"review": number, "words": result.words[:300]})
    return HttpResponseRedirect(f"{HERE}/{number}") if result.done else one(request, number, result.words, 409)


@allowed(EVERYONE)
def as_csv(request: HttpRequest, number: int) -> HttpResponse:
    """All that it gives, as a CSV file with amounts in minor units."""
    if not _ask("/-/reviews/one", number=number, limit=1):
        raise Http404
    log.write(person_of(request).username, person_of(request).role, "review taken as a file", {"review": number})
    answer = StreamingHttpResponse(_csv_lines(number), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="review-{number}.csv"'
    return answer  # type: ignore[return-value]  # a streaming answer is an answer


def _csv_lines(number: int) -> Iterator[str]:
    """The lines, page by page; ends with a line that says so where the bank stopped answering midway."""
    yield ",".join(CSV_COLUMNS) + "\r\n"
    after = 0
    for _ in range(CSV_PAGES_MAX):
        query = f"number={number}&after={after}&limit={CSV_PAGE}"
        reply = switchboard().ask("bank", "/-/reviews/one", query, CSV_TIMEOUT_S)
        if not reply.well:
            yield "the bank stopped answering; this file is not whole\r\n"
            return
        rows = reply.body["given"]
        page = io.StringIO()
        csv.DictWriter(page, CSV_COLUMNS, extrasaction="ignore").writerows(rows)
        yield page.getvalue()
        if len(rows) < CSV_PAGE:
            return
        after = rows[-1]["id"]
    yield "there is more than one file holds\r\n"
