"""The rules as tables: each reason, its exact end, and the order in which they speak."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.contracts.answers import Reason
from holdfast.contracts.cards import Card
from holdfast.guard import (
    NO_LIMITS,
    RULES,
    SCHEDULE,
    BadLimits,
    CardFacts,
    Facts,
    Habit,
    Limits,
    RulesTooSlow,
    Watched,
    aged,
    judge,
    read_limits,
    step_at,
    take_limits,
    tight,
)

LIMITS = Limits(5_000, 9_000, 5, 20, 2_000, 1_000)
QUIET = Facts(500, 0, 0, payee_blocked=False, same_account=False)
BODY = {
    "normal": {
        "per_payment_minor": 5_000,
        "per_day_minor": 9_000,
        "payments_per_minute_max": 5,
        "payments_per_hour_max": 20,
        "new_payee_minor": 2_000,
        "habit_floor_minor": 1_000,
    },
    "spare": {
        "per_payment_minor": 1_000,
        "per_day_minor": 2_000,
        "payments_per_minute_max": 5,
        "payments_per_hour_max": 20,
        "new_payee_minor": 400,
        "habit_floor_minor": 100,
    },
    "spare_cohort_minor": 10_000,
    "spare_total_minor": 40_000,
    "deadline_percent": 20,
}
GOOD = read_limits(BODY)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, Reason.OK),
        ({"same_account": True}, Reason.SAME_ACCOUNT),
        ({"payee_blocked": True}, Reason.PAYEE_BLOCKED),
        ({"amount_minor": 5_000}, Reason.OK),
        ({"amount_minor": 5_001}, Reason.AMOUNT_LIMIT),
        ({"amount_minor": 2_000, "new_payee": True}, Reason.OK),
        ({"amount_minor": 2_001, "new_payee": True}, Reason.NEW_PAYEE_LIMIT),
        ({"amount_minor": 2_001}, Reason.OK),
        ({"amount_minor": 1_001, "habit": Habit(100, 3)}, Reason.UNUSUAL_AMOUNT),
        ({"amount_minor": 1_000, "habit": Habit(1, 3)}, Reason.OK),
        ({"amount_minor": 1_010, "habit": Habit(101, 3)}, Reason.OK),
        ({"amount_minor": 1_011, "habit": Habit(101, 3)}, Reason.UNUSUAL_AMOUNT),
        ({"amount_minor": 5_000, "habit": Habit(1, 2)}, Reason.OK),
        ({"paid_today_minor": 8_500}, Reason.OK),
        ({"paid_today_minor": 8_501}, Reason.DAY_LIMIT),
        ({"payments_last_minute": 4}, Reason.OK),
        ({"payments_last_minute": 5}, Reason.TOO_MANY),
        ({"payments_last_hour": 19}, Reason.OK),
        ({"payments_last_hour": 20}, Reason.TOO_MANY),
    ],
)
def test_each_rule_has_its_reason_and_an_exact_end(change: dict[str, object], reason: Reason) -> None:
    assert judge(replace(QUIET, **change), LIMITS) is reason  # type: ignore[arg-type]


def test_activity_limits_are_judged_last() -> None:
    busy = replace(QUIET, paid_today_minor=9_000, payments_last_minute=9, payments_last_hour=99)
    for change in (
        {"same_account": True},
        {"payee_blocked": True},
        {"amount_minor": 5_001},
        {"amount_minor": 2_001, "new_payee": True},
        {"amount_minor": 1_500, "habit": Habit(100, 3)},
    ):
        alone = judge(replace(QUIET, **change), LIMITS)  # type: ignore[arg-type]
        assert judge(replace(busy, **change), LIMITS) is alone  # type: ignore[arg-type]
        assert alone not in (Reason.OK, Reason.DAY_LIMIT, Reason.TOO_MANY)
    assert judge(busy, LIMITS) is Reason.DAY_LIMIT
    assert judge(replace(busy, paid_today_minor=0), LIMITS) is Reason.TOO_MANY


facts_of_any_sort = st.builds(
    Facts,
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 10),
    st.booleans(),
    st.booleans(),
    st.integers(0, 30),
    st.booleans(),
    st.builds(Habit, st.integers(0, 5_000), st.integers(0, 6)),
)


@given(facts_of_any_sort, st.floats(0, 10**7))
def test_what_older_data_allow_newer_data_allow_too(facts: Facts, age_s: float) -> None:
    if judge(facts, aged(GOOD, age_s).spare) is Reason.OK:
        assert judge(facts, GOOD.spare) is Reason.OK


@given(facts_of_any_sort)
def test_what_is_allowed_in_an_outage_is_allowed_in_good_times(facts: Facts) -> None:
    if judge(facts, GOOD.spare) is Reason.OK:
        assert judge(facts, GOOD.normal) is Reason.OK


def test_the_rules_say_since_when_they_hold() -> None:
    assert (RULES.version, RULES.since.isoformat()) == ("2026.4", "2026-11-23")


@pytest.mark.parametrize(
    ("age_s", "percent"),
    [(0, 100), (60, 100), (60.1, 50), (3_600, 50), (3_601, 25), (86_400, 25), (86_401, 10), (10**9, 10)],
)
def test_the_limits_shrink_with_the_age_of_the_data(age_s: float, percent: int) -> None:
    limits = aged(GOOD, age_s)
    assert step_at(age_s).percent == percent
    assert (limits.cohort_minor, limits.total_minor) == (10_000 * percent // 100, 40_000 * percent // 100)
    spare = limits.spare
    assert (spare.per_payment_minor, spare.per_day_minor, spare.new_payee_minor) == (
        1_000 * percent // 100,
        2_000 * percent // 100,
        400 * percent // 100,
    )
    assert (spare.payments_per_minute_max, limits.normal) == (5, GOOD.normal)


def test_the_schedule_only_shrinks() -> None:
    assert [step.percent for step in SCHEDULE] == sorted((step.percent for step in SCHEDULE), reverse=True)
    assert [step.age_s_max for step in SCHEDULE] == sorted(step.age_s_max for step in SCHEDULE)


def changed(path: str, value: object) -> dict[str, object]:
    """The good limits with one field changed; None takes it out."""
    body = {name: dict(one) if isinstance(one, dict) else one for name, one in BODY.items()}
    place, _, name = path.rpartition(".")
    inner = body[place] if place else body
    if value is None:
        del inner[name]  # type: ignore[union-attr]
    else:
        inner[name] = value  # type: ignore[index]
    return body


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("normal.per_payment_minor", 0),
        ("normal.per_payment_minor", -1),
        ("normal.per_payment_minor", 5_000.0),
        ("normal.per_payment_minor", "5000"),
        ("normal.per_payment_minor", True),
        ("normal.per_payment_minor", 10**16),
        ("normal.per_payment_minor", 9_001),
        ("normal.per_payment_minor", None),
        ("spare.per_day_minor", None),
        ("spare.per_payment_minor", 5_001),
        ("spare.per_day_minor", 9_001),
        ("spare.new_payee_minor", 1_001),
        ("spare.payments_per_minute_max", 0),
        ("spare.payments_per_hour_max", 4),
        ("spare_cohort_minor", 40_001),
        ("spare_cohort_minor", None),
        ("spare_total_minor", 0),
        ("deadline_percent", 51),
        ("deadline_percent", -1),
        ("normal", None),
        ("spare", 7),
    ],
)
def test_limits_that_cannot_be_meant_are_not_taken(path: str, value: object) -> None:
    for good in (None, GOOD):
        with pytest.raises(BadLimits):
            take_limits(changed(path, value), good)
        with pytest.raises(BadLimits):
            take_limits({**changed(path, value), "confirmed": True}, good)


def test_limits_that_were_removed_are_not_taken() -> None:
    with pytest.raises(BadLimits, match="removed"):
        take_limits(None, GOOD)


@pytest.mark.parametrize("value", [100_001, 999])
def test_a_change_by_more_than_ten_times_needs_somebody_who_confirms_it(value: int) -> None:
    body = changed("spare_cohort_minor", value) | {"spare_total_minor": 400_000}
    with pytest.raises(BadLimits, match="spare_cohort_minor would go from 10000 to"):
        take_limits(body, GOOD)
    with pytest.raises(BadLimits):
        take_limits({**body, "confirmed": "yes"}, GOOD)
    assert take_limits({**body, "confirmed": True}, GOOD).cohort_minor == value
    assert take_limits(body, None).cohort_minor == value


def test_ten_times_is_still_taken() -> None:
    assert take_limits(changed("spare_cohort_minor", 1_000), GOOD).cohort_minor == 1_000
    body = changed("spare_total_minor", 400_000) | {"spare_cohort_minor": 100_000}
    assert take_limits(body, GOOD).cohort_minor == 100_000


def test_limits_of_an_older_bank_are_read_with_what_they_did_not_say() -> None:
    old = {"per_payment_minor": 5_000, "per_day_minor": 9_000, "payments_per_minute_max": 5}
    limits = read_limits({"normal": old, "spare": old, "spare_cohort_minor": 1, "spare_total_minor": 2})
    assert limits.normal == Limits(5_000, 9_000, 5, 50, 5_000, 5_000)
    assert limits.deadline_percent == 0


def test_before_any_limits_are_known_nothing_may_be_paid() -> None:
    assert judge(replace(QUIET, amount_minor=1), NO_LIMITS.spare) is Reason.AMOUNT_LIMIT


def test_rules_that_fail_mean_a_tenth_of_the_limit_and_are_counted() -> None:
    def broken(_: Facts, __: Limits) -> Reason:
        raise ZeroDivisionError("by nothing")

    rules = Watched(lambda: 0.0, broken)
    assert rules.judge(replace(QUIET, amount_minor=500), LIMITS, Reason.SPARE_LIMIT) is Reason.OK
    assert rules.judge(replace(QUIET, amount_minor=501), LIMITS, Reason.SPARE_LIMIT) is Reason.SPARE_LIMIT
    assert (rules.not_judged, rules.trouble) == (2, "a payment was not judged: ZeroDivisionError: by nothing")


def test_rules_that_take_longer_than_5_ms_count_as_failed() -> None:
    times = iter([0.0, 0.005, 1.0, 1.0051])
    rules = Watched(lambda: next(times))
    assert rules(QUIET, LIMITS) is Reason.OK
    with pytest.raises(RulesTooSlow):
        rules(QUIET, LIMITS)
    assert rules.not_judged == 1


def test_what_was_not_judged_still_never_goes_to_a_blocked_payee() -> None:
    assert tight(replace(QUIET, payee_blocked=True), LIMITS, Reason.SPARE_LIMIT) is Reason.SPARE_LIMIT
    assert tight(replace(QUIET, same_account=True), LIMITS, Reason.SPARE_LIMIT) is Reason.SPARE_LIMIT


def test_a_card_that_could_not_be_judged_pays_small_amounts_unless_it_is_frozen_or_ended() -> None:
    times = iter([0.0, 1.0] * 5)  # each judgement takes far too long
    rules = Watched(lambda: next(times))
    card = Card("c", 10, 1, "1234", "net", False, 5_000, 20_000, "2027-01")
    known = CardFacts(card, False, 500, 0, date(2026, 11, 22))
    wanted = [
        (known, Reason.OK),
        (replace(known, amount_minor=501), Reason.SPARE_LIMIT),
        (replace(known, frozen=True), Reason.SPARE_LIMIT),
        (replace(known, today=date(2027, 2, 1)), Reason.SPARE_LIMIT),
    ]
    assert [rules.judge_card(facts, Reason.SPARE_LIMIT) for facts, _ in wanted] == [reason for _, reason in wanted]
    assert rules.fits("nobody at all", ["Ann Example"])
    assert rules.not_judged == 5


def test_watched_rules_that_work_judge_cards_and_names_as_without_the_watch() -> None:
    rules = Watched(lambda: 0.0)
    card = Card("c", 10, 1, "1234", "net", False, 5_000, 20_000, "2027-01")
    known = CardFacts(card, False, 5_001, 0, date(2026, 11, 22))
    assert rules.judge_card(known, Reason.SPARE_LIMIT) is Reason.CARD_USE_LIMIT
    assert (rules.fits("Ann", ["Ann Example"]), rules.fits("Bea", ["Ann Example"])) == (True, False)
    assert rules.not_judged == 0
