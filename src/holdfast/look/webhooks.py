"""How staff are told at an address of theirs: JSON, or a push that is sealed already, by POST. Bounded in time, follows
nowhere, never raises for a sick receiver."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit


def post_json(url: str, body: Mapping[str, object], limit_s: float) -> str:
    """Post it; "" when it was taken, otherwise why not, without the address, which may hold a secret."""
    status, trouble = post(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, limit_s)
    if trouble:
        return f"the webhook {trouble}"
    return "" if 200 <= status < 300 else f"the webhook answered {status}"


def post(url: str, body: bytes, headers: Mapping[str, str], limit_s: float) -> tuple[int, str]:
    """Post it; the status of the answer, or 0 and why there was none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return 0, "has not an address that can be posted to"
    link: http.client.HTTPConnection
    if parts.scheme == "https":
        link = http.client.HTTPSConnection(host, port, timeout=limit_s, context=ssl.create_default_context())
    else:
        link = http.client.HTTPConnection(host, port, timeout=limit_s)
    # The time limit of a socket begins anew with each byte that comes; this one is for the whole.
    whole = threading.Timer(limit_s, _cut, (link,))
    whole.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        link.request("POST", path, body, {"User-Agent": "holdfast", **headers})
        with link.getresponse() as answer:
            return answer.status, ""
    except (OSError, http.client.HTTPException, ValueError) as error:
        return 0, f"did not answer within {limit_s:g} s or broke off ({type(error).__name__})"
    finally:
        whole.cancel()
        link.close()


def _cut(link: http.client.HTTPConnection) -> None:
    sock = link.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
