"""Metadata: what is taken, and what is not, in words."""

import pytest

from holdfast.contracts.metadata import BYTES_MAX, NAMES_MAX, VALUE_CHARACTERS_MAX, metadata_of, metadata_trouble

LONG = "x" * VALUE_CHARACTERS_MAX


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"a": ""},
        {"a" * 64: LONG},
        {"order.no-1_x": "Ødegård \N{GRINNING FACE}\n\t'\"\\{},"},
        {str(n): "x" for n in range(NAMES_MAX)},
        {str(n): "x" * (BYTES_MAX // 8 - 12) for n in range(8)} | {"z": "x" * 87},
    ],
)
def test_what_fits_is_taken(named):
    assert metadata_trouble(named) == ""
    assert dict(metadata_of(named)) == named


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ([("a", "b")], "not a set"),
        ("a", "not a set"),
        ({str(n): "x" for n in range(NAMES_MAX + 1)}, "17 names"),
        ({"": "x"}, "the name ''"),
        ({"A": "x"}, "the name 'A'"),
        ({"ø": "x"}, "the name"),
        ({"a b": "x"}, "the name"),
        ({"a\n": "x"}, "the name"),
        ({"a" * 65: "x"}, "the name"),
        ({1: "x"}, "the name '1'"),
        ({"a": 1}, "a in metadata"),
        ({"a": None}, "a in metadata"),
        ({"a": LONG + "x"}, "at most 500"),
        ({"a": "x\0y"}, "NUL"),
        ({"a": "\ud800"}, "written down"),
        ({str(n): "\N{GRINNING FACE}" * 300 for n in range(4)}, "4804 bytes"),
    ],
)
def test_what_does_not_fit_is_named(named, words):
    assert words in metadata_trouble(named)


def test_names_are_in_one_order():
    assert metadata_of({"b": "1", "a": "2", "-": "3"}) == (("-", "3"), ("a", "2"), ("b", "1"))
    assert metadata_of(None) == ()
