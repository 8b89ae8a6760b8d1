"""NAB's scoring, written anew: small cases that can be worked out by hand."""

import math
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))

import nab

STANDARD, FEW_FALSE, FEW_MISSED = nab.PROFILES


def series(rows: int, *windows: tuple[int, int]) -> nab.Series:
    return nab.Series("made up", [float(row) for row in range(rows)], [0.0] * rows, list(windows))


def swept(one: nab.Series, *detected: int, scores: dict[int, float] | None = None) -> nab.Sweep:
    rows = dict.fromkeys(detected, 1.0) | (scores or {})
    return nab.results([nab.weigh(one, [rows.get(row, 0.0) for row in range(len(one.values))])])


def test_the_first_instant_of_every_window_is_a_hundred_and_nothing_is_nought():
    one = series(1000, (300, 399), (700, 749))
    for profile in nab.PROFILES:
        assert swept(one, 300, 700).at(profile, 0.5).score == pytest.approx(100)
        assert swept(one).at(profile, 0.5).score == 0


def test_a_late_detection_is_worth_less_and_the_last_instant_nearly_nothing():
    one = series(1000, (300, 399))
    scores = [swept(one, row).at(STANDARD, 0.5).score for row in (300, 350, 399)]
    assert scores[0] == pytest.approx(100)
    # Half way: (2 / (1 + e^-2.5) - 1) / (2 / (1 + e^-5) - 1), on the way from -1 to 1.
    half = (2 / (1 + math.exp(-2.5)) - 1) / (2 / (1 + math.exp(-5)) - 1)
    assert scores[1] == pytest.approx(50 * (half + 1))
    assert 50 < scores[2] < 52


def test_only_the_best_detection_in_a_window_counts():
    one = series(1000, (300, 399))
    assert swept(one, *range(300, 400)).at(STANDARD, 0.5) == nab.Result("standard", 0.5, pytest.approx(100), 1, 1, 0)


def test_a_false_detection_costs_fully_before_any_window_and_far_behind_one_and_little_just_behind():
    one = series(1000, (300, 399))
    found = swept(one, 300).at(STANDARD, 0.5).score
    costs = {row: found - swept(one, 300, row).at(STANDARD, 0.5).score for row in (200, 400, 410, 999)}
    whole = 50 * 0.11
    assert costs[200] == pytest.approx(whole) and costs[999] == pytest.approx(whole)
    assert costs[400] == pytest.approx(-whole * (2 / (1 + math.exp(5 / 99)) - 1))
    assert 0 < costs[400] < costs[410] < whole


def test_a_missed_window_costs_its_weight():
    one = series(1000, (300, 399), (700, 749))
    assert swept(one, 300).at(STANDARD, 0.5).score == pytest.approx(50)
    assert swept(one, 300, 100 + 100).at(FEW_FALSE, 0.5).score == pytest.approx(50 - 25 * 0.22)
    # Missing weighs 2 there, so nothing is -4 and all is 2: one found and one missed stands at -1.
    assert swept(one, 300).at(FEW_MISSED, 0.5).score == pytest.approx(100 * 3 / 6)


def test_rows_for_learning_count_nothing():
    one = series(1000, (300, 399))
    assert one.learning == 150 and series(40_000).learning == 750
    assert swept(one, *range(150)).at(STANDARD, 0.5).score == 0
    assert swept(one, 150).at(STANDARD, 0.5).false == 1


def test_the_sweep_finds_the_threshold_that_is_best_and_takes_equal_scores_together():
    one = series(1000, (300, 399))
    noisy = {200: 0.9, 300: 0.8, 500: 0.7, 600: 0.7}
    best = swept(one, scores=noisy).best(STANDARD)
    assert (best.threshold, best.found, best.false) == (0.8, 1, 1)
    assert best.score == pytest.approx(100 - 50 * 0.11)
    alike = swept(one, scores=dict.fromkeys(range(150, 1000), 0.5)).best(STANDARD)
    assert alike.threshold == math.inf and alike.score == 0, "one threshold cannot take one of two equal scores"


def test_windows_and_rows_are_read_from_the_folder_as_it_is_published(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "data" / "some").mkdir(parents=True)
    (tmp_path / "labels" / "combined_windows.json").write_text(
        '{"some/one.csv": [["2014-04-10 00:05:00.000000", "2014-04-10 00:10:00.000000"]]}'
    )
    rows = "".join(f"2014-04-10 00:{minute:02}:00,{minute}.5\n" for minute in range(0, 20, 5))
    (tmp_path / "data" / "some" / "one.csv").write_text("timestamp,value\n" + rows)
    (one,) = nab.read(tmp_path)
    assert one.windows == [(1, 2)] and one.values == [0.5, 5.5, 10.5, 15.5]
    assert one.times[1] - one.times[0] == 300
