"""The state of each demand: proved by a passed test that names it and reachable by a page or command."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path("var") / "demands"


@dataclass(frozen=True)
class Demand:
    """One demand: `proved` when docs/requirements.md says it is whole and a test that names it passed last,
    `partly` when tests that name it passed but it says what is missing, `missing` otherwise."""

    id: str
    state: str
    tests: int
    where: str


def demand_states(root: Path) -> list[Demand]:
    """Read docs/requirements.md and the last test run; demands in the order of the page."""
    text = (root / "docs" / "requirements.md").read_text()
    passed: Counter[str] = Counter()
    for path in (root / RESULTS).glob("*.json"):
        passed.update(json.loads(path.read_text()))
    out = []
    for found in re.finditer(r"^\| ([A-Z]\d{1,2}) \| (whole|partly|not yet) \| ([^|]*) \|", text, re.MULTILINE):
        ident, said, where = found.group(1), found.group(2), found.group(3).strip()
        tests = passed[ident]
        state = "missing" if said == "not yet" or not tests else "proved" if said == "whole" else "partly"
        out.append(Demand(ident, state, tests, where))
    return out
