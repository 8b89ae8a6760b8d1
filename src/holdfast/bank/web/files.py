"""Files of payments: sent, shown line by line, confirmed as a whole, and what became of each line."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from holdfast.bank.customers.overview import own_accounts
from holdfast.bank.files import results
from holdfast.bank.files.keeping import (
    Totals,
    confirm_file,
    content_of_file,
    drop_file,
    files_of,
    find_file,
    lines_digest,
    take_file,
    totals_of,
)
from holdfast.bank.files.models import FileLine, PaymentFile
from holdfast.bank.files.reporting import notices_of
from holdfast.bank.payments.binding import bind_content
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.asking import NOT_CARRIED, USED_ONCE, not_proved_for
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.proving import ways_of
from holdfast.bank.web.words import say, writing
from holdfast.contracts.answers import Reason
from holdfast.contracts.camt import make_camt054
from holdfast.contracts.errors import BadFile
from holdfast.contracts.pain001 import BYTES_MAX, LINES_MAX
from holdfast.contracts.text import clean_line
from holdfast.look import Writing

HERE = "/files"
CHECKS = {"close": "notice", "none": "alarm", "not_possible": "notice"}
"""How a name that does not fit is marked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the page shows it: its state (done, checking, refused, waiting, planned, ready, bad), why it is refused
    or not paid, what is to be said of the name, and on which day it is paid ("" for at once)."""

    line: FileLine
    state: str
    why: str
    name_words: str
    mark: str
    day: str


@require_http_methods(["GET", "HEAD", "POST"])
@for_customers
def files_page(request: HttpRequest) -> HttpResponse:
    """The customer's files and the form for one more; posted, one more, which is then shown to be confirmed."""
    if request.method != "POST":
        return _list(request)
    sent = request.FILES.get("file")
    if sent is None:
        return _list(request, say(request, "files.bad_no_file"))
    if (sent.size or 0) > BYTES_MAX:
        return _list(request, say(request, "files.bad_too_large"), "too_large")
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    try:
        file = take_file(sent.read(), clean_line(sent.name or ""), customer, accounts)
    except BadFile as error:
        return _list(request, _bad_words(writing(request), error), error.kind)
    return see_other(f"{HERE}/{file.id}")


def _bad_words(spoken: Writing, error: BadFile) -> str:
    """What is wrong with a file, in the customer's language."""
    places = {name: spoken.day(one) if isinstance(one, date) else one for name, one in error.places.items()}
    return spoken.say(f"files.bad_{error.kind}", **places)


def _list(request: HttpRequest, problem: str = "", kind: str = "no_file") -> HttpResponse:
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    return answers.page(
        request,
        "files.html",
        422 if problem else 200,
        page="files",
        title=say(request, "files.title"),
        nav="pay",
        files=files_of(accounts, customer.id),
        problem=problem,
        kind=kind if problem else "",
        most=LINES_MAX,
        kilobytes=BYTES_MAX // 1000,
    )


@require_safe
@for_customers
def file_page(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """One file: to be confirmed, or what became of its lines."""
    file, lines = _own_file(request, ident)
    return _show(request, file, lines)


def _own_file(request: HttpRequest, ident: uuid.UUID) -> tuple[PaymentFile, list[FileLine]]:
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    found = find_file(ident, accounts, customer.id)
    if found is None:
        raise Http404
    return found


@require_POST
@sensitive_post_parameters("code", "password", "passkey", "proof")
@for_customers
def confirm(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """The proof of who pays, for this very file; then it is carried out."""
    file, lines = _own_file(request, ident)
    if file.state != "checked":
        return see_other(f"{HERE}/{file.id}")  # the same form sent again
    problem = not_proved_for(request, content_of_file(file, lines))
    if problem in USED_ONCE and PaymentFile.objects.filter(id=ident).exclude(state="checked").exists():
        return see_other(f"{HERE}/{file.id}")  # sent twice at once: the first one used the proof
    if problem == NOT_CARRIED:
        return _show(request, file, lines, say(request, "files.not_changed"), "not_changed")
    if problem:
        return _show(request, file, lines, say(request, problem), problem)
    refused = confirm_file(ident, file.customer, lines_digest(lines))
    if refused:
        return _show(request, file, lines, say(request, f"files.not_{refused}"), f"not_{refused}")
    return see_other(f"{HERE}/{file.id}")


@require_POST
@for_customers
def drop(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """Forget a file that was not confirmed."""
    file, _ = _own_file(request, ident)
    drop_file(file.id, customer_of(request).customer.id)
    return see_other(HERE)


@require_safe
@for_customers
def report(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """What became of each line, as a pain.002."""
    file, lines = _own_file(request, ident)
    return _download(results.as_pain002(file, lines, writing(request)), f"pain.002-{file.id}.xml")


@require_safe
@for_customers
def notice(request: HttpRequest, ident: uuid.UUID) -> HttpResponse:
    """What the file took from the accounts, as a camt.054."""
    file, lines = _own_file(request, ident)
    customer = customer_of(request).customer
    accounts, _ = own_accounts(customer.id)
    notices = notices_of(lines, accounts, customer.name, writing(request))
    if not notices:
        raise Http404  # nothing of it is booked
    return _download(make_camt054(f"HF{uuid.uuid4().hex[:28]}", timezone.now(), notices), f"camt.054-{file.id}.xml")


def _download(body: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(body, content_type="application/xml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _show(
    request: HttpRequest, file: PaymentFile, lines: Sequence[FileLine], problem: str = "", mark: str = ""
) -> HttpResponse:
    to_confirm = file.state == "checked"
    customer = customer_of(request).customer
    shown = results.rows_of(lines, to_confirm)
    spoken, today = writing(request), bank_today()
    found = [_row(spoken, line, state, reason, today) for line, state, reason in shown]
    totals = totals_of(lines)
    return answers.page(
        request,
        "file.html",
        422 if problem else 200,
        page="file",
        title=say(request, "files.check_title" if to_confirm else "files.result_title"),
        nav="pay",
        file=file,
        rows=found,
        totals=totals,
        to_confirm=to_confirm,
        left_out=sum(row.state == "bad" for row in found),
        to_look_at=sum(bool(row.name_words) and row.state != "bad" for row in found),
        counts=results.counts_of([row.state for row in found]),
        booked=any(row.state == "done" for row in found),
        short=_short(request, lines, totals, today) if to_confirm else "",
        again=results.same_as_before(file, lines) if to_confirm else None,
        proof=bind_content(content_of_file(file, lines)) if to_confirm and totals.count else "",
        ways=ways_of(customer.id) if to_confirm else None,
        problem=problem,
        mark=mark,
    )


def _row(spoken: Writing, line: FileLine, state: str, reason: Reason, today: date) -> Row:
    why = ""
    if line.problem:
        why = spoken.say(f"files.line_{line.problem}")
    elif reason is not Reason.OK:
        why = spoken.reason(reason)
    check, words = line.checked, ""
    if check in CHECKS:
        words = spoken.say(f"files.name_{check}", name=line.near_name)
    return Row(line, state, why, words, CHECKS.get(check, ""), spoken.day(line.due) if line.due > today else "")


def _short(request: HttpRequest, lines: Sequence[FileLine], totals: Totals, today: date) -> str:
    """What to say when an account has not enough for what is paid at once; "" when each has."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    for one in accounts:
        due = [line for line in lines if line.debit == one.id and line.state != "bad" and line.due <= today]
        if totals.count and sum(line.amount_minor for line in due) > one.available_minor:
            return say(request, "files.short", title=one.title)
    return ""
