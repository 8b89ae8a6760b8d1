"""Scenarios as data: what breaks when, and the limits that must hold. docs/reference/scenarios.md has every key."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from holdfast.gameday.errors import ScenarioUnknown

FOLDER = Path(__file__).parent / "scenarios"


@dataclass(frozen=True)
class Step:
    """One thing that happens. do: one of story.STEPS.

    at_s counts from the fault (the first break whose at_s is not negative), or, with when = "handback", from the doors'
    first event of a hand-back, or, with when = "after", from when the customers have stopped; with when = "before" it
    happens before they begin, at_s after the step before. how and value: as the supervisor's break. pattern: the words
    of which processes die. bad_limits: names of limits, that many times. to: `day 1 06:00:00`, by the programs' clock
    in the bank's zone. spend, pay_in_time: value is an amount in whole units of the currency, pattern what is to be
    told each time. pay_day_file: value days after its day of settlement. help_now: value people.
    """

    at_s: float
    do: str
    words: str
    names: tuple[str, ...] = ()
    how: str = "kill"
    value: float = 0.0
    when: str = "fault"
    pattern: str = ""
    to: str = ""


@dataclass(frozen=True)
class Scenario:
    """One outage to rehearse; times in seconds, limits by name (see expectations.py).

    hand_back: `responder` presses the console's button, `command` is `./holdfast standin off`. repeats: a request that
    was reset is sent again with the same id, and counted apart. honest_pages: for a while nobody but the doors lives;
    their page that says so is counted apart. suspects: the parts of which one is rightly named as the cause. fresh:
    needs a bank on which nothing was played before; rehearsed: one whose time of day and rules can be bent.
    limits_on_records: those that hold in place of others where the bank lives in the days of real records.
    """

    name: str
    words: str
    customers: int
    cycle_s: float
    logins_anew_share: float
    ramp_s: float
    warm_s: float
    orders_before_fault_s: float | None
    steps: tuple[Step, ...]
    calm_s: float
    hand_back: str
    limits: dict[str, float]
    wires: bool = False
    fresh: bool = False
    rehearsed: bool = False
    repeats: bool = False
    honest_pages: bool = False
    suspects: tuple[str, ...] = ()
    limits_on_records: Mapping[str, float] = field(default_factory=dict)


def names() -> list[str]:
    """All scenarios, by name."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load_scenario(name: str) -> Scenario:
    """Read one scenario; raises ScenarioUnknown."""
    if name not in names():
        raise ScenarioUnknown(f"there is no scenario {name!r}; there are {', '.join(names())}")
    raw: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    load, needs, counted = raw["load"], raw.get("bank", {}), raw.get("counted_apart", {})
    return Scenario(
        raw["name"],
        raw["words"],
        load["customers"],
        load["cycle_s"],
        load["logins_anew_share"],
        load["ramp_s"],
        load["warm_s"],
        raw["orders"]["before_fault_s"] if "orders" in raw else None,
        tuple(Step(**{**one, "names": tuple(one.get("names", ()))}) for one in raw["steps"]),
        raw["after"]["calm_s"],
        raw["after"]["hand_back"],
        raw["limits"],
        needs.get("wires", False),
        needs.get("fresh", False),
        needs.get("rehearsed", False),
        counted.get("repeats", False),
        counted.get("honest_pages", False),
        tuple(raw.get("suspects", ())),
        raw.get("limits_on_records", {}),
    )
