"""How often a program may ask: exact in a window, and of bounded memory."""

import pytest

from holdfast.guard.rates import WINDOW_S, Rates

pytestmark = pytest.mark.demand("B11", "G3")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_so_many_go_in_a_window_and_no_more_until_it_ends():
    clock = Clock()
    rates = Rates(3, clock=clock)
    assert [rates.take("a").left for _ in range(3)] == [2, 1, 0]
    clock.now = WINDOW_S - 1
    refused = rates.take("a")
    assert (refused.over, refused.ends_s) == (True, 1)
    clock.now = WINDOW_S
    assert not rates.take("a").over


def test_one_that_is_counted_out_does_not_touch_another_and_looking_counts_nothing():
    rates = Rates(1, clock=Clock())
    assert [rates.take("a").over, rates.take("a").over, rates.take("b").over] == [False, True, False]
    assert [rates.take("c", 0).left for _ in range(3)] == [1, 1, 1]


def test_what_is_kept_is_bounded_and_the_oldest_is_forgotten_first():
    rates = Rates(1, kept_max=2, clock=Clock())
    for key in ("a", "b", "c"):
        rates.take(key)
    assert len(rates._counts) == 2
    assert [rates.take("c").over, rates.take("a").over] == [True, False]
