"""Security headers on every answer, and errors in words: 503 when a store is away, 409 for an old epoch."""

import base64
import hashlib
import time
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse

from holdfast.bank.errors import (
    BankError,
    CallFailed,
    JournalBroken,
    LoginBusy,
    NoNumberLeft,
    ReplayBusy,
    StaleEpoch,
    StillCollecting,
    StoreAway,
)
from holdfast.bank.web import answers
from holdfast.bank.web.visit import find_visit
from holdfast.contracts.errors import BadToken
from holdfast.contracts.services import service_at
from holdfast.ledger.api import BadTransfer, LedgerError
from holdfast.telemetry import get_log
from holdfast.telemetry.metrics import REQUESTS, UNDER_WAY, outcome_of

_STYLE_HASH = base64.b64encode(hashlib.sha256(answers.STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'self' 'sha256-{_STYLE_HASH}'; img-src 'self' data:; font-src 'self'; "
    "script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}


def _service(request: HttpRequest) -> str:
    return "buildings" if request.path.startswith("/-/") else service_at(request.method or "GET", request.path)


class SafetyMiddleware:
    """The outermost layer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the headers, and count it."""
        began = time.monotonic()
        with UNDER_WAY.track_inprogress():
            response = self._get_response(request)
        if "wait_ms" not in request.GET:  # who waits for news gets it late, and nothing is slow
            REQUESTS.labels(_service(request), outcome_of(response.status_code)).observe(time.monotonic() - began)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def process_exception(  # noqa: PLR0911  # a table of errors and their answers
        self,
        request: HttpRequest,
        error: Exception,
    ) -> HttpResponse | None:
        """An error of a view as an answer; the unknown ones are logged and told without a cause."""
        internal = request.path.startswith("/-/")
        match error:
            case Http404() | PermissionDenied() | SuspiciousOperation():
                _note_not_found(request)
                return None
            case StaleEpoch():
                return answers.stale(error.known_epoch)
            case BadToken():
                return answers.refused_call(str(error))
            case LoginBusy() | StoreAway() | NoNumberLeft() | OperationalError() | InterfaceError():
                return answers.internal_error(503, str(error)) if internal else answers.away(request)
            case LedgerError() if not isinstance(error, BadTransfer):
                return answers.internal_error(503, str(error)) if internal else answers.away(request)
            case CallFailed() | ReplayBusy() | StillCollecting():
                return answers.internal_error(503, str(error))
            case JournalBroken() | BankError():
                return answers.internal_error(500, str(error))
        get_log().error("a request failed", path=request.path, exc_info=error)
        if internal:
            return answers.internal_error(500, f"{type(error).__name__}: {error}")
        return answers.broken(request)


def _note_not_found(request: HttpRequest) -> None:
    """What a customer asked for and is not theirs, or is not there: many of these are somebody who tries numbers."""
    visit = find_visit(request)
    if visit is not None and visit.logged_in is not None:
        logged_in = visit.logged_in
        get_log().warning("not_found", customer=logged_in.customer.id, path=request.path[:200])
