"""Break and mend the programs of an installation: real signals, limits, clocks and wires, only to our own children.

What was broken stays broken until it is mended, but for `crash` and `restart`, which the supervisor itself makes good.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import psutil

from holdfast.runtime.bending import PLACES, bend, straighten
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.installing import cluster
from holdfast.runtime.older import older_release
from holdfast.runtime.postgres import limit_files
from holdfast.runtime.programs import BUILDINGS, WIRES, Program
from holdfast.runtime.tuning import change_setting, reset_setting
from holdfast.settings import Installation

STOP_S_MAX = 6.0
UP_S_MAX, UP_EVERY_S = 20.0, 0.05
SIDE_BY_SIDE = frozenset({"bank-web"})
"""Programs that listen with SO_REUSEPORT, and of which two may run for a moment."""
OUTDATED = frozenset({"bank-web", "bank-worker"})
FILE_BYTES_FULL = 2 * 1024 * 1024
"""On a `full` disk no file of the database grows beyond this, and nothing is written behind it."""

HOWS = {
    "kill": "SIGKILL to the whole process tree",
    "kill-alone": "SIGKILL to the first process only; its children live on",
    "freeze": "SIGSTOP to the whole process tree",
    "crash": "SIGKILL to the tree; the supervisor starts it again as it would by itself",
    "restart": "SIGTERM and a new start, one program after the other",
    "full": "databases only: writes fail as on a full disk",
    "outdated": "bank-web or bank-worker: a restart with an older release, whose slip makes a quarter of payments fail",
    "configure": "bank-db only: the server's setting WORDS (name=value) is changed while it runs",
    "clock": "a restart with a clock that is VALUE seconds ahead (negative: behind)",
    "cut": "wires only: refuse and reset",
    "late": "wires only: each answer comes VALUE seconds late",
    "fail": "wires only: the share VALUE (0 to 1) of the requests is reset",
    "garble": "wires only: a digit of each booked amount that comes by in an answer is changed",
    "silence": "wires only: what is asked passes, and no answer comes back",
    "mute": "wires only: what is asked from now on is lost; answers to what was asked before still come",
    "step": "time only: the time of day of all programs jumps VALUE seconds ahead",
    "misjudge": "rules only: the share VALUE (0 to 1) of judgements by the shared rules raises",
    "poison": "wires only: the process behind it is killed by any request that contains WORDS",
}
WORDS = {
    "freeze": "SIGSTOP",
    "full": "RLIMIT_FSIZE",
    "configure": "ALTER SYSTEM",
    **dict.fromkeys(("restart", "clock", "outdated"), "SIGTERM"),
}
"""What is done by each, but for the wires and SIGKILL."""
WIRE_HOWS = ("cut", "late", "fail", "garble", "poison", "silence", "mute")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End it in good order, then whatever it left."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(STOP_S_MAX)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(STOP_S_MAX)


class Breaker:
    """Breaks and mends the supervisor's programs; launch starts one, wait_for_ports waits until they open."""

    def __init__(
        self,
        installation: Installation,
        programs: dict[str, Program],
        launch: Callable[[Program], None],
        wait_for_ports: Callable[..., None],
    ) -> None:
        self._installation = installation
        self._programs = programs
        self._launch = launch
        self._wait_for_ports = wait_for_ports
        self._orders: dict[str, dict[str, Any]] = {}

    def named(self, names: list[str]) -> list[Program]:
        """The programs of buildings, single programs and `everything`; raises RuntimeFault for any other name."""
        wanted: list[str] = []
        for name in names:
            if name == "everything":
                wanted += [one for one in self._programs if one not in ("postbox", "wires")]
            elif name in BUILDINGS:
                wanted += BUILDINGS[name]
            elif name in self._programs:
                wanted.append(name)
            elif name not in WIRES:
                raise RuntimeFault(f"there is nothing called {name!r}; ./holdfast break lists what there is")
        return [self._programs[name] for name in dict.fromkeys(wanted)]

    def break_(self, names: list[str], how: str, value: float, words: str = "") -> dict[str, Any]:
        """Break as asked; tells at what instant, what was done, and to how many processes."""
        if how not in HOWS:
            raise RuntimeFault(f"a program can be broken by {', '.join(HOWS)}")
        if how in PLACES:
            bent, at = bend(self._installation, names, how, value), time.time()
            return {"at": at, "signal": how, "processes": len(bent), "programs": bent}
        programs, wires = self.named(names), [name for name in names if name in WIRES]
        if bool(wires) is not (how in WIRE_HOWS) or (wires and programs):
            raise RuntimeFault(f"{how} is not for {', '.join(names)}: {HOWS[how]}")
        if how == "poison" and not words:
            raise RuntimeFault("of which words in a request shall the process die? Say them with --words")
        at = time.time()
        if wires:
            done = self._order(wires, how, value, words)
        elif how == "full":
            done = self._fill(programs, int(value) or FILE_BYTES_FULL)
        elif how in ("restart", "clock"):
            done = self._restart(programs, value if how == "clock" else 0.0, planned=how == "restart")
        elif how == "outdated":
            done = self._outdate(programs)
        elif how == "configure":
            done = self._configure(programs, words)
        else:
            done, at = self._signal(programs, how)
        word = how if wires else WORDS.get(how, "SIGKILL")
        return {"at": at, "signal": word, "processes": done, "programs": [p.name for p in programs] + wires}

    def mend(self, names: list[str]) -> dict[str, Any]:
        """Undo: thaw, lift, start again with the right clock, let the wires pass. What is well is left alone."""
        everything = "everything" in names
        programs = self.named([name for name in names if name not in PLACES.values()])
        if everything:  # also what is outside the bank, when it was broken by name
            programs += [one for one in self._programs.values() if one.broken and one not in programs]
        wires = [w for w in WIRES if w in self._orders and (everything or w in names)]
        at, mended = time.time(), [*wires, *straighten(self._installation, names)]
        if wires:
            self._order(wires, "pass", 0.0)
        for program in sorted(programs, key=lambda one: not one.name.endswith("-db")):
            alive = program.child is not None and program.child.poll() is None
            if program.configured:
                reset_setting(cluster(self._installation, "bank"), program.configured)
                program.configured = ""
            elif program.file_bytes_max:
                program.file_bytes_max = 0
                limit_files(self._family(program), None)
            elif (program.clock_ahead_s or program.source) and alive:
                program.source = ""
                self._restart([program], 0.0)
                mended.append(program.name)
                continue
            elif alive and not program.broken:
                continue
            if program.broken == "frozen" and alive:
                self.thaw(program)
            if not alive:
                self._launch(program)
                program.due = 0.0
            program.broken = ""
            if program.name.endswith("-db"):
                cluster(self._installation, program.name.removesuffix("-db")).wait_ready(program.child)
            mended.append(program.name)
        return {"at": at, "mended": mended}

    def thaw(self, program: Program) -> None:
        """Let a frozen program go on."""
        for pid in program.frozen:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGCONT)
        program.frozen = []

    @staticmethod
    def _family(program: Program) -> list[int]:
        """The process and all its descendants; empty when it is not alive."""
        if program.child is None or program.child.poll() is not None:
            return []
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(program.child.pid).children(recursive=True)
            return [program.child.pid, *(child.pid for child in children)]
        return []

    def _signal(self, programs: list[Program], how: str) -> tuple[int, float]:
        """Signals to whole process trees at one instant: lists first, signals then."""
        number = signal.SIGSTOP if how == "freeze" else signal.SIGKILL
        victims: list[int] = []
        for program in programs:
            family = self._family(program)
            if not family:
                continue
            if how != "crash":
                program.broken = "frozen" if how == "freeze" else "killed"
            program.frozen = family if how == "freeze" else []
            victims += family[:1] if how == "kill-alone" else family
        at = time.time()
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        for program in programs:
            if how != "freeze" and program.child is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.child.wait(2)
        return len(victims), at

    def _restart(self, programs: list[Program], clock_ahead_s: float, *, planned: bool = False) -> int:
        """One after the other: end it in good order, start it, wait until it listens. planned: what can listen beside
        itself (SO_REUSEPORT) is started before the one that runs is ended, so that nobody finds it closed."""
        home = self._installation
        ports = {
            "door-1": home.door_own_port(1),
            "door-2": home.door_own_port(2),
            "standin": home.standin_port,
            "bank-web": home.bank_port,
            "control-web": home.console_port,
        }
        for program in programs:
            if program.name.endswith("-db"):
                raise RuntimeFault("a database is broken by kill, kill-alone, freeze, crash or full")
            if planned and program.name in SIDE_BY_SIDE and self._family(program):
                self._replace(program, ports[program.name])
                continue
            if program.child is not None and program.child.poll() is None:
                _end(program.child)
            program.clock_ahead_s = clock_ahead_s
            self._launch(program)
            program.due = 0.0
            if program.name in ports:
                self._wait_for_ports(ports[program.name])
        return len(programs)

    def _replace(self, program: Program, port: int) -> None:
        """The next one listens before the one that runs is told to end. Raises RuntimeFault when it does not come up;
        the one that runs then goes on."""
        before, source, clock_ahead_s = program.child, program.source, program.clock_ahead_s
        program.clock_ahead_s = 0.0
        self._launch(program)
        deadline = time.monotonic() + UP_S_MAX
        while not self._listens(program, port):
            gone = program.child is None or program.child.poll() is not None
            if gone or time.monotonic() > deadline:
                if program.child is not None and not gone:
                    _end(program.child)
                program.child, program.source, program.clock_ahead_s = before, source, clock_ahead_s
                raise RuntimeFault(f"{program.name} did not come up anew, so the one that ran goes on; see its log")
            time.sleep(UP_EVERY_S)
        program.due = 0.0
        if before is not None:
            _end(before)

    def _listens(self, program: Program, port: int) -> bool:
        """Whether one of its processes itself listens there: the port alone says nothing while another does too."""
        for pid in self._family(program):
            with contextlib.suppress(psutil.Error):
                for one in psutil.Process(pid).net_connections("tcp"):
                    if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                        return True
        return False

    def _outdate(self, programs: list[Program]) -> int:
        if not {program.name for program in programs} <= OUTDATED:
            raise RuntimeFault(f"only {' and '.join(sorted(OUTDATED))} can be set back to an older release")
        folder = older_release(self._installation.data)
        for program in programs:
            program.source = str(folder)
        return self._restart(programs, 0.0)

    def _configure(self, programs: list[Program], words: str) -> int:
        name, _, value = words.partition("=")
        if [one.name for one in programs] != ["bank-db"] or not value:
            raise RuntimeFault("only bank-db's settings are changed; say which with --words NAME=VALUE")
        if programs[0].configured not in ("", name):
            raise RuntimeFault(f"{programs[0].configured} is changed already; ./holdfast mend bank-db undoes it")
        change_setting(cluster(self._installation, "bank"), name, value)
        programs[0].configured = name
        return 1

    def _fill(self, programs: list[Program], bytes_max: int) -> int:
        touched = 0
        for program in programs:
            if not program.name.endswith("-db"):
                raise RuntimeFault("only a database's disk can be full: bank-db or control-db")
            family = self._family(program)
            limit_files(family, bytes_max)
            program.file_bytes_max = bytes_max
            touched += len(family)
        return touched

    def _order(self, wires: list[str], how: str, value: float, words: str = "") -> int:
        """Write what the wires do from now on, whole or not at all; they look 50 times a second."""
        if not self._installation.wires:
            raise RuntimeFault("this installation has no wires; make one with ./holdfast up --wires")
        for name in wires:
            if how == "pass":
                self._orders.pop(name, None)
            else:
                self._orders[name] = {"how": how, "value": value, **({"words": words} if words else {})}
        path = self._installation.wires_file
        part = path.with_suffix(".part")
        part.write_text(json.dumps(self._orders))
        part.replace(path)
        return len(wires)
