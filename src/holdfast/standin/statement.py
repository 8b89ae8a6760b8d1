"""The statement of one account: what the copy has booked, then what was accepted here and is not booked yet."""

import asyncio
import json
import sqlite3
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from holdfast.contracts import ids
from holdfast.contracts.blocks import Pending, Transfer, item_from_wire
from holdfast.contracts.journal import Entry, Payment
from holdfast.contracts.statement import LINES_MAX, StatementLine, read_period, statement_csv, statement_day
from holdfast.standin import queries
from holdfast.standin.bank import SpareBank
from holdfast.standin.gate import Visit
from holdfast.standin.history import History
from holdfast.standin.pages import AccountCard, cards
from holdfast.standin.phrases import Phrases
from holdfast.standin.render import HEADERS, missing, render
from holdfast.standin.waiting import Accepted, settles

SQL = queries.load("statement")
COLUMNS = ("day", "line", "text", "amount", "balance", "currency", "state", "ident")


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines of a period, the oldest first, with the balance around them.

    back_to: the oldest day that the copy knows of this account, None when it knows none; cut: older lines than
    LINES_MAX were not read.
    """

    lines: list[StatementLine]
    before_minor: int
    after_minor: int
    back_to: date | None
    cut: bool


@dataclass(frozen=True, slots=True)
class _Movement:
    day: date
    amount_minor: int
    item: Transfer | Payment
    booked: bool


class Statements:
    """Handler of /accounts/<id>/statement."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank

    async def statement(self, request: Request, visit: Visit) -> Response:
        """GET: the form to choose days; with days and `as` (csv or page) the statement. Only of one's own accounts."""
        wanted, phrases = int(request.path_params["account"]), visit.phrases
        one = next((card for card in cards(self.bank, visit.who) if card.account == wanted), None)
        if one is None:
            return missing(self.bank, visit.frame, "account.missing")
        today = self.bank.view.profile.business_date()
        days = [
            request.query_params.get(name, default.isoformat())[:20]
            for name, default in (("from", today.replace(day=1)), ("to", today))
        ]
        form = request.query_params.get("as", "")
        if form not in ("csv", "page"):
            return render(self.bank, "statement", visit.frame, one=one, from_day=days[0], to_day=days[1], wrong="")
        period = read_period(*days)
        if period is None:
            wrong = phrases.say("statement.wrong")
            return render(
                self.bank, "statement", visit.frame, status=422, one=one, from_day=days[0], to_day=days[1], wrong=wrong
            )
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self.bank.readers, self._read, one, period, phrases)
        notes = self._notes(found, period, phrases)
        if form == "page":
            return render(
                self.bank,
                "statement_page",
                visit.frame,
                one=one,
                found=found,
                notes=notes,
                day=phrases.day,
                figures=phrases.figures,
            )
        return _file(one, found, period, notes, phrases)

    def _read(self, one: AccountCard, period: tuple[date, date], phrases: Phrases) -> Statement:
        base = self.bank.copy_reader.base()
        base.execute("BEGIN")
        try:
            balance_minor, side = base.execute(SQL["account"], (one.account,)).fetchone()
            sign = 1 if side == "credit" else -1
            booked = self._booked(base, one.account, sign, phrases)
            waiting = self._waiting(one.account, sign, phrases)
        finally:
            base.execute("COMMIT")
        before_minor = balance_minor - sum(movement.amount_minor for movement in booked)
        return self._compose(booked + waiting, before_minor, period, len(booked) == LINES_MAX, phrases)

    def _booked(self, base: sqlite3.Connection, account: int, sign: int, phrases: Phrases) -> list[_Movement]:
        """The newest movements in the books, the oldest first."""
        found = []
        for _, _, at_us, wire in base.execute(SQL["movements"], (account, LINES_MAX)):
            item = item_from_wire(json.loads(wire))
            if isinstance(item, Transfer):
                amount_minor = sign * (item.amount_minor if item.credit == account else -item.amount_minor)
                booked = phrases.instant(at_us).date()
                day = statement_day(booked, item.value_date, item.source, item.kind, item.cause)
                found.append(_Movement(day, amount_minor, item, True))
        return found[::-1]

    def _waiting(self, account: int, sign: int, phrases: Phrases) -> list[_Movement]:
        """Entries accepted here that the copy, in the transaction now open, does not show as booked."""
        found = []
        for entry in reversed(self.bank.journal_reader.of_account(account, LINES_MAX)):
            if entry.kind == "accept" and not self._is_booked(entry):
                payment = entry.payment()
                amount_minor = sign * (payment.amount_minor if payment.credit == account else -payment.amount_minor)
                day = min(payment.value_date, phrases.instant(entry.at_us).date())
                found.append(_Movement(day, amount_minor, payment, False))
        return found

    def _is_booked(self, entry: Entry) -> bool:
        """Whether a block shows what became of it; what the main bank only held has moved nothing."""
        accepted = Accepted(entry.payment(), entry.number, entry.at_us, entry.value_minor() or 0)
        other = ids.journal_conflict_id(entry.number)
        items = [*self.bank.copy_reader.items(accepted.payment.id), *self.bank.copy_reader.items(other)]
        known = [item for _, _, item in items if isinstance(item, Transfer | Pending)]
        return any(settles(item, accepted) or item.id == other for item in known)

    def _compose(
        self, movements: list[_Movement], balance_minor: int, period: tuple[date, date], cut: bool, phrases: Phrases
    ) -> Statement:
        lines: list[StatementLine] = []
        before_minor = after_minor = balance_minor
        for one in movements:
            balance_minor += one.amount_minor
            if period[0] <= one.day <= period[1]:
                before_minor = before_minor if lines else balance_minor - one.amount_minor
                after_minor = balance_minor
                lines.append(self._line(one, balance_minor, phrases))
            elif one.day < period[0] and not lines:
                before_minor = after_minor = balance_minor
        days = [one.day for one in movements if one.booked]
        return Statement(lines, before_minor, after_minor, min(days) if days else None, cut)

    def _line(self, one: _Movement, balance_minor: int, phrases: Phrases) -> StatementLine:
        item, out = one.item, one.amount_minor < 0
        words = item.note if isinstance(item, Transfer) else item
        name = (words.payee if out else words.payer) if words else ""
        title = History(self.bank, phrases).title(item.kind, item.credit if out else item.debit, name)
        state = phrases.say("statement.in_books" if one.booked else "statement.not_in_books")
        return StatementLine(
            one.day,
            title,
            words.text if words else "",
            one.amount_minor,
            balance_minor,
            item.currency,
            state,
            item.id.hex,
        )

    def _notes(self, found: Statement, period: tuple[date, date], phrases: Phrases) -> list[str]:
        """Which days, when it is true, how far back the copy goes, what is marked and what is not in it."""
        notes = [
            phrases.say("statement.period", from_day=phrases.day(period[0]), to_day=phrases.day(period[1])),
            phrases.say("statement.true_at", at=phrases.at(self.bank.view.fed_at_us)),
        ]
        if found.back_to is None:
            notes.append(phrases.say("statement.back_to_none"))
        else:
            notes.append(phrases.say("statement.back_to", day=phrases.day(found.back_to)))
        if found.cut:
            notes.append(phrases.say("statement.cut", count=LINES_MAX))
        return [*notes, phrases.say("statement.marked"), phrases.say("statement.open")]


def _file(
    one: AccountCard, found: Statement, period: tuple[date, date], notes: list[str], phrases: Phrases
) -> Response:
    headings = [phrases.say(f"statement.{name}") for name in COLUMNS]
    plain = "".join(figure for figure in one.number if figure.isalnum() and figure.isascii())
    name = f"{phrases.say('statement.file')}-{plain}-{period[0]}-{period[1]}.csv"
    return Response(
        statement_csv(headings, found.lines, notes, phrases.language),
        media_type="text/csv; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'},
    )
