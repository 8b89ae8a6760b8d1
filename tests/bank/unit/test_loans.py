"""Loans: hand-worked plans, early repayment and arrears, and against a slow computation."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.bank.charges.engine.calendars import COUNTRIES, Adjust, settling_day
from holdfast.bank.charges.engine.days import DayCount
from holdfast.bank.charges.engine.loans import Extra, Plan, Terms, annuity_minor, payoff, plan_of

pytestmark = pytest.mark.demand("A2")


def terms(plan=Plan.ANNUITY, count=DayCount.THIRTY_360, **more):
    agreed = {
        "principal_minor": 10_000_000,
        "rate_ppm": 60_000,
        "paid_out": date(2026, 1, 15),
        "first_due": date(2026, 2, 15),
        "instalments": 12,
    }
    return Terms(count=count, plan=plan, **{**agreed, **more})


def test_an_annuity_worked_by_hand():
    """100,000.00 over 12 months at 6 %: 0.5 % a month. (1.005^12 = 1.0616778…) 100,000 × 0.005 × 1.0616778 / 0.0616778 =
    8,606.64 a month. First interest 500.00, so 8,106.64 of principal; then 91,893.36 × 0.005 = 459.47."""
    plan = plan_of(terms())
    assert annuity_minor(10_000_000, 60_000, 12) == 860_664
    assert [(one.interest_minor, one.principal_minor, one.left_minor) for one in plan[:2]] == [
        (50_000, 810_664, 9_189_336),
        (45_947, 814_717, 8_374_619),
    ]
    assert plan[-1].left_minor == 0
    assert abs(plan[-1].total_minor - 860_664) <= 12


def test_a_serial_loan_worked_by_hand():
    """100,000.00 over 12 months: 8,333.34 each, the last 8,333.26; interest 500.00, then 91,666.66 × 0.005 = 458.33."""
    plan = plan_of(terms(Plan.SERIAL))
    assert [one.principal_minor for one in plan] == [833_334] * 11 + [833_326]
    assert [one.interest_minor for one in plan[:2]] == [50_000, 45_833]


def test_due_on_the_31st_is_the_last_day_of_a_shorter_month_and_the_31st_again():
    """31 January, 28 February, 31 March 2026; 31 January is a Saturday, so it is paid on Monday 2 February."""
    plan = plan_of(terms(paid_out=date(2025, 12, 31), first_due=date(2026, 1, 31), instalments=3))
    assert [one.due for one in plan] == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert [one.pay_on for one in plan] == [date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 31)]


@pytest.mark.parametrize(
    ("country", "adjust", "day", "moved"),
    [
        ("NO", Adjust.FOLLOWING, date(2026, 5, 17), date(2026, 5, 18)),
        ("NO", Adjust.FOLLOWING, date(2026, 4, 2), date(2026, 4, 7)),
        ("EU", Adjust.FOLLOWING, date(2026, 4, 2), date(2026, 4, 2)),
        ("EU", Adjust.FOLLOWING, date(2026, 4, 3), date(2026, 4, 7)),
        ("NO", Adjust.MODIFIED, date(2026, 5, 31), date(2026, 5, 29)),
        ("NO", Adjust.PRECEDING, date(2026, 5, 17), date(2026, 5, 15)),
        ("EU", Adjust.FOLLOWING, date(2026, 12, 25), date(2026, 12, 28)),
    ],
)
def test_days_on_which_banks_are_closed_by_country(country, adjust, day, moved):
    """Maundy Thursday, 2 April 2026, is closed in Norway and open in the euro area; 17 May is Norway's own day."""
    assert settling_day(day, country, adjust) == moved


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.sampled_from(sorted(COUNTRIES)), st.sampled_from(list(Adjust)))
def test_money_always_moves_on_a_banking_day_near(day, country, adjust):
    found = settling_day(day, country, adjust)
    assert COUNTRIES[country](found)
    assert abs((found - day).days) <= 10
    assert adjust is not Adjust.MODIFIED or found.month == day.month


@given(
    st.integers(100, 10**10),
    st.integers(0, 300_000),
    st.integers(1, 360),
    st.sampled_from(list(Plan)),
    st.sampled_from(list(DayCount)),
)
def test_a_plan_pays_the_principal_exactly_and_interest_on_what_is_owed(principal, ppm, months, plan, count):
    found = plan_of(terms(plan, count, principal_minor=principal, rate_ppm=ppm, instalments=months))
    assert sum(one.principal_minor for one in found) == principal
    assert all(one.principal_minor >= 0 and one.interest_minor >= 0 for one in found)
    owed = principal
    for one in found:
        assert one.owed_minor == owed
        if count is DayCount.ACT_365:
            assert abs(one.interest_minor - Fraction(owed * ppm * (one.due - one.since).days, 365 * 10**6)) <= Fraction(
                1, 2
            )
        owed -= one.principal_minor


@given(st.integers(10_000, 10**10), st.integers(1, 300_000), st.integers(2, 480))
def test_the_annuity_is_what_pays_the_loan_back_at_its_rate(principal, ppm, months):
    """By another way: what each payment is worth on the day of the loan, summed, is the principal."""
    monthly, growth = annuity_minor(principal, ppm, months), 1 + Fraction(ppm, 12 * 10**6)
    worth, factor = Fraction(0), Fraction(1)
    for _ in range(min(months, 40)):
        factor /= growth
        worth += factor
    if months <= 40:
        assert abs(monthly - principal / worth) <= Fraction(1, 2)
    else:
        assert monthly > 0


def test_without_interest_a_loan_costs_what_was_borrowed():
    plan = plan_of(terms(rate_ppm=0, instalments=7))
    assert sum(one.total_minor for one in plan) == 10_000_000
    assert {one.interest_minor for one in plan} == {0}


def test_paying_back_early_worked_by_hand():
    """After one instalment 91,893.36 is owed. On 25 February, ten days (30/360) after the due day: 91,893.36 × 0.06 ×
    10/360 = 153.16 of interest, and the fee of 500.00."""
    found = payoff(terms(), 1, date(2026, 2, 25), 50_000, 120_000)
    assert (found.principal_minor, found.interest_minor, found.late_interest_minor, found.fee_minor) == (
        9_189_336,
        15_316,
        0,
        50_000,
    )
    assert found.total_minor == 9_189_336 + 15_316 + 50_000


def test_what_is_overdue_bears_the_late_rate_and_not_the_loans_own_beside_it():
    """The first instalment, 8,606.64, was due on Sunday 15 February, payable on Monday 16; unpaid on 26 February it
    bears 10 days of 12 %, ACT/365: 28.30. The 91,893.36 beyond it bear 11 days of 6 %, 30/360: 168.47."""
    found = payoff(terms(), 0, date(2026, 2, 26), 0, 120_000, date(2026, 2, 16))
    assert (found.principal_minor, found.interest_minor, found.late_interest_minor) == (
        10_000_000,
        50_000 + 16_847,
        2_830,
    )
    assert payoff(terms(), 0, date(2026, 2, 26), 0, 120_000).late_interest_minor == 0  # nobody tried to collect it


def test_paying_back_a_part_of_an_annuity_worked_by_hand():
    """After one instalment 91,893.36 is owed. On 25 February 41,893.36 is paid back: 50,000.00 over the 11 left at 0.5 %
    (1.005^11 = 1.0563958…) is 250 × 1.0563958 / 0.0563958 = 4,682.95 a month. The next one pays 4,682.95 − 250.00 =
    4,432.95 of principal, and interest on 91,893.36 for 10 days (153.1556) and on 50,000.00 for 20 (166.6667): 319.82.
    The one after it: 45,567.05 × 0.005 = 227.84, so 4,455.11 of principal."""
    plan = plan_of(terms(), [Extra(date(2026, 2, 25), 4_189_336)])
    assert [(one.interest_minor, one.principal_minor, one.left_minor) for one in plan[:3]] == [
        (50_000, 810_664, 9_189_336),
        (31_982, 443_295, 4_556_705),
        (22_784, 445_511, 4_111_194),
    ]
    assert (plan[-1].due, plan[-1].left_minor) == (date(2027, 1, 15), 0)
    assert abs(plan[-1].total_minor - 468_295) <= 11


def test_paying_back_a_part_of_a_serial_loan_worked_by_hand():
    """After one instalment 91,666.66 is owed. On 25 February 36,666.66 is paid back: 55,000.00 over 11 is 5,000.00 each.
    The next one's interest: 91,666.66 × 0.06 × 10/360 + 55,000.00 × 0.06 × 20/360 = 152.7778 + 183.3333 = 336.11."""
    plan = plan_of(terms(Plan.SERIAL), [Extra(date(2026, 2, 25), 3_666_666)])
    assert [one.principal_minor for one in plan] == [833_334] + [500_000] * 11
    assert [one.interest_minor for one in plan[1:3]] == [33_611, 25_000]


def test_paying_everything_back_after_a_part_was_worked_by_hand():
    """As above, and the whole on 7 March: 55,000.00, 152.78 until 25 February (10 days) and 55,000.00 × 0.06 × 12/360 =
    110.00 since: 262.7778, so 262.78, and the fee of 500.00."""
    found = payoff(
        terms(Plan.SERIAL), 1, date(2026, 3, 7), 50_000, 120_000, extras=[Extra(date(2026, 2, 25), 3_666_666)]
    )
    assert (found.principal_minor, found.interest_minor, found.fee_minor) == (5_500_000, 26_278, 50_000)
    assert [(one.owed_minor, one.days) for one in found.grown] == [(9_166_666, 10), (5_500_000, 12)]


@example(1_000_000, 0, 28, Plan.SERIAL, DayCount.ACT_365, [(821, 36)])
@given(
    st.integers(1_000_000, 10**9),
    st.integers(0, 300_000),
    st.integers(2, 60),
    st.sampled_from(list(Plan)),
    st.sampled_from(list(DayCount)),
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 40)), max_size=4),
)
def test_parts_paid_back_and_instalments_are_the_principal_and_interest_is_on_what_is_owed(  # noqa: PLR0917
    principal, ppm, months, plan, count, parts
):
    agreed = terms(plan, count, principal_minor=principal, rate_ppm=ppm, instalments=months)
    last = plan_of(agreed)[-2].due
    days = sorted({min(agreed.paid_out + timedelta(days=days), last): percent for days, percent in parts}.items())
    extras: list[Extra] = []
    for day, thousandth in days:
        left = owed_on(principal, plan_of(agreed, extras), extras, day)
        extras.append(Extra(day, min(principal * thousandth // 1000, left)))  # nobody pays back more than is owed
    found = plan_of(agreed, extras)
    assert sum(one.principal_minor for one in (*found, *extras)) == principal
    assert [(one.due, one.pay_on) for one in found] == [(one.due, one.pay_on) for one in plan_of(agreed)]
    assert all(one.principal_minor >= 0 and one.interest_minor >= 0 for one in found)
    if count is DayCount.ACT_365:
        for one in found:
            span = [one.since + timedelta(days=n) for n in range((one.due - one.since).days)]
            owed_days = sum(owed_on(principal, found, extras, day) for day in span)
            assert abs(one.interest_minor - Fraction(owed_days * ppm, 365 * 10**6)) <= Fraction(1, 2)


def owed_on(principal, plan, extras, day):
    """By another way: what is owed at the end of a day, day by day."""
    paid = sum(one.principal_minor for one in plan if one.due <= day)
    return principal - paid - sum(one.principal_minor for one in extras if one.day <= day)


def test_a_loan_that_was_paid_back_costs_nothing_more():
    assert payoff(terms(), 12, date(2030, 1, 1), 50_000, 120_000).total_minor == 0


@pytest.mark.parametrize("wrong", [{"instalments": 0}, {"instalments": 481}, {"first_due": date(2026, 1, 15)}])
def test_terms_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(ValueError, match="instalment"):
        plan_of(terms(**wrong))
