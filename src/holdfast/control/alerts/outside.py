"""Alerts that others tell: Alertmanager's webhook, version 4
(https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).

A body is taken whole or refused whole, in words. A flood is kept in bounds and nothing of it is lost: of one alert's
name, EACH_MAX are rows of their own, the others are counted in one row that says how many they are.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from holdfast.control.alerts.models import Alert, Source
from holdfast.control.alerts.store import WORDS_MAX
from holdfast.control.errors import ControlError

BODY_BYTES_MAX = 4_000_000
ALERTS_MAX = 20_000
EACH_MAX = 20
OPEN_MAX = 500
MORE = "(more of them)"
HELD_AT_MOST = timedelta(hours=12)
"""An alert that its source neither repeated nor ended for so long is over: Alertmanager repeats every four hours."""
SEVERITIES = {"critical": 2, "page": 2, "error": 3, "warning": 3, "info": 4, "none": 4}
COMPONENT_LABELS = ("component", "service", "job", "instance")
CLOCK_LEEWAY = timedelta(minutes=5)


class BadHook(ControlError):
    """What was sent is no message of Alertmanager's version 4; the text says where it is not."""


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as it was told."""

    rule: str
    component: str
    about: str
    severity: int
    words: str
    began_at: datetime
    ended: bool


def digest_of(token: str) -> str:
    """What is kept of a source's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def read(raw: bytes, now: datetime) -> list[Told]:
    """The alerts of a message; raises BadHook. An instant that lies in the future, or years ago, is `now`: clocks
    differ."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadHook("the body is not JSON") from error
    if not isinstance(body, dict) or str(body.get("version")) != "4" or not isinstance(body.get("alerts"), list):
        raise BadHook('the body is no webhook of version "4" with a list of alerts')
    if len(body["alerts"]) > ALERTS_MAX:
        raise BadHook(f"more than {ALERTS_MAX} alerts in one message")
    return [_one(raw_alert, number, now) for number, raw_alert in enumerate(body["alerts"], 1)]


def _one(raw: Any, number: int, now: datetime) -> Told:
    where = f"alert {number}"
    if not isinstance(raw, dict) or not isinstance(raw.get("labels"), dict):
        raise BadHook(f"{where} has no labels")
    labels = {str(name)[:64]: str(value)[:300] for name, value in list(raw["labels"].items())[:64]}
    if not labels.get("alertname"):
        raise BadHook(f"{where} has no label alertname")
    if raw.get("status") not in ("firing", "resolved"):
        raise BadHook(f"{where}: status is firing or resolved")
    told = raw.get("annotations")
    notes = told if isinstance(told, dict) else {}
    words = str(notes.get("summary") or notes.get("description") or labels["alertname"])
    component = next((labels[name] for name in COMPONENT_LABELS if labels.get(name)), "outside")
    rest = ", ".join(f"{name} {labels[name]}" for name in sorted(labels) if name not in ("alertname", "severity"))
    return Told(
        labels["alertname"][:96],
        component[:48],
        rest[:96],
        SEVERITIES.get(labels.get("severity", "").lower(), 3),
        words[:WORDS_MAX],
        _instant(raw.get("startsAt"), now),
        raw["status"] == "resolved",
    )


def _instant(raw: Any, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        return now
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at if now - timedelta(days=30) < at < now + CLOCK_LEEWAY else now


def take(source: str, told: list[Told], now: datetime) -> dict[str, int]:
    """Write them down; how many began, went on, ended, and were counted only. Raises django.db's errors."""
    counts = {"began": 0, "went on": 0, "ended": 0, "counted": 0}
    with transaction.atomic():
        held = Alert.objects.select_for_update().filter(source=source, ended_at__isnull=True)[: OPEN_MAX * 2]
        known = {(one.rule, one.component, one.about): one for one in held}
        each: dict[str, int] = {}
        for before in known.values():
            each[before.rule] = each.get(before.rule, 0) + 1
        for one in told:
            key = (one.rule, one.component, one.about)
            row = known.get(key)
            if one.ended:
                counts["ended"] += _end(row, known, one, now)
            elif row is not None:
                row.seen_at, row.words, row.severity = now, one.words, one.severity
                row.save(update_fields=["seen_at", "words", "severity"])
                counts["went on"] += 1
            elif each.get(one.rule, 0) < EACH_MAX and len(known) < OPEN_MAX:
                known[key] = _begin(source, one, now)
                each[one.rule] = each.get(one.rule, 0) + 1
                counts["began"] += 1
            else:
                _count(source, one, known, now)
                counts["counted"] += 1
        for counted in known.values():
            if counted.times > 1:
                counted.save(update_fields=["times", "words", "seen_at"])
        Alert.objects.filter(source=source, ended_at__isnull=True, seen_at__lt=now - HELD_AT_MOST).update(ended_at=now)
        Source.objects.filter(name=source).update(last_at=now, trouble="")
    return counts


def _begin(source: str, one: Told, now: datetime) -> Alert:
    return Alert.objects.create(
        rule=one.rule,
        component=one.component,
        about=one.about,
        source=source,
        severity=one.severity,
        page=one.severity <= 2,
        words=one.words,
        began_at=min(one.began_at, now),
        fired_at=now,
        seen_at=now,
    )


def _count(source: str, one: Told, known: dict[tuple[str, str, str], Alert], now: datetime) -> None:
    """One more of a flood, in the row that counts them; that row is of the first of them that had no row."""
    key = next((key for key in known if key[0] == one.rule and key[2] == MORE), None)
    if key is None:
        row = _begin(source, Told(one.rule, one.component, MORE, one.severity, one.words, one.began_at, False), now)
        known[row.rule, row.component, MORE] = row
        return
    row = known[key]
    row.times += 1
    row.words = f"{row.times} more of {row.rule}; the last: {one.words}"[:WORDS_MAX]
    row.seen_at = now


def _end(row: Alert | None, known: dict[tuple[str, str, str], Alert], one: Told, now: datetime) -> int:
    """End an alert's row, or take one from those that are only counted."""
    if row is not None:
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        del known[row.rule, row.component, row.about]
        return 1
    more = next((known[key] for key in known if key[0] == one.rule and key[2] == MORE), None)
    if more is None:
        return 0
    more.times -= 1
    if more.times < 1:
        more.ended_at = now
        del known[more.rule, more.component, MORE]
    more.save()
    return 1
