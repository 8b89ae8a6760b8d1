"""Days of a made-up bank without a fault wake nobody, and faults put into it are found in time.

`make bench-detect` does so with sixty series and counts; here it is one of each kind.
"""

import math
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

import simulated
from detect import COLD_S, FAULTS, Watched, leak, put_in, watched
from simulated import FIRST, STEP_S, Clock, Source

from holdfast.control.detectors.calendar import DAY_S, HOUR_S, Calendar

pytestmark = pytest.mark.demand("W3")


def lived(seed: int, first_s: float, days: float) -> tuple[list[Watched], list[str]]:
    """One series of each kind over these days; (all of them at the end, the pages)."""
    calendar, pages = Calendar(), []
    all_watched = [watched(source, calendar) for source in simulated.bank(seed, Clock(), few=True)]
    for one in all_watched:
        if one.source.kind == "rate":
            one.source.size = 60.0  # enough that ten seconds of the night tell a fall from chance
    for at_s in simulated.instants(first_s, first_s + days * DAY_S):
        pages += [f"{one.source.series.name} at {at_s}" for one in all_watched if one.step(at_s) == "page"]
    return all_watched, pages


def test_a_day_with_a_pay_day_s_morning_wakes_nobody_and_faults_after_it_are_found():
    all_watched, pages = lived(1, FIRST + DAY_S / 2, 1.0)
    assert pages == []
    luck, at_s = random.Random(1), FIRST + 1.5 * DAY_S
    for fault in FAULTS:
        one = next(one for one in all_watched if one.source.kind == fault.of)
        assert put_in(one, fault.name, at_s, "days", luck).after_s <= 60, fault
    memory = next(one for one in all_watched if one.source.kind == "memory")
    assert leak(memory, at_s, "days", luck).lead_s >= HOUR_S


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_after_ten_minutes_of_history_is_found_within_a_minute(fault):
    luck, at_s = random.Random(5), FIRST + 3 * DAY_S + 11 * HOUR_S
    for number in range(5):
        one = watched(Source(fault.of, number, 5, Clock()), Calendar())
        one.source.size = max(one.source.size, 60.0)
        for now_s in simulated.instants(at_s - COLD_S, at_s + STEP_S):
            assert one.step(now_s) == ""
        assert put_in(one, fault.name, at_s, "ten minutes", luck).after_s <= 60


def test_the_faults_are_in_the_values_and_nothing_is_before_them():
    at_s = FIRST + 3 * DAY_S + 11 * HOUR_S
    for fault, least in (("errors 10 %", 20), ("latency x5", 3), ("drop to zero", -1), ("level shift -40 %", -1)):
        of = next(one.of for one in FAULTS if one.name == fault)
        well, ill = (Source(of, 1, 9, Clock()) for _ in range(2))
        ill.fault, ill.fault_at = fault, at_s + 100
        before = [(well.value(now_s), ill.value(now_s)) for now_s in simulated.instants(at_s, at_s + 110)]
        assert all(one == other for one, other in before)
        after = [ill.value(now_s) for now_s in simulated.instants(at_s + 120, at_s + 1120)]
        usual = sum(one for one, _ in before) / len(before)
        mean = sum(after) / len(after)
        assert mean > least * usual if least > 0 else mean < 0.75 * usual, fault
    assert math.isinf(Source("rate", 1, 9, Clock()).fault_at)


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12])
def test_ten_days_with_pay_days_releases_and_the_end_of_summer_time_wake_nobody(seed):
    assert lived(seed, FIRST, simulated.DAYS)[1] == []
