"""An account's transactions one by one: the search, one transaction with its receipt, and asking what it is."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from holdfast.bank.accounts.searching import WAYS, Found, search
from holdfast.bank.books import reader
from holdfast.bank.cases import disputing
from holdfast.bank.cases.models import Decision, Dispute
from holdfast.bank.currencies.converting import KIND as EXCHANGE
from holdfast.bank.customers.known import known_accounts
from holdfast.bank.customers.overview import Fresh, OwnAccount, own_accounts
from holdfast.bank.payments.models import Intent
from holdfast.bank.web import answers
from holdfast.bank.web.calculations import calculation_of
from holdfast.bank.web.exchanged import other_side
from holdfast.bank.web.filters import KINDS, SearchForm, read_search
from holdfast.bank.web.lines import line_text, line_title, show_line
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.words import say, writing
from holdfast.contracts.text import clean_line
from holdfast.ledger.api import Line

FOUND_MAX = 50
SEQ_DIGITS_MAX = 18


def own_account(request: HttpRequest, account: int) -> tuple[OwnAccount, Fresh]:
    """The customer's own account; any other answers as not found."""
    accounts, seen = own_accounts(customer_of(request).customer.id)
    own = next((one for one in accounts if one.id == account), None)
    if own is None:
        raise Http404
    return own, seen


def own_line(own: OwnAccount, seq: int) -> Line:
    """The entry of the account at this place in the books; any other answers as not found."""
    found = reader().lines(own.id, 1, seq + 1)
    if not found or found[0].seq != seq:
        raise Http404
    return found[0]


@require_safe
@for_customers
def search_page(request: HttpRequest, account: int) -> HttpResponse:
    """The form, and what fits it; `before` goes further back."""
    own, seen = own_account(request, account)
    spoken = writing(request)
    form = read_search(request.GET, own.currency, spoken)
    typed = request.GET.get("before", "")
    before = int(typed) if typed.isdecimal() and len(typed) <= SEQ_DIGITS_MAX else None
    found = None
    if form.filters is not None and any(form.values.values()):
        found = _by_reference(own, form) or search(
            lambda count, below: reader().lines(own.id, count, below),
            form.filters,
            lambda line: f"{line_title(spoken, line)}\n{line_text(spoken, line)}",
            before,
            FOUND_MAX,
        )
    return answers.page(
        request,
        "search.html",
        422 if form.errors else 200,
        page="search",
        title=spoken.say("search.title"),
        nav="overview",
        account=own,
        fresh=seen,
        form=form,
        found=found,
        lines=[show_line(spoken, line, own.currency) for line in found.lines] if found else [],
        more=_more(form, found.before if found else None),
        ways=[(one, spoken.say(f"search.way_{one}")) for one in WAYS],
        kinds=[(one, spoken.say(f"search.kind_{one}")) for one in KINDS],
    )


def _by_reference(own: OwnAccount, form: SearchForm) -> Found | None:
    """The entry whose payment number was typed, alone; None when no such number was, or the account has none of it."""
    try:
        ident = uuid.UUID(hex=form.values["text"].strip())
    except ValueError:
        return None
    line = reader().line_of(own.id, ident)
    return Found([line], None, 1) if line and form.filters and form.filters.fit(line) else None


def _more(form: SearchForm, before: int | None) -> str:
    return "" if before is None else form.query(before)


@require_safe
@for_customers
def line_page(request: HttpRequest, account: int, seq: int) -> HttpResponse:
    """One transaction: what it was, its receipt, and the question about it."""
    return _line_page(request, account, seq)


def _line_page(
    request: HttpRequest, account: int, seq: int, errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    own, seen = own_account(request, account)
    line, spoken = own_line(own, seq), writing(request)
    made = disputing.find_dispute(own.id, line.id)
    reasons = [(one, spoken.say(f"dispute.reason_{one}")) for one in disputing.REASONS]
    ident = _ident(request) or uuid.uuid4()
    return answers.page(
        request,
        "line.html",
        status,
        page="line",
        title=spoken.say("dispute.line"),
        nav="overview",
        account=own,
        fresh=seen,
        one=show_line(spoken, line, own.currency),
        kind=spoken.kind(line.kind),
        receipt=Intent.objects.filter(id=line.id, customer=customer_of(request).customer.id).exists(),
        metadata=_metadata_of(line),
        how=calculation_of(line, own.currency, spoken),
        other=_other_side(request, line),
        dispute=_shown(request, made) if made else None,
        ident=str(ident),
        reasons=reasons if line.kind != "opening" else [],
        errors=errors or {},
        typed={name: request.POST.get(name, "") for name in ("reason", "words")},
    )


def _other_side(request: HttpRequest, line: Line) -> str:
    if line.kind != EXCHANGE:
        return ""
    return other_side(line, {one.id for one in known_accounts.get(customer_of(request).customer.id) or ()})


def _metadata_of(line: Line) -> list[tuple[str, str]]:
    """What the payer's program attached, by name; who was paid does not see it."""
    return sorted(reader().metadata([line.id]).get(line.id, {}).items()) if line.amount_minor < 0 else []


def _ident(request: HttpRequest) -> uuid.UUID | None:
    """The id that the form was made with; None when it names none."""
    try:
        return uuid.UUID(hex=request.POST.get("id", ""))
    except ValueError:
        return None


@require_POST
@for_customers
def dispute(request: HttpRequest, account: int, seq: int) -> HttpResponse:
    """Record the question; sent again it is the same one. 303 to the transaction."""
    own, _ = own_account(request, account)
    line, spoken = own_line(own, seq), writing(request)
    errors: dict[str, str] = {}
    ident = _ident(request)
    if ident is None:
        errors["form"] = spoken.say("dispute.wrong_form")
    reason, words = request.POST.get("reason", ""), clean_line(request.POST.get("words", ""))
    if reason not in disputing.REASONS:
        errors["reason"] = spoken.say("dispute.wrong_reason")
    if len(words) > disputing.WORDS_MAX:
        errors["words"] = spoken.say("dispute.wrong_words", count=disputing.WORDS_MAX)
    if ident is not None and not errors:
        customer = customer_of(request).customer.id
        title = line_title(spoken, line)
        made = disputing.open_dispute(ident, customer, own.id, own.currency, line, title, reason, words)
        if made is not None:
            return see_other(f"/accounts/{own.id}/lines/{seq}")
        errors["form"] = spoken.say("dispute.too_many", count=disputing.OPEN_MAX)
    return _line_page(request, account, seq, errors, 422)


@require_safe
@for_customers
def disputes(request: HttpRequest) -> HttpResponse:
    """What the customer asked about, the newest first, each with where it stands."""
    accounts, seen = own_accounts(customer_of(request).customer.id)
    titles = {own.id: own.title for own in accounts}
    found = disputing.disputes_of(list(titles))
    return answers.page(
        request,
        "disputes.html",
        page="disputes",
        title=say(request, "dispute.list"),
        nav="money",
        fresh=seen,
        disputes=[{**_shown(request, made), "account": titles[made.account]} for made in found],
    )


def _shown(request: HttpRequest, made: Dispute) -> dict[str, Any]:
    spoken = writing(request)
    decided = Decision.objects.filter(number=made.case).first() if made.closed_at else None
    return {
        "made": made,
        "reason": spoken.say(f"dispute.reason_{made.reason}"),
        "back_minor": decided.amount_minor if decided else 0,
    }
