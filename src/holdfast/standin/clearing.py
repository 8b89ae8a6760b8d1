"""Pay-day files: credits from the clearing, taken line by line while the bank is away.

A line belongs to the cohort of the account it pays (0 for the suspense account, as at the bank). It is
journaled only under that cohort's open epoch here: the last known row says that the spare bank serves it.
Lines whose cohort has none are counted as waiting and the answer is 503 with words: send the file again. What
could be taken is taken all the same, since every line's id is derived from the file: sent again, here or to
the bank, it counts as already there. So nobody's salary waits for another cohort, and nothing is taken twice.
Money that comes in is never refused: for an unknown, closed or frozen account it goes to suspense, as at the bank.
"""

import asyncio
import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from holdfast.contracts import ids
from holdfast.contracts.answers import Outcome, Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, Transfer
from holdfast.contracts.epochs import Bank, Row
from holdfast.contracts.errors import BadFile, BadToken
from holdfast.contracts.journal import Payment
from holdfast.contracts.pacs008 import CreditFile, CreditLine, read_credit_file
from holdfast.contracts.routes import FILE_BYTES_MAX
from holdfast.contracts.status_report import Original, credit_status, make_pacs002, refuse_file
from holdfast.contracts.test_customers import NOBODY
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.errors import DoorsAway, MoneyStopped
from holdfast.standin.gate import Visit
from holdfast.standin.judging import Ask, Decision, Step
from holdfast.standin.view import Account

CHUNK = 100
"""Lines that are looked up and claimed together; behind them the file rests as long as they took, so that a file of
thousands takes at most half of the spare bank from customers."""
REST_S_MAX = 0.5
COMMIT_LINES = 40
"""Lines in one commit: customers' payments pass between commits. On a busy machine a line takes up to 1.4 ms, so that a
payment waits for 60 ms at most; the price is an fsync for every 40 lines."""
DOORS_WAIT_S = 5.0
DOORS_AGAIN_S = 0.25
SUSPENSE_NAME = "suspense"
"""As bank/payments/clearing.py names the second id of a line that went to suspense."""
CLEARING_HEADER = "Holdfast-Clearing"
XML = "application/xml"
"""Asked for it, the answer is a pacs.002."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One line as a payment; reason: why it goes to suspense (its account is unknown, closed or frozen), else OK."""

    payment: Payment
    reason: Reason

    @property
    def unknown(self) -> bool:
        """Whether it goes to suspense."""
        return self.reason is not Reason.OK


class Ended:
    """How the lines of one file ended: counted, and each by its id."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: dict[uuid.UUID, Reason] = {}

    def note(self, one: Placed, result: str) -> None:
        """It ended so."""
        self.counts[result] += 1
        self.reasons[one.payment.id] = Reason.OTHER_CONTENT if result == "refused" else one.reason


class Clearing:
    """The handler of POST /clearing/pacs.008."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def take_file(self, request: Request, visit: Visit) -> Response:  # noqa: ARG002, PLR0911  # as in wire.md
        """200 with counts, 400 for a file or signature that does not hold, 503 when it is to be sent again."""
        stated = request.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > FILE_BYTES_MAX:
            return JSONResponse({"error": f"the file is larger than {FILE_BYTES_MAX} bytes; split it"}, 413)
        body = await request.body()
        as_xml = XML in request.headers.get("accept", "")
        trouble = self._signature(request.headers.get(CLEARING_HEADER, ""), body)
        if trouble:
            return JSONResponse({"error": trouble}, 403)
        try:
            file = await asyncio.to_thread(read_credit_file, body)
        except BadFile as error:
            return _refused(error) if as_xml else JSONResponse({"error": str(error)}, 400)
        if not self.bank.view.filled or "settlement" not in self.bank.view.profile.bank:
            return _again(file, Counter(), "the spare bank does not know the accounts yet")
        currency = str(self.bank.view.profile.bank["currency"])
        for line in file.lines:
            if line.currency != currency:
                words = f"line {line.line}: this bank takes {currency}, not {line.currency}"
                return _refused(BadFile(words, "currency")) if as_xml else JSONResponse({"error": words}, 400)
        ended = Ended()
        counts = ended.counts
        try:
            await self._take(file, ended)
        except DoorsAway as error:
            return _again(file, counts, str(error))
        except MoneyStopped as error:
            return _again(file, counts, str(error))
        finally:
            for result, number in counts.items():
                metrics.LINES.labels(result).inc(number)
        if counts["waiting"]:
            return _again(file, counts, "some accounts are not served by the spare bank at this moment")
        return _report(file, ended) if as_xml else JSONResponse(_answer(file, counts))

    def _signature(self, token: str, body: bytes) -> str:
        try:
            raw = self.bank.keyring.verify("clearing-file", token, by={"clearing"})
        except BadToken:
            return "the file is not signed by the clearing"
        if raw.get("sha256") != hashlib.sha256(body).hexdigest():
            return "the signature is of another file"
        return ""

    def _place(self, file: CreditFile, lines: Sequence[CreditLine]) -> tuple[list[Placed], set[str]]:
        """Each line by what is known at one moment of its own: thousands must not keep others waiting; and the ids of
        those taken before (a reader's thread)."""
        placed = []
        for line in lines:
            with self.bank.view.lock:
                placed.append(self._placed(file, line))
        return placed, self._recorded(placed)

    def _placed(self, file: CreditFile, line: CreditLine) -> Placed:
        view, bank = self.bank.view, self.bank.view.profile.bank
        number = view.profile.find_payee(NOBODY, line.creditor_account)
        account = view.accounts.get(number) if number is not None else None
        reason = Reason.ACCOUNT_UNKNOWN if account is None else _why_suspended(account, line.currency)
        unknown = reason is not Reason.OK
        credit = int(bank["suspense"]) if account is None or unknown else account.account
        ident = ids.file_line_id(file.sender, file.message_id, line.line, line.end_to_end_id)
        return Placed(
            Payment(
                ident,
                int(bank["settlement"]),
                credit,
                line.amount_minor,
                line.currency,
                "salary" if line.purpose == "SALA" else "credit",
                file.settlement_date,
                0 if account is None or unknown else account.cohort,
                f"file:{file.message_id}:{line.line}",
                line.debtor,
                line.creditor,
                line.text,
            ),
            reason,
        )

    def _recorded(self, part: list[Placed]) -> set[str]:
        """Ids of lines that journal or books know as taken (a reader's thread).

        The bank books a line that its books refused after all under a second id, towards suspense.
        """
        known = set()
        for one in part:
            entry = self.bank.journal_reader.find(one.payment.id)
            items = [
                *self.bank.copy_reader.items(one.payment.id),
                *self.bank.copy_reader.items(uuid.uuid5(one.payment.id, SUSPENSE_NAME)),
            ]
            booked = any(isinstance(item, Transfer) for _, _, item in items)
            if booked or (entry is not None and entry.kind == "accept"):
                known.add(one.payment.id.hex)
        return known

    async def _take(self, file: CreditFile, ended: Ended) -> None:
        loop = asyncio.get_running_loop()
        for start in range(0, len(file.lines), CHUNK):
            began = time.monotonic()
            lines = file.lines[start : start + CHUNK]
            part, known = await loop.run_in_executor(self.bank.readers, self._place, file, lines)
            for one in part:
                if one.payment.id.hex in known:
                    ended.note(one, "already")
            fresh = [one for one in part if one.payment.id.hex not in known]
            ready: list[tuple[Placed, Row]] = []
            for one in fresh:
                row = self.bank.serving(one.payment.cohort)
                if row is None:
                    ended.note(one, "waiting")
                else:
                    ready.append((one, row))
            if ready:
                await self._take_ready(ready, ended)
            if start + CHUNK < len(file.lines):
                await asyncio.sleep(min(time.monotonic() - began, REST_S_MAX))

    async def _take_ready(self, ready: list[tuple[Placed, Row]], ended: Ended) -> None:
        granted = await self._claim([(one.payment.id, one.payment.cohort, row.epoch) for one, row in ready])
        orders, kept = [], []
        for one, row in ready:
            if one.payment.id not in granted:
                ended.note(one, "refused")
                continue
            ask = Ask(
                Bank.STANDIN, row.mode, row.cohort, row.epoch, 0, one.payment.amount_minor, claimed=False, incoming=True
            )
            orders.append(Order(one.payment, ask))
            kept.append(one)
        decisions: list[Decision] = []
        for start in range(0, len(orders), COMMIT_LINES):
            decisions += await self.bank.taking.take_many(orders[start : start + COMMIT_LINES])
        for one, decision in zip(kept, decisions, strict=True):
            if decision.step is Step.STALE:
                ended.note(one, "waiting")
            elif decision.step is Step.ACCEPT:
                ended.note(one, "suspended" if one.unknown else "accepted")
            elif decision.outcome is Outcome.DONE:
                ended.note(one, "already")
            else:
                ended.note(one, "refused")

    async def _claim(self, claims: list[tuple[Any, int, int]]) -> set[Any]:
        until = time.monotonic() + DOORS_WAIT_S
        while True:
            try:
                return set(await self.bank.doors.claim("taken", claims))
            except DoorsAway:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(DOORS_AGAIN_S)


def _why_suspended(account: Account, currency: str) -> Reason:
    """Why an account takes no money of this currency; OK when it does."""
    if account.flags & FLAG_CLOSED:
        return Reason.ACCOUNT_CLOSED
    if account.flags & FLAG_FROZEN_IN:
        return Reason.ACCOUNT_FROZEN
    return Reason.OK if account.currency == currency else Reason.OTHER_CURRENCY


def _report(file: CreditFile, ended: Ended) -> Response:
    """What became of each line, as the main bank says it."""
    lines = []
    for line in file.lines:
        ident = ids.file_line_id(file.sender, file.message_id, line.line, line.end_to_end_id)
        lines.append(credit_status(line.end_to_end_id, line.transaction_id, ended.reasons[ident]))
    body = make_pacs002(_ident(), datetime.now(UTC), Original(file.message_id, file.version), lines)
    return Response(body, media_type=XML)


def _refused(error: BadFile) -> Response:
    """A pacs.002 that refuses the whole file."""
    body = refuse_file(_ident(), datetime.now(UTC), Original("", "pacs.008.001.08"), error.kind, str(error))
    return Response(body, 400, media_type=XML)


def _ident() -> str:
    return f"HF{uuid.uuid4().hex[:30]}"


def _answer(file: CreditFile, counts: Counter[str]) -> dict[str, Any]:
    """What is told of a whole file. A line that went to suspense is counted there, not among the accepted."""
    return {
        "message_id": file.message_id,
        "lines": len(file.lines),
        "accepted": counts["accepted"],
        "already": counts["already"],
        "suspended": counts["suspended"],
        "refused": counts["refused"],
        "bank": Bank.STANDIN.value,
    }


def _again(file: CreditFile, counts: Counter[str], why: str) -> Response:
    words = f"Send the whole file again in a little while: {why}. Lines taken already are not taken twice."
    return JSONResponse(
        _answer(file, counts) | {"waiting": counts["waiting"], "error": words}, 503, {"Retry-After": "5"}
    )
