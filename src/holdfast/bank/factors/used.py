"""What may be used once is claimed at the doors' register before it is taken: once across both banks."""

import threading
import time
from enum import StrEnum

from holdfast.bank.calls import call
from holdfast.bank.errors import CallFailed
from holdfast.contracts.factors import ALONE_S

REGISTER_S_MAX = 0.5


class Used(StrEnum):
    """How a claim ended."""

    GRANTED = "granted"
    BEFORE = "used before"
    AWAY = "the register is out of reach"


_lock = threading.Lock()
_alone: dict[str, tuple[float, str]] = {}


def use(text: str, request: str, keep_s: float, *, alone: bool) -> Used:
    """Claim it for this request. alone: while the register is out of reach this bank may take it on its own word."""
    try:
        answer = call(
            "door",
            "POST",
            "/-/used",
            {"text": text, "request": request, "keep_s": keep_s},
            timeout_s=REGISTER_S_MAX,
        )
    except CallFailed:
        return _use_alone(text, request) if alone else Used.AWAY
    return Used.GRANTED if answer.get("granted") is True else Used.BEFORE


def _use_alone(text: str, request: str) -> Used:
    """Once in this process, for as long as it could be shown again."""
    now = time.monotonic()
    with _lock:
        for known in [one for one, (until, _) in _alone.items() if until < now]:
            del _alone[known]
        _, by = _alone.setdefault(text, (now + 3 * ALONE_S, request))
    return Used.GRANTED if by == request else Used.BEFORE
