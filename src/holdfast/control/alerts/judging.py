"""Judges each round of measurements: rules and service levels, what fires, and what of it has one cause."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from holdfast.control.alerts import downtime, store
from holdfast.control.alerts.burning import BURNS, WINDOWS, burning
from holdfast.control.alerts.counting import count, known_series
from holdfast.control.alerts.errors import BadRule
from holdfast.control.alerts.files import OWN, Files, Stamp, read_files, stamp
from holdfast.control.alerts.grouping import group
from holdfast.control.alerts.opening import Alarms, parted
from holdfast.control.alerts.rules import Rule, Seen, judge, worded
from holdfast.control.alerts.streaks import Key, Streak, after
from holdfast.control.alerts.unusual import Unusual
from holdfast.control.changes import record as changes
from holdfast.control.metrics.collecting import Round
from holdfast.control.metrics.deriving import REACHED_BY, Kind, Name
from holdfast.control.metrics.drawing import said
from holdfast.control.metrics.store import note_trouble

LEVELS_EVERY = 3
"""Rounds between two looks at the service levels."""
GONE_ROUNDS = 2
CALLEES = {"doors": ("door-1", "door-2")}
FORGOTTEN_ROUNDS = 180
"""A part that told nothing for half an hour is no part any more."""
BURN_RULE = Rule(BURNS, "burn", "doors", "service level", "{value}", rounds=1)


class Judge:
    """Holds what lasts from round to round. tell: takes what fires, for the desk; folder: where the bank keeps rules
    and service levels of its own (`rules`, `service-levels`); zone: the bank's time zone."""

    def __init__(self, tell: Callable[[Alarms], None], folder: Path, zone: str) -> None:
        self._tell = tell
        self._folder = folder
        self._streaks: dict[Key, Streak] = {}
        self._rounds = 0
        self._tolerances = downtime.read_tolerances(OWN)
        self._unusual = Unusual(zone)
        self._stamp: Stamp | None = None
        self.files = Files((), (), ())
        self._last: dict[str, int] = {}
        self._burning: list[Seen] = []

    def round(self, seen_now: Round) -> None:
        """Judge one round. Raises django.db's errors."""
        at, values = seen_now.at, seen_now.values
        self._refresh(at)
        spoken = {name: said(value, name.unit) for name, value in values.items()}
        seen = judge(self.files.rules, values, spoken)
        seen += self._absent(values)
        if self._rounds % LEVELS_EVERY == 0:
            self._burning = self._levels(at)
        seen += self._burning
        seen += self._unusual.round(at, values)
        self._rounds += 1
        self._streaks = after(self._streaks, seen, at, {name.component for name in values})
        store.take(self._streaks, at)
        for program in seen_now.restarted:
            changes.note(at, program, "start", f"{program} began anew")
        changes.take_settings(at, seen_now.settings)
        downtime.note(at, downtime.away(values), self._tolerances)
        calls = calls_in(values)
        self._tell(Alarms(at, tuple(one for some in parted(store.firing(), at) for one in group(some, calls))))
        if self._rounds % 360 == 0:
            store.trim(at)
            changes.trim(at)
            downtime.trim(at)

    def _refresh(self, at: datetime) -> None:
        """Read rules and levels again when a file changed; what is wrong with one is said where numbers are."""
        found = stamp(self._folder)
        if found != self._stamp:
            self._stamp, self.files = found, read_files(self._folder)
            wrong = list(self.files.wrong)
            try:
                self._tolerances = downtime.read_tolerances(self._folder)
            except BadRule as fault:
                wrong.append(str(fault))
            note_trouble("rules", "; ".join(wrong), at)

    def _absent(self, values: Mapping[Name, float]) -> list[Seen]:
        """Series that were told and are told no more, under the rules that ask for it."""
        told = {f"{name.component}\n{name.metric}": name for name in values}
        for key in told:
            self._last[key] = self._rounds
        self._last = {key: last for key, last in self._last.items() if self._rounds - last < FORGOTTEN_ROUNDS}
        found = []
        for rule in (rule for rule in self.files.rules if rule.kind == "absent"):
            for key, last in self._last.items():
                component, _, metric = key.partition("\n")
                name = Name(component, metric, "", Kind.LEVEL, "")
                if rule.concerns(name):
                    gone = self._rounds - last >= GONE_ROUNDS
                    found.append(Seen(rule, name, gone, float(self._rounds - last), worded(rule, name, "")))
        return found

    def _levels(self, at: datetime) -> list[Seen]:
        """Service levels whose budget burns too fast."""
        known, spans = known_series(), sorted({span for window in WINDOWS for span in (window.long, window.short)})
        found = []
        for level in self.files.levels:
            burns = burning(level, count(level, known, at, spans).__getitem__)
            name = Name("doors", level.name, level.service, Kind.ERRORS, "share")
            rule = replace(BURN_RULE, severity=burns.window.severity, page=burns.window.page) if burns else BURN_RULE
            rate, words = (burns.rate, burns.words) if burns else (0.0, "")
            found.append(Seen(rule, name, burns is not None, rate, words))
        return found


def calls_in(values: Mapping[Name, float]) -> frozenset[tuple[str, str]]:
    """Who calls whom, from the calls that were measured."""
    called = {
        (name.component, callee)
        for name in values
        if name.metric == "calls"
        for callee in CALLEES.get(name.about, (name.about,))
    }
    return frozenset(called | {(name.about, name.component) for name in values if name.metric == REACHED_BY})
