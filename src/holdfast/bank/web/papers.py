"""What a PDF of the bank says: the statement's, and the yearly certificate with the page that offers it."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.bank.books import installation
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.papers import year as years
from holdfast.bank.papers.proving import address_of, code_of, with_comment
from holdfast.bank.papers.typesetting import PaperAway, typeset
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.pages import customer_of, for_customers
from holdfast.bank.web.words import writing
from holdfast.contracts.papers import Paper
from holdfast.look import Writing

COLUMNS = ("day", "line", "amount", "balance")
YEARS_OFFERED = 5


def statement_pdf(
    own: OwnAccount, paper: Paper, rows: Sequence[tuple[str, str, str, str, str]], spoken: Writing
) -> bytes:
    """The statement. Raises PaperAway."""
    facts = [
        (spoken.say("papers.account"), f"{own.title}, {spoken.number(own.number)}"),
        (spoken.say("papers.owner"), paper.owner),
        (spoken.say("papers.days"), _days(paper, spoken)),
        *((spoken.say(f"papers.{one.name}"), spoken.amount(one.amount_minor, one.currency)) for one in paper.figures),
    ]
    table = {"headings": [spoken.say(f"statement.{one}") for one in COLUMNS], "rows": rows}
    notes = [] if rows else [spoken.say("papers.nothing")]
    return _pdf("statement", spoken.say("statement.title"), facts, notes, paper, spoken, **table)


@require_safe
@for_customers
def year_page(request: HttpRequest) -> HttpResponse:
    """The form to choose a year, the newest whole one first."""
    return _form(request)


@require_safe
@for_customers
def year_paper(request: HttpRequest) -> HttpResponse:
    """The certificate of a year as a PDF; 422 with words for what is no year."""
    spoken, today, who = writing(request), bank_today(), customer_of(request).customer
    year = years.read_year(request.GET.get("year", ""), today)
    if year is None:
        return _form(request, spoken.say("papers.wrong_year"))
    accounts, seen = own_accounts(who.id)
    days = years.days_of(year, today)
    parts = years.parts_of(who.id, accounts, days)
    paper = years.paper_of(who.name, parts, days, seen.at)
    facts = [(spoken.say("papers.owner"), who.name), (spoken.say("papers.days"), _days(paper, spoken))]
    notes = [spoken.say("papers.year_words")]
    if days[1] == today:
        notes.append(spoken.say("papers.so_far"))
    try:
        title = spoken.say("papers.year_title", year=year)
        body = _pdf("year", title, facts, notes, paper, spoken, parts=[_part(one, spoken) for one in parts])
    except PaperAway:
        return _form(request, spoken.say("statement.busy"), 503)
    return answers.download(body, "application/pdf", f"{spoken.say('papers.year_file')}-{year}.pdf")


def _form(request: HttpRequest, wrong: str = "", status: int = 422) -> HttpResponse:
    this = bank_today().year
    return answers.page(
        request,
        "year.html",
        status if wrong else 200,
        page="year",
        title=writing(request).say("papers.year_heading"),
        nav="overview",
        years=[this - 1, this, *range(this - 2, this - YEARS_OFFERED, -1)],
        wrong=wrong,
    )


def _part(part: years.Part, spoken: Writing) -> dict[str, Any]:
    number = f", {spoken.number(part.number)}" if part.number else ""
    told = [(spoken.say(f"papers.{one.name}"), spoken.amount(one.amount_minor, one.currency)) for one in part.figures]
    return {"title": part.title + number, "rows": told}


def _days(paper: Paper, spoken: Writing) -> str:
    return spoken.say("statement.period", from_day=spoken.day(paper.first), to_day=spoken.day(paper.last))


def _pdf(  # noqa: PLR0917  # what a paper says, and by whom
    template: str,
    title: str,
    facts: Sequence[tuple[str, str]],
    notes: Sequence[str],
    paper: Paper,
    spoken: Writing,
    **more: Any,
) -> bytes:
    address = address_of(paper)
    data = {
        "title": title,
        "bank": installation().bank_name,
        "language": spoken.language,
        "foot": spoken.say("statement.true_at", at=spoken.moment(paper.made_at)),
        "facts": facts,
        "notes": notes,
        "proof": {
            "title": spoken.say("papers.check_title"),
            "words": spoken.say("papers.check_words"),
            "link": spoken.say("papers.check_link"),
            "address": address,
            "picture": code_of(address),
            "alt": spoken.say("papers.check_alt"),
        },
        **more,
    }
    return with_comment(typeset(template, data), paper)
