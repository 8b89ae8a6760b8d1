"""Judge one payment. No clock, no store, no network: everything it knows is in its arguments."""

from dataclasses import dataclass

from holdfast.contracts.answers import Reason

RULES_VERSION = "2026.1"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits in minor units of the bank's currency; payments_per_minute_max counts one customer's."""

    per_payment_minor: int
    per_day_minor: int
    payments_per_minute_max: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the customer's activity: paid_today_minor and payments_last_minute include waiting ones."""

    amount_minor: int
    paid_today_minor: int
    payments_last_minute: int
    payee_blocked: bool
    same_account: bool


def judge(facts: Facts, limits: Limits) -> Reason:
    """Reason.OK, or the first reason against it; activity limits are judged last, after all other checks."""
    if facts.same_account:
        return Reason.SAME_ACCOUNT
    if facts.payee_blocked:
        return Reason.PAYEE_BLOCKED
    if facts.amount_minor > limits.per_payment_minor:
        return Reason.AMOUNT_LIMIT
    if facts.paid_today_minor + facts.amount_minor > limits.per_day_minor:
        return Reason.DAY_LIMIT
    if facts.payments_last_minute >= limits.payments_per_minute_max:
        return Reason.TOO_MANY
    return Reason.OK
