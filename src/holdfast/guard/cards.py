"""Judge one use of a card by the card itself. Pure, as payments: everything it knows is in its arguments."""

from dataclasses import dataclass
from datetime import date

from holdfast.contracts.answers import Reason
from holdfast.contracts.cards import Card, last_day_passed


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What is asked, what the card paid on the bank's day already (without this use), and whether it is frozen now.

    frozen stands beside the card, since a freeze may be known that the card's last fact does not tell yet.
    """

    card: Card
    frozen: bool
    amount_minor: int
    used_today_minor: int
    today: date


def judge_card(facts: CardFacts) -> Reason:
    """Reason.OK, or the first reason against it; limits are judged last."""
    if last_day_passed(facts.card.ends, facts.today):
        return Reason.CARD_ENDED
    if facts.frozen:
        return Reason.CARD_FROZEN
    if facts.amount_minor > facts.card.per_use_minor:
        return Reason.CARD_USE_LIMIT
    if facts.used_today_minor + facts.amount_minor > facts.card.per_day_minor:
        return Reason.CARD_DAY_LIMIT
    return Reason.OK
