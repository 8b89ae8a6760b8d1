"""The rules of compensation: what they give, from which day they hold, and files that cannot be meant."""

import tomllib
from datetime import date

import pytest

from holdfast.bank.redress.errors import BadRules
from holdfast.bank.redress.ruling import Suffered, amount_minor, read_folder, read_rules, rules_on

pytestmark = pytest.mark.demand("C3")
FILE = """
valid_from = "2026-01-01"
[away]
kind = "without_service"
hours_more_than = 4
on = "any_day"
amount = "100.00"
[pay]
kind = "without_service"
hours_more_than = 2
on = "pay_day"
amount = "200.00"
[refused]
kind = "refused_payments"
each = "25.00"
most = "60.00"
"""


@pytest.mark.parametrize(
    ("suffered", "given"),
    [
        (Suffered(4.0, True, 0), [0, 20_000, 0]),
        (Suffered(4.01, False, 1), [10_000, 0, 2_500]),
        (Suffered(2.0, True, 2), [0, 0, 5_000]),
        (Suffered(48.0, True, 3), [10_000, 20_000, 6_000]),
        (Suffered(0.0, False, 0), [0, 0, 0]),
    ],
)
def test_a_rule_gives_a_fixed_amount_behind_its_hours_and_for_refused_payments_up_to_a_sum(suffered, given):
    rules = read_rules(tomllib.loads(FILE), "t", "NOK")
    assert [amount_minor(one, suffered) for one in rules.rules] == given


def test_the_files_that_ship_can_be_read_and_hold_from_their_day():
    assert [one.version for one in read_folder("NOK")] == ["2026.1"]
    assert rules_on(date(2025, 6, 1), "NOK").version == "2026.1"
    assert rules_on(date(1989, 12, 31), "NOK") is None


@pytest.mark.parametrize(
    ("was", "wrong"),
    [
        ('valid_from = "2026-01-01"', 'valid_from = "soon"'),
        ("hours_more_than = 4", "hours_more_than = -1"),
        ("hours_more_than = 4", 'hours_more_than = "4"'),
        ('on = "any_day"', 'on = "sundays"'),
        ('amount = "100.00"', 'amount = "0.00"'),
        ('amount = "100.00"', 'amount = "100.001"'),
        ('amount = "100.00"', 'amount = "100.00"\nmore = "1.00"'),
        ('kind = "refused_payments"', 'kind = "sorry"'),
        ('most = "60.00"', ""),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_name(was, wrong):
    assert was in FILE
    with pytest.raises(BadRules, match="t"):
        read_rules(tomllib.loads(FILE.replace(was, wrong, 1)), "t", "NOK")
