"""A customer's loans: what is left, what comes next, what paying back today would cost, and the whole plan."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from holdfast.bank.charges.engine.loans import Instalment, Plan, plan_of
from holdfast.bank.charges.loans import extras_of, payment_of, payoff_of, plan_for, terms_of
from holdfast.bank.charges.models import Loan
from holdfast.bank.charges.repaying import find_repayment
from holdfast.bank.customers.overview import own_accounts
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.figures import percent
from holdfast.bank.web.pages import customer_of, for_customers
from holdfast.bank.web.words import writing
from holdfast.contracts.answers import Reason
from holdfast.look import Writing

PLANS = {Plan.ANNUITY: "loans.plan_annuity", Plan.SERIAL: "loans.plan_serial"}


@require_safe
@for_customers
def loans_page(request: HttpRequest) -> HttpResponse:
    """All loans."""
    spoken = writing(request)
    titles = _titles(request)
    found = Loan.objects.filter(customer=customer_of(request).customer.id).order_by("id")[:50]
    return answers.page(
        request,
        "loans.html",
        page="loans",
        title=spoken.say("loans.title"),
        nav="overview",
        loans=[_shown(one, plan_for(one), titles) for one in found],
    )


def own_loan(request: HttpRequest, loan: int) -> Loan:
    """The customer's loan; 404 for another's."""
    found = Loan.objects.filter(id=loan, customer=customer_of(request).customer.id).first()
    if found is None:
        raise Http404
    return found


@require_safe
@for_customers
def loan_page(request: HttpRequest, loan: int) -> HttpResponse:
    """One loan; 404 for another customer's."""
    return show_loan(request, own_loan(request, loan))


def show_loan(request: HttpRequest, found: Loan, typed: str | None = None, problem: str = "") -> HttpResponse:
    """The page of a loan; 422 with why it is not paid back: beside the amount that was typed, at the top without
    one."""
    spoken, today = writing(request), bank_today()
    titles, paid_back = _titles(request), bool(found.repaid)
    extras = extras_of(found)
    plan = plan_of(terms_of(found), extras)
    _, early = payoff_of(found, today, extras)
    return answers.page(
        request,
        "loan.html",
        422 if problem else 200,
        page="loan",
        title=found.title,
        nav="overview",
        shown=_shown(found, plan, titles),
        loan=found,
        rate=percent(found.rate_ppm, spoken),
        plan_words=spoken.say(PLANS[Plan(found.plan)]),
        early=early,
        plan=[_instalment(one, found, spoken) for one in plan if one.number <= found.paid or not paid_back],
        extras=extras,
        asked=_asked(request, found, spoken),
        typed=typed or "",
        beside=problem if typed is not None else "",
        problem=problem if typed is None else "",
    )


def _asked(request: HttpRequest, loan: Loan, spoken: Writing) -> dict[str, Any] | None:
    """How the early repayment ended that the address names; None without one."""
    try:
        form = uuid.UUID(hex=request.GET.get("asked", ""))
    except ValueError:
        return None
    found = find_repayment(loan, form)
    if found is None:
        return None
    return {"one": found, "why": spoken.reason(Reason(found.reason)) if found.reason else ""}


def _titles(request: HttpRequest) -> dict[int, str]:
    accounts, _ = own_accounts(customer_of(request).customer.id)
    return {one.id: one.title for one in accounts}


def _shown(loan: Loan, plan: list[Instalment], titles: dict[int, str]) -> dict[str, Any]:
    left = [] if loan.repaid else plan[loan.paid :]
    coming = payment_of(loan, max(bank_today(), left[0].pay_on), due=left[0]) if left else None
    total_minor = coming.total_minor if coming is not None else 0
    extra_minor = coming.late_interest_minor + coming.late_fee_minor if coming is not None else 0
    return {
        "loan": loan,
        "left_minor": left[0].owed_minor if left else 0,
        "next": left[0] if left else None,
        "next_minor": total_minor,
        "extra_minor": extra_minor,
        "account": titles.get(loan.account, ""),
    }


def _instalment(one: Instalment, loan: Loan, spoken: Writing) -> dict[str, Any]:
    state = "paid" if one.number <= loan.paid else "coming"
    if one.number == loan.paid + 1:
        state = "late" if loan.late_since else "next"
    return {"one": one, "state": state, "words": spoken.say(f"loans.state_{state}")}
