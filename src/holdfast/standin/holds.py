"""What is held of a customer's accounts, as its owner reads it at the spare bank."""

import asyncio
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from holdfast.contracts.cards import card_words
from holdfast.standin.bank import SpareBank
from holdfast.standin.phrases import Phrases

SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class ShownHold:
    """A hold in the customer's language. words: by which card, and until when."""

    id: str
    account: int
    card: str
    title: str
    amount_minor: int
    currency: str
    words: str


async def holds_of(bank: SpareBank, accounts: Collection[int], phrases: Phrases) -> list[ShownHold]:
    """What is held of these accounts and not posted here, the newest first, at most SHOWN_MAX."""
    if not accounts:
        return []
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(bank.readers, bank.copy_reader.holds, accounts, SHOWN_MAX)
    with bank.view.lock:
        posted = set[uuid.UUID]().union(*(bank.view.shown.settling.get(one, ()) for one in accounts))
    shown = []
    for hold in (one for _, one in found if one.id not in posted):
        until = phrases.say("holds.until", when=phrases.at_short(hold.expires_us))
        card, payee = (hold.note.text, hold.note.payee) if hold.note else ("", "")
        last4 = card.rpartition(" ")[2]
        named = phrases.say("cards.name", last=last4) if card == card_words(last4) else card
        words = f"{named} · {until}" if card else until
        shown.append(ShownHold(hold.id.hex, hold.debit, card, payee, hold.amount_minor, hold.currency, words))
    return shown
