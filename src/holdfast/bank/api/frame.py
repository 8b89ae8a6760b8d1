"""What every answer to a program has: problem+json for whatever went wrong, and the headers of its rate."""

from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from holdfast.bank.api.callers import OtherCohort, rate_of, unauthorised
from holdfast.bank.api.problems import Problem, answer
from holdfast.bank.errors import StaleEpoch
from holdfast.bank.web.answers import stale, wrong_cohort
from holdfast.contracts.api import KEY_HEADER
from holdfast.ledger.api import BadTransfer, LedgerError
from holdfast.telemetry import get_log

JSON = "application/json"
RETRY_S = "5"
View = Callable[..., HttpResponse]


def framed(patterns: list[Any]) -> list[Any]:
    """The same addresses, each answered in this frame."""
    for one in patterns:
        if isinstance(one, URLPattern):
            one.callback = _framed(one.callback)
    return patterns


def _framed(view: View) -> View:
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        said = _not_json(request) or view(request, *args, **named)
        if said.status_code == 405:
            said = answer(request, Problem(405, "method-not-allowed", headers={"Allow": said.headers.get("Allow", "")}))
        rate = rate_of(request)
        for name, value in (rate.headers() if rate else {}).items():
            said.headers.setdefault(name, value)
        return said

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # a token is shown anew each time, never by itself
    return answered


def _not_json(request: HttpRequest) -> HttpResponse | None:
    """415 for a body that is said to be something else than JSON."""
    if request.method == "POST" and request.body and request.content_type != JSON:
        return answer(request, Problem(415, "not-json", headers={"Accept-Post": JSON}))
    return None


def catch_all(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001  # the address itself tells
    """404 for what is nowhere below /api."""
    return answer(request, Problem(404, "not-found"))


def answer_errors(api: NinjaAPI) -> None:
    """Say what becomes of each error of this API's functions."""
    handlers: list[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]] = [
        (Problem, answer),
        (OtherCohort, lambda _, error: wrong_cohort(error.cohort)),
        (StaleEpoch, lambda _, error: stale(error.known_epoch)),
        (AuthenticationError, lambda request, _: answer(request, unauthorised("", "token-missing"))),
        (Http404, lambda request, _: answer(request, Problem(404, "not-found"))),
        (ValidationError, _invalid),
        (HttpError, lambda request, _: answer(request, Problem(400, "unreadable"))),
        (BadTransfer, _broken),
        (LedgerError, _away),
        (OperationalError, _away),
        (InterfaceError, _away),
        (Exception, _broken),
    ]
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422 with what is wrong beside each member; 400 for a wrong or missing key."""
    found = [one for one in error.errors if KEY_HEADER.lower() in {str(part).lower() for part in one["loc"]}]
    if found:
        missing = any(one["type"] == "missing" for one in found)
        return answer(request, Problem(400, "key-missing" if missing else "key-wrong"))
    errors = [
        {"field": ".".join(map(str, one["loc"][2:])) or str(one["loc"][-1]), "code": one["type"], "words": one["msg"]}
        for one in error.errors
    ]
    return answer(request, Problem(422, "invalid", errors=errors))


def _away(request: HttpRequest, error: Exception) -> HttpResponse:
    """503: a store does not answer; the door asks elsewhere."""
    get_log().warning("api_away", path=request.path, why=str(error)[:200])
    return answer(request, Problem(503, "away", headers={"Retry-After": RETRY_S}))


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """500: an error of ours, told without its cause."""
    get_log().error("a request failed", path=request.path, exc_info=error)
    return answer(request, Problem(500, "broken"))
