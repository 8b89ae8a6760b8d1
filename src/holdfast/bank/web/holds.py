"""What is held of a customer's accounts, as its owner reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from holdfast.bank.books import reader
from holdfast.bank.customers.overview import OwnAccount
from holdfast.contracts.cards import card_words
from holdfast.ledger.api import Hold
from holdfast.look import Writing


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold in the customer's language. amount: markup; words: by which card, and until when."""

    hold: Hold
    title: str
    amount: SafeString
    words: str

    def by(self, account: int, card: str) -> bool:
        """Whether a card holds it, by the account and the words of its bookings."""
        return (self.hold.debit, self.hold.text) == (account, card)


def holds_of(accounts: Sequence[OwnAccount], spoken: Writing) -> list[ShownHold]:
    """What is held of these accounts, the newest first; the books are asked only where something is."""
    held = [one.id for one in accounts if one.held_minor]
    return [_show(one, spoken) for one in reader().holds(held)] if held else []


def _show(hold: Hold, spoken: Writing) -> ShownHold:
    until = spoken.say("holds.until", day=spoken.day(timezone.localtime(hold.expires).date()))
    return ShownHold(
        hold,
        hold.payee,
        mark_safe(spoken.amount_markup(hold.amount_minor, hold.currency)),  # noqa: S308  # escaped there
        f"{_card(hold.text, spoken)} · {until}" if hold.text else until,
    )


def _card(text: str, spoken: Writing) -> str:
    """The words of a card's bookings, in the customer's language."""
    last4 = text.rpartition(" ")[2]
    return spoken.say("cards.name", last=last4) if text == card_words(last4) else text
