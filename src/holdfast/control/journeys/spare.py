"""The spare bank tried while the main bank serves: what a customer's login, overview and payment do there, by a signed
call, up to but not including the taking of money (standin/trying.py says what it does, and why so)."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from holdfast.control.calls import Switchboard
from holdfast.control.journeys.logins import Login
from holdfast.control.journeys.results import SPARE_BANK, Result, Step
from holdfast.control.journeys.walking import AMOUNT_MINOR

PATH = "/-/try"
TRY_S_MAX = 5.0
STEPS_MAX = 10
ASK = "ask the spare bank"


def try_spare(board: Switchboard, who: Login, other: Login, clock: Callable[[], float]) -> Result:
    """One journey there; its steps are measured by the spare bank itself, but for the first: the way there and back."""
    at = datetime.now(UTC)
    body: dict[str, Any] = {
        "username": who.username,
        "password": who.password,
        "code": who.code(clock())[1],
        "to": other.number,
        "amount_minor": AMOUNT_MINOR,
    }
    reply = board.order("standin", PATH, body, TRY_S_MAX)
    said = reply.body.get("steps")
    if not reply.well or not isinstance(said, list):
        why = str(reply.body.get("error") or reply.words)[:200]
        return Result(SPARE_BANK, at, "", (Step(ASK, reply.took_ms),), ASK, why, 1)
    inside = [Step(str(one["name"])[:48], float(one["took_ms"])) for one in said[:STEPS_MAX]]
    way_ms = max(0.0, reply.took_ms - math.fsum(one.took_ms for one in inside))
    steps = (Step(ASK, way_ms), *inside)
    failed, why = str(reply.body.get("failed", ""))[:48], str(reply.body.get("why", ""))[:200]
    return Result(SPARE_BANK, at, "standin", steps, failed, why, 1)
