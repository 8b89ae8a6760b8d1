"""Allowed, and why not: the small rule set that both banks judge payments by. Pure."""

from holdfast.guard.ageing import SCHEDULE, aged, step_at
from holdfast.guard.cards import CardFacts, judge_card
from holdfast.guard.errors import BadLimits, GuardError, RulesTooSlow
from holdfast.guard.guesses import Guesses
from holdfast.guard.leaks import Leak, leaks_in
from holdfast.guard.limits import NO_LIMITS, LimitSet, read_limits, shrunk, take_limits
from holdfast.guard.names import Compared, NameCheck, check_name, name_fits
from holdfast.guard.own import NO_OWN_LIMITS, NO_PAIR, OwnLimits, Pair, own_limits_from_body
from holdfast.guard.payments import (
    NO_HABIT,
    RULES,
    RULES_VERSION,
    Facts,
    Habit,
    Limits,
    Risk,
    Rules,
    judge,
    prove_floors,
    risk_of,
)
from holdfast.guard.scams import Scam, Signs, scam_of
from holdfast.guard.tone import Hurt, hurts_in
from holdfast.guard.watching import TIGHT_SHARE, Guard, Watched, tight
from holdfast.guard.worth import OLD_TIMES, UNKNOWN_TIMES, Rate, middle_minor, rate_from_body, worth_minor

__all__ = [
    "NO_HABIT",
    "NO_LIMITS",
    "NO_OWN_LIMITS",
    "NO_PAIR",
    "OLD_TIMES",
    "RULES",
    "RULES_VERSION",
    "SCHEDULE",
    "TIGHT_SHARE",
    "UNKNOWN_TIMES",
    "BadLimits",
    "CardFacts",
    "Compared",
    "Facts",
    "Guard",
    "GuardError",
    "Guesses",
    "Habit",
    "Hurt",
    "Leak",
    "LimitSet",
    "Limits",
    "NameCheck",
    "OwnLimits",
    "Pair",
    "Rate",
    "Risk",
    "Rules",
    "RulesTooSlow",
    "Scam",
    "Signs",
    "Watched",
    "aged",
    "check_name",
    "hurts_in",
    "judge",
    "judge_card",
    "leaks_in",
    "middle_minor",
    "name_fits",
    "own_limits_from_body",
    "prove_floors",
    "rate_from_body",
    "read_limits",
    "risk_of",
    "scam_of",
    "shrunk",
    "step_at",
    "take_limits",
    "tight",
    "worth_minor",
]
