"""The decision about one payment: each rule has a test that fails without it."""

from dataclasses import replace

import pytest

from holdfast.contracts.answers import Outcome, Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT
from holdfast.contracts.epochs import Bank, Mode, pack_epoch
from holdfast.guard import Facts, Habit, Limits
from holdfast.standin.judging import Ask, Decision, Fed, Memory, Standing, Step, decide

E1, E2, E3, NEXT_GENERATION = pack_epoch(1, 1), pack_epoch(1, 2), pack_epoch(1, 3), pack_epoch(2, 0)
FRESH = Ask(Bank.STANDIN, Mode.STANDIN, 5, E2, E2, 1000)
OLDER = replace(FRESH, birth=E1)
DERIVED = replace(FRESH, birth=0)
GOOD = Standing(0, 0, False, True, 5000, 1000, 0, 0, 10_000, 20_000, 0, 0, False, Limits(5000, 10_000, 5))
POOR = replace(GOOD, available_minor=999)
NEW = Memory(known=E2)


def test_a_payment_with_money_is_accepted() -> None:
    assert decide(FRESH, NEW, GOOD) == Decision(Step.ACCEPT, Outcome.DONE)


def test_the_last_unit_may_be_spent_and_not_one_more() -> None:
    assert decide(FRESH, NEW, replace(GOOD, available_minor=1000)).step is Step.ACCEPT
    assert decide(FRESH, NEW, POOR) == Decision(Step.REFUSAL, Outcome.REFUSED_OWN, Reason.NOT_ENOUGH_MONEY)


@pytest.mark.parametrize(("amount_minor", "paid_minor"), [(5001, 0), (1000, 9500)])
def test_what_good_times_would_have_let_through_is_refused_for_the_outage(amount_minor: int, paid_minor: int) -> None:
    ask = replace(FRESH, amount_minor=amount_minor)
    standing = replace(GOOD, available_minor=9000, value_minor=amount_minor, paid_today_minor=paid_minor)
    told = (
        decide(ask, NEW, standing).reason,
        decide(ask, NEW, replace(standing, normal=Limits(50_000, 50_000, 5))).reason,
    )
    assert told[0] in (Reason.AMOUNT_LIMIT, Reason.DAY_LIMIT)
    assert told[1] is Reason.SPARE_LIMIT
    assert decide(ask, NEW, replace(standing, normal=standing.limits)).reason is told[0]


def test_too_many_payments_are_said_as_such_though_good_times_would_allow_more() -> None:
    often = replace(GOOD, payments_last_minute=5, normal=Limits(5000, 10_000, 50))
    assert decide(FRESH, NEW, often).reason is Reason.TOO_MANY


@pytest.mark.parametrize(
    ("ask", "memory"),
    [
        (replace(FRESH, bank=Bank.PRIMARY), NEW),
        (replace(FRESH, mode=Mode.HANDING_BACK), NEW),
        (replace(FRESH, mode=Mode.PRIMARY), NEW),
        (FRESH, Memory(known=E3)),
        (FRESH, Memory(known=E2, closed=E2)),
    ],
)
def test_rule_7_a_wrong_older_or_closed_row_is_stale_whatever_is_known(ask: Ask, memory: Memory) -> None:
    for entry in (None, "accept", "refusal", "void"):
        decision = decide(ask, replace(memory, entry=entry, fed=Fed.BOOKED), GOOD)
        assert decision == Decision(Step.STALE, known=max(memory.known, memory.closed))


def test_rule_7_an_epoch_above_the_closed_one_is_open_again() -> None:
    ask = replace(FRESH, epoch=E3, birth=E3)
    assert decide(ask, Memory(known=E2, closed=E2), GOOD).step is Step.ACCEPT


def test_rule_3_an_id_born_later_than_its_row_is_stale() -> None:
    assert decide(replace(FRESH, birth=E3), NEW, GOOD).step is Step.STALE


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (Memory(E2, entry="accept"), Decision(Step.ANSWER, Outcome.DONE)),
        (
            Memory(E2, entry="refusal", entry_reason=Reason.DAY_LIMIT),
            Decision(Step.ANSWER, Outcome.REFUSED_OWN, Reason.DAY_LIMIT),
        ),
        (Memory(E2, entry="void"), Decision(Step.ANSWER, Outcome.CHECKING)),
        (Memory(E2, entry="void", fed=Fed.BOOKED), Decision(Step.ANSWER, Outcome.DONE)),
        (
            Memory(E2, entry="void", fed=Fed.REFUSED_JOURNAL, fed_reason=Reason.NOT_COMPLETED),
            Decision(Step.ANSWER, Outcome.REFUSED_SETTLED, Reason.NOT_COMPLETED),
        ),
        (Memory(E2, fed=Fed.BOOKED), Decision(Step.ANSWER, Outcome.DONE)),
        (
            Memory(E2, fed=Fed.REFUSED_JOURNAL, fed_reason=Reason.NOT_COMPLETED),
            Decision(Step.ANSWER, Outcome.REFUSED_SETTLED, Reason.NOT_COMPLETED),
        ),
        (Memory(E2, entry="accept", entry_same=False), Decision(Step.ANSWER, Outcome.CONFLICT, Reason.OTHER_CONTENT)),
        (Memory(E2, fed=Fed.BOOKED, fed_same=False), Decision(Step.ANSWER, Outcome.CONFLICT, Reason.OTHER_CONTENT)),
    ],
)
def test_rules_9_and_10_who_was_answered_is_answered_alike(memory: Memory, expected: Decision) -> None:
    for ask in (FRESH, OLDER, DERIVED):
        for standing in (GOOD, POOR):
            assert decide(ask, memory, standing) == expected


def test_rule_10_the_banks_own_refusal_is_told_only_when_it_was_claimed() -> None:
    memory = Memory(E2, fed=Fed.REFUSED_OWN, fed_reason=Reason.NOT_ENOUGH_MONEY)
    assert decide(OLDER, memory, GOOD).step is Step.ASK_CLAIM
    told = decide(replace(OLDER, claimed=True), memory, GOOD)
    assert told == Decision(Step.ANSWER, Outcome.REFUSED_OWN, Reason.NOT_ENOUGH_MONEY)
    assert decide(replace(OLDER, claimed=False), memory, GOOD).step is Step.ACCEPT
    assert decide(replace(OLDER, claimed=False), replace(memory, entry="void"), GOOD).outcome is Outcome.CHECKING


@pytest.mark.parametrize("ask", [OLDER, DERIVED])
def test_rule_11_an_older_id_is_accepted_or_voided_and_never_refused(ask: Ask) -> None:
    assert decide(ask, NEW, GOOD).step is Step.ACCEPT
    assert decide(ask, NEW, POOR) == Decision(Step.VOID, Outcome.CHECKING, Reason.NOT_ENOUGH_MONEY)


@pytest.mark.parametrize("birth", [0, E1, E2])
def test_rule_11_an_id_of_an_older_generation_is_only_voided(birth: int) -> None:
    ask = replace(FRESH, epoch=NEXT_GENERATION, birth=birth)
    assert decide(ask, NEW, GOOD) == Decision(Step.VOID, Outcome.CHECKING, Reason.NOT_COMPLETED)
    assert decide(replace(ask, birth=NEXT_GENERATION), NEW, GOOD).step is Step.ACCEPT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"exposure_cohort_minor": 9_000}, Reason.OK),
        ({"exposure_cohort_minor": 9_001}, Reason.SPARE_LIMIT),
        ({"exposure_total_minor": 19_000}, Reason.OK),
        ({"exposure_total_minor": 19_001}, Reason.SPARE_LIMIT),
    ],
)
def test_rule_12_the_exposure_of_a_cohort_and_in_total_has_an_exact_end(change: dict[str, int], reason: Reason) -> None:
    assert decide(FRESH, NEW, replace(GOOD, **change)).reason is reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"debit_flags": -1}, Reason.ACCOUNT_UNKNOWN),
        ({"credit_flags": -1}, Reason.ACCOUNT_UNKNOWN),
        ({"debit_flags": FLAG_CLOSED}, Reason.ACCOUNT_CLOSED),
        ({"credit_flags": FLAG_CLOSED}, Reason.ACCOUNT_CLOSED),
        ({"debit_flags": FLAG_FROZEN_OUT}, Reason.ACCOUNT_FROZEN),
        ({"credit_flags": FLAG_FROZEN_IN}, Reason.ACCOUNT_FROZEN),
        ({"debit_flags": FLAG_FROZEN_IN}, Reason.OK),
        ({"credit_flags": FLAG_FROZEN_OUT}, Reason.OK),
        ({"same_currency": False}, Reason.OTHER_CURRENCY),
        ({"same_account": True}, Reason.SAME_ACCOUNT),
        ({"payee_blocked": True}, Reason.PAYEE_BLOCKED),
        ({"paid_today_minor": 9_001}, Reason.DAY_LIMIT),
        ({"paid_today_minor": 9_000}, Reason.OK),
        ({"payments_last_minute": 5}, Reason.TOO_MANY),
        ({"payments_last_minute": 4}, Reason.OK),
        ({"limits": Limits(999, 10_000, 5)}, Reason.AMOUNT_LIMIT),
    ],
)
def test_each_objection_has_its_reason(change: dict[str, int], reason: Reason) -> None:
    assert decide(FRESH, NEW, replace(GOOD, **change)).reason is reason  # type: ignore[arg-type]


def test_orders_have_no_activity_limits_but_a_blocked_payee_stops_them() -> None:
    busy = replace(GOOD, payments_last_minute=99, paid_today_minor=99_999)
    order = replace(DERIVED, activity=False)
    assert decide(order, NEW, busy).step is Step.ACCEPT
    assert decide(order, NEW, replace(busy, payee_blocked=True)).step is Step.VOID


def test_money_that_comes_in_is_never_refused() -> None:
    incoming = replace(DERIVED, incoming=True, claimed=False)
    for bad in (POOR, replace(GOOD, credit_flags=FLAG_CLOSED), replace(GOOD, exposure_total_minor=10**9)):
        assert decide(incoming, NEW, bad) == Decision(Step.ACCEPT, Outcome.DONE)


def test_broken_rules_mean_tighter_limits_and_no_failed_payment() -> None:
    def broken(_: Facts, __: Limits) -> Reason:
        raise ZeroDivisionError

    assert decide(FRESH, NEW, replace(GOOD, value_minor=500), broken).step is Step.ACCEPT
    assert decide(FRESH, NEW, replace(GOOD, value_minor=501), broken).reason is Reason.SPARE_LIMIT


@pytest.mark.parametrize("place", ["cohort", "total"])
@pytest.mark.parametrize(
    ("used", "deadline", "reason"),
    [
        (7_000, False, Reason.OK),
        (7_001, False, Reason.KEPT_FOR_DEADLINES),
        (7_001, True, Reason.OK),
        (9_000, True, Reason.OK),
        (9_001, True, Reason.SPARE_LIMIT),
        (9_001, False, Reason.SPARE_LIMIT),
    ],
)
def test_the_last_fifth_of_the_exposure_is_kept_for_payments_with_a_deadline(
    place: str, used: int, deadline: bool, reason: Reason
) -> None:
    change: dict[str, int] = {f"exposure_{place}_minor": used, "deadline_percent": 20}
    other = "total" if place == "cohort" else "cohort"
    change |= {f"exposure_{place}_minor_max": 10_000, f"exposure_{other}_minor_max": 10**9}
    standing = replace(GOOD, **change)  # type: ignore[arg-type]
    assert decide(replace(FRESH, deadline=deadline), NEW, standing).reason is reason


def test_an_order_is_voided_when_the_rest_is_kept_for_deadlines_and_accepted_when_it_has_one() -> None:
    full = replace(GOOD, exposure_cohort_minor=8_500, deadline_percent=20)
    order = replace(DERIVED, activity=False)
    assert decide(order, NEW, full) == Decision(Step.VOID, Outcome.CHECKING, Reason.KEPT_FOR_DEADLINES)
    assert decide(replace(order, deadline=True), NEW, full).step is Step.ACCEPT


def test_new_payee_habit_and_hour_reach_the_rules() -> None:
    limits = Limits(5000, 10_000, 5, 20, 900, 500)
    for change, reason in (
        ({"new_payee": True}, Reason.NEW_PAYEE_LIMIT),
        ({"habit": Habit(99, 3)}, Reason.UNUSUAL_AMOUNT),
        ({"payments_last_hour": 20}, Reason.TOO_MANY),
        ({}, Reason.OK),
    ):
        assert decide(FRESH, NEW, replace(GOOD, limits=limits, **change)).reason is reason  # type: ignore[arg-type]


def test_activity_is_judged_after_everything_else() -> None:
    busy = replace(GOOD, paid_today_minor=9_999, payments_last_minute=99, payments_last_hour=99)
    for change, reason in (
        ({"credit_flags": FLAG_CLOSED}, Reason.ACCOUNT_CLOSED),
        ({"same_currency": False}, Reason.OTHER_CURRENCY),
        ({"available_minor": 0}, Reason.NOT_ENOUGH_MONEY),
        ({"exposure_total_minor": 20_000}, Reason.SPARE_LIMIT),
        ({"payee_blocked": True}, Reason.PAYEE_BLOCKED),
        ({}, Reason.DAY_LIMIT),
    ):
        assert decide(FRESH, NEW, replace(busy, **change)).reason is reason  # type: ignore[arg-type]
    assert decide(replace(FRESH, against=Reason.CARD_FROZEN), NEW, busy).reason is Reason.CARD_FROZEN
