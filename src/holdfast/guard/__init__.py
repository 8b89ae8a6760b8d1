"""Allowed, and why not: the small rule set that both banks judge payments by. Pure."""

from holdfast.guard.cards import CardFacts, judge_card
from holdfast.guard.payments import RULES_VERSION, Facts, Limits, judge

__all__ = ["RULES_VERSION", "CardFacts", "Facts", "Limits", "judge", "judge_card"]
