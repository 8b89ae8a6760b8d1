"""Read the cases from the bank and keep them; what the bank said last stays when it does not answer."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from holdfast.control.cases.models import Case
from holdfast.control.place import switchboard

PAGE = 200
PAGES_MAX = 20
ASK_S_MAX = 1.5


def refresh(after: int = 0, limit: int = PAGE) -> str:
    """Read all cases above a number; "" when the bank said them, otherwise its words."""
    for _ in range(PAGES_MAX if limit == PAGE else 1):
        reply = switchboard().ask("bank", "/-/exceptions", f"after={after}&limit={limit}", ASK_S_MAX)
        if not reply.well:
            return reply.words
        found = [one for raw in reply.body.get("exceptions", []) if (one := _case(raw)) is not None]
        Case.objects.bulk_create(
            found, update_conflicts=True, unique_fields=["number"], update_fields=["body", "state", "seen_at"]
        )
        if len(found) < limit:
            return ""
        after = found[-1].number
    return ""


def _case(raw: Any) -> Case | None:
    try:
        opened = datetime.fromisoformat(str(raw["opened_at"]))
        number, state = int(raw["number"]), str(raw["state"])[:8]
    except (KeyError, TypeError, ValueError):
        return None
    return Case(number=number, body=raw, opened_at=opened, state=state, seen_at=timezone.now())
