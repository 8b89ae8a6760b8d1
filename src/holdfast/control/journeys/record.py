"""Runs are written down as they end, and forgotten after KEPT."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from holdfast.control.journeys.models import Run
from holdfast.control.journeys.results import Result

KEPT = timedelta(days=2)
TRIM_ROWS_MAX = 2_000


def note(result: Result) -> Run:
    """Write one down. Raises django.db's errors."""
    return Run.objects.create(
        journey=result.journey,
        at=result.at,
        bank=result.bank,
        failed=result.failed,
        why=result.why,
        took_ms=result.took_ms,
        steps=[[step.name, round(step.took_ms, 1)] for step in result.steps],
    )


def latest(journey: str, count: int) -> Sequence[Run]:
    """The newest of a journey, the newest first."""
    return list(Run.objects.filter(journey=journey).order_by("-at")[:count])


def failures(count: int) -> Sequence[Run]:
    """The newest that failed, of all journeys."""
    return list(Run.objects.exclude(failed="").order_by("-at")[:count])


def trim(now: datetime) -> int:
    """Forget what is older than is kept, a bounded number a time; how many were."""
    old = Run.objects.filter(at__lt=now - KEPT).order_by("at").values_list("pk", flat=True)[:TRIM_ROWS_MAX]
    return Run.objects.filter(pk__in=list(old)).delete()[0]
