"""Judge one payment. No clock, no store, no network: everything it knows is in its arguments."""

from dataclasses import dataclass
from datetime import date

from holdfast.contracts.answers import Reason

UNLIMITED = 2**62


@dataclass(frozen=True, slots=True)
class Rules:
    """One dated version of the rules: what holds whatever a bank's limits are.

    An amount is unusual above habit_times the largest one that the customer paid, when at least habit_payments_min
    payments are known to compare with.
    """

    version: str
    since: date
    habit_times: int
    habit_payments_min: int


RULES = Rules("2026.2", date(2026, 11, 22), habit_times=10, habit_payments_min=3)
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
    customer's own accounts, nor by card. habit is NO_HABIT where nothing is to be compared.
    """

    amount_minor: int
    paid_today_minor: int
    payments_last_minute: int
    payee_blocked: bool
    same_account: bool
    payments_last_hour: int = 0
    new_payee: bool = False
    habit: Habit = NO_HABIT


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
    if facts.new_payee and facts.amount_minor > limits.new_payee_minor:
        return Reason.NEW_PAYEE_LIMIT
    if unusual(facts, limits):
        return Reason.UNUSUAL_AMOUNT
    if facts.paid_today_minor + facts.amount_minor > limits.per_day_minor:
        return Reason.DAY_LIMIT
    if facts.payments_last_minute >= limits.payments_per_minute_max:
        return Reason.TOO_MANY
    if facts.payments_last_hour >= limits.payments_per_hour_max:
        return Reason.TOO_MANY
    return Reason.OK
