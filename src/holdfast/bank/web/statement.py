"""The statement of one account, from the books: a form to choose days, then a file for spreadsheets or programs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from holdfast.bank.books import reader
from holdfast.bank.customers.overview import Fresh, OwnAccount, own_accounts
from holdfast.bank.files.reporting import PAGE_LINES, as_entries, reported_account
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.lines import line_text, line_title
from holdfast.bank.web.pages import customer_of, for_customers
from holdfast.bank.web.words import writing
from holdfast.contracts.camt import Period, make_camt053, make_camt054
from holdfast.contracts.statement import LINES_MAX, StatementLine, read_period, statement_csv, statement_day
from holdfast.ledger.api import Line
from holdfast.look import Writing

HEADINGS = ("day", "line", "text", "amount", "balance", "currency", "state", "ident")
"""The columns; the words are the texts statement.<column>."""
FORMS = ("csv", "camt053", "camt054")
"""What a statement can be made as: for a spreadsheet, as a camt.053, what came in as a camt.054."""


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a period, the oldest first; closing_minor: the balance after its last day; cut: older lines than
    LINES_MAX were not read, so that there may be more."""

    lines: list[Line]
    closing_minor: int
    cut: bool


@require_safe
@for_customers
def statement(request: HttpRequest, account: int) -> HttpResponse:
    """The form; with days and `as` the file. Only of one's own accounts."""
    accounts, seen = own_accounts(customer_of(request).customer.id)
    own = next((one for one in accounts if one.id == account), None)
    if own is None:
        raise Http404
    spoken, today = writing(request), bank_today()
    days = (request.GET.get("from", today.replace(day=1).isoformat()), request.GET.get("to", today.isoformat()))
    form, period = request.GET.get("as", ""), read_period(*days)
    if form not in FORMS:
        return _form(request, own, days)
    if period is None:
        return _form(request, own, days, spoken.say("statement.wrong"))
    found = _read(own, period, spoken)
    if form == "csv":
        return _file(own, period, _csv(own, period, seen, spoken, found), "csv", spoken)
    if found.cut:  # a program would take it for whole
        return _form(request, own, days, spoken.say("statement.too_long", count=LINES_MAX))
    return _file(own, period, _camt(request, own, period, found, form), form, spoken)


def _form(request: HttpRequest, own: OwnAccount, days: Sequence[str], wrong: str = "") -> HttpResponse:
    return answers.page(
        request,
        "statement.html",
        422 if wrong else 200,
        page="statement",
        title=writing(request).say("statement.title"),
        nav="overview",
        account=own,
        from_day=days[0],
        to_day=days[1],
        wrong=wrong,
    )


def _file(own: OwnAccount, period: tuple[date, date], body: bytes, form: str, spoken: Writing) -> HttpResponse:
    kind, ending = ("text/csv", "csv") if form == "csv" else ("application/xml", f"{form}.xml")
    answer = HttpResponse(body, content_type=f"{kind}; charset=utf-8")
    name = f"{spoken.say('statement.file')}-{own.number}-{period[0]}-{period[1]}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _csv(own: OwnAccount, period: tuple[date, date], seen: Fresh, spoken: Writing, found: Found) -> bytes:
    notes = [
        spoken.say("statement.period", from_day=spoken.day(period[0]), to_day=spoken.day(period[1])),
        spoken.say("statement.true_at", at=spoken.moment(seen.at)),
    ]
    if found.cut:
        notes.append(spoken.say("statement.cut", count=LINES_MAX))
    headings = [spoken.say(f"statement.{one}") for one in HEADINGS]
    return statement_csv(headings, [_line(own, one, spoken) for one in found.lines], notes, spoken.language)


def _camt(request: HttpRequest, own: OwnAccount, period: tuple[date, date], found: Found, form: str) -> bytes:
    """The entries of whole days; booked and value day are those of the books, and the day by which they are in the
    period is contracts.statement.statement_day, as at the spare bank."""
    spoken, ident, now = writing(request), f"HF{uuid.uuid4().hex[:28]}", timezone.now()
    account = reported_account(own, customer_of(request).customer.name)
    entries = as_entries(found.lines, spoken)
    if form == "camt054":
        return make_camt054(ident, now, [(account, [entry for entry in entries if entry.amount_minor > 0])])
    opening = found.closing_minor - sum(entry.amount_minor for entry in entries)
    return make_camt053(ident, now, account, Period(*period, opening, found.closing_minor), entries)


def _read(own: OwnAccount, period: tuple[date, date], spoken: Writing) -> Found:
    """Newest first, until all that is left was booked before the period; what is later is taken off the balance."""
    lines: list[Line] = []
    closing: int | None = None
    before: int | None = None
    for _ in range(LINES_MAX // PAGE_LINES):
        part = reader().lines(own.id, PAGE_LINES, before)
        if closing is None:
            closing = part[0].balance_after_minor if part else own.balance_minor
        lines += [one for one in part if period[0] <= _day(one, spoken) <= period[1]]
        closing -= sum(one.amount_minor for one in part if _day(one, spoken) > period[1])
        if len(part) < PAGE_LINES or spoken.local(part[-1].at).date() < period[0]:
            return Found(lines[::-1], closing, False)
        before = part[-1].seq
    return Found(lines[::-1], closing or 0, True)


def _day(line: Line, spoken: Writing) -> date:
    return statement_day(spoken.local(line.at).date(), line.value_date, line.source, line.kind, line.cause)


def _line(own: OwnAccount, line: Line, spoken: Writing) -> StatementLine:
    return StatementLine(
        _day(line, spoken),
        line_title(spoken, line),
        line_text(spoken, line),
        line.amount_minor,
        line.balance_after_minor,
        own.currency,
        spoken.say("statement.in_books"),
        line.id.hex,
    )
