"""KID: both check digits, against numbers worked out by hand, and every slip of one digit is seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.kid import kid_fits, mod10_digit, mod11_digit, plain_kid

digits = st.text("0123456789", min_size=1, max_size=24)


def test_check_digits_worked_out_by_hand():
    assert mod10_digit("234567") == "6"  # 14,6→6+..: 7*2=14→5, 6, 5*2=10→1, 4, 3*2=6, 2: 24 → 6
    assert mod11_digit("123456789") == "2"  # 9·2+8·3+7·4+6·5+5·6+4·7+3·2+2·3+1·4 = 174, and 174 + 2 = 16·11
    assert mod11_digit("6") == "-"  # 12 mod 11 = 1 → 10


@pytest.mark.parametrize("kid", ["", "1", "-", "1234567890123456789012345678", "12a4", "12 34", "2345676 "])
def test_what_is_no_kid(kid):
    assert not kid_fits(kid)


@given(digits)
def test_a_number_with_its_digit_fits_and_people_may_space_it(number):
    for digit in (mod10_digit(number), mod11_digit(number)):
        assert kid_fits(number + digit)
        spaced = " ".join(number + digit)
        assert plain_kid(spaced) == number + digit


@given(digits, st.data())
def test_one_wrong_digit_is_seen_by_each_of_them(number, data):
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda one: one != number[place]))
    wrong = number[:place] + other + number[place + 1 :]
    assert mod10_digit(wrong) != mod10_digit(number)
    assert mod11_digit(wrong) != mod11_digit(number)
