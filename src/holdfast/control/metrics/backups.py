"""How it stands with the backups, as their keeper told it: what is overdue or failed (`keys/public/backups.json`)."""

import json
from pathlib import Path

from holdfast.control.metrics.deriving import Kind, Name

FILE = "backups.json"
SILENT_S_MAX = 900.0
"""The keeper tells every few seconds; one that is silent for so long does not work."""


def look(keys: Path, now: float) -> dict[Name, float]:
    """How many things are wrong, 0 when all is well; nothing where no place for backups was ever named. now: seconds
    since 1970 UTC."""
    path = keys / "public" / FILE
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text())
        wrong = len(told["findings"]) + (now - float(told["at"]) > SILENT_S_MAX)
    except (OSError, ValueError, KeyError, TypeError):
        wrong = 1
    return {Name("host", "backups amiss", "", Kind.LEVEL, ""): float(wrong)}
