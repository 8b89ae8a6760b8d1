"""Paying: the form and its judgement."""

import asyncio
import uuid
from dataclasses import dataclass, field, replace

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, Reason
from holdfast.contracts.epochs import Bank
from holdfast.contracts.errors import BadToken
from holdfast.contracts.journal import Payment
from holdfast.contracts.kid import PREFIX, kid_fits, plain_kid
from holdfast.contracts.metadata import TEXT_CHARACTERS_MAX, read_metadata_text
from holdfast.contracts.money import BadAmount, parse_amount
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.sessions import (
    BIRTH_PURPOSE,
    RECEIPT_CHARACTERS_MAX,
    RECEIPT_COOKIE,
    RECEIPT_PURPOSE,
    RECEIPT_S,
)
from holdfast.guard import NameCheck
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.gate import Visit, now_us, stale
from holdfast.standin.judging import Ask, Decision, Step
from holdfast.standin.pages import cards, typed
from holdfast.standin.render import render

TEXT_MAX = 140
AND = " and "
"""Between the names of two owners, as the bank writes a payee in the books."""


@dataclass
class PayForm:
    """The pay form as typed, with what is wrong beside each field. deadline: the customer says it must arrive in time.

    checked: the account number and name that the customer was warned about, or had compared, at either bank.
    asks: the same when the page warns now; sent back as `checked` it means to pay all the same. near: the owner's name,
    when the customer nearly wrote it. metadata: what a program attached that asked for the payment, unseen.
    """

    id: str
    birth: str
    from_account: str = ""
    to: str = ""
    name: str = ""
    amount: str = ""
    kid: str = ""
    text: str = ""
    checked: str = ""
    deadline: bool = False
    metadata: str = ""
    asks: str = ""
    near: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


class Paying:
    """Handlers of /pay and /receipt."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

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
        form = PayForm(ident, self._birth(ident, visit), wanted)
        payee = request.query_params.get("payee", "")
        if payee.isascii() and payee.isdigit() and len(payee) < 19:
            profile = self.bank.view.profile
            form.name = profile.payee(visit.who, int(payee))
            form.to = profile.number(int(payee)) if form.name else ""
        return self._show(form, visit)

    def _show(self, form: PayForm, visit: Visit, status: int = 200, headers: dict[str, str] | None = None) -> Response:
        return render(
            self.bank,
            "pay",
            visit.frame,
            status=status,
            headers=headers,
            form=form,
            accounts=cards(self.bank, visit.who),
            payees=self._payees(visit.who),
        )

    def _payees(self, customer: int) -> list[tuple[str, str]]:
        """(number, name) of those on the customer's list."""
        profile = self.bank.view.profile
        return [(profile.number(account), name) for account, name in profile.payees(customer)]

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
            plain_kid(typed(typed_form, "kid", 64)),
            typed(typed_form, "text", TEXT_MAX),
            typed(typed_form, "checked", 400),
            typed(typed_form, "deadline", 8) == "yes",
            typed(typed_form, "metadata", TEXT_CHARACTERS_MAX),
        )
        try:
            ident = uuid.UUID(form.id)
        except ValueError:
            form.id = uuid.uuid4().hex
            form.birth = self._birth(form.id, visit)
            form.wrong["form"] = visit.phrases.say("pay.wrong_id")
            return self._show(form, visit, 422)
        row = visit.row
        birth = self.birth_epoch(form, visit)
        ask = Ask(row.bank, row.mode, int(row.cohort or 0), row.epoch, birth, 1)
        order = self._order(form, ident, ask, visit)
        if order is None or await self._asks_again(form, order.payment):
            return self._show(form, visit, 422)
        decision = await self.bank.taking.take(order)
        return self._answer(order.payment, decision, form, visit)

    def _order(self, form: PayForm, ident: uuid.UUID, ask: Ask, visit: Visit) -> Order | None:
        """The payment a form means; None with the words beside the fields when it means none.

        An account number that is not known here may be known to the bank: under an older id that is judged (and
        ends as a void towards the suspense account, which settles it by id), never told as wrong (rule 11).
        """
        profile, phrases = self.bank.view.profile, visit.phrases
        debit = int(form.from_account) if form.from_account.isascii() and form.from_account.isdigit() else -1
        with self.bank.view.lock:
            account = self.bank.view.accounts.get(debit) if debit in profile.own_accounts(visit.who) else None
        if account is None:
            form.wrong["from"] = phrases.say("pay.wrong_from")
        currency = account.currency if account else self.bank.place.currency
        amount_minor = 0
        try:
            amount_minor = parse_amount(form.amount, currency)
        except BadAmount as error:
            form.wrong["amount"] = phrases.bad_amount(error, currency)
        credit = profile.find_payee(visit.who, form.to) if form.to else None
        if credit is None and form.to and ask.birth != ask.epoch:
            credit, ask = int(profile.bank.get("suspense", -1)), replace(ask, against=Reason.ACCOUNT_UNKNOWN)
        if credit is None or credit < 0:
            form.wrong["to"] = phrases.reason(Reason.ACCOUNT_UNKNOWN) if form.to else phrases.say("pay.wrong_to")
        metadata = read_metadata_text(form.metadata)
        if metadata is None:
            form.wrong["form"] = phrases.say("pay.not_whole")
        if ask.birth == ask.epoch and self._is_exchange(visit.who, debit, credit):
            form.wrong["to"] = phrases.say("pay.exchange_waits")
        self._check_kid(form, credit if ask.birth == ask.epoch else None, visit)
        if form.wrong or credit is None or metadata is None:
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
            form.name or AND.join(profile.holders(credit))[:TEXT_MAX] or profile.title(credit),
            PREFIX + form.kid if form.kid else form.text,
            visit.who,
            metadata,
        )
        return Order(payment, replace(ask, amount_minor=amount_minor, deadline=form.deadline))

    def _is_exchange(self, customer: int, debit: int, credit: int | None) -> bool:
        """Whether it goes from one of the customer's accounts to another in another currency: the main bank offers to
        exchange that, this one has no rates. Of an older id the main bank may know more, so that is judged."""
        if credit not in self.bank.view.profile.own_accounts(customer):
            return False
        with self.bank.view.lock:
            sides = [self.bank.view.accounts.get(one) for one in (debit, credit)]
        return len({one.currency for one in sides if one is not None}) > 1

    def _check_kid(self, form: PayForm, credit: int | None, visit: Visit) -> None:
        """As the main bank does; credit None for an older id, of which the main bank may know that none was needed."""
        need = self.bank.view.profile.kid_need(credit) if credit is not None else ""
        if form.kid and not kid_fits(form.kid):
            form.wrong["kid"] = visit.phrases.say("pay.kid_wrong")
        elif need == "must" and not form.kid:
            form.wrong["kid"] = visit.phrases.say("pay.kid_missing")
        elif form.kid and form.text:
            form.wrong["text"] = visit.phrases.say("pay.kid_and_text")

    async def _asks_again(self, form: PayForm, payment: Payment) -> bool:
        """Whether to show the form once more since the account is in another name than the customer wrote.

        It refuses nothing: nothing is judged or journaled, and the id stays as it is. An id that journal or
        books know is never asked about: it answers what was recorded (rules 9 to 11).
        """
        pair = f"{plain_number(form.to)}|{form.name.casefold()}"
        holders = self.bank.view.profile.holders(payment.credit)
        known_by = self.bank.view.profile.known_by(payment.credit)
        if not form.name or not holders or form.checked == pair:
            return False
        compared = self.bank.taking.rules.compare(form.name, [*known_by, AND.join(holders)])
        if compared.answer not in (NameCheck.CLOSE, NameCheck.NONE):
            return False
        if await asyncio.get_running_loop().run_in_executor(self.bank.readers, self._recorded, payment.id):
            return False
        form.asks, form.near = pair, compared.name
        return True

    def _recorded(self, ident: uuid.UUID) -> bool:
        """Whether journal or books know this id (a reader's thread)."""
        return self.bank.journal_reader.find(ident) is not None or bool(self.bank.copy_reader.items(ident))

    def _answer(self, payment: Payment, decision: Decision, form: PayForm, visit: Visit) -> Response:
        if decision.step is Step.STALE:
            metrics.PAYMENTS.labels("stale").inc()
            return stale(decision.known)
        metrics.PAYMENTS.labels(decision.outcome.value).inc()
        headers = {OUTCOME_HEADER: f"{decision.outcome.value} {payment.id}"}
        if decision.outcome is Outcome.CONFLICT:
            form.wrong["form"] = visit.phrases.say("pay.conflict")
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
        address = f"/receipt/{payment.id}"
        response = RedirectResponse(address, 303, headers)
        if len(proof) <= RECEIPT_CHARACTERS_MAX:
            response.set_cookie(RECEIPT_COOKIE, proof, RECEIPT_S, path=address, httponly=True, samesite="lax")
        return response
