"""The receipt of a payment: what journal and books say, else what the other bank signed."""

import asyncio
import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, Reason
from holdfast.contracts.errors import BadToken
from holdfast.contracts.journal import Payment
from holdfast.contracts.sessions import RECEIPT_COOKIE, RECEIPT_PURPOSE
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import fed_state
from holdfast.standin.gate import Visit
from holdfast.standin.history import History, reason_of
from holdfast.standin.judging import Fed
from holdfast.standin.phrases import Phrases
from holdfast.standin.render import missing, render

SIGNALS = {
    Outcome.DONE: ("calm", "done"),
    Outcome.CHECKING: ("notice", "checking"),
    Outcome.REFUSED_OWN: ("alarm", "refused"),
    Outcome.REFUSED_SETTLED: ("alarm", "refused"),
    Outcome.CONFLICT: ("notice", "conflict"),
}
"""Outcome to (signal, the word of state.* and receipt.*)."""


class Receipts:
    """Handler of /receipt."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def receipt(self, request: Request, visit: Visit) -> Response:
        """GET /receipt/<id>: what journal and books say, else what the other bank signed, else not found."""
        try:
            ident = uuid.UUID(request.path_params["ident"])
        except ValueError:
            return missing(self.bank, visit.frame, "receipt.missing")
        loop = asyncio.get_running_loop()
        told = await loop.run_in_executor(self.bank.readers, self.known, ident, visit.who)
        proof = self._proof(request.cookies.get(RECEIPT_COOKIE, ""), ident, visit)
        if told is None or (told["outcome"] == Outcome.CHECKING and proof and proof["outcome"] != Outcome.CHECKING):
            told = proof or told
        if told is None:
            return missing(self.bank, visit.frame, "receipt.missing")
        outcome, profile = Outcome(told["outcome"]), self.bank.view.profile
        if outcome is Outcome.REFUSED_OWN:
            granted = await History(self.bank, visit.phrases).granted(
                [ident], int(visit.customer["cohort"]), visit.row.epoch
            )
            outcome = outcome if ident in granted else Outcome.CHECKING
            told["outcome"] = outcome.value
        signal, said = SIGNALS[outcome]
        holders, rules = profile.holders(int(told["credit"])), self.bank.taking.rules
        known_by = profile.known_by(int(told["credit"]))
        told |= {
            "id": ident.hex,
            "credit_number": profile.number(int(told["credit"])),
            "debit_number": profile.number(int(told["debit"])),
            "debit_title": profile.title(int(told["debit"])),
        }
        return render(
            self.bank,
            "receipt",
            visit.frame,
            told=told,
            signal=signal,
            tag=visit.phrases.say(f"state.{said}"),
            headline=visit.phrases.say(f"receipt.{said}"),
            explained=explain(outcome, reason_of(str(told["reason"])), visit.phrases),
            short=outcome.value.startswith("refused") and told["reason"] == Reason.NOT_ENOUGH_MONEY.value,
            other_name=bool(holders) and not rules.fits(str(told["payee"]), [*known_by, " and ".join(holders)]),
            when=visit.phrases.at(int(float(told["at"]) * 1e6)),
            headers={OUTCOME_HEADER: f"{outcome.value} {ident}"},
        )

    def _proof(self, token: str, ident: uuid.UUID, visit: Visit) -> dict[str, Any] | None:
        if not token:
            return None
        try:
            raw = self.bank.keyring.verify(RECEIPT_PURPOSE, token, by={"primary", "standin"})
            Outcome(raw["outcome"])
            if uuid.UUID(str(raw["id"])) != ident or raw["customer"] != visit.who:
                return None
            wanted = ("outcome", "reason", "amount_minor", "currency", "debit", "credit", "payee", "text", "at")
            return {name: raw[name] for name in wanted} | {"metadata": ()}
        except (BadToken, KeyError, ValueError, TypeError):
            return None

    def known(self, ident: uuid.UUID, customer: int) -> dict[str, Any] | None:
        """What is recorded here about a payment from or to one of the customer's accounts (a reader's thread)."""
        own = set(self.bank.view.profile.own_accounts(customer))
        found = self.bank.copy_reader.items(ident)
        entry = self.bank.journal_reader.find(ident)
        payment = entry.payment() if entry else None
        if payment is not None and not {payment.debit, payment.credit} & own:
            return None
        items = [one for one in found if {one[2].debit, one[2].credit} & own]
        block_at_us, item = (items[-1][1], items[-1][2]) if items else (0, None)
        source = payment or item
        if source is None:
            return None
        state, reason = Fed.ABSENT, Reason.OK
        if item is not None:
            sample = payment or Payment(
                ident,
                item.debit,
                item.credit,
                item.amount_minor,
                item.currency,
                item.kind,
                self.bank.view.profile.business_date(),
                item.cohort,
                "",
                "",
                "",
                "",
            )
            state, reason, _ = fed_state(sample, [one[2] for one in items])
        outcome = {
            Fed.BOOKED: Outcome.DONE,
            Fed.REFUSED_JOURNAL: Outcome.REFUSED_SETTLED,
            Fed.REFUSED_OWN: Outcome.REFUSED_OWN,
        }.get(state, Outcome.CHECKING)
        if entry is not None and entry.kind != "void" and state is not Fed.REFUSED_JOURNAL:
            outcome = Outcome.DONE if entry.kind == "accept" else Outcome.REFUSED_OWN
            reason = reason_of(entry.body["reason"])
        note = getattr(item, "note", None)
        metadata = payment.metadata if payment else getattr(item, "metadata", ())
        return {
            "outcome": outcome,
            "reason": reason.value,
            "amount_minor": source.amount_minor,
            "currency": source.currency,
            "debit": source.debit,
            "credit": source.credit,
            "payee": payment.payee if payment else note.payee if note else "",
            "text": payment.text if payment else note.text if note else "",
            "metadata": metadata if source.debit in own else (),
            "at": (entry.at_us if entry else block_at_us) / 1e6,
        }


def explain(outcome: Outcome, reason: Reason, phrases: Phrases) -> str:
    """One sentence under the headline."""
    if outcome is Outcome.DONE:
        return phrases.say("receipt.done_words")
    if outcome is Outcome.CHECKING:
        return phrases.say("receipt.checking_words")
    if outcome is Outcome.CONFLICT:
        return phrases.say("pay.conflict")
    return phrases.say("receipt.refused_words", reason=phrases.reason(reason))
