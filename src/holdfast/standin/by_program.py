"""Paying by program at the spare bank: the Idempotency-Key is the payment's id, as at the main bank.

An id that a program made is older than every epoch (rule 11), so it is never refused here: it is accepted, or written
down as void and told as being checked, until the replay has settled it.
"""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, Reason
from holdfast.contracts.api import BODY_BYTES_MAX, CAUSE, KEY_HEADER, WORDS_MAX, Scope, are_words, plain_key
from holdfast.contracts.epochs import Mode
from holdfast.contracts.ids import api_payment_id
from holdfast.contracts.journal import Payment
from holdfast.contracts.kid import LENGTH_MAX as KID_MAX
from holdfast.contracts.kid import PREFIX, kid_fits, plain_kid
from holdfast.contracts.metadata import metadata_of, metadata_trouble
from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.contracts.numbers import NUMBER_LENGTH_MAX
from holdfast.guard import NameCheck
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.gate import stale
from holdfast.standin.history import History, reason_of
from holdfast.standin.judging import Ask, Step
from holdfast.standin.problems import answer, later
from holdfast.standin.programs import Program
from holdfast.standin.receipt import Receipts

AND = " and "
TEXTS = {
    "from_account": 18,
    "to_number": 4 * NUMBER_LENGTH_MAX,
    "currency": 3,
    "payee": WORDS_MAX,
    "text": WORDS_MAX,
    "kid": 4 * KID_MAX,
}
NEEDED = ("from_account", "to_number", "amount_minor", "currency")
MEMBERS = frozenset((*TEXTS, "amount_minor", "accept_name", "metadata"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a program asks to be paid, checked as far as its form goes."""

    from_account: str
    to_number: str
    amount_minor: int
    currency: str
    payee: str = ""
    text: str = ""
    kid: str = ""
    accept_name: bool = False
    metadata: Mapping[str, str] | None = None


def read_asked(raw: object) -> tuple[Asked | None, list[tuple[str, str]]]:
    """The payment of a body, or what is wrong with it as (member, code); the codes are words' keys too
    (`api.field_…`)."""
    if not isinstance(raw, dict):
        return None, [("body", "wrong")]
    wrong = [(str(name), "unknown") for name in raw if name not in MEMBERS]
    wrong += [(name, "missing") for name in NEEDED if name not in raw]
    for name, most in TEXTS.items():
        value = raw.get(name, "")
        if not isinstance(value, str) or not are_words(value, most):
            wrong.append((name, "wrong"))
    amount = raw.get("amount_minor", 1)
    if type(amount) is not int or not 0 < amount <= AMOUNT_MINOR_MAX:
        wrong.append(("amount_minor", "wrong"))
    if not isinstance(raw.get("accept_name", False), bool):
        wrong.append(("accept_name", "wrong"))
    if raw.get("metadata") is not None and metadata_trouble(raw["metadata"]):
        wrong.append(("metadata", "metadata-wrong"))
    return (None, wrong) if wrong else (Asked(**{name: raw[name] for name in MEMBERS if name in raw}), [])


class PayingByProgram:
    """Handlers of /payments."""

    def __init__(self, bank: SpareBank, receipts: Receipts) -> None:
        self.bank, self._receipts = bank, receipts

    async def pay(self, request: Request, program: Program) -> Response:
        """POST /payments: 201 paid, 202 being checked, 4xx with nothing done, 409 when the row is not current."""
        key = plain_key(request.headers.get(KEY_HEADER, ""))
        if not key:
            return answer(program.phrases, 400, "key-wrong" if KEY_HEADER in request.headers else "key-missing")
        said = await self._read(request, program)
        if isinstance(said, Response):
            return said
        ident = api_payment_id(program.who, key)
        known = await self._told(ident, program)
        order = self._order(ident, said, program)
        if order is None:
            return later(program.phrases)
        problem = None if known else self._problem(said, order, program)
        return problem or await self._take(order, program)

    async def _read(self, request: Request, program: Program) -> Asked | Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return answer(program.phrases, 415, "not-json")
        body = await request.body()
        try:
            asked, wrong = read_asked(json.loads(body) if len(body) <= BODY_BYTES_MAX else None)
        except (ValueError, RecursionError):
            return answer(program.phrases, 400, "unreadable")
        return asked if asked is not None else self._invalid(program, wrong)

    def _invalid(self, program: Program, wrong: list[tuple[str, str]]) -> Response:
        said = program.phrases.say
        keys = {code: f"api.field_{code.replace('-', '_')}" for _, code in wrong}
        errors = [{"field": field, "code": code, "words": said(keys[code])} for field, code in wrong]
        return answer(program.phrases, 422, "invalid", errors=errors)

    async def _told(self, ident: uuid.UUID, program: Program) -> dict[str, Any] | None:
        """What journal and books say of this id, None when they know nothing of the customer's under it."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.bank.readers, self._receipts.known, ident, program.who)

    def _order(self, ident: uuid.UUID, asked: Asked, program: Program) -> Order | None:
        """The payment; None when the account that pays is not known here: the main bank may know it. A payee's account
        that is not known here is judged all the same and ends as a void, which settles it by id (rule 11)."""
        profile, row = self.bank.view.profile, program.row
        debit = int(asked.from_account) if asked.from_account.isascii() and asked.from_account.isdigit() else -1
        if debit not in profile.own_accounts(program.who) or self.bank.view.accounts.get(debit) is None:
            return None
        found = profile.find_payee(program.who, asked.to_number)
        credit = int(profile.bank.get("suspense", -1)) if found is None else found
        kid = plain_kid(asked.kid)
        payment = Payment(
            ident,
            debit,
            credit,
            asked.amount_minor,
            asked.currency,
            "payment",
            profile.business_date(),
            int(row.cohort or 0),
            f"{CAUSE}{program.grant.token}",
            str(program.customer["name"]),
            asked.payee.strip() or AND.join(profile.holders(credit))[:WORDS_MAX] or profile.title(credit),
            PREFIX + kid if kid else asked.text.strip(),
            program.who,
            metadata_of(asked.metadata),
        )
        against = Reason.ACCOUNT_UNKNOWN if found is None else Reason.OK
        ask = Ask(row.bank, row.mode, payment.cohort, row.epoch, 0, asked.amount_minor, against=against)
        return Order(payment, ask, day_minor_max=program.grant.day_minor)

    def _problem(self, asked: Asked, order: Order, program: Program) -> Response | None:
        """What the main bank asks back too, before anything is judged."""
        wrong = self._wrong(asked, order.payment)
        if wrong:
            return self._invalid(program, wrong)
        holders = self.bank.view.profile.holders(order.payment.credit)
        if not asked.payee.strip() or asked.accept_name or not holders:
            return None
        compared = self.bank.taking.rules.compare(asked.payee.strip(), [*self._known_by(order), AND.join(holders)])
        if compared.answer is NameCheck.CLOSE:
            return answer(program.phrases, 422, "name-close", name=compared.name)
        return answer(program.phrases, 422, "name-other") if compared.answer is NameCheck.NONE else None

    def _known_by(self, order: Order) -> list[str]:
        return self.bank.view.profile.known_by(order.payment.credit)

    def _wrong(self, asked: Asked, payment: Payment) -> list[tuple[str, str]]:
        account, kid = self.bank.view.accounts.get(payment.debit), plain_kid(asked.kid)
        found = {
            ("currency", "other-currency"): account is not None and account.currency != asked.currency,
            ("to_number", "same-account"): payment.debit == payment.credit,
            ("kid", "kid-wrong"): bool(kid) and not kid_fits(kid),
            ("text", "kid-and-text"): bool(kid and asked.text.strip()),
        }
        return [where for where, is_wrong in found.items() if is_wrong]

    async def _take(self, order: Order, program: Program) -> Response:
        decision, ident = await self.bank.taking.take(order), order.payment.id
        if decision.step is Step.STALE:
            metrics.PAYMENTS.labels("stale").inc()
            return stale(decision.known)
        metrics.PAYMENTS.labels(decision.outcome.value).inc()
        headers = {OUTCOME_HEADER: f"{decision.outcome.value} {ident.hex}"}
        if decision.outcome is Outcome.CONFLICT:
            return answer(program.phrases, 422, "key-reused", headers)
        if decision.outcome in (Outcome.REFUSED_OWN, Outcome.REFUSED_SETTLED):
            return self._refused(ident, decision.reason, program, headers)
        told = await self._told(ident, program)
        done = decision.outcome is Outcome.DONE
        return JSONResponse(_shown(ident, told or {}, "done" if done else "checking"), 201 if done else 202, headers)

    def _refused(self, ident: uuid.UUID, reason: Reason, program: Program, headers: dict[str, str]) -> Response:
        told = {"payment": str(ident), "state": "refused", "reason": reason.value}
        words = program.phrases.reason(reason)
        return answer(program.phrases, 422, "payment-refused", headers, words=words, **told)

    async def payment(self, request: Request, program: Program) -> Response:
        """GET /payments/<id>: one out of the customer's accounts; an own refusal is told once a door granted the
        claim."""
        try:
            ident = uuid.UUID(request.path_params["payment"])
        except ValueError:
            return answer(program.phrases, 404, "not-found")
        told = await self._told(ident, program)
        if told is None and (program.row.mode is Mode.PRIMARY or Scope.EXCHANGE_WRITE.value in program.grant.scopes):
            return later(program.phrases)  # the main bank may know more: it serves, or began an exchange as it fell
        if told is None or int(told["debit"]) not in self.bank.view.profile.own_accounts(program.who):
            return answer(program.phrases, 404, "not-found")
        outcome, cohort, epoch = Outcome(told["outcome"]), int(program.row.cohort or 0), program.row.epoch
        if outcome is Outcome.REFUSED_OWN:
            granted = await History(self.bank, program.phrases).granted([ident], cohort, epoch)
            outcome = outcome if ident in granted else Outcome.CHECKING
        state = {Outcome.DONE: "done", Outcome.CHECKING: "checking"}.get(outcome, "refused")
        reason = reason_of(str(told["reason"])).value if state == "refused" else None
        return JSONResponse(_shown(ident, told, state, reason))


def _shown(ident: uuid.UUID, told: dict[str, Any], state: str, reason: str | None = None) -> dict[str, object]:
    return {
        "id": str(ident),
        "state": state,
        "reason": reason,
        "from_account": str(told["debit"]),
        "amount_minor": told["amount_minor"],
        "currency": told["currency"],
        "payee": told["payee"],
        "text": told["text"],
        "metadata": dict(told["metadata"]),
        "created_at": datetime.fromtimestamp(float(told["at"]), UTC).isoformat(),
    }
