"""Where a door listens: the public port (shared by all doors), the internal one (shared), its own, and beyond
this machine the public port by TLS with one that leads there.
"""

import contextlib
import ssl

from aiohttp import web

from holdfast.edge.errors import DoorError
from holdfast.edge.outside import leading_app
from holdfast.settings import LOOPBACK, Installation
from holdfast.signing.inside import Inside
from holdfast.signing.tls import ServerTls

KEPT_S = 30
END_S = 2
BACKLOG = 512


async def listen(
    installation: Installation,
    number: int,
    public: web.Application,
    internal: list[web.Application],
    tls: ServerTls | None,
    *,
    inside: Inside,
) -> list[web.AppRunner]:
    """Open all ports of door `number`; internal: an application for the shared and one for its own port,
    inside: by what they speak with the other buildings. Raises DoorError, in words, when one is in use."""
    context = tls.context if tls else None
    hosts = ["127.0.0.1"] + ([installation.address] if installation.address not in LOOPBACK else [])
    runners = [await _open(public, installation.door_port, hosts, True, context)]
    runners.append(await _open(internal[0], installation.door_internal_port, hosts[:1], True, inside))
    runners.append(await _open(internal[1], installation.door_own_port(number), hosts[:1], False, inside))
    with contextlib.suppress(OSError):  # a machine without IPv6
        site = web.TCPSite(
            runners[0], "::1", installation.door_port, reuse_port=True, backlog=BACKLOG, ssl_context=context
        )
        await site.start()
    if installation.http_port and tls:
        runners.append(await _open(leading_app(installation), installation.http_port, hosts, True))
    return runners


async def _open(
    app: web.Application, port: int, hosts: list[str], shared: bool, context: ssl.SSLContext | None = None
) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEPT_S, shutdown_timeout=END_S)
    await runner.setup()
    for host in ["0.0.0.0"] if "0.0.0.0" in hosts else hosts:  # noqa: S104  # asked for, and with TLS only
        try:
            await web.TCPSite(runner, host, port, reuse_port=shared, backlog=BACKLOG, ssl_context=context).start()
        except OSError as error:
            raise DoorError(
                f"port {port} of {host} cannot be opened ({error.strerror}); choose another with PORT=…"
            ) from error
    return runner
