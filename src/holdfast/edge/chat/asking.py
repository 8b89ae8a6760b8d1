"""Calls to the control room's desk: signed, by mutual TLS, bounded in time and size. Where it is away, that is said."""

import json
from typing import Any

import aiohttp

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.contracts.support import Asking, Refused, View, view_from_wire
from holdfast.edge.state import Door

LIMIT_S = 3.0
ANSWER_BYTES_MAX = 8_000_000


class DeskAway(Exception):
    """The support desk does not answer, or not as agreed; nobody knows whether it took what was sent."""


class DeskRefused(Exception):
    """The desk did not take it, and changed nothing; `why` says the reason by its name."""

    def __init__(self, why: Refused) -> None:
        super().__init__(why.value)
        self.why = why


async def ask(door: Door, what: str, asking: Asking, **more: object) -> View:
    """One act of a customer, or a look. Raises DeskAway and DeskRefused."""
    raw = await call(door, f"/-/chat/{what}", {**asking.to_wire(), **more}, LIMIT_S)
    try:
        return view_from_wire(raw)
    except (KeyError, ValueError, TypeError) as error:
        raise DeskAway(what) from error


async def news(door: Door, seen: dict[str, list[int]], wait_ms: int) -> list[View]:
    """What is new in these conversations; waits for it. Raises DeskAway."""
    raw = await call(door, "/-/chat/news", {"seen": seen, "wait_ms": wait_ms}, wait_ms / 1000 + LIMIT_S)
    try:
        return [view_from_wire(one) for one in raw["views"]]
    except (KeyError, ValueError, TypeError) as error:
        raise DeskAway("news") from error


async def call(door: Door, path: str, body: dict[str, Any], limit_s: float) -> dict[str, Any]:
    """Ask the desk at one of its addresses. Raises DeskAway and DeskRefused."""
    raw = json.dumps(body).encode()
    headers = {CALLER_HEADER: door.keyring.call("control", path, raw), "Content-Type": "application/json"}
    url = f"https://127.0.0.1:{door.installation.support_port}{path}"
    try:
        async with door.client.post(
            url, data=raw, headers=headers, timeout=aiohttp.ClientTimeout(limit_s), server_hostname="control"
        ) as got:
            said = json.loads(await got.content.read(ANSWER_BYTES_MAX))
            if got.status == 409:
                raise DeskRefused(Refused(said["refused"]))
            if got.status != 200:
                raise DeskAway(f"{path}: status {got.status}")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
        raise DeskAway(f"{path}: {type(error).__name__}") from error
    if not isinstance(said, dict):
        raise DeskAway(path)
    return said
