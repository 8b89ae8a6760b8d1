"""The limits that a customer sets for a card, within the bank's: lower as they like, higher only when they prove anew
who they are. What holds travels with the card's fact, so the spare bank needs to know nothing of them."""

from dataclasses import dataclass

from django.db import transaction

from holdfast.bank.cards.models import Card
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import history


@dataclass(frozen=True, slots=True)
class OwnLimits:
    """For one use and for one day, in minor units of the account's currency; None: the bank's limit only."""

    use_minor: int | None
    day_minor: int | None


def own_card(card: str, customer: int) -> Card | None:
    """The customer's card, None when there is none such."""
    return Card.objects.filter(id=card, customer=customer).first()


def raises(card: Card, asked: OwnLimits) -> bool:
    """Whether more could be paid than now."""
    now = card.as_known()
    return (asked.use_minor or card.per_use_minor) > now.per_use_minor or (
        asked.day_minor or card.per_day_minor
    ) > now.per_day_minor


def choose_limits(card: str, customer: int, asked: OwnLimits, *, proved: bool) -> bool:
    """Hold these limits from now on; False with nothing changed when they are higher and the customer did not prove
    anew who they are (proved)."""
    with transaction.atomic():
        found = Card.objects.select_for_update().get(id=card, customer=customer)
        if raises(found, asked) and not proved:
            return False
        if (found.own_use_minor, found.own_day_minor) != (asked.use_minor, asked.day_minor):
            found.own_use_minor, found.own_day_minor = asked.use_minor, asked.day_minor
            found.save(update_fields=["own_use_minor", "own_day_minor"])
            tell("card", [(found.id, found.as_known().to_body())])
            history.note(customer, "event.card_limits", last=found.last4)
    return True
