"""What overspending can cost: the stated bound, and that customers who try cannot pass it."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.epochs import Bank, Mode, pack_epoch
from holdfast.guard import Limits, LimitSet
from holdfast.standin import view
from holdfast.standin.exposure import worst_minor
from holdfast.standin.judging import Ask, Memory, Standing, Step, decide
from holdfast.standin.view import View

EPOCH = pack_epoch(1, 2)
DERIVED = Ask(Bank.STANDIN, Mode.STANDIN, 5, EPOCH, 0, 1000)
NEW = Memory(known=EPOCH)
GOOD = Standing(0, 0, False, True, 5000, 1000, 0, 0, 10_000, 20_000, 0, 0, False, Limits(5000, 10_000, 5))

LIMITS = LimitSet(GOOD.limits, GOOD.limits, 1_000, 2_500, 20)


def test_a_cohort_counts_what_it_has_up_to_its_limit_and_the_total_bounds_all() -> None:
    assert worst_minor([400, 5_000, 0], LIMITS, {}, 0) == 1_400
    assert worst_minor([5_000] * 3, LIMITS, {}, 0) == 2_500
    assert worst_minor([400], LIMITS, {0: 700}, 700) == 700
    assert worst_minor([0] * 3, LIMITS, {}, 9_000) == 9_000


def test_emergency_money_counts_when_it_is_given_and_when_it_is_spent() -> None:
    assert worst_minor([400, 5_000, 0], LIMITS, {}, 0, 300) == 2_000
    assert worst_minor([400, 5_000, 0], LIMITS, {}, 0, 900) == 2_500


tries = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 900), st.booleans(), st.booleans()), min_size=1, max_size=60
)


@given(st.lists(st.integers(0, 3_000), min_size=4, max_size=4), tries)
def test_no_order_of_payments_takes_out_more_than_the_stated_worst(
    has: list[int], wanted: list[tuple[int, int, bool, bool]]
) -> None:
    """One account a cohort, all spent at the main bank already: whatever leaves here is overspent."""
    left, out = list(has), Counter[int]()
    stated = worst_minor(has, LIMITS, {}, 0)
    for cohort, amount, deadline, by_hand in wanted:
        ask = replace(DERIVED, cohort=cohort, amount_minor=amount, deadline=deadline, activity=by_hand)
        standing = replace(
            GOOD,
            available_minor=left[cohort],
            value_minor=amount,
            exposure_cohort_minor=out[cohort],
            exposure_total_minor=out.total(),
            exposure_cohort_minor_max=LIMITS.cohort_minor,
            exposure_total_minor_max=LIMITS.total_minor,
            deadline_percent=LIMITS.deadline_percent,
        )
        if decide(ask, NEW, standing).step is Step.ACCEPT:
            left[cohort] -= amount
            out[cohort] += amount
        assert out[cohort] <= LIMITS.cohort_minor
        assert out.total() <= stated
        assert worst_minor(has, LIMITS, out, out.total()) == stated


def test_when_the_age_cannot_be_judged_a_tenth_of_the_limits_holds_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> LimitSet:
        raise ZeroDivisionError("by nothing")

    held = View(lambda: 0)
    held.profile.limits = LIMITS
    assert held.limits_now() == LIMITS
    monkeypatch.setattr(view, "aged", broken)
    tenth = held.limits_now()
    assert (tenth.spare.per_payment_minor, tenth.cohort_minor, tenth.total_minor) == (500, 100, 250)
    assert tenth.normal == LIMITS.normal
    assert held.ageing_trouble == "The age of the data could not be judged: ZeroDivisionError: by nothing"
