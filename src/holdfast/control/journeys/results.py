"""Journeys as values: what each came to, and what the rounds of measurements read of it. Pure but for a lock."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from holdfast.control.metrics.deriving import Kind, Name

KEPT_SESSION, FRESH_LOGIN, SPARE_BANK = "kept session", "fresh login", "spare bank"
JOURNEYS = (KEPT_SESSION, FRESH_LOGIN, SPARE_BANK)
COMPONENT = "journeys"
REQUESTS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a customer does, and how long it took until the answer was whole."""

    name: str
    took_ms: float


@dataclass(frozen=True, slots=True)
class Result:
    """One journey. bank: who answered last, `primary`, `standin`, or "" for nobody; failed: the step that failed, ""
    when none did; why: in words; requests: how many it sent."""

    journey: str
    at: datetime
    bank: str
    steps: tuple[Step, ...]
    failed: str = ""
    why: str = ""
    requests: int = 0

    @property
    def took_ms(self) -> float:
        """All steps together."""
        return sum(step.took_ms for step in self.steps)


class Tried:
    """What all journeys came to since the last round of measurements. Thread-safe; bounded by the number of steps.

    A step counts as failing, so many journeys in a row, until it goes well again: a journey that fails at an earlier
    step says nothing of those behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failing: dict[tuple[str, str], int] = {}
        self._took: dict[tuple[str, str], float] = {}
        self._whole: dict[str, float] = {}
        self._at_spare: dict[str, float] = {}
        self._requests: dict[str, int] = defaultdict(int)
        self._taken_at: datetime | None = None

    def put(self, result: Result) -> None:
        """Note one journey."""
        with self._lock:
            for step in result.steps:
                key = (result.journey, step.name)
                self._took[key] = step.took_ms
                if step.name != result.failed:
                    self._failing[key] = 0
            if result.failed:
                key = (result.journey, result.failed)
                self._failing[key] = self._failing.get(key, 0) + 1
            else:
                self._whole[result.journey] = result.took_ms
            if result.bank:
                self._at_spare[result.journey] = float(result.bank == "standin")
            sent = self._requests[result.journey] + result.requests
            self._requests[result.journey] = min(sent, REQUESTS_MAX)

    def take(self, now: datetime) -> Mapping[Name, float]:
        """Step times since the last round; how often in a row each step has failed; who answered; requests a second."""
        with self._lock:
            took, self._took = self._took, {}
            whole, self._whole = self._whole, {}
            requests, self._requests = self._requests, defaultdict(int)
            gap_s = (now - self._taken_at).total_seconds() if self._taken_at else 0.0
            self._taken_at = now
            failing, at_spare = dict(self._failing), dict(self._at_spare)
        values: dict[Name, float] = {}
        for (journey, step), ms in took.items():
            values[Name(COMPONENT, "journey step time", f"{journey}, {step}", Kind.LATENCY, "ms")] = ms
        for journey, ms in whole.items():
            values[Name(COMPONENT, "journey time", journey, Kind.LATENCY, "ms")] = ms
        for (journey, step), times in failing.items():
            values[Name(COMPONENT, "journey failing", f"{journey}, {step}", Kind.LEVEL, "times in a row")] = times
        for journey, here in at_spare.items():
            values[Name(COMPONENT, "at the spare bank", journey, Kind.LEVEL, "")] = here
        if gap_s > 0 and failing:
            rate = (requests[KEPT_SESSION] + requests[FRESH_LOGIN]) / gap_s
            values[Name(COMPONENT, "calls", "doors", Kind.RATE, "1/s")] = rate
            values[Name(COMPONENT, "calls", "standin", Kind.RATE, "1/s")] = requests[SPARE_BANK] / gap_s
        return values
