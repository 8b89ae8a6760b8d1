"""How staff are told at an address of theirs: JSON by POST. Bounded in time, follows nowhere, never raises for a sick
receiver."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit


def post_json(url: str, body: Mapping[str, object], limit_s: float) -> str:
    """Post it; "" when it was taken, otherwise why not, without the address, which may hold a secret."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "not an address that can be posted to"
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
        headers = {"Content-Type": "application/json", "User-Agent": "holdfast"}
        link.request("POST", path, json.dumps(body), headers)
        with link.getresponse() as answer:
            status = answer.status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"the webhook did not answer within {limit_s:g} s or broke off ({type(error).__name__})"
    finally:
        whole.cancel()
        link.close()
    return "" if 200 <= status < 300 else f"the webhook answered {status}"


def _cut(link: http.client.HTTPConnection) -> None:
    sock = link.sock
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
