"""What being late with a loan would have cost without an incident: by hand, and that nothing missed gives nothing back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.bank.charges.engine.arrears import Arrears, Booked, arrears, first_covered, late_since_without
from holdfast.bank.charges.engine.days import DayCount
from holdfast.bank.charges.engine.loans import Plan, Terms, plan_of

pytestmark = pytest.mark.demand("C3")
DAY = timedelta(days=1)
PAY_ON = date(2026, 2, 16)
PAID = PAY_ON + 10 * DAY
TERMS = Terms(10_000_000, 60_000, DayCount.THIRTY_360, Plan.ANNUITY, date(2026, 1, 15), date(2026, 2, 15), 12, 3_500)
DUE = plan_of(TERMS)[:1]
NEEDED = DUE[0].total_minor
"""8,641.64: 8,606.64 and the fee of 35.00, due on Sunday 15 February, payable on Monday 16."""


def salary(day, value=None, minor=1_000_000):
    return Booked(minor, value or day, "salary", day)


def taken(day=PAID, minor=-NEEDED):
    return Booked(minor, day, "instalment", day)


def covered(entries, available_minor=0, begun=PAY_ON - 5 * DAY, in_time=PAY_ON):
    """available_minor: what stood there at the end of the last day in time."""
    now = available_minor + sum(one.amount_minor for one in entries)
    return first_covered(now, entries, NEEDED, in_time, PAID, begun)


def test_late_interest_and_fee_worked_by_hand():
    """8,641.64 at 12 %, ACT/365, from 17 February until the 26th, 9 days: 25.57; and the fee of 35.00 once. On the first
    day of being late neither."""
    assert arrears(DUE, PAID, PAY_ON + DAY, 120_000, 3_500) == Arrears(2_557, 3_500)
    assert arrears(DUE, PAY_ON + DAY, PAY_ON + DAY, 120_000, 3_500) == Arrears(0, 0)
    assert arrears(DUE, PAY_ON + 2 * DAY, PAY_ON + DAY, 120_000, 3_500) == Arrears(284, 3_500)


def test_a_salary_that_came_ten_days_late_would_have_paid_it_in_time():
    day, found = covered([salary(PAID, PAY_ON), taken()])
    assert (day, found.came_late_minor, found.available_minor) == (PAY_ON, 1_000_000, 1_000_000)
    assert arrears(DUE, day, PAY_ON + DAY, 120_000, 3_500).total_minor == 0


def test_a_salary_for_three_days_after_it_would_have_paid_it_then():
    """Late from the 17th, paid on the 19th instead of the 26th: 2 days, 8,641.64 × 0.12 × 2/365 = 5.68, and the fee."""
    day, _ = covered([salary(PAID, PAY_ON + 3 * DAY), taken()])
    assert day == PAY_ON + 3 * DAY
    assert arrears(DUE, day, PAY_ON + DAY, 120_000, 3_500) == Arrears(568, 3_500)


def test_two_sums_that_came_late_count_together():
    entries = [salary(PAID, PAY_ON, 500_000), salary(PAID, PAY_ON + 2 * DAY, 400_000), taken()]
    assert covered(entries)[0] == PAY_ON + 2 * DAY


@pytest.mark.parametrize(
    "entries",
    [
        [salary(PAID), taken()],  # for its own day
        [salary(PAID, PAY_ON, 800_000), taken()],  # too little
        [salary(PAY_ON - 6 * DAY, PAY_ON - 7 * DAY), salary(PAID), taken()],  # late before the incident began
        [Booked(1_000_000, PAY_ON, "refund", PAID), taken()],  # the bank's own
        [],
    ],
)
def test_what_did_not_come_late_of_the_incident_pays_nothing(entries):
    assert covered(entries) is None


@pytest.mark.parametrize("late", [[], [salary(PAID, PAY_ON, 1)], [salary(PAID, PAY_ON)]])
def test_money_that_was_there_and_held_is_no_reason_whatever_came_late_beside_it(late):
    assert covered([*late, salary(PAID), taken()], available_minor=2_000_000) is None


@pytest.mark.parametrize(
    ("first", "last", "late_since"),
    [(-3, -1, 1), (-3, 0, 2), (0, 0, 2), (0, 4, 6), (1, 4, 1), (3, 4, 1)],
)
def test_the_days_of_an_outage_count_for_nobody(first, last, late_since):
    """Late since the day behind the pay day: an outage on the pay day gives the whole day after it; one that began later
    or was over before changes nothing."""
    found = late_since_without(PAY_ON + DAY, PAY_ON + first * DAY, PAY_ON + last * DAY)
    assert found == PAY_ON + late_since * DAY


DAYS = st.integers(0, 12).map(lambda days: PAY_ON + days * DAY)


@given(st.lists(st.tuples(st.integers(-2 * 10**6, 2 * 10**6), DAYS), max_size=12), st.integers(0, 10**6))
def test_where_nothing_came_late_nothing_is_given_back(made, had_minor):
    entries = [Booked(minor, day, "payment", day) for minor, day in made]
    assert covered(entries, had_minor) is None
    assert late_since_without(PAY_ON + DAY, PAY_ON + 20 * DAY, PAY_ON + 21 * DAY) == PAY_ON + DAY


@given(
    st.lists(st.tuples(st.integers(-2 * 10**6, 2 * 10**6), DAYS, st.integers(0, 9)), max_size=12),
    st.integers(0, 10**6),
    st.integers(1, 9),
    st.integers(-5, 12),
    st.integers(0, 5),
)
def test_never_more_is_given_back_than_was_charged_and_the_day_is_as_a_slow_count_has_it(
    made, had_minor, late, first, length
):
    """By another way: each day's balance, with every entry on the earlier of its days that counts."""
    entries = [Booked(minor, day - days * DAY, "payment", day) for minor, day, days in made]
    late_since, begun = PAY_ON + late * DAY, PAY_ON - 5 * DAY
    outage = (PAY_ON + first * DAY, PAY_ON + (first + length) * DAY)
    found = covered(entries, had_minor)
    assert (found and found[0]) == slowly(entries, had_minor, begun)
    charged = arrears(DUE, PAID, late_since, 120_000, 3_500)
    day, since = found[0] if found else PAID, late_since_without(late_since, *outage)
    would = arrears(DUE, day, since, 120_000, 3_500)
    assert 0 <= would.interest_minor <= charged.interest_minor
    assert 0 <= would.fee_minor <= charged.fee_minor


def slowly(entries, had_minor, begun):
    """The first day on which the account would have had enough, and would not without what came late."""
    for number in range((PAID - PAY_ON).days):
        day = PAY_ON + number * DAY
        there = [one for one in entries if one.day <= day]
        late = [one for one in entries if one.day > day >= one.value_date and one.amount_minor > 0 and one.day >= begun]
        late = [one for one in late if one.value_date < one.day]
        without = had_minor + sum(one.amount_minor for one in there)
        if without < NEEDED <= without + sum(one.amount_minor for one in late):
            return day
    return None
