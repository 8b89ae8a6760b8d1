"""Reports of a problem: kept for staff to read; the door that took one counts it, which feeds detection."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from holdfast.contracts.community import Trouble, Who
from holdfast.control.community import checking
from holdfast.control.community.models import Problem

KEPT = timedelta(days=90)
KEPT_MAX = 20_000
"""Beyond that the oldest go: a flood of reports fills no disk."""


@transaction.atomic
def report(who: Who, trouble: Trouble, typed: str, said: UUID, now: datetime) -> None:
    """Keep it; sent twice it is kept once. Raises NotTaken for a text that is too long or gives numbers away."""
    words = checking.words(typed) if typed.strip() else ""
    made = Problem(
        trouble=trouble.value, words=words, language=who.language, customer=who.customer or None, at=now, said=said
    )
    Problem.objects.bulk_create([made], ignore_conflicts=True)


def trim(now: datetime) -> int:
    """Forget old reports, and the oldest beyond KEPT_MAX; how many."""
    last = Problem.objects.order_by("-pk").values_list("pk", flat=True)[KEPT_MAX : KEPT_MAX + 1].first()
    gone, _ = Problem.objects.filter(at__lt=now - KEPT).delete()
    if last is not None:
        gone += Problem.objects.filter(pk__lte=last).delete()[0]
    return gone
