"""What every benchmark prints and keeps: a table, and var/bench/NAME.json."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. bar: what it should reach, as `<= 25` or `>= 5000`; empty when it is only told."""

    name: str
    value: float
    unit: str
    bar: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None without one."""
        if not self.bar:
            return None
        sign, _, limit = self.bar.partition(" ")
        return self.value <= float(limit) if sign == "<=" else self.value >= float(limit)


def keep(name: str, figures: list[Figure]) -> int:
    """Print and write; 0 when every bar is reached."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    machine = {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}
    folder = ROOT / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "machine": machine,
        "commit": commit.stdout.strip(),
        "figures": [{**asdict(one), "met": one.met} for one in figures],
    }
    (folder / f"{name}.json").write_text(json.dumps(made, indent=1))
    width = max(len(one.name) for one in figures)
    print(f"\n{name} on {machine['cores']} cores")
    for one in figures:
        said = {None: "", True: f"bar {one.bar}: met", False: f"bar {one.bar}: NOT MET"}[one.met]
        print(f"  {one.name:<{width}}  {one.value:>12,.2f} {one.unit:<12} {said}")
    return 0 if all(one.met in (None, True) for one in figures) else 1


def say(words: str) -> None:
    """One line of progress."""
    sys.stdout.write(f"… {words}\n")
    sys.stdout.flush()


def room(folder: Path, wanted_bytes: int) -> None:
    """End in words when the disk has not this much to spare."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < wanted_bytes + 2 * 10**9:
        raise SystemExit(
            f"{folder} has {free >> 20} MiB free, this takes {wanted_bytes >> 20} MiB; use less, or free some"
        )


def share(values: list[float], percent: float) -> float:
    """The value that this percentage of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * percent / 100), len(ordered) - 1)] if ordered else 0.0
