"""The headers of a customer's request as they are passed on to a bank."""

from aiohttp import web
from multidict import CIMultiDict

from holdfast.contracts.api import KEY_HEADER
from holdfast.contracts.cards import NETWORK_HEADER
from holdfast.contracts.routes import Route
from holdfast.telemetry import traces

ONCE = frozenset({"authorization", "content-type", KEY_HEADER.lower()})
"""The first value counts: a server that joined two would know the payment by another id than the door."""
TRACE_HEADERS = frozenset({traces.HEADER, "tracestate", "baggage"})
"""A trace begins at the door: whoever comes from outside neither names it nor says that it is kept."""
HOP_HEADERS = frozenset(
    {
        "connection",
        "keep-alive",
        "te",
        "trailers",
        "transfer-encoding",
        "upgrade",
        "host",
        "content-length",
        "accept-encoding",
        "proxy-authorization",
        "proxy-connection",
        "expect",
    }
)


def cleaned(request: web.Request, route: Route) -> CIMultiDict[str]:
    """The headers as they are passed on: without ours, and without cookies where a token alone says who asks. What
    must be once is passed on as the door read it; names with `_` are not, as the main bank reads them as with `-`."""
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in request.headers.items():
        lower = name.lower()
        if "_" in lower or (lower in ONCE and name in headers):
            continue
        ours = lower in HOP_HEADERS or lower in TRACE_HEADERS or lower.startswith("holdfast-")
        if not ours and not (route.api and lower == "cookie"):
            headers.add(name, value)
    for name in ("Holdfast-Clearing", NETWORK_HEADER):
        if name in request.headers:
            headers[name] = request.headers[name]
    headers["Host"] = request.host
    return headers
