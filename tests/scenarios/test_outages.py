"""The outages, played with real processes on a made-up bank: every expectation of a scenario must be met."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from holdfast_tests import free_port_base

from holdfast.runtime.postgres import clone_root

ROOT = clone_root()
TRACE_DIGITS = 32
BERKA = Path(os.environ.get("HOLDFAST_BERKA", ROOT.parent / "shared" / "data" / "berka"))


def play(tmp_path: Path, name: str, seed: int, *more: str, play_s_max: int = 280) -> dict:
    """Play a scenario on a bank of its own; gives report.json after checking the verdict."""
    report, port = tmp_path / "report", free_port_base()
    command = [sys.executable, "-m", "holdfast", "gameday", "run", name, "--seed", str(seed), "--port", str(port),
               "--data", str(tmp_path / "bank"), "--report", str(report), "--exit", *more]  # fmt: skip
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=play_s_max, check=False)
    made = report / "report.json"
    assert made.exists(), ran.stdout[-3000:] + ran.stderr[-1000:]
    told: dict = json.loads(made.read_text())
    missed = [one for one in told["expectations"] if not one["met"]]
    assert missed == [], json.dumps(missed, indent=1) + ran.stdout[-4000:]
    assert ran.returncode == 0
    return told


@pytest.mark.demand("S1", "S3", "S4", "S5", "L4", "T1", "T2", "T6", "C3", "R3", "X1")
def test_one_server_failure_takes_every_service_and_no_customer_notices_more_than_a_banner(tmp_path):
    told = play(tmp_path, "server-failure", 1)
    assert told["customers"]["failed"] == told["payments"]["lost"] == told["payments"]["duplicated"] == 0
    assert {"standin_serving", "banner", "first_message", "restored", "reconciled", "returned"} <= told[
        "times_s"
    ].keys()
    logins = [*lines_of(tmp_path, "bank-web", "logged in"), *lines_of(tmp_path, "standin", "logged in")]
    assert {one["building"] for one in logins} == {"bank", "standin"}
    traces = [one["trace_id"] for one in logins]
    assert len(traces) == len(set(traces))  # one request each
    refused = lines_of(tmp_path, "door-1", "bank failed") + lines_of(tmp_path, "door-2", "bank failed")
    assert all(len(one["trace_id"]) == TRACE_DIGITS for one in refused)


def lines_of(tmp_path: Path, program: str, event: str) -> list[dict]:
    """What a program logged under this name, each line as the object that it is."""
    every = [json.loads(line) for line in (tmp_path / "bank" / "logs" / f"{program}.log").read_text().splitlines()]
    return [one for one in every if one["event"] == event]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 11))
def test_ten_demo_runs_in_a_row_meet_every_expectation(tmp_path, seed):
    play(tmp_path, "server-failure", seed)


@pytest.mark.long
@pytest.mark.demand("S3")
def test_a_database_that_hangs_is_left_within_three_seconds(tmp_path):
    play(tmp_path, "server-stalled", 1)


@pytest.mark.long
@pytest.mark.demand("S3")
def test_two_doors_restarted_one_after_the_other_cost_nobody_a_request(tmp_path):
    play(tmp_path, "doors-restarted", 1)


@pytest.mark.long
@pytest.mark.demand("W3", "W4")
def test_a_slow_service_is_found_and_named_within_a_minute(tmp_path):
    play(tmp_path, "slow-service", 1)


@pytest.mark.long
@pytest.mark.demand("W3")
def test_a_busy_pay_day_on_which_nothing_breaks_wakes_nobody(tmp_path):
    play(tmp_path, "nothing-wrong", 1)


@pytest.mark.long
@pytest.mark.demand("W6")
def test_ten_times_as_many_logins_as_can_be_served_wait_in_order_and_none_is_lost(tmp_path):
    play(tmp_path, "peak-hour-logins", 1, "--customers", "400", play_s_max=1200)


PLAYED_ABOVE = (
    "pay-day",
    "server-failure",
    "server-stalled",
    "doors-restarted",
    "slow-service",
    "nothing-wrong",
    "peak-hour-logins",
)


@pytest.mark.long
@pytest.mark.demand("S3", "S4", "S6", "L4")
def test_every_fault_of_the_matrix_meets_its_limits(tmp_path):
    listed = subprocess.run([sys.executable, "-m", "holdfast.gameday", "list", "--json"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout  # fmt: skip
    names = [one["name"] for one in json.loads(listed) if one["name"] not in PLAYED_ABOVE]
    assert len(names) == 25
    command = [sys.executable, "-m", "holdfast", "gameday", "matrix", *names, "--port", str(free_port_base()),
               "--data", str(tmp_path / "bank"), "--report", str(tmp_path / "reports")]  # fmt: skip
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=2700, check=False)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-1000:]


@pytest.mark.long
@pytest.mark.demand("B12", "C1", "C2", "C3", "S4", "T5")
@pytest.mark.parametrize("records", [False, True], ids=["made-up", "Berka"])
def test_three_grey_days_around_pay_day_leave_nobody_unpaid_unfed_or_untold(tmp_path, records):
    if records and not BERKA.is_dir():
        pytest.skip(f"the records of a real bank are not in {BERKA}")
    play(tmp_path, "pay-day", 1, *(("--bank", str(BERKA)) if records else ()), play_s_max=560)


@pytest.mark.long
def test_the_story_holds_on_a_real_banks_records(tmp_path):
    if not BERKA.is_dir():
        pytest.skip(f"the records of a real bank are not in {BERKA}")
    play(tmp_path, "server-failure", 1, "--bank", str(BERKA))
