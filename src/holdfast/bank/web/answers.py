"""How pages and refusals are answered: one frame, the same marks, every error in words."""

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from holdfast.bank.books import installation
from holdfast.bank.web.visit import find_visit
from holdfast.contracts.answers import COHORT_HEADER, STALE_HEADER, STALE_STATUS, WRONG_BANK_STATUS
from holdfast.contracts.epochs import Mode
from holdfast.look import banner_html

STYLE = (Path(__file__).parent / "forms.css").read_text()
"""Styles of forms and of this bank's own few classes; in the page itself, allowed by its hash."""


def page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page in the bank's frame; context needs `page` (its mark) and `title`."""
    visit = find_visit(request)
    logged_in = visit.logged_in if visit else None
    context.update(
        customer=logged_in.customer if logged_in else None,
        bank_name=installation().bank_name,
        behind=visit is not None and visit.row.mode is not Mode.PRIMARY,
        banner=mark_safe(banner_html(visit.banner if visit else None)),  # noqa: S308  # every word escaped there
        style=mark_safe(STYLE),  # noqa: S308  # our own file
    )
    return HttpResponse(render_to_string(f"bank/{template}", context), status=status)


def message(request: HttpRequest, status: int, title: str, words: str, mark: str = "message") -> HttpResponse:
    """A page that says one thing."""
    return page(request, "message.html", status, page=mark, title=title, words=words)


def stale(known_epoch: int) -> HttpResponse:
    """409: nothing was done, the door reads the row again."""
    answer = HttpResponse("This was for an earlier state of service; nothing was done.\n", "text/plain", STALE_STATUS)
    answer.headers[STALE_HEADER] = str(known_epoch)
    return answer


def wrong_cohort(cohort: int) -> HttpResponse:
    """421: this customer belongs to that cohort; nothing was done."""
    answer = HttpResponse(
        "This customer is served under another row; nothing was done.\n", "text/plain", WRONG_BANK_STATUS
    )
    answer.headers[COHORT_HEADER] = str(cohort)
    return answer


def no_door(request: HttpRequest) -> HttpResponse:
    """403: the request carries no row of a door."""
    return message(
        request,
        403,
        "Open our front page",
        "This address answers only through our front door. Nothing was done.",
        "refused",
    )


def away(request: HttpRequest) -> HttpResponse:
    """503: a store does not answer."""
    return message(
        request,
        503,
        "We cannot answer just now",
        "Our main system does not answer. Nothing was changed that we know of; if you were paying, send the "
        "same form again: it will not be paid twice.",
        "away",
    )


def broken(request: HttpRequest) -> HttpResponse:
    """500: an error of ours."""
    return message(
        request,
        500,
        "Something broke on our side",
        "The fault is ours and has been recorded. If you were paying, look at “What happened” before you "
        "pay again; sending the same form again never pays twice.",
        "broken",
    )


def not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """404."""
    return message(request, 404, "There is no such page", "Check the address, or go to your overview.", "not-found")


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for what no middleware saw."""
    return broken(request)


def bad_request(request: HttpRequest, *_: object) -> HttpResponse:
    """400."""
    return message(
        request,
        400,
        "We could not read that",
        "Your browser sent something we cannot read. Nothing was done. Open the page again and try once more.",
        "refused",
    )


def refused_call(words: str) -> HttpResponse:
    """403 to another building."""
    return internal_error(403, words)


def internal_error(status: int, words: str) -> HttpResponse:
    """An error to another building, as JSON."""
    return JsonResponse({"error": words}, status=status)
