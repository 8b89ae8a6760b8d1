"""Open, freeze and unfreeze cards; each change is a profile fact of the same transaction.

A card that was frozen or opened at the spare bank follows by replay. The last writer by time wins, and that is right:
a card is frozen because somebody fears for it now, so a freeze at either bank stands above every unfreeze made before
it, and an unfreeze above every freeze made before it, whoever hears of it first and however often it is replayed.
Each bank stamps its change later than all it knows of the card (contracts.cards), so a clock that lags loses nothing.
"""

from collections.abc import Sequence

from django.db import transaction

from holdfast.bank.cards.models import Card
from holdfast.bank.exchange.facts import tell
from holdfast.contracts import cards
from holdfast.contracts.cards import next_change_us
from holdfast.contracts.journal import Entry

BATCH = 2000


def open_cards(new: Sequence[cards.Card]) -> None:
    """Store cards and tell them; in the caller's transaction, if there is one."""
    for start in range(0, len(new), BATCH):
        with transaction.atomic():
            batch = new[start : start + BATCH]
            Card.objects.bulk_create([Card(id=one.id, **one.to_body()) for one in batch])
            tell("card", [(one.id, one.to_body()) for one in batch])


def cards_of(customer: int) -> list[Card]:
    """A customer's cards, the one that ends last first."""
    return list(Card.objects.filter(customer=customer).order_by("-ends", "id"))


def set_frozen(card: str, customer: int, frozen: bool) -> bool:
    """Freeze or unfreeze the customer's card; False when the customer has no such card. Again: changes nothing."""
    with transaction.atomic():
        found = Card.objects.select_for_update().filter(id=card, customer=customer).first()
        if found is None:
            return False
        if found.frozen != frozen:
            _change(found, frozen, next_change_us(found.changed_us))
    return True


def follow_journal(entry: Entry) -> None:
    """Do here what a journal entry of kind `card` says, unless something later is known. Safe to repeat."""
    changed_us = int(entry.body.get("changed_us", 0))
    with transaction.atomic():
        found = Card.objects.select_for_update().filter(id=str(entry.body.get("card", ""))[:32]).first()
        if found is not None and changed_us > found.changed_us:
            _change(found, bool(entry.body.get("frozen")), changed_us)


def _change(card: Card, frozen: bool, changed_us: int) -> None:
    """Write it and tell it; the row is locked."""
    card.frozen, card.changed_us = frozen, changed_us
    card.save(update_fields=["frozen", "changed_us"])
    tell("card", [(card.id, card.as_known().to_body())])
