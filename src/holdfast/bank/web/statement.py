"""The statement of one account, from the books: a form to choose days, then a file for spreadsheets or programs, or a
PDF. Each carries the proof by which it can be checked (bank/papers)."""

import uuid
from collections.abc import Sequence
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from holdfast.bank.customers.overview import Fresh, OwnAccount, own_accounts
from holdfast.bank.files.reporting import as_entries, reported_account
from holdfast.bank.papers.period import Found, day_of, find_lines, paper_of
from holdfast.bank.papers.proving import with_instruction, with_note
from holdfast.bank.papers.typesetting import PAPER_LINES_MAX, PaperAway
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers, papers
from holdfast.bank.web.lines import line_text, line_title
from holdfast.bank.web.pages import customer_of, for_customers
from holdfast.bank.web.words import writing
from holdfast.contracts.camt import Period, make_camt053, make_camt054
from holdfast.contracts.ofx import make_ofx
from holdfast.contracts.papers import Paper
from holdfast.contracts.statement import LINES_MAX, StatementLine, read_period, statement_csv
from holdfast.ledger.api import Line
from holdfast.look import Writing

HEADINGS = ("day", "line", "text", "amount", "balance", "currency", "state", "ident")
"""The columns; the words are the texts statement.<column>."""
KINDS = {
    "csv": ("text/csv", "csv"),
    "ofx": ("application/x-ofx", "ofx"),
    "camt053": ("application/xml", "camt053.xml"),
    "camt054": ("application/xml", "camt054.xml"),
    "pdf": ("application/pdf", "pdf"),
}
"""What a statement can be made as: for a spreadsheet, for a home accounting program, as a camt.053, what came in as a
camt.054, to read and keep; each with its media type and the end of its file's name."""


@require_safe
@for_customers
def statement(request: HttpRequest, account: int) -> HttpResponse:
    """The form; with days and `as` the file. Only of one's own accounts."""
    own, seen, days = _asked(request, account)
    form = request.GET.get("as", "")
    if form not in KINDS or form == "pdf":
        return _form(request, own, days)
    spoken, period = writing(request), read_period(*days)
    if period is None:
        return _form(request, own, days, spoken.say("statement.wrong"))
    found = find_lines(own, period, spoken)
    paper = paper_of(own, customer_of(request).customer.name, period, found, seen.at)
    if form == "csv":
        return _file(own, period, _csv(own, period, paper, spoken, found), "csv", spoken)
    if found.cut:  # a program would take it for whole
        return _form(request, own, days, spoken.say("statement.too_long", count=LINES_MAX))
    body = with_instruction(_for_programs(request, own, period, found, form), paper)
    return _file(own, period, body, form, spoken)


@require_safe
@for_customers
def statement_paper(request: HttpRequest, account: int) -> HttpResponse:
    """The same as a PDF. At an address of its own, since making it may take a while."""
    own, seen, days = _asked(request, account)
    spoken, period = writing(request), read_period(*days)
    if period is None:
        return _form(request, own, days, spoken.say("statement.wrong"))
    found = find_lines(own, period, spoken)
    if found.cut or len(found.lines) > PAPER_LINES_MAX:
        return _form(request, own, days, spoken.say("statement.too_long_pdf", count=PAPER_LINES_MAX))
    paper = paper_of(own, customer_of(request).customer.name, period, found, seen.at)
    rows = [_row(own, one, spoken) for one in found.lines]
    try:
        body = papers.statement_pdf(own, paper, rows, spoken)
    except PaperAway:
        return _form(request, own, days, spoken.say("statement.busy"), 503)
    return _file(own, period, body, "pdf", spoken)


def _asked(request: HttpRequest, account: int) -> tuple[OwnAccount, Fresh, tuple[str, str]]:
    """The account, how fresh it is, and the days as typed; 404 for another's."""
    accounts, seen = own_accounts(customer_of(request).customer.id)
    own = next((one for one in accounts if one.id == account), None)
    if own is None:
        raise Http404
    today = bank_today()
    return own, seen, (request.GET.get("from", today.replace(day=1).isoformat()), request.GET.get("to", f"{today}"))


def _form(
    request: HttpRequest, own: OwnAccount, days: Sequence[str], wrong: str = "", status: int = 422
) -> HttpResponse:
    return answers.page(
        request,
        "statement.html",
        status if wrong else 200,
        page="statement",
        title=writing(request).say("statement.title"),
        nav="overview",
        account=own,
        from_day=days[0],
        to_day=days[1],
        wrong=wrong,
    )


def _file(own: OwnAccount, period: tuple[date, date], body: bytes, form: str, spoken: Writing) -> HttpResponse:
    kind, ending = KINDS[form]
    return answers.download(body, kind, f"{spoken.say('statement.file')}-{own.number}-{period[0]}-{period[1]}.{ending}")


def _csv(own: OwnAccount, period: tuple[date, date], paper: Paper, spoken: Writing, found: Found) -> bytes:
    notes = [
        spoken.say("statement.period", from_day=spoken.day(period[0]), to_day=spoken.day(period[1])),
        spoken.say("statement.true_at", at=spoken.moment(paper.made_at)),
    ]
    if found.cut:
        notes.append(spoken.say("statement.cut", count=LINES_MAX))
    headings = [spoken.say(f"statement.{one}") for one in HEADINGS]
    table = statement_csv(headings, [_line(own, one, spoken) for one in found.lines], notes, spoken.language)
    return with_note(table, paper, spoken.say("papers.note", address="{address}"), spoken.language)


def _for_programs(request: HttpRequest, own: OwnAccount, period: tuple[date, date], found: Found, form: str) -> bytes:
    """The entries of whole days; booked and value day are those of the books, and the day by which they are in the
    period is contracts.statement.statement_day, as at the spare bank."""
    spoken, ident, now = writing(request), f"HF{uuid.uuid4().hex[:28]}", timezone.now()
    account = reported_account(own, customer_of(request).customer.name)
    entries = as_entries(found.lines, spoken)
    if form == "camt054":
        return make_camt054(ident, now, [(account, [entry for entry in entries if entry.amount_minor > 0])])
    told = Period(*period, found.opening_minor, found.closing_minor)
    if form == "ofx":
        return make_ofx(now, account, told, entries, language=spoken.language)
    return make_camt053(ident, now, account, told, entries)


def _row(own: OwnAccount, line: Line, spoken: Writing) -> tuple[str, str, str, str, str]:
    """A line of the PDF: day, what it is called, what it says more, amount, balance after it."""
    title, text = line_title(spoken, line), line_text(spoken, line)
    amounts = (spoken.figures(line.amount_minor, own.currency, signed=True), line.balance_after_minor)
    day = day_of(line, spoken)
    return (
        day.isoformat() if spoken.language == "en" else f"{day:%d.%m.%Y}",
        title,
        "" if text == title else text,
        amounts[0],
        spoken.figures(amounts[1], own.currency),
    )


def _line(own: OwnAccount, line: Line, spoken: Writing) -> StatementLine:
    return StatementLine(
        day_of(line, spoken),
        line_title(spoken, line),
        line_text(spoken, line),
        line.amount_minor,
        line.balance_after_minor,
        own.currency,
        spoken.say("statement.in_books"),
        line.id.hex,
    )
