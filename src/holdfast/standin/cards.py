"""The customer's cards at the spare bank: shown, frozen, unfrozen.

A freeze is journaled and fsynced before it is answered, holds from then on here, survives a restart, and reaches the
bank by replay. It stands above the fed fact until a fact tells a change at least as late (contracts.cards says why
times decide). It is fenced as a payment is: nothing enters an epoch that is closed or not served here, so that
every freeze of an outage is replayed before the customer returns to the bank.
"""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts.cards import Card, card_words, last_day_passed, next_change_us
from holdfast.standin.bank import SpareBank
from holdfast.standin.gate import DoorRow, Visit, stale
from holdfast.standin.holds import ShownHold, holds_of
from holdfast.standin.journal import Writing
from holdfast.standin.judging import Ask, Decision, Memory, fence
from holdfast.standin.render import missing, render


@dataclass(frozen=True, slots=True)
class ShownCard:
    """One card as the page shows it."""

    card: Card
    frozen: bool
    ended: bool
    title: str
    currency: str
    held: list[ShownHold]


class Cards:
    """Handlers of /cards."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def show(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /cards: the customer's own."""
        view, today, shown = self.bank.view, self.bank.view.profile.business_date(), []
        own = view.profile.own_cards(visit.who)
        held = await holds_of(self.bank, {card.account for card in own}, visit.phrases)
        with view.lock:
            for card in own:
                account = view.accounts.get(card.account)
                shown.append(
                    ShownCard(
                        card,
                        view.card_frozen(card),
                        last_day_passed(card.ends, today),
                        view.profile.title(card.account),
                        account.currency if account else self.bank.place.currency,
                        [one for one in held if (one.account, one.card) == (card.account, card_words(card.last4))],
                    )
                )
        return render(self.bank, "cards", visit.frame, cards=shown)

    async def freeze(self, request: Request, visit: Visit) -> Response:
        """POST /cards/<id>/freeze or /unfreeze: 303 to the cards, 404 for another's card, 409 for an old row."""
        card = self.bank.view.profile.card(request.path_params["card"])
        if card is None or card.customer != visit.who or request.path_params["what"] not in ("freeze", "unfreeze"):
            return missing(self.bank, visit.frame, "cards.missing")
        frozen = request.path_params["what"] == "freeze"
        refused = await asyncio.wrap_future(
            self.bank.journal.submit(lambda writing: self._write(writing, visit.row, card, frozen))
        )
        return RedirectResponse("/cards", 303) if refused is None else stale(refused.known)

    async def freeze_from(self, row: DoorRow, card: Card) -> Decision | None:
        """Freeze a card of the row's cohort; what fenced it off, None when it holds from now on."""
        return await asyncio.wrap_future(
            self.bank.journal.submit(lambda writing: self._write(writing, row, card, True))
        )

    def _write(self, writing: Writing, row: DoorRow, known: Card, frozen: bool) -> Decision | None:
        """In the writer thread: journal the change; what fenced it off, None when it holds from now on. The row is of
        the cohort of the card's customer."""
        view, cohort = self.bank.view, int(row.cohort or 0)
        ask = Ask(row.bank, row.mode, cohort, row.epoch, 0, 0)
        refused = fence(ask, Memory(writing.known(cohort), writing.closed(cohort)))
        if refused is not None:
            return refused
        with view.lock:
            card = view.profile.card(known.id) or known
            newest_us, said_here = view.card_changed(card)
            if said_here and view.card_frozen(card) == frozen:
                return None  # the newest change known is our own, in the journal, and says the same
            writing.learn(cohort, row.epoch)
            changed_us = next_change_us(newest_us)
            body = {"card": card.id, "frozen": frozen, "customer": card.customer, "changed_us": changed_us}
            writing.append("card", cohort, row.epoch, body)
            view.freezes[card.id] = (changed_us, frozen)
        return None
