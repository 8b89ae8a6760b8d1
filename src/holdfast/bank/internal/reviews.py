"""Reviews of charges: begun by one person, shown with all that they give, decided by two whose names the control room
signs. Numbers and amounts, never names."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from holdfast.bank.books import installation
from holdfast.bank.charges.models import DayEnd
from holdfast.bank.customers.models import Account
from holdfast.bank.internal.calls import BadCall, called_by, query_number
from holdfast.bank.internal.decisions import signed_by_control
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress.computing import PHASE_WORDS
from holdfast.bank.redress.deciding import Wanted, begin, decide, drop
from holdfast.bank.redress.models import Given, Review
from holdfast.bank.web.given import given_title, given_words
from holdfast.bank.web.words import writings

SHOWN_MAX = 20
PAGE_MAX = 5_000
COHORTS_MAX = 256


@require_GET
@called_by("control")
def reviews(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # Django passes it
    """The newest, and the last day whose charges are booked."""
    closed = DayEnd.objects.filter(state="done").order_by("-day").values_list("day", flat=True).first()
    found = Review.objects.order_by("-number")[:SHOWN_MAX]
    return JsonResponse(
        {
            "today": bank_today().isoformat(),
            "closed": closed.isoformat() if closed else None,
            "reviews": [_shown(one) for one in found],
        }
    )


@require_GET
@called_by("control")
def review(request: HttpRequest) -> HttpResponse:
    """One, with a page of what it gives: after an id, `limit` at most, of one customer when one is named."""
    one = _one(request)
    if one is None:
        return JsonResponse({"error": "There is no such review."}, status=404)
    given = Given.objects.filter(review=one, id__gt=query_number(request, "after", 0))
    customer = query_number(request, "customer", 0)
    if customer:
        given = given.filter(customer=customer)
    page = list(given.order_by("id")[: min(query_number(request, "limit", 100), PAGE_MAX)])
    numbers = dict(Account.objects.filter(id__in={row.account for row in page}).values_list("id", "number"))
    return JsonResponse({**_shown(one), "given": [_row(row, numbers) for row in page]})


@require_GET
@called_by("control")
def calculation(request: HttpRequest) -> HttpResponse:
    """One of what a review gives, with every figure, in English."""
    found = Given.objects.filter(id=query_number(request, "given", 0)).select_related("review").first()
    if found is None:
        return JsonResponse({"error": "There is no such calculation."}, status=404)
    spoken = writings()["en"]
    words, parts = given_words(found, spoken)
    numbers = dict(Account.objects.filter(id=found.account).values_list("id", "number"))
    more = {"title": given_title(found, spoken), "words": words, "parts": parts, "payment": found.payment.hex}
    return JsonResponse({**_row(found, numbers), **more, "review": found.review_id})


@require_POST
@called_by("control")
def begin_review(request: HttpRequest) -> HttpResponse:
    """Begin one; 409 with the words when it cannot be."""
    made = begin(_wanted(signed_by_control(request, "review")))
    if isinstance(made, str):
        return JsonResponse({"error": made}, status=409)
    return JsonResponse({"number": made.number, "words": f"review {made.number} is being computed"})


@require_POST
@called_by("control")
def decide_review(request: HttpRequest) -> HttpResponse:
    """Give what a review computed, or drop it; 409 with the words when it is refused, with nothing changed."""
    said = signed_by_control(request, "review-decision")
    try:
        number, asked_by = int(said["number"]), str(said["asked_by"])
        dropped, approved_by = said.get("drop") is True, str(said.get("approved_by", ""))
        figures: dict[str, Any] = {} if dropped else dict(said["figures"])
    except (KeyError, ValueError, TypeError) as error:
        raise BadCall(f"the decision on a review has not the agreed form: {error}") from error
    words = drop(number, asked_by) if dropped else decide(number, figures, asked_by, approved_by)
    if words:
        return JsonResponse({"error": words}, status=409)
    return JsonResponse({"words": f"review {number} is {'dropped' if dropped else 'being given'}"})


def _one(request: HttpRequest) -> Review | None:
    return Review.objects.filter(number=query_number(request, "number", 0)).first()


def _wanted(said: dict[str, Any]) -> Wanted:
    """What was asked for; raises BadCall."""
    try:
        span, cohorts = said["without"], said.get("cohorts")
        without = (_instant(span[0]), _instant(span[1])) if span else None
        return Wanted(
            str(said["incident"]),
            _instant(said["since"]),
            date.fromisoformat(str(said["first_day"])) if said.get("first_day") else None,
            date.fromisoformat(str(said["until"])),
            without,
            [int(one) for one in cohorts[:COHORTS_MAX]] if cohorts is not None else None,
            str(said["why"]),
            str(said["asked_by"]),
        )
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise BadCall(f"a review has not the agreed form: {error}") from error


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone()


def _shown(one: Review) -> dict[str, Any]:
    return {
        "number": one.number,
        "incident": one.incident,
        "first_day": one.first_day.isoformat(),
        "until": one.until.isoformat(),
        "without": [at.isoformat() for at in (one.without_from, one.without_to) if at],
        "state": one.state,
        "phase": PHASE_WORDS[one.phase] if one.phase < len(PHASE_WORDS) else "",
        "figures": one.figures,
        "left": Given.objects.filter(review=one, ended="").count() if one.state == "giving" else 0,
        "rules": one.rules,
        "currency": installation().currency,
        "why": one.why,
        "asked_by": one.asked_by,
        "approved_by": one.approved_by,
        "asked_at": one.asked_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
    }


def _row(one: Given, numbers: dict[int, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "customer": one.customer,
        "account": numbers.get(one.account, str(one.account)),
        "currency": one.currency,
        "charged_minor": one.charged_minor,
        "would_minor": one.would_minor,
        "amount_minor": one.amount_minor,
        "ended": one.ended,
    }
