"""Account numbers: as typed and as stored, with their check digits."""

import pytest

from holdfast.contracts.numbers import check_digit, iban_of, number_fits, plain_number

EXAMPLES = ("NO9386011117947", "GB29NWBK60161331926819", "DE89370400440532013000", "SE4550000000058398257466")
"""Of the IBAN registry (ISO 13616)."""


@pytest.mark.parametrize(
    ("typed", "stored"),
    [(" 9712 00.00067 ", "97120000067"), ("8601-11-17947", "86011117947"), ("no93 8601 1117 947", "86011117947"),
     ("NO94 8601 1117 947", "NO9486011117947"), ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"), ("", "")],
)  # fmt: skip
def test_a_number_is_stored_without_what_people_write_into_it(typed, stored):
    assert plain_number(typed) == stored


def test_what_nobody_would_type_is_cut():
    assert plain_number("1" * 10_000) == "1" * 34


@pytest.mark.parametrize("iban", EXAMPLES)
def test_the_registrys_examples_fit_and_no_change_of_one_digit_does(iban):
    assert number_fits(iban)
    for place in range(2, len(iban)):
        if iban[place].isdigit():
            wrong = iban[:place] + str((int(iban[place]) + 1) % 10) + iban[place + 1 :]
            assert not number_fits(wrong), wrong


def test_every_wrong_digit_and_every_swap_of_neighbours_in_a_norwegian_number_is_found():
    right = "86011117947"
    assert number_fits(right)
    for place in range(11):
        others = [right[:place] + digit + right[place + 1 :] for digit in "0123456789" if digit != right[place]]
        assert not any(number_fits(one) for one in others)
    for place in range(10):
        swapped = right[:place] + right[place + 1] + right[place] + right[place + 2 :]
        assert swapped == right or not number_fits(swapped)


def test_numbers_of_another_form_have_no_check_digits():
    assert number_fits("T500000")
    assert check_digit("8601111794") == "7"


def test_the_iban_of_a_norwegian_number_is_the_registrys_example():
    assert iban_of("86011117947") == "NO93 8601 1117 947"
    assert [iban_of(one) for one in ("86011117946", "T500000", "")] == ["", "", ""]
    assert plain_number(iban_of("97120000067")) == "97120000067"
