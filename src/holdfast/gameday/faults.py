"""Faults whose causes are known, as data: what the diagnosis is measured by (faults.toml)."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.gameday.errors import ScenarioUnknown

FILE = Path(__file__).parent / "faults.toml"


@dataclass(frozen=True, slots=True)
class Break:
    """One thing broken, in the supervisor's words (docs/reference/scenarios.md)."""

    names: tuple[str, ...]
    how: str
    value: float = 0.0
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. do: what is done too much meanwhile, and how many or how often ("" for nothing). alarm: the component
    and the severity of an alert that is false ("" for none). causes: of each, all names that are right, and its class.
    """

    name: str
    words: str
    breaks: tuple[Break, ...] = ()
    do: tuple[str, int] = ("", 0)
    alarm: tuple[str, str] = ("", "")
    causes: tuple[dict[str, Any], ...] = ()


def load_faults(only: tuple[str, ...] = ()) -> list[Fault]:
    """All faults in the order in which they are played, or those that are named; raises ScenarioUnknown."""
    raw = tomllib.loads(FILE.read_text(encoding="utf-8"))["faults"]
    found = [_fault(one) for one in raw]
    if strange := set(only) - {one.name for one in found}:
        raise ScenarioUnknown(f"there is no fault {', '.join(sorted(strange))}")
    return [one for one in found if not only or one.name in only]


def _fault(raw: dict[str, Any]) -> Fault:
    done, told = raw.get("do", {}), raw.get("alarm", {})
    return Fault(
        raw["name"],
        raw["words"],
        tuple(Break(**{**one, "names": tuple(one["names"])}) for one in raw.get("breaks", ())),
        (done.get("what", ""), done.get("number", 0)),
        (told.get("component", ""), told.get("severity", "")),
        tuple({"names": one["names"], "cause": one.get("cause", "")} for one in raw.get("causes", ())),
    )
