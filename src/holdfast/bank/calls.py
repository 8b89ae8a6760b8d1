"""Calls to the other buildings by mutual TLS: signed, with a time limit, JSON both ways."""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlencode

from holdfast.bank.books import installation, keyring, lines
from holdfast.bank.errors import CallFailed
from holdfast.contracts.answers import CALLER_HEADER
from holdfast.signing.authority import AuthorityFault
from holdfast.telemetry import traces
from holdfast.telemetry.metrics import CALLS

ANSWER_BYTES_MAX = 64_000_000
PARTS = {"door": "doors", "standin": "standin", "control": "control-chat"}
"""Who is called, as measurements name them."""


def call(
    to: str,
    method: str,
    path: str,
    body: object = None,
    *,
    timeout_s: float = 2.0,
    **query: object,
) -> dict[str, Any]:
    """Call `door`, `standin` or `control` (its desk for customers) at path and return the JSON object; raises
    CallFailed naming who and why."""
    home = installation()
    ports = {"door": home.door_internal_port, "standin": home.standin_port, "control": home.support_port}
    port = ports[to]
    raw = None if body is None else json.dumps(body).encode()
    headers = {CALLER_HEADER: keyring().call(to, path, raw or b""), "Accept": "application/json"}
    if raw is not None:
        headers["Content-Type"] = "application/json"
    target = path + ("?" + urlencode(query) if query else "")
    began, began_ns, result = time.monotonic(), time.monotonic_ns(), "failed"
    try:
        status, text = lines().exchange(
            to, port, method, target, headers=headers, body=raw, timeout_s=timeout_s, bytes_max=ANSWER_BYTES_MAX
        )
        result = "failed" if status >= 500 else "answered"
        if status != 200:
            raise CallFailed(f"{to} answered {status} to {method} {path}: {text[:200]!r}")
        found = json.loads(text)
    except (OSError, http.client.HTTPException, AuthorityFault, ValueError) as error:
        result = "stalled" if isinstance(error, TimeoutError) else result
        raise CallFailed(f"{to} did not answer {method} {path}: {error}") from error
    finally:
        CALLS.labels(PARTS[to], result).observe(time.monotonic() - began)
        traces.add(f"bank: asks {PARTS[to]}", began_ns, time.monotonic_ns())
    if not isinstance(found, dict):
        raise CallFailed(f"{to} answered {method} {path} with something that is no object")
    return found


def claim_refused(claims: list[tuple[str, int, int]]) -> tuple[set[str], set[str]]:
    """Claim refusals [(id hex, cohort, epoch)] at a door; (granted, denied) ids in hex. Raises CallFailed."""
    return _claim("refused", claims)


def claim_taken(claims: list[tuple[str, int, int]]) -> tuple[set[str], set[str]]:
    """Claim ids as taken by this bank (rule 18); (granted, denied) ids in hex. Raises CallFailed."""
    return _claim("taken", claims)


def _claim(who: str, claims: list[tuple[str, int, int]]) -> tuple[set[str], set[str]]:
    if not claims:
        return set(), set()
    answer = call("door", "POST", "/-/claims", {"who": who, "claims": [list(claim) for claim in claims]})
    return set(map(str, answer.get("granted", []))), set(map(str, answer.get("denied", [])))
