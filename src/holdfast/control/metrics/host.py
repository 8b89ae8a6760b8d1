"""What this machine has left, for the installation that runs on it: processors, memory, disk; and what its network
loses.
"""

import os
import shutil
from pathlib import Path

from holdfast.control.metrics.deriving import Kind, Name

HOST = "host"
COUNTERS = "/proc/net/snmp"
SEGMENTS_MIN = 50


def look(data: Path) -> dict[Name, float]:
    """The machine's state; what cannot be read is left out."""
    found: dict[Name, float] = {}

    def put(metric: str, value: float, unit: str, kind: Kind = Kind.SATURATION) -> None:
        found[Name(HOST, metric, "", kind, unit)] = value

    cores = os.cpu_count() or 1
    put("load a core", os.getloadavg()[0] / cores, "")
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line)
        total, free = (int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
        put("memory in use", 1 - free / total, "share")
    except (OSError, KeyError, ValueError, IndexError):
        pass
    try:
        disk = shutil.disk_usage(data)
        put("disk in use", disk.used / disk.total, "share")
        put("disk free", disk.free, "bytes", Kind.LEVEL)
    except OSError:
        pass
    return found


class Network:
    """How much of what TCP sends has to be sent again, round by round: the machine's own counters (RFC 4022)."""

    def __init__(self) -> None:
        self._before: tuple[int, int] | None = None

    def look(self, text: str | None = None) -> dict[Name, float]:
        """The share of segments sent again since the last look; nothing while too few were sent to say. text: what the
        kernel tells, read here without it."""
        try:
            now = segments(Path(COUNTERS).read_text() if text is None else text)
        except (OSError, ValueError, KeyError):
            return {}
        before, self._before = self._before, now
        if before is None or now[0] - before[0] < SEGMENTS_MIN or now[1] < before[1]:
            return {}
        share = min((now[1] - before[1]) / (now[0] - before[0]), 1.0)
        return {Name(HOST, "network loss", "", Kind.ERRORS, "share"): share}


def segments(text: str) -> tuple[int, int]:
    """Segments that TCP sent, and of them those sent again, from /proc/net/snmp; raises ValueError or KeyError."""
    heads, values = (line.split()[1:] for line in text.splitlines() if line.startswith("Tcp:"))
    found = dict(zip(heads, map(int, values), strict=True))
    return found["OutSegs"], found["RetransSegs"]
