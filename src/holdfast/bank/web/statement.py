"""The statement of one account, from the books: a form to choose days, then a file for spreadsheets."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.bank.books import reader
from holdfast.bank.customers.overview import Fresh, OwnAccount, own_accounts
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.lines import line_text, line_title
from holdfast.bank.web.pages import customer_of, for_customers
from holdfast.bank.web.words import writing
from holdfast.contracts.statement import LINES_MAX, StatementLine, read_period, statement_csv
from holdfast.ledger.api import Line
from holdfast.look import Writing

PAGE_LINES = 1000
HEADINGS = ("day", "line", "text", "amount", "balance", "currency", "state", "ident")
"""The columns; the words are the texts statement.<column>."""


@require_safe
@for_customers
def statement(request: HttpRequest, account: int) -> HttpResponse:
    """The form; with days and `as=csv` the file. Only of one's own accounts."""
    accounts, seen = own_accounts(customer_of(request).customer.id)
    own = next((one for one in accounts if one.id == account), None)
    if own is None:
        raise Http404
    spoken, today = writing(request), bank_today()
    days = (request.GET.get("from", today.replace(day=1).isoformat()), request.GET.get("to", today.isoformat()))
    asked, period = request.GET.get("as") == "csv", read_period(*days)
    if not asked or period is None:
        return answers.page(
            request,
            "statement.html",
            422 if asked else 200,
            page="statement",
            title=spoken.say("statement.title"),
            nav="overview",
            account=own,
            from_day=days[0],
            to_day=days[1],
            wrong=asked,
        )
    return _file(own, period, seen, spoken)


def _file(own: OwnAccount, period: tuple[date, date], seen: Fresh, spoken: Writing) -> HttpResponse:
    lines, cut = _lines(own, period, spoken)
    notes = [
        spoken.say("statement.period", from_day=spoken.day(period[0]), to_day=spoken.day(period[1])),
        spoken.say("statement.true_at", at=spoken.moment(seen.at)),
    ]
    if cut:
        notes.append(spoken.say("statement.cut", count=LINES_MAX))
    headings = [spoken.say(f"statement.{one}") for one in HEADINGS]
    body = statement_csv(headings, lines, notes, spoken.language)
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    name = f"{spoken.say('statement.file')}-{own.number}-{period[0]}-{period[1]}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(own: OwnAccount, period: tuple[date, date], spoken: Writing) -> tuple[list[StatementLine], bool]:
    """The lines of the period, the oldest first, and whether older ones than LINES_MAX were left out."""
    found: list[StatementLine] = []
    before: int | None = None
    for _ in range(LINES_MAX // PAGE_LINES):
        part = reader().lines(own.id, PAGE_LINES, before)
        found += [_line(own, one, spoken) for one in part if period[0] <= _day(one, spoken) <= period[1]]
        if len(part) < PAGE_LINES:
            return found[::-1], False
        before = part[-1].seq
    return found[::-1], True


def _day(line: Line, spoken: Writing) -> date:
    return min(line.value_date, spoken.local(line.at).date())


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
