"""What one rate came to: whether it held, why not, and which part was full."""

import pytest

from holdfast.gameday.stress import LOADS, STEP_S, full_part, judged, why_broke

pytestmark = pytest.mark.demand("W5")
WANTED = int(10 * STEP_S)


def test_a_step_holds_when_nearly_all_of_it_was_done_in_time():
    assert judged(10.0, [50.0] * WANTED, 0, 500.0, {}).held
    late = judged(10.0, [50.0] * (WANTED - 10) + [900.0] * 10, 0, 500.0, {})
    assert not late.held and why_broke(late, 500.0) == "95 % took up to 900 ms, more than 500"
    failing = judged(10.0, [50.0] * (WANTED - 3), 3, 500.0, {})
    assert not failing.held and why_broke(failing, 500.0) == "3 failed"
    slow = judged(10.0, [50.0] * (WANTED // 2), 0, 500.0, {})
    assert not slow.held and why_broke(slow, 500.0) == "5.0 a second were done of 10.0"
    none = judged(10.0, [], 0, 500.0, {})
    assert not none.held


@pytest.mark.parametrize(
    ("cores", "words"),
    [
        ({}, ""),
        ({"bank-web": 0.4, "bank-db": 0.2, LOADS: 0.5}, ""),
        ({"door-1": 0.9, "bank-web": 0.2, LOADS: 0.4}, "door-1: 0.90 cores, and one is all it can use"),
        ({"bank-web": 0.7, "door-1": 0.3, LOADS: 0.9}, "the machine: 1.90 of 2 cores, bank-web the most of it (0.70)"),
        ({LOADS: 1.9}, ""),
    ],
)
def test_the_part_that_was_full_is_named(cores, words):
    assert full_part(judged(10.0, [1.0] * WANTED, 0, 500.0, cores), 2) == words
