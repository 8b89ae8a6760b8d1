"""Allowed, and why not: the small rule set that both banks judge payments by. Pure."""

from holdfast.guard.ageing import SCHEDULE, aged, step_at
from holdfast.guard.cards import CardFacts, judge_card
from holdfast.guard.errors import BadLimits, GuardError, RulesTooSlow
from holdfast.guard.limits import NO_LIMITS, LimitSet, read_limits, shrunk, take_limits
from holdfast.guard.names import name_fits
from holdfast.guard.payments import NO_HABIT, RULES, RULES_VERSION, Facts, Habit, Limits, Rules, judge
from holdfast.guard.watching import TIGHT_SHARE, Guard, Watched, tight

__all__ = [
    "NO_HABIT",
    "NO_LIMITS",
    "RULES",
    "RULES_VERSION",
    "SCHEDULE",
    "TIGHT_SHARE",
    "BadLimits",
    "CardFacts",
    "Facts",
    "Guard",
    "GuardError",
    "Habit",
    "LimitSet",
    "Limits",
    "Rules",
    "RulesTooSlow",
    "Watched",
    "aged",
    "judge",
    "judge_card",
    "name_fits",
    "read_limits",
    "shrunk",
    "step_at",
    "take_limits",
    "tight",
]
