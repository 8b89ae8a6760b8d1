"""Paying: the form, its judgement, and the receipt."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts.answers import OUTCOME_HEADER, REASON_WORDS, Outcome, Reason
from holdfast.contracts.epochs import Bank
from holdfast.contracts.errors import BadToken
from holdfast.contracts.journal import Payment
from holdfast.contracts.money import parse_amount
from holdfast.contracts.sessions import BIRTH_PURPOSE, RECEIPT_PURPOSE
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order, fed_state
from holdfast.standin.gate import Visit, now_us, stale
from holdfast.standin.history import History, reason_of
from holdfast.standin.judging import Ask, Decision, Fed, Step
from holdfast.standin.pages import cards, typed
from holdfast.standin.render import render

CONFLICT_WORDS = "This form was sent before with other content, so nothing new was done."
TEXT_MAX = 140
SAID = {
    Outcome.DONE: ("calm", "done", "Paid"),
    Outcome.CHECKING: ("notice", "being checked", "We are checking this payment"),
    Outcome.REFUSED_OWN: ("alarm", "refused", "Not paid"),
    Outcome.REFUSED_SETTLED: ("alarm", "refused", "Not paid"),
    Outcome.CONFLICT: ("notice", "sent before", "This form was sent before"),
}


@dataclass
class PayForm:
    """The pay form as typed, with what is wrong beside each field."""

    id: str
    birth: str
    from_account: str = ""
    to: str = ""
    name: str = ""
    amount: str = ""
    text: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


def name_fits(typed_name: str, names: list[str]) -> bool:
    """Whether every word typed is a word of one owner's name, or the other way round; as the bank reads names."""
    words = set(typed_name.casefold().replace(".", " ").split())
    owned = [set(name.casefold().replace(".", " ").split()) for name in names]
    return any(words <= own or own <= words for own in owned)


class Paying:
    """Handlers of /pay and /receipt."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank
        self.history = History(bank)

    def _birth(self, ident: str, visit: Visit) -> str:
        return self.bank.keyring.sign(
            BIRTH_PURPOSE, {"id": ident, "cohort": visit.row.cohort, "epoch": visit.row.epoch}
        )

    def birth_epoch(self, form: PayForm, visit: Visit) -> int:
        """The epoch in which the form's id was made, 0 when no bank vouches for it (then it counts as older)."""
        try:
            raw = self.bank.keyring.verify(BIRTH_PURPOSE, form.birth, by={"primary", "standin"})
            if uuid.UUID(str(raw["id"])) == uuid.UUID(form.id) and raw["cohort"] == visit.row.cohort:
                return max(int(raw["epoch"]), 0)
        except (BadToken, KeyError, ValueError, TypeError):
            pass
        return 0

    async def form(self, request: Request, visit: Visit) -> Response:
        """GET /pay: a new id, signed with the epoch it is made in."""
        ident = uuid.uuid4().hex
        wanted = request.query_params.get("from", "")[:20]
        return self._show(PayForm(ident, self._birth(ident, visit), wanted), visit)

    def _show(self, form: PayForm, visit: Visit, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return render(
            self.bank,
            "pay",
            visit.banner,
            status=status,
            customer=visit.who,
            headers=headers,
            form=form,
            accounts=cards(self.bank, visit.who),
        )

    async def pay(self, request: Request, visit: Visit) -> Response:
        """POST /pay: 303 to the receipt, 422 with the form again, 409 when the row is not current."""
        typed_form = await request.form(max_files=0, max_fields=20)
        form = PayForm(
            typed(typed_form, "id", 64),
            typed(typed_form, "birth", 8192),
            typed(typed_form, "from", 20),
            typed(typed_form, "to", 64),
            typed(typed_form, "name", TEXT_MAX),
            typed(typed_form, "amount", 40),
            typed(typed_form, "text", TEXT_MAX),
        )
        try:
            ident = uuid.UUID(form.id)
        except ValueError:
            form.id = uuid.uuid4().hex
            form.birth = self._birth(form.id, visit)
            form.wrong["form"] = "This form had no valid number, so nothing was done. Send it again."
            return self._show(form, visit, 422)
        row = visit.row
        birth = self.birth_epoch(form, visit)
        ask = Ask(row.bank, row.mode, int(row.cohort or 0), row.epoch, birth, 1)
        order = self._order(form, ident, ask, visit)
        if order is None:
            return self._show(form, visit, 422)
        decision = await self.bank.taking.take(order)
        return self._answer(order.payment, decision, form, visit)

    def _order(self, form: PayForm, ident: uuid.UUID, ask: Ask, visit: Visit) -> Order | None:
        """The payment a form means; None with the words beside the fields when it means none.

        An account number that is not known here may be known to the bank: under an older id that is judged (and
        ends as a void towards the suspense account, which settles it by id), never told as wrong (rule 11).
        """
        profile = self.bank.view.profile
        debit = int(form.from_account) if form.from_account.isascii() and form.from_account.isdigit() else -1
        account = self.bank.view.accounts.get(debit) if debit in profile.own_accounts(visit.who) else None
        if account is None:
            form.wrong["from"] = "Choose one of your accounts."
        currency = account.currency if account else self.bank.place.currency
        amount_minor = 0
        try:
            amount_minor = parse_amount(form.amount, currency)
        except ValueError as error:
            form.wrong["amount"] = str(error)
        credit = profile.find_account(form.to) if form.to else None
        if credit is None and form.to and ask.birth != ask.epoch:
            credit = int(profile.bank.get("suspense", -1))
        if credit is None or credit < 0:
            form.wrong["to"] = REASON_WORDS[Reason.ACCOUNT_UNKNOWN] if form.to else "Write the account number."
        if form.wrong or credit is None:
            return None
        payment = Payment(
            ident,
            debit,
            credit,
            amount_minor,
            currency,
            "payment",
            profile.business_date(),
            int(visit.row.cohort or 0),
            "form",
            str(visit.customer["name"]),
            form.name or " and ".join(profile.holders(credit))[:TEXT_MAX] or profile.title(credit),
            form.text,
            visit.who,
        )
        asked = Ask(ask.bank, ask.mode, ask.cohort, ask.epoch, ask.birth, amount_minor)
        return Order(payment, asked)

    def _answer(self, payment: Payment, decision: Decision, form: PayForm, visit: Visit) -> Response:
        if decision.step is Step.STALE:
            metrics.PAYMENTS.labels("stale").inc()
            return stale(decision.known)
        metrics.PAYMENTS.labels(decision.outcome.value).inc()
        headers = {OUTCOME_HEADER: f"{decision.outcome.value} {payment.id}"}
        if decision.outcome is Outcome.CONFLICT:
            form.wrong["form"] = CONFLICT_WORDS
            return self._show(form, visit, 422, headers)
        proof = self.bank.keyring.sign(
            RECEIPT_PURPOSE,
            {
                "id": payment.id.hex,
                "outcome": decision.outcome.value,
                "reason": decision.reason.value,
                "amount_minor": payment.amount_minor,
                "currency": payment.currency,
                "debit": payment.debit,
                "credit": payment.credit,
                "payee": payment.payee,
                "text": payment.text,
                "at": now_us() / 1e6,
                "bank": Bank.STANDIN.value,
                "customer": visit.who,
            },
        )
        return RedirectResponse(f"/receipt/{payment.id}?proof={proof}", 303, headers)

    async def receipt(self, request: Request, visit: Visit) -> Response:
        """GET /receipt/<id>: what journal and books say, else what the other bank signed, else not found."""
        try:
            ident = uuid.UUID(request.path_params["ident"])
        except ValueError:
            return self._missing(visit)
        loop = asyncio.get_running_loop()
        told = await loop.run_in_executor(self.bank.readers, self._known, ident, visit)
        proof = self._proof(request.query_params.get("proof", ""), ident, visit)
        if told is None or (told["outcome"] == Outcome.CHECKING and proof and proof["outcome"] != Outcome.CHECKING):
            told = proof or told
        if told is None:
            return self._missing(visit)
        outcome, profile = Outcome(told["outcome"]), self.bank.view.profile
        if outcome is Outcome.REFUSED_OWN:
            granted = await self.history.granted([ident], int(visit.customer["cohort"]), visit.row.epoch)
            outcome = outcome if ident in granted else Outcome.CHECKING
            told["outcome"] = outcome.value
        signal, tag, headline = SAID[outcome]
        holders = profile.holders(int(told["credit"]))
        told |= {
            "id": ident.hex,
            "credit_number": profile.number(int(told["credit"])),
            "debit_number": profile.number(int(told["debit"])),
            "debit_title": profile.title(int(told["debit"])),
        }
        return render(
            self.bank,
            "receipt",
            visit.banner,
            customer=visit.who,
            told=told,
            signal=signal,
            tag=tag,
            headline=headline,
            explained=explain(outcome, reason_of(str(told["reason"]))),
            other_name=bool(holders) and not name_fits(str(told["payee"]), [*holders, " and ".join(holders)]),
            when=self.bank.said_at(int(float(told["at"]) * 1e6)),
            headers={OUTCOME_HEADER: f"{outcome.value} {ident}"},
        )

    def _missing(self, visit: Visit) -> Response:
        return render(
            self.bank,
            "missing",
            visit.banner,
            status=404,
            customer=visit.who,
            headline="We do not know this payment",
            words="Our spare bank has no payment of yours with this number. If our main system has it, it "
            "will be there when it is back. It is not made twice.",
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
            return {name: raw[name] for name in wanted}
        except (BadToken, KeyError, ValueError, TypeError):
            return None

    def _known(self, ident: uuid.UUID, visit: Visit) -> dict[str, Any] | None:
        """What is recorded here about a payment from or to one of the customer's accounts (a reader's thread)."""
        own = set(self.bank.view.profile.own_accounts(visit.who))
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
        return {
            "outcome": outcome,
            "reason": reason.value,
            "amount_minor": source.amount_minor,
            "currency": source.currency,
            "debit": source.debit,
            "credit": source.credit,
            "payee": payment.payee if payment else note.payee if note else "",
            "text": payment.text if payment else note.text if note else "",
            "at": (entry.at_us if entry else block_at_us) / 1e6,
        }


def explain(outcome: Outcome, reason: Reason) -> str:
    """One sentence under the headline."""
    if outcome is Outcome.DONE:
        return "The payment is made. It stays made, whatever happens to either of our systems."
    if outcome is Outcome.CHECKING:
        return (
            "We are finding out whether our main system made this payment already. It will not be made twice. "
            "You need not send it again: What happened to my money will say how it ended."
        )
    if outcome is Outcome.CONFLICT:
        return CONFLICT_WORDS
    return f"{REASON_WORDS[reason]} No money was taken."
