"""Calls to the control room's desk for customers: signed, by mutual TLS, bounded in time and size. Where it is away,
that is said."""

import json
from typing import Any

import aiohttp

from holdfast.contracts.answers import CALLER_HEADER
from holdfast.edge.state import Door

LIMIT_S = 3.0
ANSWER_BYTES_MAX = 8_000_000


class DeskAway(Exception):
    """The desk does not answer, or not as agreed; nobody knows whether it took what was sent."""


class Declined(Exception):
    """The desk did not take it, and changed nothing; `why` says the reason by its name."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def call(door: Door, what: str, body: dict[str, Any], limit_s: float = LIMIT_S) -> dict[str, Any]:
    """What the desk answers to `ROOM/ACT`. Raises DeskAway and Declined."""
    path, raw = f"/-/{what}", json.dumps(body).encode()
    headers = {CALLER_HEADER: door.keyring.call("control", path, raw), "Content-Type": "application/json"}
    url = f"https://127.0.0.1:{door.installation.support_port}{path}"
    try:
        async with door.client.post(
            url, data=raw, headers=headers, timeout=aiohttp.ClientTimeout(limit_s), server_hostname="control"
        ) as got:
            said = json.loads(await got.content.read(ANSWER_BYTES_MAX))
            if got.status == 409:
                raise Declined(str(said["refused"]))
            if got.status != 200:
                raise DeskAway(f"{what}: status {got.status}")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError) as error:
        raise DeskAway(f"{what}: {type(error).__name__}") from error
    if not isinstance(said, dict):
        raise DeskAway(what)
    return said
