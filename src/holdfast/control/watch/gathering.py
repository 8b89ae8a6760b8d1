"""What the probes saw since the last round of measurements, as values beside what the parts tell of themselves."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from holdfast.control.calls import Kind as Answer
from holdfast.control.metrics.deriving import Kind, Name
from holdfast.control.watch.observations import Sight

PARTS = {
    "bank": "bank-web",
    "bank web": "bank-web",
    "bank database": "bank-db",
    "doors": "doors",
    "door 1": "door-1",
    "door 2": "door-2",
}
"""What each probe looks at, as measurements name it."""
SIGHTS_MAX = 200
REMEMBERED = timedelta(minutes=1)


class Gathered:
    """Sights of all probes, taken away once a round. Thread-safe; bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[str, Sight] = {}
        self._bad: dict[str, Sight] = {}
        self._seen: dict[str, list[Sight]] = defaultdict(list)
        self._answered: set[str] = set()

    def put(self, sight: Sight) -> None:
        """Note one sight."""
        with self._lock:
            self._latest[sight.building] = sight
            if sight.answer is not Answer.ANSWERS:
                self._bad[sight.building] = sight
            seen = self._seen[PARTS.get(sight.building, sight.building)]
            if len(seen) < SIGHTS_MAX:
                seen.append(sight)

    def answers(self, now: datetime, since: datetime | None = None) -> dict[str, str]:
        """How each building and part answered last; worse, when it answered badly within the last minute, and not
        before `since`: what was bad then belongs to something else."""
        with self._lock:
            latest = {name: one.answer.value for name, one in self._latest.items() if now - one.at < REMEMBERED}
            remembered = max(now - REMEMBERED, since or now - REMEMBERED)
            bad = {name: one.answer.value for name, one in self._bad.items() if one.at > remembered}
        return {**latest, **bad}

    def take(self) -> Mapping[Name, float]:
        """The share of probes that were answered well, and the slowest answer in milliseconds, a component. One that
        has never answered is left out: it may not have been started yet."""
        with self._lock:
            seen, self._seen = self._seen, defaultdict(list)
        values: dict[Name, float] = {}
        for component, sights in seen.items():
            well = [one for one in sights if one.answer is Answer.ANSWERS]
            if well:
                self._answered.add(component)
                values[Name(component, "probe", "", Kind.LATENCY, "ms")] = max(one.took_ms for one in well)
            if component in self._answered:
                values[Name(component, "answers probes", "", Kind.AVAILABILITY, "share")] = len(well) / len(sights)
        return values
