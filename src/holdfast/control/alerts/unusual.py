"""What is out of the ordinary, and what runs out: detectors and trends of the series that customers' service hangs on.

Each series that is judged has a detector of its own (control/detectors); the kinds say which change of it matters. What
they know is kept in the database every few minutes, so that a restart does not begin from nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from holdfast.control.alerts.models import Learnt
from holdfast.control.alerts.rules import Rule, Seen
from holdfast.control.detectors.alarm import Alarm
from holdfast.control.detectors.calendar import Calendar
from holdfast.control.detectors.detector import Detector, StateUnknown
from holdfast.control.detectors.exhaustion import Trend
from holdfast.control.detectors.series import ERRORS, LATENCY, PLACES, QUEUE, RATE, SHARE, Kind, Series
from holdfast.control.metrics.deriving import Name
from holdfast.telemetry import get_log

WATCHED_MAX = 600
KEEP_EVERY = 30
"""Rounds between two times that what was learnt is written down."""
FORECAST_EVERY = 30
"""Rounds between two forecasts of what runs out."""
QUIET_RATE = 0.3
"""Below so many requests a second a percentile or a share of them says little, and is not judged."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Which series have a detector: component and what it is about with `*` for anything; needs: the metric that must
    be busy."""

    component: str
    metric: str
    kind: Kind
    words: str
    unit: str
    severity: int
    page: bool
    needs: str = ""
    about: str = "*"


DOORS, EACH_DOOR, OF_ALL_DOORS = "doors", "door-*", ("requests", "heard")
"""What customers ask is counted of all doors together: which of them a browser keeps a connection to is chance."""
GONE_ROUNDS = 6
"""What is out of the ordinary in a series ends when it is told no more for so many rounds while its part tells others.
"""
WATCHED = (
    Watched(DOORS, "requests", RATE, "requests a second to {about} at the doors", "a second", 3, False),
    Watched("door-*", "requests 95 %", LATENCY, "slow answers of {about} at {component}", "ms", 2, True, "requests"),
    Watched("bank-web", "requests 95 %", LATENCY, "slow answers of {about} at {component}", "ms", 2, True, "requests"),
    Watched("standin", "requests 95 %", LATENCY, "slow answers of {about} at {component}", "ms", 2, True, "requests"),
    Watched("*", "requests failing", ERRORS, "failing requests to {about} at {component}", "", 2, True, "requests"),
    Watched("*", "calls failing", ERRORS, "failing calls of {component} to {about}", "", 3, False, "calls"),
    Watched("*", "calls 95 %", LATENCY, "slow calls of {component} to {about}", "ms", 3, False, "calls"),
    Watched(DOORS, "heard", RATE, "logins that fail", "a second", 3, False, about="a login that failed"),
    Watched(DOORS, "heard", RATE, "times that help is opened", "a second", 3, False, about="help opened"),
    Watched(DOORS, "heard", RATE, "chats that are begun", "a second", 3, False, about="a chat begun"),
    Watched(DOORS, "heard", RATE, "problems that customers report", "a second", 3, False, about="a problem reported"),
    Watched("bank-db", "waiting for locks", QUEUE, "sessions that wait for locks", "", 3, False),
    Watched("host", "memory in use", SHARE, "shares of the machine's memory in use", "", 3, False),
    Watched("host", "disk in use", SHARE, "shares of the disk in use", "", 3, False),
    Watched("bank-db", "connections in use", PLACES, "shares of the database's connections in use", "", 3, False),
)
RUNS_OUT = (
    ("host", "disk in use", "The disk", 1.0, False),
    ("host", "memory in use", "The machine's memory", 1.0, False),
    ("bank-db", "connections in use", "Connections to the bank's database", 1.0, True),
)
"""Component, metric, what it is called, its limit, whether it follows the customers' day."""


class Unusual:
    """All detectors of one process. Not safe for several threads."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._calendar = Calendar(zone)
        self._held: dict[Name, tuple[Watched, Detector, Alarm]] = {}
        self._open: dict[Name, tuple[str, bool]] = {}
        self._gone: dict[Name, int] = {}
        self._full: dict[tuple[str, str], tuple[str, str]] = {}
        self._trends = {(component, metric): Trend(limit, daily) for component, metric, _, limit, daily in RUNS_OUT}
        self._kept: dict[str, str] | None = None
        self._rounds = 0

    def round(self, at: datetime, values: Mapping[Name, float]) -> list[Seen]:
        """What the detectors say of a round. Raises django.db's errors."""
        if self._kept is None:
            self._kept = dict(Learnt.objects.values_list("name", "state")[: WATCHED_MAX * 2])
            self._recall_trends(self._kept)
        values = {**values, **_of_all_doors(values)}
        self._forget_gone(values)
        rates = {(name.component, name.metric, name.about): value for name, value in values.items()}
        for name, value in values.items():
            held = self._of(name)
            if held is None:
                continue
            watched, detector, alarm = held
            busy = not watched.needs or rates.get((name.component, watched.needs, name.about), 0.0) >= QUIET_RATE
            verdict = detector.update(at, value if busy else None)
            notice = alarm.update(detector.series, at.timestamp(), verdict)
            if notice is not None and notice.what == "opened":
                self._open[name] = (notice.words, notice.again)
            elif notice is not None:
                self._open.pop(name, None)
        found = [
            Seen(_rule(self._held[name][0], again), name, True, values.get(name, 0.0), words[:1].upper() + words[1:])
            for name, (words, again) in self._open.items()
        ]
        found += self._running_out(at, values)
        self._rounds += 1
        if self._rounds % KEEP_EVERY == 0:
            self._keep()
        return found

    def _forget_gone(self, values: Mapping[Name, float]) -> None:
        telling = {name.component for name in values}
        for name in list(self._open):
            gone = self._gone.get(name, 0) + 1 if name not in values and name.component in telling else 0
            self._gone[name] = gone
            if gone >= GONE_ROUNDS:
                del self._open[name], self._held[name], self._gone[name]

    def _of(self, name: Name) -> tuple[Watched, Detector, Alarm] | None:
        held = self._held.get(name)
        if held is not None:
            return held
        watched = next((one for one in WATCHED if _concerns(one, name)), None)
        if watched is None or len(self._held) >= WATCHED_MAX:
            return None
        words = watched.words.format(component=name.component, about=name.about or name.component)
        series = Series(_key(name), watched.kind, words, watched.unit)
        known = (self._kept or {}).get(_key(name), "")
        state, _, alarm = known.partition("\n")
        try:
            detector = Detector.from_json(series, state, self._calendar) if state else Detector(series, self._calendar)
            held = (watched, detector, Alarm.from_json(alarm) if alarm else Alarm())
        except (StateUnknown, ValueError, TypeError):
            held = (watched, Detector(series, self._calendar), Alarm())
        self._held[name] = held
        return held

    def _running_out(self, at: datetime, values: Mapping[Name, float]) -> list[Seen]:
        by_part = {(name.component, name.metric): (name, value) for name, value in values.items()}
        found = []
        for component, metric, words, _, _ in RUNS_OUT:
            if (component, metric) not in by_part:
                continue
            name, value = by_part[component, metric]
            trend = self._trends[component, metric]
            trend.see(at.timestamp(), value)
            if self._rounds % FORECAST_EVERY == 0:
                forecast = trend.forecast()
                urgency = forecast.urgency(at.timestamp()) if forecast else ""
                self._full[component, metric] = (urgency, forecast.words(words, self._zone) if forecast else "")
            urgency, said = self._full.get((component, metric), ("", ""))
            rule = Rule("runs out", "runs out", component, metric, "{value}", rounds=3, quiet_rounds=12,
                        severity=2 if urgency == "page" else 3, page=urgency == "page")  # fmt: skip
            found.append(Seen(rule, name, bool(urgency), value, said))
        return found

    def _recall_trends(self, kept: Mapping[str, str]) -> None:
        for component, metric, _, limit, daily in RUNS_OUT:
            text = kept.get(f"trend\n{component}\n{metric}", "")
            try:
                self._trends[component, metric] = Trend.from_json(limit, text, daily) if text else Trend(limit, daily)
            except (ValueError, TypeError, KeyError):
                get_log().warning("what was learnt of a resource cannot be read", component=component, metric=metric)

    def _keep(self) -> None:
        """Write down what was learnt, in one statement."""
        rows = [
            Learnt(name=_key(name), state=f"{detector.to_json()}\n{alarm.to_json()}")
            for name, (_, detector, alarm) in self._held.items()
        ]
        rows += [
            Learnt(name=f"trend\n{one[0]}\n{one[1]}", state=trend.to_json()) for one, trend in self._trends.items()
        ]
        Learnt.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=["state"])


def _of_all_doors(values: Mapping[Name, float]) -> dict[Name, float]:
    """The rates of all doors together."""
    together: dict[Name, float] = {}
    for name, value in values.items():
        if name.metric in OF_ALL_DOORS and fnmatchcase(name.component, EACH_DOOR):
            all_of_it = replace(name, component=DOORS)
            together[all_of_it] = together.get(all_of_it, 0.0) + value
    return together


def _concerns(one: Watched, name: Name) -> bool:
    return (
        fnmatchcase(name.component, one.component) and name.metric == one.metric and fnmatchcase(name.about, one.about)
    )


def _key(name: Name) -> str:
    return f"{name.component}\n{name.metric}\n{name.about}"


def _rule(one: Watched, again: bool) -> Rule:
    """again: the trouble of a while ago goes on, and nobody is woken anew."""
    return Rule("unusual", "unusual", one.component, one.metric, "{value}", rounds=1, quiet_rounds=1,
                severity=one.severity, page=one.page and not again)  # fmt: skip
