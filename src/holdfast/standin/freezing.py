"""Freezing everything at the spare bank: one press, at the same address and by the same form as at the main bank.

It is journaled and fsynced before it is answered: accounts, cards, other sessions and tokens of programs are stopped by
that one entry, survive a crash so, and reach the main bank by replay. It is fenced as a payment is, so every freeze of
an outage is replayed before its customer returns there. It asks for no more than the session: a minute may matter.
Opening all again needs a proof given after the freeze, which the main bank alone asks for: whoever holds the session
that froze, or a second one, opens nothing here.
"""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts.cards import next_change_us
from holdfast.contracts.freezing import KIND, Freeze
from holdfast.standin.bank import SpareBank
from holdfast.standin.errors import NotFilled
from holdfast.standin.gate import Visit, now_us, stale
from holdfast.standin.journal import Writing
from holdfast.standin.judging import Ask, Decision, Memory, fence
from holdfast.standin.render import render

HERE = "/security/freeze"


class Freezing:
    """Handlers of /security/freeze."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def show(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """GET /security/freeze: what it stops, and the button; or that everything is frozen."""
        phone = str(self.bank.view.profile.bank.get("phone") or "")
        return render(self.bank, "freeze", visit.frame, is_frozen=visit.frame.frozen, phone=phone)

    async def freeze(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002  # every handler takes both
        """POST /security/freeze: 303 to the page once everything is stopped, 409 for an old row."""
        if not self.bank.view.filled:
            raise NotFilled("the customers are not known yet")
        refused = await asyncio.wrap_future(self.bank.journal.submit(lambda writing: self._write(writing, visit)))
        return RedirectResponse(HERE, 303) if refused is None else stale(refused.known)

    def _write(self, writing: Writing, visit: Visit) -> Decision | None:
        """In the writer thread: journal the freeze and its cards; what fenced it off, None when it holds from now on,
        or did before."""
        view, row, customer = self.bank.view, visit.row, visit.who
        cohort = int(row.cohort or 0)
        ask = Ask(row.bank, row.mode, cohort, row.epoch, 0, 0)
        refused = fence(ask, Memory(writing.known(cohort), writing.closed(cohort)))
        if refused is not None:
            return refused
        with view.lock:
            if view.customer_frozen(customer):
                return None
            told_us = view.profile.freeze_change(customer).changed_us
            here = view.frozen_here.get(customer)
            cards = [card for card in view.profile.own_cards(customer) if not view.card_frozen(card)]
            freeze = Freeze(
                customer,
                next_change_us(max(told_us, here.changed_us if here else 0)),
                now_us(),
                visit.session.session if visit.session else "",
                tuple(view.profile.own_accounts(customer)),
                tuple(card.id for card in cards),
            )
            writing.learn(cohort, row.epoch)
            writing.append(KIND, cohort, row.epoch, freeze.to_body())
            for card in cards:
                changed_us = next_change_us(view.card_changed(card)[0])
                body = {"card": card.id, "frozen": True, "customer": customer, "changed_us": changed_us}
                writing.append("card", cohort, row.epoch, body)
                view.freezes[card.id] = (changed_us, True)
            view.note_freeze(freeze)
        return None
