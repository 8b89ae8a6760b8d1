"""What this machine has left, for the installation that runs on it: processors, memory, disk."""

import os
import shutil
from pathlib import Path

from holdfast.control.metrics.deriving import Kind, Name

HOST = "host"


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
