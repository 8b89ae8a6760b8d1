"""What the probes saw since the last round of measurements, as values beside what the parts tell of themselves."""

import threading
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
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
    "mail": "postbox",
}
"""What each probe looks at, as measurements name it."""
SIGHTS_MAX = 200
REMEMBERED = timedelta(minutes=1)
TWICE, STALLS_MIN, STALLS_SHARE = 2, 3, 0.2


class Gathered:
    """Sights of all probes, taken away once a round. Thread-safe; bounded."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lately: dict[str, deque[Sight]] = defaultdict(lambda: deque(maxlen=SIGHTS_MAX))
        self._seen: dict[str, list[Sight]] = defaultdict(list)
        self._answered: set[str] = set()

    def put(self, sight: Sight) -> None:
        """Note one sight."""
        with self._lock:
            self._lately[sight.building].append(sight)
            seen = self._seen[PARTS.get(sight.building, sight.building)]
            if len(seen) < SIGHTS_MAX:
                seen.append(sight)

    def answers(self, now: datetime, since: datetime | None = None) -> dict[str, str]:
        """How each building and part answered lately, of the last minute and not from before `since`: what was bad then
        belongs to something else. Badly where that is how it was seen more than by chance (`lately`)."""
        begin = max(now - REMEMBERED, since or now - REMEMBERED)
        with self._lock:
            recent = {
                name: [one.answer for one in sights if one.at > begin] or [sights[-1].answer]
                for name, sights in self._lately.items()
                if sights and now - sights[-1].at < REMEMBERED
            }
        return {name: lately(answers).value for name, answers in recent.items()}

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


def lately(answers: Sequence[Answer]) -> Answer:
    """What several answers, the latest last, come to: the worst that is no chance. Who refuses or is unwell does so for
    a reason; who stalls may have waited for a processor, unless it stalls often or again and again at the end. Pure."""
    for answer, times in ((Answer.REFUSES, 1), (Answer.UNWELL, TWICE)):
        if answers.count(answer) >= times:
            return answer
    stalls = answers.count(Answer.STALLS)
    often = stalls >= STALLS_MIN and stalls >= STALLS_SHARE * len(answers)
    if often or (len(answers) >= TWICE and all(one is Answer.STALLS for one in answers[-TWICE:])):
        return Answer.STALLS
    return Answer.ANSWERS if stalls < len(answers) else Answer.STALLS
