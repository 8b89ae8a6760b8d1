"""Alerts written down: begun, gone on, ended; silences; what of it belongs to whom."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.db import transaction

from holdfast.control.alerts.grouping import Firing
from holdfast.control.alerts.models import Alert, Silence
from holdfast.control.alerts.streaks import Key, Streak

KEPT = timedelta(days=14)
OPEN_MAX = 2_000
WORDS_MAX = 500
RULES = "rules"


def take(streaks: Mapping[Key, Streak], at: datetime) -> None:
    """Write down what fires by our own rules: new ones begin, those that fire no more end. Raises django.db's
    errors."""
    firing = {key: one for key, one in streaks.items() if one.firing}
    with transaction.atomic():
        silences = list(Silence.objects.filter(begins_at__lte=at, ends_at__gt=at)[:OPEN_MAX])
        open_rows = Alert.objects.select_for_update().filter(source=RULES, ended_at__isnull=True)[:OPEN_MAX]
        known = {(row.rule, row.component, row.metric, row.about): row for row in open_rows}
        for key, row in known.items():
            if key not in firing:
                row.ended_at = at
                row.save(update_fields=["ended_at"])
        for key, one in firing.items():
            row = known.get(key) or Alert(
                rule=one.rule.name[:96],
                component=one.name.component,
                metric=one.name.metric,
                about=one.name.about,
                source=RULES,
                began_at=one.since or at,
                fired_at=at,
            )
            row.severity, row.page = one.rule.severity, one.rule.page
            row.what_to_do = one.rule.what_to_do[:WORDS_MAX]
            _see(row, one.words, silences, at)


def _see(row: Alert, words: str, silences: Iterable[Silence], at: datetime) -> None:
    row.words, row.seen_at = words[:WORDS_MAX], at
    row.silenced = any(
        fnmatchcase(row.component, one.component) and fnmatchcase(row.rule, one.rule) for one in silences
    )
    row.save()


def firing() -> list[Firing]:
    """What fires now and is not silenced."""
    rows = Alert.objects.filter(ended_at__isnull=True, silenced=False).order_by("severity", "began_at", "id")[:OPEN_MAX]
    return [
        Firing(row.pk, row.rule, row.component, row.severity, row.page, row.began_at, row.words, _callee(row))
        for row in rows
    ]


def _callee(row: Alert) -> str:
    return row.about if row.metric.startswith("calls") else ""


def trim(at: datetime) -> None:
    """Forget alerts that ended a fortnight ago, and silences that are over as long."""
    Alert.objects.filter(ended_at__lt=at - KEPT).delete()
    Silence.objects.filter(ends_at__lt=at - KEPT).delete()
