"""The bank's file of help: what is taken, and what is said of a file that cannot be meant."""

import json
import uuid
from datetime import date

import pytest

from holdfast.contracts import ids
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.help_file import BYTES_MAX, BadHelpFile, read_help_file
from holdfast.contracts.help_now import (
    NO_TERMS,
    Help,
    Opened,
    Owed,
    Terms,
    account_for,
    help_from_body,
    month_of,
    next_number,
    owed_from_body,
)

MONEY = """
[money]
opened = "in an outage"
amount = "1000"
times_a_month = 2
after_an_outage_days = 3
paid_back_after_days = 30
left_after_paying_back = "0"
main_bank_a_day = "5000.50"
spare_bank_a_day = "20000"
"""
AREAS = """
[[area]]
code = "oslo"
name = "Oslo"
postcodes = ["0", "10"]
[[area]]
code = "centre"
name = "The centre"
postcodes = ["015"]
"""
PLACE = """
[[place]]
name = "Made-up kitchen"
kind = "food"
areas = ["oslo"]
phone = "+1 202 555 0101"
about = { en = "Food", nb = "Mat" }
[[place]]
name = "Made-up advice"
kind = "debt"
areas = ["everywhere"]
address = "1 Made-up Street"
"""
WHOLE = MONEY + AREAS + PLACE


def read(text: str) -> Help:
    return read_help_file(text.encode(), "NOK")


def test_a_whole_file_is_taken_with_its_amounts_in_minor_units():
    found = read(WHOLE)
    assert found.terms == Terms(Opened.IN_AN_OUTAGE, "NOK", 100_000, 2, 3, 30, 0, 500_050, 2_000_000)
    assert not found.terms.gives  # it has no account of the bank's own yet
    assert [one.code for one in found.areas] == ["oslo", "centre"]
    assert [one.name for one in found.near("oslo")] == ["Made-up kitchen", "Made-up advice"]
    assert [one.name for one in found.near("")] == ["Made-up advice"]


def test_a_bank_may_give_no_money_and_still_say_where_help_is():
    found = read('[money]\nopened = "never"\n' + AREAS + PLACE)
    assert found.terms == Terms(currency="NOK") and len(found.places) == 2


@pytest.mark.parametrize(
    ("chosen", "postcode", "area"),
    [
        ("oslo", "", "oslo"),
        ("", "0150", "centre"),
        ("", "0180", "oslo"),
        ("centre", "1001", "oslo"),
        ("oslo", "9999", ""),
        ("nowhere", "", ""),
        ("", "N-01 50", "centre"),
        ("oslo", "abc", "oslo"),
        ("", "", ""),
    ],
)
def test_an_area_is_found_by_choice_or_by_the_longest_beginning_of_a_postcode(chosen, postcode, area):
    assert read(WHOLE).find_area(chosen, postcode) == area


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"+1 202 555 0101"', '"112"', "the phone '112' is no number in international form"),
        ('areas = ["oslo"]', 'areas = ["bergen"]', "there is no area 'bergen'"),
        ('areas = ["oslo"]\n', "", "areas is missing"),
        ('kind = "food"', 'kind = "soup"', "the kind 'soup' is none of"),
        ('address = "1 Made-up Street"', 'web = "http://advice.example"', "does not begin with https://"),
        ('address = "1 Made-up Street"', "", "nobody could find it"),
        ('nb = "Mat"', 'de = "Essen"', "nothing called 'de'"),
        (', nb = "Mat"', "", "about is not said in 'nb'"),
        ('name = "Oslo"\n', "", "[[area]] number 1: name is missing"),
        ('code = "centre"', 'code = "oslo"', "two areas have the code 'oslo'"),
        ('code = "oslo"', 'code = "everywhere"', "not of small letters"),
        ('["015"]', '["15x"]', "no postcode begins with '15x'"),
        ('amount = "1000"', "amount = 1000", "amount is an amount in NOK written as text"),
        ('amount = "1000"', 'amount = "-5"', "amount is an amount in NOK"),
        ("times_a_month = 2", "times_a_month = 10", "a whole number from 1 to 9"),
        ("times_a_month = 2", "times_a_month = true", "a whole number from 1 to 9"),
        ('"in an outage"', '"sometimes"', "opened is one of"),
        ("after_an_outage_days = 3\n", "", "after_an_outage_days is a whole number"),
        ("[money]", "[monay]", "nothing is called 'monay' here"),
        ("after_an_outage_days", "afterwards", "[money] has nothing called 'afterwards'"),
        ('[[area]]\ncode = "oslo"\nname = "Oslo"\npostcodes = ["0", "10"]\n[[area]]', "[area]", "two brackets"),
        ('name = "Oslo"', 'name = "Os\\nlo"', "a text of one line"),
        ('"Made-up kitchen"', "Made-up kitchen", "the file is not TOML"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_whole_with_the_place_in_words(old, new, words):
    assert old in WHOLE
    with pytest.raises(BadHelpFile) as caught:
        read(WHOLE.replace(old, new, 1))
    assert words in str(caught.value)


def test_a_file_that_is_too_large_or_not_text_is_refused():
    for raw in (WHOLE.encode() + b"#" * BYTES_MAX, b"\xff\xfe[money]"):
        with pytest.raises(BadHelpFile):
            read_help_file(raw, "NOK")


def test_the_fact_says_the_same_at_the_other_bank():
    found = read(WHOLE)
    assert help_from_body(json.loads(json.dumps(found.to_body()))) == found
    assert help_from_body(None) == Help() and help_from_body(None).terms == NO_TERMS


@pytest.mark.parametrize("broken", [{}, {"terms": {}}, {"terms": None, "areas": [], "places": []}])
def test_a_fact_of_another_form_is_no_help(broken):
    with pytest.raises(BadMessage):
        help_from_body(broken)


def test_what_is_owed_travels_and_a_broken_fact_is_told():
    one = Owed("2026-11", 1, 100_000, date(2026, 11, 23), date(2026, 12, 23))
    assert owed_from_body(json.loads(json.dumps({"open": [one.to_wire()]}))) == [one]
    assert owed_from_body(None) == []
    with pytest.raises(BadMessage):
        owed_from_body({"open": [{"month": "2026-11"}]})


def test_numbers_are_taken_in_order_so_that_two_banks_take_the_same():
    terms = read(WHOLE).terms
    assert [next_number(taken, terms) for taken in (set(), {1}, {2}, {1, 2})] == [1, 2, 1, 0]


def test_the_account_is_the_oldest_current_one_in_the_banks_currency():
    assert account_for([(9, "current", "NOK"), (3, "savings", "NOK"), (4, "current", "EUR")], "NOK") == 9
    assert account_for([(8, "savings", "NOK"), (3, "savings", "NOK")], "NOK") == 3
    assert account_for([(4, "current", "EUR")], "NOK") == 0


def test_ids_are_fixed_for_both_banks():
    assert month_of(date(2026, 11, 30)) == "2026-11"
    first = ids.advance_id(17, "2026-11", 1)
    assert first == uuid.uuid5(ids.NAMESPACE, "advance\x1f17\x1f2026-11\x1f1")
    made = {ids.advance_id(who, month, n) for who in (17, 18) for month in ("2026-11", "2026-12") for n in (1, 2)}
    assert len(made) == 8
    assert ids.advance_back_id(first, 0) != ids.advance_back_id(first, 1)
