"""What the control room may ask of the supervisor, as a step of a runbook: to start one program again. Nothing else.

It speaks on a socket of its own, so that whoever has taken the control room can neither break, stop nor mend. Databases
and the control room itself are not started again this way, and no program twice within GAP_S.
"""

import time
from collections.abc import Mapping
from typing import Any

from holdfast.runtime.breaking import Breaker
from holdfast.runtime.programs import Program

STARTED_AGAIN = ("bank-web", "bank-worker", "standin", "door-1", "door-2")
GAP_S = 60.0


class Stepper:
    """Takes steps of runbooks; used from the supervisor's own thread."""

    def __init__(self, programs: Mapping[str, Program], breaker: Breaker) -> None:
        self._programs = programs
        self._breaker = breaker
        self._at: dict[str, float] = {}

    def do(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out {"do": "restart", "program"}: ended in good order, started from what is installed, and waited for
        until it listens. Raises RuntimeFault when it does not."""
        name = str(request.get("program", ""))
        program = self._programs.get(name)
        if request.get("do") != "restart" or name not in STARTED_AGAIN or program is None:
            return {"error": f"a runbook can have {', '.join(STARTED_AGAIN)} started again, and nothing else"}
        if time.monotonic() - self._at.get(name, float("-inf")) < GAP_S:
            return {"error": f"{name} was started again by a runbook within the last {GAP_S:.0f} s"}
        if program.broken:
            return {"error": f"{name} was broken by hand ({program.broken}); ./holdfast mend {name} undoes it"}
        self._at[name] = time.monotonic()
        program.source = ""
        self._breaker.break_([name], "restart", 0.0)
        return {"program": name, "restarts": program.restarts}
