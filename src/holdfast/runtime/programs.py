"""The programs of an installation: which building each belongs to, how it is started, and how it is now."""

import errno
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

PAUSE_S_FIRST = 0.1
GIVE_WAY_TRIES = 5

NICE = {**dict.fromkeys(("control-db", "control-web", "control-watch", "control-tell", "postbox", "backups"), 8)}
NICE["bank-worker"] = 4
"""On one machine, telling, watching and the bank's own jobs give way to customers' requests."""

BUILDINGS: dict[str, tuple[str, ...]] = {
    "bank": ("bank-db", "bank-web", "bank-worker"),
    "standin": ("standin",),
    "doors": ("door-1", "door-2"),
    "control": ("control-db", "control-web", "control-watch", "control-tell", "control-chat"),
    "outside": ("postbox",),
}
"""The programs of each building; `outside` stands for the customers' mail providers."""

STOP_ORDER = (
    *("backups", "control-watch", "control-tell", "control-chat", *BUILDINGS["doors"], "bank-worker", "bank-web"),
    *("standin", "control-web", "postbox", "wires", "feeder"),
)
"""In which they are told to end; databases behind them."""

WIRES = ("wire-doors", "wire-feed", "wire-spare")
"""Relays of the program `wires`, in installations made with them: between doors and bank, spare bank and feed, doors
and spare bank."""


def nice_words(name: str) -> tuple[str, ...]:
    """What stands before the command line of a program that gives way; nothing for the others."""
    return ("nice", "-n", str(NICE[name])) if name in NICE else ()


def give_way(name: str, pid: int) -> None:
    """Have the session of a program that gives way do so as a whole.

    Linux shares the processors among sessions first, so that `nice` alone counts only within one, and each program
    leads a session of its own (sched(7), "The autogroup feature"). Where there are no such groups this does nothing.
    """
    for _ in range(GIVE_WAY_TRIES if name in NICE else 0):
        try:
            Path(f"/proc/{pid}/autogroup").write_text(str(NICE[name]))
        except OSError as error:
            if error.errno == errno.EAGAIN:  # the kernel takes one of these in a tenth of a second
                time.sleep(0.1)
                continue
        return


def program_names(core: str) -> list[str]:
    """The programs of an installation; beside a foreign core its feeder stands in the bank's place."""
    names = [name for building in BUILDINGS.values() for name in building]
    return [*(name for name in names if name not in BUILDINGS["bank"]), "feeder"] if core else names


def module_argv(name: str, core: str = "") -> list[str]:
    """The command line of a program that is a Python module; core: the folder of a foreign core."""
    modules = {
        "door-1": ["holdfast.edge", "1"],
        "door-2": ["holdfast.edge", "2"],
        "bank-web": ["holdfast.bank", "web"],
        "bank-worker": ["holdfast.bank", "worker"],
        "standin": ["holdfast.standin"],
        "control-web": ["holdfast.control", "web"],
        "control-watch": ["holdfast.control", "watch"],
        "control-tell": ["holdfast.control", "tell"],
        "control-chat": ["holdfast.control", "chat"],
        "postbox": ["holdfast.gameday.postbox"],
        "wires": ["holdfast.gameday.wires"],
        "feeder": ["holdfast.foreign", core],
        "backups": ["holdfast.recover"],
    }
    return [sys.executable, "-m", *modules[name]]


@dataclass
class Program:
    """One child of the supervisor.

    broken: how, until it is mended; clock_ahead_s and file_bytes_max hold for its next start too (0: none), as does
    source: the folder of another release's code ("": what is installed). configured: a database's setting that was
    changed by hand.
    """

    name: str
    child: "subprocess.Popen[bytes] | None" = None
    broken: str = ""
    pause_s: float = PAUSE_S_FIRST
    started: float = 0.0
    due: float = 0.0
    restarts: int = 0
    frozen: list[int] = field(default_factory=list)
    clock_ahead_s: float = 0.0
    file_bytes_max: int = 0
    source: str = ""
    configured: str = ""
