"""A made-up bank's measurements over days without a fault, and the faults that are put into them.

Sixty series of the kinds that the control room keeps, a value each ten seconds. They follow the customers' day and week
(on the local clock), have noise that hangs together as real load does, a peak on pay days, a release in working hours
with a restart of twenty seconds and caches that warm up after it, a nightly run, and the change to winter time. Nothing
here knows how the detectors work.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from holdfast.control.detectors.series import ERRORS, LATENCY, PLACES, QUEUE, RATE, SHARE, Series

STEP_S = 10
DAYS = 10
FIRST = datetime(2026, 10, 19, tzinfo=ZoneInfo("Europe/Oslo")).timestamp()
"""Monday; Tuesday the 20th and Friday the 23rd (for Sunday the 25th) are pay days, and summer time ends on the 25th."""
PAY_DATES = {(10, 20), (10, 23)}
RELEASES = {(10, 21): 10.2, (10, 27): 14.1}
"""Days with a release, and its local hour."""
RESTART_S = 20
DAY_SHAPE = (0.10, 0.07, 0.05, 0.05, 0.07, 0.15, 0.35, 0.65, 0.90, 1.00, 0.98, 0.97, 0.99, 0.95, 0.92, 0.94, 0.97, 0.92,
             0.85, 0.80, 0.72, 0.55, 0.35, 0.18)  # fmt: skip
"""How busy a bank's customers are from each full hour on, its peak being 1."""
WEEKEND = 0.55
COUNTS = {"rate": 18, "latency": 14, "errors": 10, "queue": 6, "memory": 5, "disk": 3, "places": 4}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong from an instant on."""

    name: str
    of: str
    """The kind of series that it shows in, by its beginning."""


FAULTS = (
    Fault("errors 10 %", "errors"),
    Fault("latency x5", "latency"),
    Fault("drop to zero", "rate"),
    Fault("level shift -40 %", "rate"),
)


def drawn_poisson(luck: random.Random, mean: float) -> int:
    """A count with this mean; for large means the normal one with the same spread."""
    if mean > 50:
        return max(0, round(luck.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), luck.random(), 0
    while product > limit and count < 1000:
        product *= luck.random()
        count += 1
    return count


class Clock:
    """What the hour, the day and the release make of the bank's load; shared by all series."""

    def __init__(self) -> None:
        self._zone = ZoneInfo("Europe/Oslo")
        self._minute, self._load, self._since_release_s = -1, 0.0, math.inf

    def at(self, at_s: float) -> tuple[float, float]:
        """(load from 0 to 1, on a pay day more; seconds since the last release began, while that matters)."""
        minute = int(at_s // 60)
        if minute != self._minute:
            self._minute = minute
            local = datetime.fromtimestamp(minute * 60, UTC).astimezone(self._zone)
            hour = local.hour + local.minute / 60
            here, then = (
                DAY_SHAPE[one.hour] * (WEEKEND if one.weekday() >= 5 else 1.0)
                for one in (local, local + timedelta(hours=1))
            )
            load = here + (then - here) * (hour % 1)
            if (local.month, local.day) in PAY_DATES:
                # Wages are there at six; people look at once, and more than usual until the evening.
                load *= 1 + (0.5 * (24 - hour) / 18 + 1.8 * math.exp(-(hour - 6.05) / 1.5) if hour >= 6.05 else 0.0)
            self._load = load
            began = RELEASES.get((local.month, local.day))
            self._since_release_s = math.inf
            if began is not None and began <= hour < began + 4:
                midnight = local.replace(hour=0, minute=0, second=0) + timedelta(hours=began)
                self._release_at = midnight.timestamp()
                self._since_release_s = 0.0
        since = at_s - self._release_at if self._since_release_s == 0.0 else math.inf
        return self._load, since if since >= 0 else math.inf


@dataclass(frozen=True, slots=True)
class Now:
    """Ten seconds of the bank: their end, the load in them, how long ago the last release began."""

    at_s: float
    load: float
    since_s: float
    restarting: bool


class Source:
    """One series of the bank: `value` gives the next one. Faults are put in by `fault`."""

    def __init__(self, kind: str, number: int, seed: int, clock: Clock) -> None:
        self.luck = luck = random.Random(f"{seed} {kind} {number}")
        self.kind, self.clock = kind, clock
        self.size = {
            "rate": 5 * 60 ** luck.random(), "latency": 20 * 10 ** luck.random(), "errors": 20 * 20 ** luck.random(),
            "queue": 10 * 10 ** luck.random(), "memory": 0.3 + 0.3 * luck.random(), "disk": 0.3 + 0.4 * luck.random(),
            "places": 0.2 + 0.25 * luck.random(),
        }[kind]  # fmt: skip
        self.rough = 0.02 + 0.05 * luck.random()
        self.wave = 0.0
        self.used = self.size
        self.fault = ""
        self.fault_at = math.inf
        words, unit, what = {
            "rate": ("requests a second", "", RATE), "latency": ("response times", "ms", LATENCY),
            "errors": ("failed requests", "", ERRORS), "queue": ("waiting messages", "", QUEUE),
            "memory": ("memory in use", "", SHARE), "disk": ("disk in use", "", SHARE),
            "places": ("connections in use", "", PLACES),
        }[kind]  # fmt: skip
        self.series = Series(f"{kind} {number}", what, words, unit, STEP_S)

    def value(self, at_s: float) -> float:
        """The value of the ten seconds that end at `at_s`."""
        luck = self.luck
        load, since = self.clock.at(at_s)
        # Load comes in waves of some minutes, beside the noise of single requests.
        self.wave += -self.wave / 30 + luck.gauss(0, self.rough * 0.25)
        load *= math.exp(self.wave)
        return max(0.0, getattr(self, f"_{self.kind}")(Now(at_s, load, since, since < RESTART_S)))

    def _share(self, at_s: float) -> float:
        """How much of the newest ten seconds the fault was there."""
        return min(1.0, max(0.0, (at_s - self.fault_at) / STEP_S))

    def _rate(self, now: "Now") -> float:
        mean = self.size * now.load * STEP_S * (0.0 if now.restarting else 1.0)
        share = self._share(now.at_s)
        if share and self.fault == "drop to zero":
            mean *= 1 - share
        if share and self.fault == "level shift -40 %":
            mean *= 1 - 0.4 * share
        return drawn_poisson(self.luck, mean) / STEP_S

    def _latency(self, now: "Now") -> float:
        base = self.size * (1 + 0.5 * now.load * now.load) * math.exp(self.luck.gauss(0, 0.12))
        if self.luck.random() < 0.003:
            base *= 2 + 4 * self.luck.random()
        if now.since_s < 600:
            base *= 1 + (3.0 if now.restarting else 0.6 * math.exp(-now.since_s / 120))
        return base * (1 + 4 * self._share(now.at_s) if self.fault == "latency x5" else 1)

    def _errors(self, now: "Now") -> float:
        requests = drawn_poisson(self.luck, self.size * now.load * STEP_S)
        chance = 0.6 if now.restarting else 0.001
        if self.fault == "errors 10 %":
            chance += 0.1 * self._share(now.at_s)
        failed = min(requests, drawn_poisson(self.luck, requests * chance))
        return failed / requests if requests else 0.0

    def _queue(self, now: "Now") -> float:
        nightly = 1 + 4 * math.exp(-(((now.at_s / 3600) % 24 - 1.5) ** 2) / 0.02)
        return round(self.size * now.load * nightly * self.luck.gammavariate(2, 0.5) + (60 if now.restarting else 0))

    def _memory(self, now: "Now") -> float:
        # Caches that are empty after a release fill within the hour; garbage is collected each ten minutes.
        warm = 1 - 0.4 * math.exp(-now.since_s / 1500) if now.since_s < 14400 else 1.0
        if self.fault.startswith("leak"):
            self.used += float(self.fault.split()[1]) * STEP_S / 3600 * (now.at_s > self.fault_at)
        saw = 0.04 * ((now.at_s / 600 + self.rough * 100) % 1)
        return min(1.0, self.used * warm + saw + 0.03 * now.load + self.luck.gauss(0, 0.004))

    def _disk(self, now: "Now") -> float:
        self.used += (0.004 * now.load * STEP_S / 86400) * (1 + self.luck.gauss(0, 1))
        return min(1.0, self.used + 0.02 * ((now.at_s / 86400 - 0.1) % 1) + self.luck.gauss(0, 0.0003))

    def _places(self, now: "Now") -> float:
        used = 0.03 + self.size * now.load * math.exp(self.luck.gauss(0, 0.06))
        return min(1.0, used + (0.15 if now.restarting else 0))


def bank(seed: int, clock: Clock, few: bool = False) -> list[Source]:
    """All series of one bank; `few`: one of each kind."""
    counts = dict.fromkeys(COUNTS, 1) if few else COUNTS
    return [Source(kind, number, seed, clock) for kind, count in counts.items() for number in range(count)]


def instants(first_s: float, last_s: float) -> Iterator[float]:
    """Each ten seconds, the last one excluded."""
    at_s = first_s
    while at_s < last_s:
        yield at_s
        at_s += STEP_S
