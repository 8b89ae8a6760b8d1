"""One cross-site rule in place of Django's token (contracts.origins)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from holdfast.bank.books import installation
from holdfast.bank.web import answers
from holdfast.contracts.origins import NO_SITE, cross_site_reason
from holdfast.contracts.routes import find_route
from holdfast.telemetry import get_log


class OriginMiddleware:
    """Refuses, in words, a change that another site sent with the customer's cookies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Judge Origin and Sec-Fetch-Site; signed bodies and other buildings' calls need neither."""
        route = find_route(request.method or "GET", request.path)
        if request.path.startswith("/-/") or (route is not None and route.signed):
            return self._get_response(request)
        reason = cross_site_reason(
            request.method or "GET",
            bool(request.COOKIES),
            request.headers.get("Origin"),
            request.headers.get("Sec-Fetch-Site"),
            installation().door_origin,
        )
        if reason is not None:
            get_log().warning("other_site", path=request.path[:200], origin=str(request.headers.get("Origin"))[:200])
            return answers.message(
                request, 403, "common.no_site" if reason == NO_SITE else "common.other_site", "refused"
            )
        return self._get_response(request)
