"""Incidents that follow from alerts: opened, joined, ended. Called by the desk, which alone writes incidents.

A group of alerts whose gravest one wakes somebody becomes an incident of its root, unless one that is open speaks of
the same parts already: the bank's own outage above all, which is noticed by probes and doors within seconds. An
incident of a part ends by itself when none of its alerts that wake somebody fires any more for QUIET. What began while
an incident lasted and still fires behind its end, since it counts over minutes, is its echo: written down there, and
nobody is woken anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from holdfast.control.alerts.burning import BURNS
from holdfast.control.alerts.grouping import Firing, Group
from holdfast.control.alerts.models import Alert
from holdfast.control.incidents import record
from holdfast.control.incidents.models import Incident

QUIET = timedelta(seconds=60)
OPENED_AN_HOUR_MAX = 12
"""A flood of alerts makes a few incidents; what comes beyond joins the newest, so that nothing is lost."""
PREFIX = "part "
ENDED_MAX = 100
ECHO_BEGINS, BURN_BEGINS = timedelta(seconds=20), timedelta(seconds=60)
"""An alert that begins later than this after an incident's end speaks of something new: two rounds, of a service
level's budget some more."""
ECHO_LASTS, BURN_LASTS = timedelta(minutes=5), timedelta(minutes=35)
"""An alert that still fires so long after is no echo: something did not heal. A service level's budget is counted over
a short window of up to half an hour (burning.WINDOWS), and ends no sooner."""
BUILDING_OF = {
    "bank": ("bank-web", "bank-worker", "bank-db", "door-1", "door-2", "doors", "standin", "journeys"),
    "doors": ("door-1", "door-2", "doors", "journeys"),
    "standin": ("standin", "journeys"),
}
"""The parts that an incident of a whole building speaks for: those that cannot be well while it is not."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """What fires at an instant, grouped by cause."""

    at: datetime
    groups: tuple[Group, ...]


def parted(firing: Sequence[Firing], at: datetime) -> tuple[list[Firing], list[Firing]]:
    """What fires because of now, and what is the echo of an incident that ended lately, which would date the next one
    too early and name another part as its root: what began while that incident lasted, and wakes nobody or speaks of
    its parts. Raises django.db's errors."""
    ended = list(Incident.objects.filter(closed_at__gt=at - BURN_LASTS).order_by("-closed_at")[:ENDED_MAX])
    echoes = {one.number for one in firing if any(_is_echo(one, incident, at) for incident in ended)}
    fresh = [one for one in firing if one.number not in echoes]
    return fresh, [one for one in firing if one.number in echoes]


def _is_echo(one: Firing, incident: Incident, at: datetime) -> bool:
    ended = incident.closed_at
    if ended is None or one.began_at > ended + _begins(one):
        return False
    if not one.page:
        return one.began_at >= incident.began_at
    if one.rule == BURNS:  # a budget burns on behind everything that burnt it: alone it may wake somebody in the end
        return True
    mine = _speaks_for(incident, one.component) or _has_all(incident, [one])
    return mine and at <= ended + _lasts(one)


def settle(seen: Alarms) -> list[Incident]:
    """Open, join and end incidents; those whose alerts changed."""
    open_ones = record.open_incidents()
    changed = []
    for group in seen.groups:
        incident = _known(group)
        if incident is None and group.page:
            incident = _echoed(group, seen.at)
        if incident is None:
            incident = next((one for one in open_ones if _speaks_for(one, group.root)), None)
        if incident is None and group.page:
            incident = _open(group, seen.at, open_ones)
            open_ones.append(incident)
        if incident is not None and _join(incident, group, seen.at):
            changed.append(incident)
    for incident in open_ones:
        if incident.cause.startswith(PREFIX):
            _end_if_quiet(incident, seen.at)
    return changed


def _known(group: Group) -> Incident | None:
    """The open incident that has alerts of a group already."""
    numbers = [one.number for one in group.alerts]
    known = Alert.objects.filter(pk__in=numbers, incident__closed_at__isnull=True, incident__isnull=False)
    earlier = known.order_by("incident_id").select_related("incident").first()
    return earlier.incident if earlier is not None else None


def _echoed(group: Group, at: datetime) -> Incident | None:
    """The incident that ended lately and of which everything that would wake somebody is an echo."""
    waking = [one for one in group.alerts if one.page]
    for incident in Incident.objects.filter(closed_at__gt=at - BURN_LASTS).order_by("-closed_at"):
        ended = incident.closed_at
        if ended is None or not (_speaks_for(incident, group.root) or _has_all(incident, waking)):
            continue
        if all(one.began_at <= ended + _begins(one) and at <= ended + _lasts(one) for one in waking):
            return incident
    return None


def _has_all(incident: Incident, waking: Sequence[Firing]) -> bool:
    """Whether all of these are its alerts already: what it burnt of a budget is counted long behind its end."""
    return incident.alerts.filter(pk__in=[one.number for one in waking]).count() == len(waking)


def _begins(one: Firing) -> timedelta:
    return BURN_BEGINS if one.rule == BURNS else ECHO_BEGINS


def _lasts(one: Firing) -> timedelta:
    return BURN_LASTS if one.rule == BURNS else ECHO_LASTS


def _speaks_for(incident: Incident, part: str) -> bool:
    return part in BUILDING_OF.get(incident.cause, ()) or incident.cause == _cause(part)


def _cause(root: str) -> str:
    return (PREFIX + root)[:32]


def _open(group: Group, at: datetime, open_ones: Sequence[Incident]) -> Incident:
    lately = [one for one in open_ones if one.opened_at > at - timedelta(hours=1)]
    if len(lately) >= OPENED_AN_HOUR_MAX:
        return lately[-1]
    began = min((one.began_at for one in group.alerts if one.rule != BURNS), default=at)
    incident = record.open_one(_cause(group.root), group.severity, began, at, group.words, timezone.localdate(began))
    incident.cause_words = f"Likely {group.root}: {group.words}"[:500]
    incident.save(update_fields=["cause_words"])
    return incident


def _join(incident: Incident, group: Group, at: datetime) -> bool:
    """Alerts of the group that are new to the incident: each is a line of its timeline, once."""
    elsewhere = Q(incident__isnull=True)
    if incident.closed_at is None:  # an echo that lasts too long leaves the incident that ended
        elsewhere |= Q(incident__closed_at__isnull=False)
    fresh = list(Alert.objects.filter(elsewhere, pk__in=[one.number for one in group.alerts]))
    for row in fresh:
        row.incident = incident
        row.save(update_fields=["incident"])
        record.add(incident, row.fired_at, row.component, "alert", row.words, {"alert": row.pk, "rule": row.rule})
    if fresh and incident.closed_at is None and group.severity < incident.severity:
        incident.severity = group.severity
        incident.save(update_fields=["severity"])
        record.add(incident, at, "watch", "severity", f"Severity {group.severity} now: {group.words}")
    return bool(fresh)


def _end_if_quiet(incident: Incident, at: datetime) -> None:
    """Restored when nothing of it fires any more that wakes somebody; closed when it stays so. What it burnt of a
    service level's budget holds it open only where nothing else was seen."""
    waking = incident.alerts.filter(page=True)
    rows = list(waking.exclude(rule=BURNS)[:2000]) or list(waking[:2000])
    ended = [row.ended_at for row in rows if row.ended_at is not None]
    if len(ended) < len(rows) or not ended:
        if incident.phase != "open":
            record.advance(incident, "open", at, "its alerts fire again")
        return
    last = max(ended)
    if incident.phase == "open":
        record.advance(incident, "repaired", last, "none of its alerts fires any more")
    if at - last >= QUIET:
        record.advance(incident, "closed", at, f"none of its alerts fired for {QUIET.total_seconds():.0f} s")
        incident.review = record.draft_review(incident)
        incident.save(update_fields=["review"])
