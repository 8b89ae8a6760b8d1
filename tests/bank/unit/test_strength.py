"""Whether a new password is strong enough."""

import pytest

from holdfast.bank.joining.strength import CHARACTERS_MAX, CHARACTERS_MIN, common_words, weakness

OWN = ("Kari Nordmann", "kari.nordmann@mail.example", "karinord", "Holdfast Sample Bank")


@pytest.mark.demand("B6")
@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("tjue blå sykler", ""),
        ("correct horse battery staple", ""),
        ("ni små ørreter i en bekk", ""),
        ("X9#fk2!pQ8@zL4$", ""),
        ("x9#fk2!pQ8@zL4", "short"),
        ("", "short"),
        ("ab" * 101, "long"),
        ("aaaaaaaaaaaaaaaaaaaa", "common"),
        ("abababababababab", "common"),
        ("passwordpassword1", "common"),
        ("Password123456789", "common"),
        ("qwertyuiop1234567", "common"),
        ("Sommer2026Sommer2026", "common"),
        ("iloveyoumonkey12345", "common"),
        ("karinordmann-karinord", "own"),
        ("Holdfast-Nordmann", "own"),
        ("kari.nordmann@mail.example", "own"),
        ("nordmann holdfast reiser tidlig", ""),
    ],
)
def test_a_password_is_long_and_not_what_others_try_first(password, why):
    assert weakness(password, OWN) == why


def test_the_limits_are_those_of_the_standard_and_every_common_word_is_known():
    assert (CHARACTERS_MIN, CHARACTERS_MAX) == (15, 200)
    assert all(weakness(f"{word}{word}{word}" * 15, ()) in ("common", "long") for word in common_words())
