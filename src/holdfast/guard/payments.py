"""Judge one payment. No clock, no store, no network: everything it knows is in its arguments."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from holdfast.contracts.answers import Reason
from holdfast.guard.own import NO_PAIR, Pair

UNLIMITED = 2**62


@dataclass(frozen=True, slots=True)
class Rules:
    """One dated version of the rules: what holds whatever a bank's limits are.

    An amount is unusual above habit_times the largest one that the customer paid, when at least habit_payments_min
    payments are known to compare with. A customer proves anew who they are for a payment above prove_percent of the
    limit for a new payee, or of the amount from which habits are compared: where the payee is new, or the amount above
    prove_habit_times the largest one.
    """

    version: str
    since: date
    habit_times: int
    habit_payments_min: int
    prove_percent: int
    prove_habit_times: int


RULES = Rules("2026.4", date(2026, 11, 23), habit_times=10, habit_payments_min=3, prove_percent=2, prove_habit_times=3)
RULES_VERSION = RULES.version


@dataclass(frozen=True, slots=True)
class Limits:
    """One bank's limits in minor units of its currency; the payments_* count one customer's.

    new_payee_minor: for one payment to an account that the customer never paid before; amounts up to
    habit_floor_minor are never compared with the habit.
    """

    per_payment_minor: int
    per_day_minor: int
    payments_per_minute_max: int
    payments_per_hour_max: int = UNLIMITED
    new_payee_minor: int = UNLIMITED
    habit_floor_minor: int = UNLIMITED


@dataclass(frozen=True, slots=True)
class Habit:
    """What a customer paid in the last 90 days, as far as the bank that judges knows: the largest amount, how often."""

    largest_minor: int = 0
    payments: int = 0


NO_HABIT = Habit()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the customer's activity: paid_today_minor and payments_last_* include waiting ones.

    new_payee: the customer never paid this account before, as far as this bank knows; never so between the
    customer's own accounts, nor by card. habit is NO_HABIT where nothing is to be compared. own: the limits that the
    customer chose.
    """

    amount_minor: int
    paid_today_minor: int
    payments_last_minute: int
    payee_blocked: bool
    same_account: bool
    payments_last_hour: int = 0
    new_payee: bool = False
    habit: Habit = NO_HABIT
    own: Pair = NO_PAIR


def unusual(facts: Facts, limits: Limits, rules: Rules = RULES) -> bool:
    """Whether the amount is far above what this customer pays."""
    return (
        facts.amount_minor > limits.habit_floor_minor
        and facts.habit.payments >= rules.habit_payments_min
        and facts.amount_minor > rules.habit_times * facts.habit.largest_minor
    )


def judge(  # noqa: PLR0911  # one return for each reason
    facts: Facts, limits: Limits
) -> Reason:
    """Reason.OK, or the first reason against it; activity limits are judged last, after all other checks."""
    if facts.same_account:
        return Reason.SAME_ACCOUNT
    if facts.payee_blocked:
        return Reason.PAYEE_BLOCKED
    if facts.amount_minor > limits.per_payment_minor:
        return Reason.AMOUNT_LIMIT
    if facts.amount_minor > facts.own.per_payment_minor:
        return Reason.OWN_PAYMENT_LIMIT
    if facts.new_payee and facts.amount_minor > limits.new_payee_minor:
        return Reason.NEW_PAYEE_LIMIT
    if unusual(facts, limits):
        return Reason.UNUSUAL_AMOUNT
    if facts.paid_today_minor + facts.amount_minor > limits.per_day_minor:
        return Reason.DAY_LIMIT
    if facts.paid_today_minor + facts.amount_minor > facts.own.per_day_minor:
        return Reason.OWN_DAY_LIMIT
    if facts.payments_last_minute >= limits.payments_per_minute_max:
        return Reason.TOO_MANY
    if facts.payments_last_hour >= limits.payments_per_hour_max:
        return Reason.TOO_MANY
    return Reason.OK


class Risk(StrEnum):
    """Why a customer proves anew who they are before a payment is made at the main bank."""

    NONE = "none"
    NEW_PAYEE = "new_payee"
    UNUSUAL = "unusual"


def prove_floors(limits: Limits, rules: Rules = RULES) -> tuple[int, int]:
    """Up to these amounts nothing is asked, in minor units: of a new payee, and of an amount above the habit."""
    percent = rules.prove_percent
    return limits.new_payee_minor * percent // 100, limits.habit_floor_minor * percent // 100


def risk_of(facts: Facts, limits: Limits, rules: Rules = RULES) -> Risk:
    """Whether the customer must prove anew who they are. At the spare bank tighter limits stand in its place.

    Who has paid little yet has no habit to compare with; for them only a new payee counts.
    """
    new_payee_floor, habit_floor = prove_floors(limits, rules)
    if facts.new_payee and facts.amount_minor > new_payee_floor:
        return Risk.NEW_PAYEE
    known = facts.habit.payments >= rules.habit_payments_min
    if known and facts.amount_minor > max(habit_floor, rules.prove_habit_times * facts.habit.largest_minor):
        return Risk.UNUSUAL
    return Risk.NONE
