"""How pages and refusals are answered: one frame, the same marks, every error in words."""

import contextlib
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from holdfast.bank.books import installation
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.web.visit import find_visit, recognise
from holdfast.bank.web.words import OTHER_LANGUAGE, say, writing
from holdfast.contracts.answers import COHORT_HEADER, STALE_HEADER, STALE_STATUS, WRONG_BANK_STATUS
from holdfast.contracts.epochs import Mode
from holdfast.contracts.needs import LARGE_PRINT
from holdfast.contracts.sessions import IDLE_S
from holdfast.look import banner_from_header, banner_html, tour_from_header, tour_html
from holdfast.telemetry import get_log

STYLE = (Path(__file__).parent / "forms.css").read_text()
"""Styles of forms and of this bank's own few classes; in the page itself, allowed by its hash."""
FORMS = ("/login", "/pay", "/register", "/security", "/security/tokens", "/payees", "/limits", "/orders", "/files",
         "/exchange")  # fmt: skip
"""Addresses that show their form again when they are asked for after they were sent."""


def page(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    """A page in the bank's frame, in the language of the request; context needs `page` (its mark) and `title`."""
    visit = find_visit(request)
    logged_in = visit.logged_in if visit else None
    spoken = writing(request)
    other = OTHER_LANGUAGE[spoken.language]
    banner = banner_from_header(visit.banner, spoken.language) if visit else None
    tour = tour_from_header(visit.tour) if visit and logged_in and status == HTTPStatus.OK else None
    context.update(
        spoken=spoken,
        language=spoken.language,
        other_language=other,
        other_address="/language?" + urlencode({"to": other, "next": here(request)}),
        customer=logged_in.customer if logged_in else None,
        bank_name=installation().bank_name,
        left_s=logged_in.session.left_s(logged_in.renew) if logged_in else 0,
        idle_s=IDLE_S,
        large=logged_in is not None and LARGE_PRINT in logged_in.customer.needs,
        frozen=logged_in is not None and frozen_now.shown(logged_in.customer.id),
        behind=visit is not None and visit.row.mode is not Mode.PRIMARY,
        banner=mark_safe(banner_html(banner)),  # noqa: S308  # every word escaped there
        tour=mark_safe(tour_html(tour, spoken.language, here(request))),  # noqa: S308  # as the banner
        style=mark_safe(STYLE),  # noqa: S308  # our own file
    )
    answer = HttpResponse(render_to_string(f"bank/{template}", context), status=status)
    answer.headers["Content-Language"] = spoken.language
    return answer


def download(body: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep; kind: its media type, name: in ASCII."""
    answer = HttpResponse(body, content_type=f"{kind}; charset=utf-8" if kind != "application/pdf" else kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def here(request: HttpRequest) -> str:
    """The address to come back to in another language."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return request.path if request.path in FORMS else "/"


def message(request: HttpRequest, status: int, key: str, mark: str = "message") -> HttpResponse:
    """A page that says one thing: the text of key, and of `<key>_words` beneath it."""
    title, words = say(request, key), say(request, f"{key}_words")
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
    return message(request, 403, "common.no_door", "refused")


def away(request: HttpRequest) -> HttpResponse:
    """503: a store does not answer."""
    return message(request, 503, "common.away", "away")


def broken(request: HttpRequest) -> HttpResponse:
    """500: an error of ours."""
    return message(request, 500, "common.broken", "broken")


def not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """404."""
    with contextlib.suppress(DatabaseError):
        recognise(request)
    return message(request, 404, "common.not_found", "not-found")


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for what no middleware saw."""
    return broken(request)


def bad_request(request: HttpRequest, *_: object) -> HttpResponse:
    """400."""
    return message(request, 400, "common.unreadable", "refused")


def refused_call(words: str) -> HttpResponse:
    """403 to another building."""
    get_log().warning("refused_call", why=words)
    return internal_error(403, words)


def internal_error(status: int, words: str) -> HttpResponse:
    """An error to another building, as JSON."""
    return JsonResponse({"error": words}, status=status)
