"""How old the keys are, as the command and the supervisor wrote it down: names and times, never a key."""

import json
from datetime import datetime

from django.utils import timezone

from holdfast.control.place import installation

NAMED_MAX = 4


def overdue() -> list[str] | None:
    """The names of keys and secrets that should have been changed, or cannot be read; None without the list."""
    now = timezone.now()
    try:
        told = json.loads((installation().keys / "public" / "list.json").read_text())["keys"]
        return [str(one["name"]) for one in told if one["trouble"] or _past(one["due"], now) or _past(one["ends"], now)]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def words() -> str:
    """The same as a line for the console."""
    late = overdue()
    if late is None:
        return "keys: no list of them yet"
    if not late:
        return "keys and secrets: none overdue"
    more = f" and {len(late) - NAMED_MAX} more" if len(late) > NAMED_MAX else ""
    return f"keys to be changed (./holdfast keys rotate NAME): {', '.join(late[:NAMED_MAX])}{more}"


def _past(at: str | None, now: datetime) -> bool:
    return bool(at) and datetime.fromisoformat(str(at)) <= now
