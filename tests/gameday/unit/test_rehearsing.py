"""Scenarios as data, their limits, and a clock that is wrong for one program."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from holdfast.gameday import following, in_need, scenario, storm
from holdfast.gameday.expectations import LEAST, MOST, expectations, stalled_ms
from holdfast.gameday.notes import Repeat, Request

SKEWED = Path(scenario.__file__).parent / "skewed"


@pytest.mark.parametrize("name", scenario.names())
def test_every_scenario_can_be_read_and_names_only_limits_that_are_measured(name):
    one = scenario.load_scenario(name)
    assert one.name == name
    assert one.hand_back in ("responder", "command")
    assert {"failed", "lost", "duplicated", "findings"} <= one.limits.keys() <= MOST.keys() | LEAST.keys()
    assert {step.when for step in one.steps} <= {"before", "fault", "handback", "after"}
    assert one.rehearsed is any(step.do == "set_clock" or step.how == "misjudge" for step in one.steps)
    wired = any(place.startswith("wire-") for step in one.steps for place in step.names)
    assert wired is one.wires
    broken = {
        place
        for step in one.steps
        if step.do == "break" and step.how not in ("crash", "restart", "step", "outdated")
        for place in step.names
    }
    mended = {place for step in one.steps if step.do == "mend" for place in step.names}
    assert broken <= mended, "what a scenario breaks it mends"
    outdated = any(step.how == "outdated" for step in one.steps)
    assert not outdated or any(step.do == "runbook" for step in one.steps), "a runbook switches to the newer release"


def _story(limits, **more):
    return SimpleNamespace(
        fault_at=100.0, broken_at=[100.0, 120.0], last_mend_at=110.0, not_running=[], verdict=SimpleNamespace(unsettled=0, exchanges=[]),
        scenario=SimpleNamespace(limits=limits, limits_on_records=more.get("on_records", {})), watcher=SimpleNamespace(incident={}, opened={}, stood_still=[], not_judged={}), died=0,
        poisoned=SimpleNamespace(refused=0),
        faulty_limits=SimpleNamespace(shown_s=None, cleared_s=None), followed=following.Followed(), storm=storm.Storm(), days=SimpleNamespace(measured={}, offset=more.get("offset", 0)),
        in_need=in_need.InNeed(),
        crowd=SimpleNamespace(people=[1, 2], repeated=more.get("repeated", []), refused={}, exchange_waits=0),
    )  # fmt: skip


def _report(**customers):
    return {
        "times_s": {}, "customers": {"failed": 0, "slowest_ms": 10, "in_flight_at_fault": 1, **customers},
        "payments": {"lost": 0, "duplicated": 0}, "books": {"findings": 0},
    }  # fmt: skip


@pytest.mark.parametrize(("offset", "limit"), [(0, 3), (-11924, 0)])
def test_where_the_bank_lives_in_the_days_of_records_its_own_limits_hold(offset, limit):
    made = expectations(_story({"failed": 3}, offset=offset, on_records={"failed": 0}), _report(failed=1), [])
    assert [(one["limit"], one["met"]) for one in made if one["name"] == MOST["failed"]] == [(limit, limit >= 1)]


def test_a_limit_that_is_not_named_is_no_expectation_and_one_that_cannot_be_measured_is_not_met():
    made = expectations(_story({"failed": 0, "banner_s": 10}), _report(), [])
    assert [(one["name"], one["met"]) for one in made] == [
        ("payments without a final answer", True),
        ("programs not running, or banks not level, at the end", True),
        ("failed requests", True),
        ("banner, s", False),
    ]


def test_a_request_repeated_too_late_or_that_was_not_open_at_a_doors_end_is_not_met():
    repeated = [Repeat(99.9, 0.2), Repeat(101.0, 1.4), Repeat(119.0, None)]
    made = expectations(_story({"repeat_s": 1.0, "repeated_not_open": 0}, repeated=repeated), _report(), [])
    assert [(one["measured"], one["met"]) for one in made[2:]] == [(5.0, False), (1, False)]


def test_honest_pages_are_timed_from_the_fault_and_from_the_mend():
    asked = [Request(at, 5.0, "GET /", 503, "door", "", 1, honest=True) for at in (101.0, 112.5)]
    made = expectations(
        _story({"honest_until_s": 10, "honest_after_mend_s": 3, "honest_pages_min": 1}), _report(), asked
    )
    assert [(one["measured"], one["met"]) for one in made[2:]] == [(12.5, False), (2.5, True), (2, True)]


@pytest.mark.parametrize("ahead_s", [600, -600])
def test_a_wrong_clock_is_wrong_everywhere_but_in_monotonic_time_and_child_processes_share_it(ahead_s):
    said = (
        "import json, time\nfrom datetime import UTC, datetime\nreal = time.clock_gettime(time.CLOCK_REALTIME)\n"
        "print(json.dumps([time.time() - real, time.time_ns() / 1e9 - real, datetime.now(UTC).timestamp() - real,"
        " datetime.now().timestamp() - real, abs(time.monotonic() - time.clock_gettime(time.CLOCK_MONOTONIC)),"
        " type(datetime.now(UTC)) is datetime]))"
    )
    parent = f"import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', {said!r}], capture_output=True, text=True).stdout)"
    environment = {**os.environ, "PYTHONPATH": str(SKEWED), "HOLDFAST_CLOCK_AHEAD_S": str(ahead_s)}
    for code in (said, parent):
        ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        *shifts, monotonic, same = json.loads(ran.stdout)
        assert all(abs(shift - ahead_s) < 1 for shift in shifts)
        assert monotonic < 1
        assert same


@pytest.mark.parametrize(
    ("what", "ms"), [("GET /", 800), ("GET /accounts/…", 800), ("POST /pay", 1000), ("POST /login", 2000)]
)
def test_a_request_counts_as_stalled_from_the_deadline_of_its_route_on(what, ms):
    assert stalled_ms(what) == ms
