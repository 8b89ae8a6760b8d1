"""`make bench-detect`: do the control room's detectors find what is wrong in time, and wake nobody for nothing?

Ten days of sixty series of a made-up bank (simulated.py) without a fault: with pay days, releases, the end of summer
time. Then faults put into copies of it at instants and series drawn by the seed, with days of history and with ten
minutes of it, until each is found. Then NAB's 58 labelled series (nab.py), by the same detector, when its folder is
named. All figures are counts of what happened.
"""

import argparse
import copy
import math
import os
import random
import statistics
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

import nab
import simulated
from simulated import FAULTS, STEP_S, Clock, Source
from table import Figure, keep, say, share

from holdfast.control.detectors.alarm import Alarm
from holdfast.control.detectors.calendar import DAY_S, HOUR_S, Calendar
from holdfast.control.detectors.detector import Detector
from holdfast.control.detectors.exhaustion import FINE_S, Trend
from holdfast.control.detectors.series import Kind, Series

SEEDS, FAULTS_EACH, COLD_EACH, LEAKS_EACH = 2, 40, 40, 20
COLD_S, GIVEN_S = 600, 900
"""The history that a cold start has; how long a fault lasts until it counts as missed."""
IN_TIME_S, LEAD_S = 60, HOUR_S
LIMITED = ("memory", "disk", "places")
BUSY_RATE = 20.0
"""Requests a second from which ten seconds tell a fall of 40 % from chance: below, noise alone is a tenth and more."""
NAB_EVEN = 0.5
"""The threshold fixed beforehand, before NAB was scored with it: nominally one in a million."""


@dataclass
class Watched:
    """One series with all that watches it."""

    source: Source
    detector: Detector
    alarm: Alarm = field(default_factory=Alarm)
    trend: Trend | None = None
    news: int = 0
    """Values that scored 0.5 or more."""

    def step(self, at_s: float) -> str:
        """The next value; what is told of it: `page`, `ticket` or nothing."""
        value = self.source.value(at_s)
        verdict = self.detector.update(at_s, value)
        self.news += verdict.score >= NAB_EVEN
        notice = self.alarm.update(self.source.series, at_s, verdict)
        told = "page" if notice is not None and notice.what == "opened" and not notice.again else ""
        if self.trend is not None:
            self.trend.see(at_s, value)
            if at_s % FINE_S == 0 and (forecast := self.trend.forecast()) is not None:
                told = told or forecast.urgency(at_s)
        return told


@dataclass(frozen=True)
class Found:
    """What became of one fault. `after_s`: infinite when it was missed; `lead_s`: before the end, of a leak."""

    fault: str
    history: str
    after_s: float
    lead_s: float = 0.0
    noisy: bool = False


@dataclass
class Told:
    """What one seed's bank came to."""

    pages: Counter[str] = field(default_factory=Counter)
    tickets: Counter[str] = field(default_factory=Counter)
    news: int = 0
    values: int = 0
    bytes_most: int = 0
    found: list[Found] = field(default_factory=list)


def watched(source: Source, calendar: Calendar) -> Watched:
    """A series from its first value on."""
    trend = Trend(1.0, source.series.kind.daily) if source.kind in LIMITED else None
    return Watched(source, Detector(source.series, calendar), trend=trend)


def put_in(one: Watched, fault: str, at_s: float, history: str, luck: random.Random) -> Found:
    """Go on with a copy in which the fault begins within the next ten seconds; until it is found."""
    one = copy.deepcopy(one)
    one.source.fault, one.source.fault_at = fault, at_s + STEP_S * luck.random()
    noisy = one.source.kind == "rate" and one.source.size * one.source.clock.at(at_s)[0] < BUSY_RATE
    for now_s in simulated.instants(at_s + STEP_S, at_s + GIVEN_S):
        if one.step(now_s) == "page":
            return Found(fault, history, now_s - one.source.fault_at, noisy=noisy)
    return Found(fault, history, math.inf, noisy=noisy)


def leak(one: Watched, at_s: float, history: str, luck: random.Random) -> Found:
    """A leak that fills the memory in two to ten hours; found by the first page before that."""
    one = copy.deepcopy(one)
    hours = 2 + 8 * luck.random()
    left = 1.0 - one.source.value(at_s)
    one.source.fault, one.source.fault_at = f"leak {left / hours:.6f}", at_s
    found_s = math.inf
    for now_s in simulated.instants(at_s + STEP_S, at_s + 2 * hours * HOUR_S):
        told = one.step(now_s)
        if told == "page" and found_s == math.inf:
            found_s = now_s
        if one.source.used >= 1.0 - 0.03:
            return Found("leak", history, found_s - at_s, now_s - found_s)
    raise SystemExit("a leak never filled the memory")


def one_bank(seed: int) -> Told:
    """Ten days of one bank without a fault; faults in copies of it on the way; then faults after ten minutes."""
    luck, clock, calendar = random.Random(seed), Clock(), Calendar()
    all_watched = [watched(source, calendar) for source in simulated.bank(seed, clock)]
    out = Told()
    last_s = simulated.FIRST + simulated.DAYS * DAY_S
    # Not in the hours of a release: who changes something looks at it.
    planned: dict[int, list[tuple[str, str]]] = {}
    for name, kind in [*((fault.name, fault.of) for fault in FAULTS), ("leak", "memory")]:
        for _ in range(LEAKS_EACH if name == "leak" else FAULTS_EACH):
            at = int(luck.uniform(simulated.FIRST + HOUR_S, last_s)) // STEP_S * STEP_S
            planned.setdefault(at, []).append((name, kind))
    for at_s in simulated.instants(simulated.FIRST, last_s):
        for one in all_watched:
            told = one.step(at_s)
            out.pages[one.source.kind] += told == "page"
            out.tickets[one.source.kind] += told == "ticket"
        out.values += len(all_watched)
        for name, kind in planned.get(int(at_s), ()):
            one = luck.choice([other for other in all_watched if other.source.kind == kind])
            out.found.append(leak(one, at_s, "days", luck) if name == "leak" else put_in(one, name, at_s, "days", luck))
    out.news = sum(one.news for one in all_watched)
    out.bytes_most = max(len(one.detector.to_json().encode()) for one in all_watched)
    cold(seed, luck, out)
    return out


def cold(seed: int, luck: random.Random, out: Told) -> None:
    """Detectors that begin at any instant, ten minutes before the fault, or six hours without one."""
    calendar = Calendar()
    for name, kind in [*((fault.name, fault.of) for fault in FAULTS), ("leak", "memory"), *NOTHING]:
        for number in range(LEAKS_EACH if name == "leak" else COLD_EACH):
            at_s = luck.uniform(simulated.FIRST, simulated.FIRST + simulated.DAYS * DAY_S) // STEP_S * STEP_S
            one = watched(Source(kind, 1000 + number, seed, Clock()), calendar)
            for now_s in simulated.instants(at_s - (COLD_S if name else 6 * HOUR_S), at_s + STEP_S):
                out.pages[f"{kind}, begun anew"] += one.step(now_s) == "page"
            if name == "leak":
                out.found.append(leak(one, at_s, "ten minutes", luck))
            elif name:
                out.found.append(put_in(one, name, at_s, "ten minutes", luck))


NOTHING = [("", kind) for kind in simulated.COUNTS]
"""The same without a fault."""


def of_faults(found: list[Found]) -> list[Figure]:
    """How many of each fault were found in time, and when."""
    out = []
    for history in ("days", "ten minutes"):
        for fault in FAULTS:
            all_of = [one for one in found if (one.fault, one.history) == (fault.name, history)]
            for words, some in (
                ("", [one for one in all_of if not one.noisy]),
                (f" below {BUSY_RATE:.0f}/s", [one for one in all_of if one.noisy]),
            ):
                if not some:
                    continue
                told = f"{fault.name}{words}, after {history}"
                after = [one.after_s for one in some]
                in_time = sum(one <= IN_TIME_S for one in after)
                bar = "" if words else ">= 99"
                out += [
                    Figure(f"{told}: found within {IN_TIME_S} s, of {len(some)}", 100 * in_time / len(some), "%", bar),
                    Figure(f"{told}: found at all", 100 * sum(map(math.isfinite, after)) / len(some), "%"),
                    Figure(f"{told}: time to find, p50", share(after, 50), "s"),
                    Figure(f"{told}: time to find, p95", share(after, 95), "s"),
                ]
        leaks = [one for one in found if (one.fault, one.history) == ("leak", history)]
        ahead = sum(one.lead_s >= LEAD_S for one in leaks)
        out += [
            Figure(f"leak, after {history}: an hour ahead, of {len(leaks)}", 100 * ahead / len(leaks), "%", ">= 99"),
            Figure(f"leak, after {history}: least lead", min(one.lead_s for one in leaks) / 60, "minutes"),
            Figure(f"leak, after {history}: lead, p50", statistics.median(one.lead_s for one in leaks) / 60, "minutes"),
        ]
    return out


def scenarios(seeds: int) -> list[Figure]:
    """All banks, two at a time."""
    with ProcessPoolExecutor(min(seeds, os.cpu_count() or 1)) as pool:
        banks = list(pool.map(one_bank, range(1, seeds + 1)))
    pages, tickets = sum((one.pages for one in banks), Counter()), sum((one.tickets for one in banks), Counter())
    for what, counts in (("pages", pages), ("tickets", tickets)):
        say(f"{what} without a fault: {({name: count for name, count in counts.items() if count}) or 'none'}")
    anew = sum(count for name, count in pages.items() if name.endswith("begun anew"))
    found = [one for bank in banks for one in bank.found]
    days = sum(one.values for one in banks) * STEP_S / DAY_S
    right = sum(one.after_s < math.inf for one in found)
    return [
        Figure("fault-free series-days", days, ""),
        Figure("pages in them", pages.total() - anew, "", "<= 0"),
        Figure("tickets in them", tickets.total(), ""),
        Figure("values that score 0.5 or more, a series and day", sum(one.news for one in banks) / days, ""),
        Figure(f"pages in {seeds * COLD_EACH * len(NOTHING)} fault-free starts of six hours", anew, "", "<= 0"),
        Figure("precision: of all pages, those of a fault", 100 * right / max(1, right + pages.total()), "%"),
        *of_faults(found),
        Figure("what a detector keeps, at most", max(one.bytes_most for one in banks), "bytes", "<= 8192"),
    ]  # fmt: skip


def cost() -> list[Figure]:
    """What one value costs, on one core: processor time of blocks of values, and the wall clock of single ones."""
    calendar = Calendar()
    source = Source("rate", 1, 1, Clock())
    detector, alarm = Detector(source.series, calendar), Alarm()
    instants = list(simulated.instants(simulated.FIRST, simulated.FIRST + 2 * DAY_S))
    values = [source.value(at_s) for at_s in instants]
    took = []
    began = time.process_time()
    for at_s, value in zip(instants, values, strict=True):
        start = time.perf_counter()
        alarm.update(source.series, at_s, detector.update(at_s, value))
        took.append(1e6 * (time.perf_counter() - start))
    mean = 1e6 * (time.process_time() - began) / len(values)
    return [
        Figure("a value, processor time", mean, "µs", "<= 50"),
        Figure("a value, p50", share(took, 50), "µs", "<= 50"),
        Figure("a value, p99", share(took, 99), "µs"),
    ]


def of_nab(folder: Path) -> list[Figure]:
    """NAB's three scores at the threshold fixed beforehand, and at its best."""
    kind, calendar = Kind("any", "both"), Calendar("UTC")
    weighed = []
    for series in nab.read(folder):
        interval_s = statistics.median(then - at for at, then in zip(series.times, series.times[1:], strict=False))
        detector = Detector(Series(series.name, kind, series.name, "", interval_s), calendar)
        scores = [detector.update(at, value).score for at, value in zip(series.times, series.values, strict=True)]
        weighed.append(nab.weigh(series, scores))
    sweep = nab.results(weighed)
    out = []
    for profile in nab.PROFILES:
        fixed, best = sweep.at(profile, NAB_EVEN), sweep.best(profile)
        out += [
            Figure(f"NAB, {profile.name}, threshold {NAB_EVEN} beforehand", fixed.score, "of 100"),
            Figure(f"NAB, {profile.name}, best threshold {best.threshold:.3f}", best.score, "of 100",
                   ">= 58" if profile.name == "standard" else ""),
            Figure(f"NAB, {profile.name}, at the best: windows found of {best.windows}", best.found, ""),
            Figure(f"NAB, {profile.name}, at the best: false detections", best.false, ""),
        ]  # fmt: skip
    return out


def main() -> int:
    """Scenarios, cost, NAB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--nab", type=Path, default=os.environ.get("HOLDFAST_NAB"), help="NAB's folder (data, labels)")
    told = parser.parse_args()
    figures = cost()
    say("ten days without a fault, then faults")
    figures += scenarios(told.seeds)
    if told.nab is None:
        say("NAB is left out: --nab or HOLDFAST_NAB names its folder, from github.com/numenta/NAB")
    else:
        say("NAB")
        figures += of_nab(Path(told.nab))
    return keep("detect", figures)


if __name__ == "__main__":
    sys.exit(main())
