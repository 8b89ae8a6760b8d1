"""Play many scenarios one after the other, on as few banks as they need, and print one table at the end.

A bank is used again only when the play before it left it whole: every program running, everybody at the main bank, the
spare bank level with it. Otherwise, and for scenarios that need a fresh one, it is ended and another is made.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.installing import make_demo
from holdfast.runtime.launching import end, launch, wait_until_served
from holdfast.runtime.playing import environment, fill, scenario_needs
from holdfast.runtime.terminal import console
from holdfast.settings import Installation

PLAY_S_MAX = 900
"""A line of ten minutes' logins is the longest play."""
LOGINS = 260
STORY_BROKEN = 2
WHOLE = "programs not running"


@dataclass(frozen=True)
class Matrix:
    """What to play (empty: all), where, and the folder in which each scenario gets a folder for its report."""

    scenarios: tuple[str, ...]
    data: Path
    port: int | None
    seed: int
    report: Path


@dataclass
class Played:
    """How one scenario went; missed: what was not met, in words."""

    name: str
    seconds: float
    missed: list[str]
    whole: bool


class House:
    """The bank in use, if there is one."""

    def __init__(self, asked: Matrix) -> None:
        self._asked = asked
        self._child: subprocess.Popen[str] | None = None
        self._kind = (False, False)
        self.installation: Installation | None = None

    def fit(self, needs: dict[str, bool]) -> Installation:
        """A bank that fits: the one in use, or a new one."""
        kind = wires, rehearsed = needs["wires"], needs["rehearsed"]
        if self.installation is None or needs["fresh"] or kind != self._kind:
            self.leave()
            make_demo(self._asked.data)
            console.print("Making a bank …")
            self._child, self.installation = launch(
                self._asked.data, self._asked.port, wires=wires, rehearsed=rehearsed
            )
            self._kind = kind
            fill(self.installation, LOGINS, self._asked.seed)
        wait_until_served(self.installation)
        return self.installation

    def leave(self) -> None:
        """End the bank in use."""
        if self._child is not None:
            end(self._child, self._asked.data)
        self._child = self.installation = None


def play_matrix(asked: Matrix) -> int:
    """Play them; 0 when every expectation of every scenario was met. Raises RuntimeFault in words."""
    needs = scenario_needs()
    unknown = [name for name in asked.scenarios if name not in needs]
    if unknown:
        raise RuntimeFault(f"there is no scenario {unknown[0]!r}; there are {', '.join(needs)}")
    wanted = [name for name in needs if name in asked.scenarios or not asked.scenarios]
    # Those that need a fresh bank begin one, and others of the same kind follow on it.
    wanted.sort(key=lambda name: (needs[name]["rehearsed"], needs[name]["wires"], not needs[name]["fresh"], name))
    house, done = House(asked), []
    try:
        for name in wanted:
            done.append(_play(house, asked, name, needs[name]))
            if not done[-1].whole:
                house.leave()
    finally:
        house.leave()
    _show(done)
    return 0 if all(not one.missed for one in done) else 1


def _play(house: House, asked: Matrix, name: str, needs: dict[str, bool]) -> Played:
    began = time.monotonic()
    folder = asked.report / name
    (folder / "report.json").unlink(missing_ok=True)
    try:
        installation = house.fit(needs)
    except RuntimeFault as error:
        return Played(name, time.monotonic() - began, [f"no bank to play on: {error}"], False)
    command = [sys.executable, "-m", "holdfast.gameday", "run", name]
    command += ["--seed", str(asked.seed), "--report", str(folder.resolve())]
    console.print(f"\n== {name}", style="bold")
    try:
        code = subprocess.run(command, env=environment(installation), check=False, timeout=PLAY_S_MAX).returncode
    except subprocess.TimeoutExpired:
        return Played(name, time.monotonic() - began, [f"not played to its end in {PLAY_S_MAX} s"], False)
    missed, whole = _read(folder / "report.json", code)
    return Played(name, time.monotonic() - began, missed, whole)


def _read(path: Path, code: int) -> tuple[list[str], bool]:
    """What was missed, and whether the bank was left whole."""
    try:
        expectations: list[dict[str, Any]] = json.loads(path.read_text())["expectations"]
    except (OSError, ValueError, KeyError):
        return ["the story broke before there was a report"], False
    missed = [f"{one['name']}: {one['measured']} (limit {one['limit']})" for one in expectations if not one["met"]]
    if code == STORY_BROKEN:
        return [*missed, "the story broke; its last words are above"], False
    return missed, not any(one.startswith(WHOLE) for one in missed)


def _show(done: list[Played]) -> None:
    table = Table("scenario", "seconds", "met, or what was missed")
    for one in done:
        table.add_row(one.name, f"{one.seconds:.0f}", "\n".join(one.missed) or "met")
    console.print(table)
    met = sum(not one.missed for one in done)
    console.print(f"{met} of {len(done)} scenarios met every expectation, in {sum(one.seconds for one in done):.0f} s.")
