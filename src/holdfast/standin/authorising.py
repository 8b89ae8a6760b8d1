"""The card network's questions: may this card pay this now?

A network waits only seconds and needs yes or no. The id is derived, so it is "older" (rule 11): it is claimed first
(rule 6), then accepted or voided, never finally refused. A void is told as declined at once, and stays declined here
whatever the books say later: the replay settles it as a refusal, or gives the amount back where the bank had booked
it (bank/cards/reversing.py). A card that is not known here may be newer than the copy: the answer is `unknown`,
nothing is written, and the network may ask again.
"""

import asyncio
import hashlib
import uuid
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from holdfast.contracts import ids
from holdfast.contracts.answers import OUTCOME_HEADER, REASON_WORDS, Outcome, Reason
from holdfast.contracts.blocks import Refusal, days_of
from holdfast.contracts.cards import (
    KIND,
    NETWORK_HEADER,
    USE_BYTES_MAX,
    USE_PURPOSE,
    Card,
    CardOutcome,
    CardUse,
    card_words,
    read_card_use,
)
from holdfast.contracts.epochs import Bank
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.contracts.journal import Entry, Payment
from holdfast.guard import RULES_VERSION, CardFacts
from holdfast.standin import metrics, queries
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order, same_content
from holdfast.standin.errors import NotFilled
from holdfast.standin.gate import Visit, stale, wrong_cohort
from holdfast.standin.history import reason_of
from holdfast.standin.judging import Ask, Decision, Step

SQL = queries.load("cards")
USES_LOOKED_AT_MAX = 500
"""The newest debits of the account among which those of the card's day are looked for."""


@dataclass(frozen=True, slots=True)
class Known:
    """What journal and books say about an id. block: where it is booked, 0 when it is not; refused: why the books
    refused it, also where nobody was told; settled: booked, or refused by the journal."""

    entry: Entry | None
    block: int
    settled: bool
    given_back: bool
    refused: Reason | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the network is told."""

    outcome: CardOutcome
    reason: Reason = Reason.OK
    known: Known = Known(None, 0, settled=False, given_back=False)


class CardNetwork:
    """The handler of POST /cards/authorisations."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def answer(self, request: Request, visit: Visit) -> Response:
        """200 with the answer, 400 or 403 with nothing done, 421 with the card's cohort, 422 for other content."""
        body = await request.body()
        trouble = self._signature(request.headers.get(NETWORK_HEADER, ""), body)
        if trouble:
            return JSONResponse({"error": trouble}, 403)
        if len(body) > USE_BYTES_MAX:
            return JSONResponse({"error": f"the card use is larger than {USE_BYTES_MAX} bytes"}, 400)
        try:
            use = read_card_use(body)
        except BadMessage as error:
            return JSONResponse({"error": str(error)}, 400)
        if not self.bank.view.filled:
            raise NotFilled("the cards are not known yet")
        card = self.bank.view.profile.card(use.card)
        account = self.bank.view.accounts.get(card.account) if card else None
        if card is None or account is None or "clearing" not in self.bank.view.profile.bank:
            return self._told(use, Said(CardOutcome.UNKNOWN, Reason.CARD_UNKNOWN))
        if visit.row.cohort != account.cohort:
            return wrong_cohort(account.cohort)
        said = await self._decide(use, self._payment(use, card, account.cohort), visit)
        return stale(said.known) if isinstance(said, Decision) else self._told(use, said)

    def _signature(self, token: str, body: bytes) -> str:
        try:
            signed = self.bank.keyring.verify(USE_PURPOSE, token, by={"network"})
        except BadToken:
            return "the card use is not signed by the card network"
        same = signed.get("sha256") == hashlib.sha256(body).hexdigest()
        return "" if same else "the signature is of another card use"

    def _payment(self, use: CardUse, card: Card, cohort: int) -> Payment:
        profile = self.bank.view.profile
        return Payment(
            use.id,
            card.account,
            int(profile.bank["clearing"]),
            use.amount_minor,
            use.currency,
            KIND,
            profile.business_date(),
            cohort,
            use.cause,
            profile.name(card.customer),
            use.merchant,
            card_words(card.last4),
            card.customer,
        )

    async def _decide(self, use: CardUse, payment: Payment, visit: Visit) -> Said | Decision:
        """What is told, or the stale decision."""
        known, row = await self._known(use.id), visit.row
        if known.entry is None and not known.settled:
            if use.settles is not None and not await self._postable(use, payment.debit):
                return Said(CardOutcome.UNKNOWN, Reason.NOT_COMPLETED)
            granted = await self.bank.doors.claim("taken", [(use.id, payment.cohort, row.epoch)])
            if use.id not in granted:
                return Said(CardOutcome.DECLINED, known.refused or Reason.CLAIMED_REFUSED)
        ask = Ask(row.bank, row.mode, payment.cohort, row.epoch, 0, use.amount_minor, claimed=False)
        order = Order(payment, ask, use.card, lambda: self._objection(use, payment), settles=use.settles)
        (decision,) = await self.bank.taking.take_many([order])
        if decision.step is Step.STALE:
            return decision
        return _said(payment, await self._known(use.id), decision)

    async def _postable(self, use: CardUse, debit: int) -> bool:
        """Whether what becomes of a hold can be decided here: not its release, which can wait, nor more than was held,
        nor of another account, nor what is posted here already, nor the rest of a use that is booked. The network asks
        again when the main bank is back."""
        if use.release or use.settles is None:
            return False
        with self.bank.view.lock:
            if self.bank.view.settles_here(use.settles, debit):
                return False
        held = await self._known(use.settles)
        enough = self.bank.copy_reader.held(use.settles, debit) >= use.amount_minor
        return held.entry is None and (not held.block or enough)

    async def _known(self, ident: uuid.UUID) -> Known:
        return await asyncio.get_running_loop().run_in_executor(self.bank.readers, self._look_up, ident)

    def _look_up(self, ident: uuid.UUID) -> Known:
        """In a reader's thread."""
        items = self.bank.copy_reader.items(ident)
        refused = [reason_of(item.reason) for _, _, item in items if isinstance(item, Refusal)]
        booked = [block for block, _, item in items if not isinstance(item, Refusal)]
        return Known(
            self.bank.journal_reader.find(ident),
            booked[-1] if booked else 0,
            bool(booked) or any(item.source == "journal" for _, _, item in items),
            bool(booked) and self.bank.copy_reader.knows(ids.card_reversal_id(ident)),
            refused[-1] if refused else None,
        )

    def _objection(self, use: CardUse, payment: Payment) -> Reason:
        """What the card itself has against it (in the journal writer's order, the view's lock held)."""
        view = self.bank.view
        card = view.profile.card(use.card)
        if card is None:
            return Reason.CARD_UNKNOWN
        if view.cover(use.settles, payment.debit):
            return Reason.OK  # the card was judged when it was held
        frozen = view.card_frozen(card)
        facts = CardFacts(card, frozen, use.amount_minor, self._paid_today(payment), payment.value_date)
        return self.bank.taking.rules.judge_card(facts, Reason.SPARE_LIMIT)

    def _paid_today(self, payment: Payment) -> int:
        """What this card paid on the payment's day, booked or waiting, without the payment itself."""
        rows = self.bank.copy_reader.base().execute(
            SQL["paid_by_card"], (payment.debit, days_of(payment.value_date), payment.text, USES_LOOKED_AT_MAX)
        )
        paid = {uuid.UUID(bytes=row[0]): int(row[1]) for row in rows}
        waiting = self.bank.view.judging
        for ident in waiting.of_account.get(payment.debit, ()):
            other = waiting.entries[ident].payment
            if (other.kind, other.value_date, other.text) == (KIND, payment.value_date, payment.text):
                paid[ident] = other.amount_minor
        paid.pop(payment.id, None)
        return sum(paid.values())

    def _told(self, use: CardUse, said: Said) -> Response:
        metrics.CARD_USES.labels(said.outcome.value).inc()
        entry, view = said.known.entry, self.bank.view
        body = {
            "outcome": said.outcome.value,
            "reason": said.reason.value,
            "words": REASON_WORDS[said.reason],
            "id": use.id.hex,
            "block": said.known.block,
            "journal_number": entry.number if entry else 0,
            "bank": Bank.STANDIN.value,
            "rules_version": str(entry.body["rules_version"]) if entry else RULES_VERSION,
            "fresh_block": int(entry.body["fresh_block"]) if entry else view.head.number,
        }
        status = 422 if said.outcome is CardOutcome.CONFLICT else 200
        ended = {
            CardOutcome.APPROVED: Outcome.DONE,
            CardOutcome.DECLINED: Outcome.CHECKING,
            CardOutcome.CONFLICT: Outcome.CONFLICT,
        }.get(said.outcome)
        headers = {OUTCOME_HEADER: f"{ended.value} {use.id.hex}"} if ended else {}
        return JSONResponse(body, status, headers)


def _said(payment: Payment, known: Known, decision: Decision) -> Said:
    """What a decision that is not stale means to the network."""
    if known.entry is not None and known.entry.kind == "void":
        return _voided(payment, known, known.entry)
    if decision.outcome is Outcome.CONFLICT:
        return Said(CardOutcome.CONFLICT, decision.reason, known)
    if decision.outcome is not Outcome.DONE or known.given_back:
        reason = Reason.NOT_COMPLETED if decision.reason is Reason.OK else decision.reason
        return Said(CardOutcome.DECLINED, reason, known)
    return Said(CardOutcome.APPROVED, Reason.OK, known)


def _voided(payment: Payment, known: Known, entry: Entry) -> Said:
    """A void was told as declined, and is told so again."""
    if not same_content(payment, entry.payment()):
        return Said(CardOutcome.CONFLICT, Reason.OTHER_CONTENT, known)
    return Said(CardOutcome.DECLINED, reason_of(str(entry.body["reason"])), known)
