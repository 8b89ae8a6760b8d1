"""What differs when a door listens beyond this machine: TLS, cookies for this host only, HSTS, and a port that does
nothing but lead there.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import hdrs, web

from holdfast.contracts.cookies import inward, outward
from holdfast.edge.errors import DoorError
from holdfast.settings import Installation
from holdfast.signing.tls import ServerTls, TlsFault
from holdfast.telemetry import get_log

HSTS = "max-age=31536000; includeSubDomains"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FOR_PROGRAMS = ("/api/", "/clearing/", "/cards/")
"""Nobody types these addresses: a program that calls them in the open is told so, not led on (ASVS 4.1.2)."""
OPEN_WORDS = "This bank is reached by https only. Nothing was done.\n"


def server_tls(installation: Installation) -> ServerTls | None:
    """The TLS of this installation, None without; raises DoorError in words, also where there must be one."""
    if not installation.tls_cert:
        if installation.beyond:
            raise DoorError(
                f"the doors are to listen on {installation.address}, beyond this machine, and there is no certificate; "
                "start with --tls-cert and --tls-key, or with --address localhost"
            )
        return None
    try:
        return ServerTls(Path(installation.tls_cert), Path(installation.tls_key))
    except TlsFault as fault:
        raise DoorError(str(fault)) from fault


def refresh(tls: ServerTls | None) -> None:
    """Take a renewed certificate; one that cannot serve is logged, the old one goes on."""
    try:
        if tls is not None and tls.refresh():
            get_log().info("a renewed certificate is in use")
    except TlsFault as fault:
        get_log().error("a renewed certificate cannot serve; the old one goes on", why=str(fault))


@web.middleware
async def over_tls(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Cookies by their outside names, and the browser told to come by TLS only."""
    if hdrs.COOKIE in request.headers:
        headers = request.headers.copy()
        headers[hdrs.COOKIE] = inward("; ".join(headers.popall(hdrs.COOKIE)))
        request = request.clone(headers=headers)
    answer = await handler(request)
    said = answer.headers.popall(hdrs.SET_COOKIE, [])
    said += [one.OutputString() for one in answer.cookies.values()]
    answer.cookies.clear()
    for one in said:
        answer.headers.add(hdrs.SET_COOKIE, outward(one))
    answer.headers["Strict-Transport-Security"] = HSTS
    return answer


def leading_app(installation: Installation) -> web.Application:
    """The port without TLS: pages lead to their address by https, everything else is refused in words."""

    async def lead(request: web.Request) -> web.StreamResponse:
        if request.method not in ("GET", "HEAD") or request.path.startswith(FOR_PROGRAMS):
            return web.Response(status=403, text=OPEN_WORDS)
        return web.Response(status=308, headers={"Location": installation.door_origin + request.raw_path})

    app = web.Application(client_max_size=1)
    app.router.add_route("*", "/{rest:.*}", lead)
    return app
