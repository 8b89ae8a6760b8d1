"""Writing changes down, and settings as parts tell them; what differs between twins."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from holdfast.control.changes.models import Change, Setting

KEPT = timedelta(days=90)
SETTINGS_MAX = 2_000
UNSEEN_MAX = timedelta(seconds=30)
GONE_AFTER = timedelta(seconds=15)
"""A setting that one round lacks may come with the next."""
NOTHING, NOT_TOLD = "nothing", "not told"
CHANGED = re.compile(r"(?P<setting>.+? of [^:]+): (?P<before>.*) before, (?P<value>.*) now", re.DOTALL)
"""How `_changed` words a change of a setting."""
KINDS = ("release", "configuration", "start", "decision", "key", "order")
TWINS = (("door-1", "door-2"),)
"""Parts that are to be set alike."""
RELEASE = ("release", "python", "libraries")
"""Settings that tell which version runs."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two twins that are set differently."""

    component: str
    name: str
    words: str
    since: datetime


def note(at: datetime, component: str, kind: str, words: str, by: str = "") -> None:
    """One change; kind is one of KINDS."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of change")
    Change.objects.create(at=at, component=component[:48], kind=kind, words=words[:500], by=by[:64])


def take_settings(at: datetime, told: Mapping[tuple[str, str], str]) -> list[str]:
    """Settings by (component, name) as they were told this round; what changed since the last, in words, is written
    down as a change each, at the instant at which the value was last seen as before (what it caused may show sooner
    than it does), but not longer ago than UNSEEN_MAX. A part that is new is no change; a setting that its part told
    and tells no more, while it tells others, was taken away."""
    said: list[str] = []
    with transaction.atomic():
        known = {(row.component, row.name): row for row in Setting.objects.all()[:SETTINGS_MAX]}
        seen: dict[str, datetime] = {}
        for one in known.values():
            seen[one.component] = max(one.seen_at, seen.get(one.component, one.seen_at))
        fresh: list[Setting] = []
        for (component, name), value in list(told.items())[:SETTINGS_MAX]:
            row = known.get((component, name))
            if row is None:
                fresh.append(Setting(component=component, name=name, value=value[:200], since=at, seen_at=at))
                if component in seen:
                    said.append(_changed(max(seen[component], at - UNSEEN_MAX), component, name, NOT_TOLD, value))
            elif row.value != value[:200]:
                since = max(row.seen_at, at - UNSEEN_MAX)
                said.append(_changed(since, component, name, row.value, value))
                row.before, row.value, row.since = row.value, value[:200], since
                row.save(update_fields=["before", "value", "since"])
        Setting.objects.bulk_create(fresh[: max(0, SETTINGS_MAX - len(known))])
        speak = {component for component, _ in told}
        silent = [row for key, row in known.items() if key not in told and row.component in speak]
        gone = [row for row in silent if at - row.seen_at >= GONE_AFTER]
        said += [_changed(row.seen_at, row.component, row.name, row.value, NOT_TOLD) for row in gone]
        Setting.objects.filter(pk__in=[row.pk for row in gone]).delete()
        Setting.objects.filter(component__in=speak).exclude(pk__in=[row.pk for row in silent]).update(seen_at=at)
    return said


def _changed(at: datetime, component: str, name: str, before: str, value: str) -> str:
    words = f"{name} of {component}: {before or NOTHING} before, {value or NOTHING} now"
    note(at, component, "release" if name in RELEASE else "configuration", words)
    return words


def standing(rows: Iterable[Change], at: datetime) -> list[Change]:
    """The changes without those of settings that were taken back by at, and without what took them back: everything is
    as it was before them. In the order of time."""
    kept: list[Change] = []
    open_ones: dict[str, list[tuple[str, str, Change]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.at, row.pk)):
        kept.append(row)
        told = CHANGED.fullmatch(row.words) if row.kind in ("release", "configuration") else None
        if told is None or row.at > at:
            continue
        before, value, earlier = told["before"], told["value"], open_ones[told["setting"]]
        if earlier and (earlier[-1][0], earlier[-1][1]) == (value, before):
            gone = earlier.pop()[2]
            kept = [one for one in kept if one is not gone and one is not row]
        else:
            earlier.append((before, value, row))
    return kept


def differences(rows: Iterable[Setting], twins: Iterable[tuple[str, ...]] = TWINS) -> list[Difference]:
    """Where twins are set differently, and releases that run beside each other."""
    by_name: dict[str, dict[str, Setting]] = defaultdict(dict)
    for row in rows:
        by_name[row.name][row.component] = row
    found = []
    for name, held in sorted(by_name.items()):
        for alike in (tuple(held) if name in RELEASE else (), *twins):
            some = [held[part] for part in sorted(alike) if part in held]
            values = [row.value for row in some]
            if len(set(values)) < 2:
                continue
            usual = max(values, key=lambda value: (values.count(value), value))
            for row in some:
                if row.value != usual:
                    words = f"{name} of {row.component} is {row.value}, of others {usual}"
                    found.append(Difference(row.component, name, words, row.since))
    return list(dict.fromkeys(found))


def trim(at: datetime) -> None:
    """Forget changes of three months ago, and parts that told nothing for a fortnight."""
    Change.objects.filter(at__lt=at - KEPT).delete()
    Setting.objects.filter(seen_at__lt=at - timedelta(days=14)).delete()
