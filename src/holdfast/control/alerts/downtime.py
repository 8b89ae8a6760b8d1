"""How long each important service was away from customers, against what the bank will bear.

A service is away while most of what customers asked of it at the front doors failed, or while no door answered the
probes. What the spare bank serves is no downtime: customers go on. Each absence is a row, kept for thirteen months.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from holdfast.control.alerts.errors import BadRule
from holdfast.control.alerts.models import Downtime
from holdfast.control.metrics.deriving import Name

OWN = Path(__file__).parent / "levels" / "tolerances.yaml"
KEPT, YEAR = timedelta(days=400), timedelta(days=365)
AWAY_SHARE, REQUESTS_MIN = 0.5, 0.2
"""From this share of failures on, of at least so many requests a second, a service counts as away."""
JOINED = timedelta(seconds=40)
"""An absence that begins again so soon is the same one."""
ROUND = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Tolerances:
    """hours: by service, in one go; a_year: of all unscheduled absences together."""

    hours: Mapping[str, float]
    a_year: float


@dataclass(frozen=True, slots=True)
class Used:
    """Of one service: its tolerance, the longest absence in twelve months and their sum, in hours, and the share of the
    tolerance that the longest used up."""

    service: str
    tolerance: float
    longest: float
    total: float

    @property
    def share(self) -> float:
        """1 is all of it."""
        return self.longest / self.tolerance


def read_tolerances(folder: Path) -> Tolerances:
    """The bank's own file, ours without one; raises BadRule."""
    path = folder / "tolerances.yaml"
    path = path if path.is_file() else OWN
    try:
        raw: Any = yaml.safe_load(path.read_text())
        hours = {str(name): float(one["hours"]) for name, one in raw["services"].items()}
        a_year = float(raw["unscheduled_hours_a_year"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRule(
            f"{path.name}: unscheduled_hours_a_year and services with hours each are expected ({error})"
        ) from error
    if a_year <= 0 or not hours or min(hours.values()) <= 0:
        raise BadRule(f"{path.name}: hours are above zero")
    return Tolerances(hours, a_year)


def away(values: Mapping[Name, float]) -> frozenset[str]:
    """The services that were away in a round, by what the front doors measured; all that are known when no door
    answered a single probe."""
    asked: dict[str, float] = {}
    failed: dict[str, float] = {}
    probes = [value for name, value in values.items() if name.metric == "answers probes" and _is_door(name)]
    for name, value in values.items():
        if _is_door(name) and name.metric in ("requests", "requests failed"):
            sums = asked if name.metric == "requests" else failed
            sums[name.about] = sums.get(name.about, 0.0) + value
    found = {
        service
        for service, rate in asked.items()
        if rate >= REQUESTS_MIN and failed.get(service, 0.0) / rate >= AWAY_SHARE
    }
    return frozenset({*found, *(("*",) if probes and max(probes) == 0 else ())})


def _is_door(name: Name) -> bool:
    return name.component in ("door-1", "door-2", "doors")


def note(at: datetime, services: frozenset[str], tolerances: Tolerances) -> None:
    """Write down which services were away in the round that ended at `at`. Raises django.db's errors."""
    gone = frozenset(tolerances.hours) if "*" in services else services & frozenset(tolerances.hours)
    for service in sorted(gone):
        row = Downtime.objects.filter(service=service, until__gte=at - JOINED).order_by("-until").first()
        if row is None:
            Downtime.objects.create(service=service, began_at=at - ROUND, until=at)
        else:
            row.until = at
            row.save(update_fields=["until"])


def used(at: datetime, tolerances: Tolerances) -> list[Used]:
    """How much of each tolerance was used up in the last twelve months."""
    spans: dict[str, list[float]] = {service: [] for service in tolerances.hours}
    for row in Downtime.objects.filter(until__gt=at - YEAR).order_by("began_at")[:10_000]:
        if row.service in spans:
            spans[row.service].append((row.until - max(row.began_at, at - YEAR)).total_seconds() / 3600)
    return [
        Used(service, tolerances.hours[service], max(hours, default=0.0), sum(hours))
        for service, hours in spans.items()
    ]


def unscheduled(at: datetime, tolerances: Tolerances) -> float:
    """Hours of the last twelve months in which any important service was away; times that overlap count once."""
    rows = Downtime.objects.filter(until__gt=at - YEAR, service__in=tolerances.hours).order_by("began_at")[:10_000]
    total, reached = timedelta(), at - YEAR
    for row in rows:
        begin = max(row.began_at, reached)
        if row.until > begin:
            total += row.until - begin
            reached = row.until
    return total.total_seconds() / 3600


def trim(at: datetime) -> None:
    """Forget absences that no year speaks of any more."""
    Downtime.objects.filter(until__lt=at - KEPT).delete()


def hours_said(hours: float) -> str:
    """`0 h 12 min`, `40 s`."""
    seconds = round(hours * 3600)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 3600} h {seconds % 3600 // 60} min"
