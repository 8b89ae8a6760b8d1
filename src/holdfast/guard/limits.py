"""The limits of both banks as they are told (fact `limits`), checked before they are taken.

A wrong limit follows the customer to the other bank, so both check alike: every field there, in its range, each
step from wide to tight in order, and no change by more than ten times that nobody confirmed. What fails is not taken;
the last good limits stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.guard.errors import BadLimits
from holdfast.guard.payments import Limits

CHANGE_TIMES_MAX = 10
PER_MINUTE_MAX = 10_000
HOUR_TIMES = 10
"""Where nothing is said about an hour: that many times the payments of a minute."""
DEADLINE_PERCENT_MAX = 50


@dataclass(frozen=True, slots=True)
class LimitSet:
    """All limits: in good times, in an outage, and what the spare bank may risk for one cohort and in total.

    deadline_percent of cohort_minor and total_minor are kept for payments that must arrive by a time.
    """

    normal: Limits
    spare: Limits
    cohort_minor: int
    total_minor: int
    deadline_percent: int = 0


NO_LIMITS = LimitSet(Limits(0, 0, 0), Limits(0, 0, 0), 0, 0)
"""Nothing may be paid: what holds before any limits are known."""


def read_limits(body: dict[str, Any] | None) -> LimitSet:
    """The limits in the fact's body; raises BadLimits in words. What rules 2026.2 added may be absent."""
    if not isinstance(body, dict):
        raise BadLimits("the limits were removed")
    normal, spare = _limits(body, "normal"), _limits(body, "spare")
    if spare.per_payment_minor > normal.per_payment_minor or spare.per_day_minor > normal.per_day_minor:
        raise BadLimits("the spare bank's limits are above those of good times")
    cohort = _whole(body, "spare_cohort_minor", AMOUNT_MINOR_MAX)
    total = _whole(body, "spare_total_minor", AMOUNT_MINOR_MAX)
    if cohort > total:
        raise BadLimits("spare_cohort_minor is above spare_total_minor")
    percent = body.get("deadline_percent", 0)
    if type(percent) is not int or not 0 <= percent <= DEADLINE_PERCENT_MAX:
        raise BadLimits(f"deadline_percent is not a whole number from 0 to {DEADLINE_PERCENT_MAX}")
    return LimitSet(normal, spare, cohort, total, percent)


def take_limits(body: dict[str, Any] | None, good: LimitSet | None) -> LimitSet:
    """The limits to hold from now on; raises BadLimits when those that hold (`good`) must stay."""
    new = read_limits(body)
    if good is None or (body is not None and body.get("confirmed") is True):
        return new
    for (name, before), (_, after) in zip(_numbers(good), _numbers(new), strict=True):
        if after > before * CHANGE_TIMES_MAX or after * CHANGE_TIMES_MAX < before:
            raise BadLimits(
                f"{name} would go from {before} to {after}, more than {CHANGE_TIMES_MAX} times, and nobody confirmed it"
            )
    return new


def _numbers(one: LimitSet) -> Iterator[tuple[str, int]]:
    for bank, limits in (("normal", one.normal), ("spare", one.spare)):
        for field in fields(Limits):
            yield f"{bank}.{field.name}", getattr(limits, field.name)
    yield "spare_cohort_minor", one.cohort_minor
    yield "spare_total_minor", one.total_minor


def _limits(body: dict[str, Any], bank: str) -> Limits:
    raw = body.get(bank)
    if not isinstance(raw, dict):
        raise BadLimits(f"the limits name no {bank!r} ones")
    once = _whole(raw, "per_payment_minor", AMOUNT_MINOR_MAX, bank)
    day = _whole(raw, "per_day_minor", AMOUNT_MINOR_MAX, bank)
    minute = _whole(raw, "payments_per_minute_max", PER_MINUTE_MAX, bank)
    hour = _whole({"payments_per_hour_max": minute * HOUR_TIMES, **raw}, "payments_per_hour_max", PER_MINUTE_MAX * 60)
    new_payee = _whole({"new_payee_minor": once, **raw}, "new_payee_minor", AMOUNT_MINOR_MAX, bank)
    floor = _whole({"habit_floor_minor": once, **raw}, "habit_floor_minor", AMOUNT_MINOR_MAX, bank)
    if once > day or new_payee > once or minute > hour:
        raise BadLimits(f"the {bank} limits are not in order: a new payee, one payment, a day; a minute, an hour")
    return Limits(once, day, minute, hour, new_payee, floor)


def _whole(raw: dict[str, Any], name: str, highest: int, bank: str = "") -> int:
    value = raw.get(name)
    if type(value) is not int or not 0 < value <= highest:
        raise BadLimits(f"{bank + '.' if bank else ''}{name} is not a whole number from 1 to {highest}")
    return value


def shrunk(limits: LimitSet, percent: int) -> LimitSet:
    """The spare bank's amounts at this share of what was told; counts and good times' limits stay."""
    spare = limits.spare
    return replace(
        limits,
        spare=replace(
            spare,
            per_payment_minor=spare.per_payment_minor * percent // 100,
            per_day_minor=spare.per_day_minor * percent // 100,
            new_payee_minor=spare.new_payee_minor * percent // 100,
        ),
        cohort_minor=limits.cohort_minor * percent // 100,
        total_minor=limits.total_minor * percent // 100,
    )
