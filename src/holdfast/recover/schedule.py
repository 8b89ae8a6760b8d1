"""When a backup and a drill are due, and that they are made: each by the command, as a program of its own.

What came of the last ones, and what is overdue, stands in `recover/schedule.json` and is told by `due`.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from holdfast.recover.drilling import drills
from holdfast.recover.errors import PlaceFault
from holdfast.recover.manifest import backups
from holdfast.recover.places import DAY_S
from holdfast.recover.plan import Plan, read_plan
from holdfast.runtime.postgres import clone_root
from holdfast.settings import Installation
from holdfast.signing.keyfile import write_private

LOOK_S = 20.0
AGAIN_S = 900.0
"""After one that failed."""
OVERDUE_SHARE = 1.5
"""Of the time between two; then it is overdue, and an incident."""
HOUR_S = 3600.0
STATE = "schedule.json"
TOLD = "backups.json"
"""In `keys/public`, which the control room reads (control/metrics/backups.py)."""
WORDS_BYTES = 2000
STEPS = {"backup": ("run",), "prune": ("prune",), "drill": ("drill",)}


@dataclass(frozen=True)
class Due:
    """backup_at: of the newest backup that every reachable place has, drill_at: of the last good drill (0: never).
    findings: what is overdue or failed, in words; none when all is well."""

    backup_at: float
    drill_at: float
    findings: tuple[str, ...]


def judge(plan: Plan, newest: dict[str, float], last_drill: tuple[float, bool] | None, now: float) -> Due:
    """Pure. newest: of each place, the newest backup (0: none, -1: it is not there); last_drill: when, and whether it
    went well."""
    findings: list[str] = []
    if not plan.places:
        return Due(0.0, 0.0, ())
    since = plan.since
    backup_s, drill_s = plan.every_hours * HOUR_S * OVERDUE_SHARE, plan.drill_days * DAY_S * OVERDUE_SHARE
    for name, at in newest.items():
        if at < 0:
            findings.append(f"the place {name!r} for backups cannot be reached")
        elif now - max(at, since) > backup_s:
            age = f"{(now - at) / HOUR_S:.0f} h old" if at else "not there"
            findings.append(f"the newest backup in {name!r} is {age}, one is due each {plan.every_hours:g} h")
    if last_drill and not last_drill[1]:
        findings.append("the last drill of a backup failed: ./holdfast backup drills says why")
    if now - max(last_drill[0] if last_drill else 0.0, since) > drill_s:
        findings.append(f"no backup was drilled for {plan.drill_days * OVERDUE_SHARE:g} days")
    known = [at for at in newest.values() if at >= 0]
    return Due(min(known, default=0.0), last_drill[0] if last_drill else 0.0, tuple(findings))


def due(home: Installation, now: float | None = None) -> Due:
    """How it stands with this installation's backups; raises RecoverFault when the plan cannot be read."""
    plan, now = read_plan(home), time.time() if now is None else now
    newest = {}
    for place in plan.places:
        try:
            newest[place.name] = max((one.manifest.began for one in backups(place, plan.line)[0]), default=0.0)
        except PlaceFault:
            newest[place.name] = -1.0
    made = drills(home)
    return judge(plan, newest, (made[-1].at, made[-1].good) if made else None, now)


class Schedule:
    """Starts what is due, one at once."""

    def __init__(self, home: Installation, trouble: Callable[[], dict[str, str]]) -> None:
        """trouble: what keeps the log from being put away, in words."""
        self._home = home
        self._trouble = trouble
        self._child: subprocess.Popen[bytes] | None = None
        self._doing = ""
        self._next: dict[str, float] = dict.fromkeys(STEPS, 0.0)
        self._looked = float("-inf")
        self._told: dict[str, Any] = {}
        self._log = home.logs / "backups-work.log"

    def look(self) -> None:
        """End what has ended, begin what is due; returns at once. Raises RecoverFault when the plan cannot be read."""
        if self._child is not None:
            if self._child.poll() is None:
                return
            good = self._child.returncode == 0
            self._told[self._doing] = {"at": time.time(), "good": good, "words": "" if good else self._said()}
            self._next[self._doing] = 0.0 if good else time.monotonic() + AGAIN_S
            if self._doing == "backup" and good:
                self._begin("prune")
            else:
                self._child = None
            self._tell()
            return
        if time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        for step in self._wanted():
            if time.monotonic() >= self._next[step]:
                self._begin(step)
                return
        self._tell()

    def stop(self) -> None:
        """End what is under way; a backup that is not whole is taken back."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            self._child.wait(30)

    def _wanted(self) -> list[str]:
        plan, now = read_plan(self._home), time.time()
        if not plan.places:
            return []
        how = due(self._home, now)
        steps = ["backup"] if now - how.backup_at >= plan.every_hours * HOUR_S else []
        if how.backup_at and now - how.drill_at >= plan.drill_days * DAY_S:
            steps.append("drill")
        return steps

    def _begin(self, step: str) -> None:
        source = str(clone_root() / "src")
        argv = [sys.executable, "-m", "holdfast", "backup", *STEPS[step], "--data", str(self._home.data)]
        with self._log.open("wb") as out:
            self._child = subprocess.Popen(
                ["nice", "-n", "15", *argv],
                env={**os.environ, "PYTHONPATH": source},
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
            )
        self._doing = step

    def _said(self) -> str:
        return self._log.read_bytes()[-WORDS_BYTES:].decode(errors="replace").strip()

    def _tell(self) -> None:
        how = due(self._home)
        findings = [*how.findings, *(f"{step}: {one['words']}" for step, one in self._told.items() if not one["good"])]
        findings += self._trouble().values()
        told = {"at": time.time(), "backup_at": how.backup_at, "drill_at": how.drill_at, "findings": findings}
        write_private(self._home.folder("recover") / STATE, json.dumps({**told, "last": self._told}, indent=1).encode())
        write_private(self._home.keys / "public" / TOLD, json.dumps(told, indent=1).encode())
