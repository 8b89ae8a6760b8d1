"""Scenarios as data: what breaks when, and the limits that must hold."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.gameday.errors import ScenarioUnknown

FOLDER = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Step:
    """One thing that happens; at_s counts from the fault. do: break, mend, pay_day_file."""

    at_s: float
    do: str
    words: str
    names: tuple[str, ...] = ()
    how: str = "kill"


@dataclass(frozen=True)
class Scenario:
    """One outage to rehearse; times in seconds, limits by name (see report.py)."""

    name: str
    words: str
    customers: int
    cycle_s: float
    logins_anew_share: float
    ramp_s: float
    warm_s: float
    orders_before_fault_s: float
    steps: tuple[Step, ...]
    calm_s: float
    limits: dict[str, float]


def names() -> list[str]:
    """All scenarios, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_scenario(name: str) -> Scenario:
    """Read one scenario; raises ScenarioUnknown."""
    if name not in names():
        raise ScenarioUnknown(f"there is no scenario {name!r}; there are {', '.join(names())}")
    raw: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    load = raw["load"]
    steps = tuple(
        Step(float(s["at_s"]), s["do"], s["words"], tuple(s.get("names", ())), s.get("how", "kill"))
        for s in raw["steps"]
    )
    return Scenario(
        raw["name"],
        raw["words"],
        load["customers"],
        load["cycle_s"],
        load["logins_anew_share"],
        load["ramp_s"],
        load["warm_s"],
        raw["orders"]["before_fault_s"],
        steps,
        raw["after"]["calm_s"],
        raw["limits"],
    )
