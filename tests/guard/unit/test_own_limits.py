"""A customer's own limits: lower at once, higher after a day, whatever is asked for in between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.answers import Reason
from holdfast.guard import NO_OWN_LIMITS, Facts, Limits, OwnLimits, Pair, Risk, judge, own_limits_from_body, risk_of
from holdfast.guard.own import NO_LIMIT, RAISE_AFTER_US, change, raises, without_coming
from holdfast.guard.payments import Habit
from holdfast.guard.watching import tight

HOUR_US = 3600 * 10**6
WIDE = Limits(10**9, 10**9, 100, 1000, 1_000_000, 1_000_000)
amounts = st.integers(1, 500) | st.just(NO_LIMIT)
pairs = st.builds(Pair, amounts, amounts)
steps = st.lists(st.tuples(st.integers(0, 40), pairs), min_size=1, max_size=12)


def test_a_lower_limit_holds_at_once_and_a_higher_one_after_a_day():
    lower = change(NO_OWN_LIMITS, Pair(100, 500), 0)
    assert (lower.at(0), lower.waits(0)) == (Pair(100, 500), False)
    higher = change(lower, Pair(300, 500), HOUR_US)
    end = HOUR_US + RAISE_AFTER_US
    assert [higher.at(at) for at in (HOUR_US, end - 1, end)] == [Pair(100, 500), Pair(100, 500), Pair(300, 500)]
    assert without_coming(higher, end - 1).at(end) == Pair(100, 500)
    assert without_coming(higher, end) == higher
    mixed = change(lower, Pair(300, 50), 0)
    assert (mixed.at(0), mixed.at(RAISE_AFTER_US)) == (Pair(100, 50), Pair(300, 50))


@given(steps)
def test_no_limit_rises_within_a_day_of_being_asked_for(asked):
    limits, now = NO_OWN_LIMITS, 0
    raised_at: list[tuple[int, Pair, Pair]] = []
    for hours, pair in asked:
        now += hours * HOUR_US
        before = limits.at(now)
        assert raises(limits, pair, now) == (
            pair.per_payment_minor > before.per_payment_minor or pair.per_day_minor > before.per_day_minor
        )
        limits = change(limits, pair, now)
        raised_at.append((now, before, pair))
        for later in range(24):
            held = limits.at(now + later * HOUR_US)
            for name in ("per_payment_minor", "per_day_minor"):
                assert getattr(held, name) == min(getattr(before, name), getattr(pair, name))
        assert limits.at(now + RAISE_AFTER_US) == pair


@given(pairs, pairs, st.integers(1, 2**50) | st.just(0))
def test_what_is_told_is_read_as_it_was(held, coming, coming_us):
    limits = OwnLimits(held, coming if coming_us else Pair(), coming_us)
    assert own_limits_from_body(limits.to_body()) == limits
    assert own_limits_from_body(None) == NO_OWN_LIMITS


@pytest.mark.parametrize("body", [{}, {"held": {"per_day_minor": 0}}, {"held": {}, "coming_us": 5}, {"held": 7}])
def test_limits_that_cannot_be_meant_are_refused(body):
    with pytest.raises((KeyError, ValueError, TypeError, AttributeError)):
        own_limits_from_body(body)


def facts(amount, today=0, **more):
    return Facts(amount, today, 0, payee_blocked=False, same_account=False, **more)


def test_the_rules_hold_them_also_when_they_fail():
    own = Pair(100, 150)
    assert judge(facts(100, own=own), WIDE) is Reason.OK
    assert judge(facts(101, own=own), WIDE) is Reason.OWN_PAYMENT_LIMIT
    assert judge(facts(50, 100, own=own), WIDE) is Reason.OK
    assert judge(facts(51, 100, own=own), WIDE) is Reason.OWN_DAY_LIMIT
    assert tight(facts(100, own=own), WIDE, Reason.SPARE_LIMIT) is Reason.OK
    assert tight(facts(101, own=own), WIDE, Reason.SPARE_LIMIT) is Reason.SPARE_LIMIT
    assert tight(facts(51, 100, own=own), WIDE, Reason.SPARE_LIMIT) is Reason.SPARE_LIMIT


@pytest.mark.parametrize(
    ("amount", "more", "risk"),
    [
        (20_000, {"new_payee": True}, Risk.NONE),
        (20_001, {"new_payee": True}, Risk.NEW_PAYEE),
        (20_001, {"habit": Habit(6_667, 3)}, Risk.NONE),
        (20_002, {"habit": Habit(6_667, 3)}, Risk.UNUSUAL),
        (20_000, {"habit": Habit(1, 3)}, Risk.NONE),
        (900_000, {"habit": Habit(1, 2)}, Risk.NONE),
        (900_000, {}, Risk.NONE),
    ],
)
def test_who_must_prove_who_they_are(amount, more, risk):
    assert risk_of(facts(amount, **more), WIDE) is risk
