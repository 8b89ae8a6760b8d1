"""Whether a new password is strong enough."""

import hashlib

import pytest

from holdfast.bank.joining.known_passwords import common_passwords, is_common, is_leaked
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


@pytest.mark.demand("B6")
@pytest.mark.parametrize(
    "password",
    [
        "sunshineprincess",
        "Sunshine Princess!",
        "chocolate-chocolate",
        "butterfly1234567890",
        "  !!superman*superman!!",
        "1q2w3e4r5t6y7u8i9o0p",
    ],
)
def test_what_is_made_of_one_or_two_of_the_commonest_passwords_is_refused(password):
    assert weakness(password, ()) == "common"


def test_the_list_holds_the_commonest_passwords_and_more_than_the_standard_asks():
    assert len(common_passwords()) > 3000
    assert {"123456", "password", "qwerty", "iloveyou", "dragon"} <= common_passwords()
    assert not any(is_common(one) for one in ("tjue blå sykler", "correct horse battery staple", "kaffe og to boller"))


def digests(passwords):
    return sorted(hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in passwords)


@pytest.mark.parametrize("ending", ["", ":17", "\r"])
def test_a_leaked_password_is_found_in_a_list_of_any_length_and_no_other(tmp_path, ending):
    file = tmp_path / "leaked.txt"
    leaked = [f"leaked passphrase {number}" for number in range(130)]
    for count in (*range(6), 130):
        file.write_text("".join(f"{one}{ending}\n" for one in digests(leaked[:count])))
        assert [is_leaked(one, file) for one in leaked] == [number < count for number in range(130)]
    assert weakness(leaked[0], (), file) == "leaked"
    assert not is_leaked(leaked[0], tmp_path / "none.txt")
