"""Guesses of passwords: what strangers type never shuts a known device, and memory has a limit."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from holdfast.guard import Guesses
from holdfast.guard.guesses import TRIES_MAX, WINDOW_S

pytestmark = pytest.mark.demand("B6", "G3")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def guesses(clock):
    return Guesses(clock)


def taken(guesses, number, name="ann", network="n", device=""):
    return sum(guesses.take(name, network, device) is not None for _ in range(number))


def test_a_name_from_one_network_has_five_tries_in_its_window_and_then_again(guesses, clock):
    assert taken(guesses, 20) == TRIES_MAX["name and network"]
    clock.now += WINDOW_S
    assert taken(guesses, 1) == 0
    clock.now += 1
    assert taken(guesses, 20) == TRIES_MAX["name and network"]


def test_another_network_is_counted_apart_until_the_name_was_guessed_at_from_many(guesses):
    by_network = [taken(guesses, 20, network=f"n{number}") for number in range(12)]
    assert by_network == [5] * 10 + [0, 0]
    assert sum(by_network) == TRIES_MAX["name"]


def test_a_network_that_tries_many_names_has_a_limit_too(guesses):
    assert sum(taken(guesses, 1, name=f"name{number}") for number in range(400)) == TRIES_MAX["network"]
    assert taken(guesses, 1, name="ann", network="another") == 1


def test_whatever_strangers_guess_a_known_device_keeps_all_its_tries(guesses):
    draw = random.Random(4)
    for number in range(2000):
        guesses.take("ann", f"n{draw.randrange(300)}", f"made-up-{number}" if draw.random() < 0.2 else "")
    assert taken(guesses, 1) == 0
    assert taken(guesses, 20, device="phone") == TRIES_MAX["device"]


def test_a_known_device_uses_up_nothing_of_others(guesses):
    assert taken(guesses, 20, device="phone") == TRIES_MAX["device"]
    assert taken(guesses, 20) == TRIES_MAX["name and network"]


def test_a_try_that_was_right_does_not_count_and_a_refused_one_neither(guesses):
    for _ in range(1000):
        guesses.give_back(guesses.take("ann", "n"))
    assert taken(guesses, 20) == TRIES_MAX["name and network"]
    assert taken(guesses, 1000) == 0
    assert sum(taken(guesses, 1, name=f"name{number}") for number in range(400)) == TRIES_MAX["network"] - 5


def test_tries_at_one_time_do_not_pass_the_limit_together(guesses):
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: taken(guesses, 50), range(8))) == TRIES_MAX["name and network"]


def test_memory_is_bounded_and_the_oldest_are_forgotten_first(clock):
    guesses = Guesses(clock, kept_max=3)
    assert taken(guesses, 5, name="ann") == 5
    for number in range(2):
        assert taken(guesses, 1, name=f"other{number}", network=f"o{number}") == 1
    assert taken(guesses, 1, name="ann") == 0
    assert taken(guesses, 1, name="other2", network="o2") == 1
    assert taken(guesses, 1, name="ann") == 1
