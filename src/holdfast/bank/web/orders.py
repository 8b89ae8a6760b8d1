"""Payments to come: made, seen, changed and cancelled by the customer until they are paid."""

from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from holdfast.bank.customers.models import Account
from holdfast.bank.customers.overview import OwnAccount, own_accounts
from holdfast.bank.orders.calendar import Rhythm
from holdfast.bank.orders.cancelling import ask_cancel, replace_plan, settle_now
from holdfast.bank.orders.models import Plan
from holdfast.bank.orders.plans import FIRST_DAYS_MAX, PLANS_MAX, NewPlan, made_by, make_plan, next_day, open_plans
from holdfast.bank.payments.judging import judge_request
from holdfast.bank.payments.outcomes import Request
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web import answers
from holdfast.bank.web.asking import NOT_CARRIED, ask_first, ask_proof, still_to_prove
from holdfast.bank.web.held import all_held
from holdfast.bank.web.pages import customer_of, for_customers, see_other
from holdfast.bank.web.payform import PayForm, new_form, read_form, to_request, typed
from holdfast.bank.web.visit import get_visit
from holdfast.bank.web.words import say, writing
from holdfast.contracts.answers import Reason
from holdfast.contracts.kid import PREFIX
from holdfast.contracts.money import format_amount
from holdfast.contracts.profile import DEADLINE_KINDS
from holdfast.contracts.statement import read_day
from holdfast.guard import Risk

HERE = "/orders"
OF_THE_DAY = (
    Reason.OK,
    Reason.DAY_LIMIT,
    Reason.OWN_DAY_LIMIT,
    Reason.TOO_MANY,
)
"""What the rules may say of a payment made today that says nothing about one that comes later."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password", "passkey", "proof")
@for_customers
def orders_page(request: HttpRequest) -> HttpResponse:
    """What is to come; posted, one more."""
    if request.method == "POST":
        return _make(request, None)
    accounts, _ = own_accounts(customer_of(request).customer.id)
    held = all_held(customer_of(request).customer.id, writing(request))
    titles = {one.id: one.title for one in accounts}
    shown = [
        {
            "plan": one,
            "due": one.due,
            "state": one.state,
            "title": titles.get(one.debit, ""),
            "rhythm": say(request, f"coming.every_{one.rhythm}"),
        }
        for one in open_plans(list(titles))
    ]
    return answers.page(
        request, "orders.html", page="orders", title=say(request, "coming.title"), nav="pay", plans=shown, held=held
    )


@require_safe
@for_customers
def new_order(request: HttpRequest) -> HttpResponse:
    """The empty form."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    tomorrow = (bank_today() + timedelta(days=1)).isoformat()
    form = new_form(get_visit(request).row, first=tomorrow, rhythm=Rhythm.ONCE.value)
    return _show(request, form, accounts, None)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "password", "passkey", "proof")
@for_customers
def change_order(request: HttpRequest, plan: str) -> HttpResponse:
    """The form with what was ordered; posted, another order in its place. 404 for an order of somebody else."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    known = _own_plan(accounts, plan)
    if request.method == "POST":
        return _make(request, known)
    return _show(request, _as_typed(request, known), accounts, known)


@require_POST
@for_customers
def cancel_order(request: HttpRequest, plan: str) -> HttpResponse:
    """Cancel it; the list then says whether that is through."""
    accounts, _ = own_accounts(customer_of(request).customer.id)
    known = _own_plan(accounts, plan)
    if ask_cancel(known.id):
        settle_now(known.id)
    return see_other(HERE)


def _own_plan(accounts: list[OwnAccount], plan: str) -> Plan:
    found = Plan.objects.filter(id=int(plan), debit__in=[one.id for one in accounts]).first()
    if found is None:
        raise Http404
    return found


def _as_typed(request: HttpRequest, plan: Plan) -> PayForm:
    """The form of another order in place of this one: what is paid already stays, it begins with the next time."""
    number = Account.objects.filter(id=plan.credit).values_list("number", flat=True).first() or ""
    kid = plan.text.removeprefix(PREFIX) if plan.text.startswith(PREFIX) else ""
    return new_form(
        get_visit(request).row,
        **{
            "from": str(plan.debit),
            "to": number,
            "name": plan.payee,
            "amount": format_amount(plan.amount_minor, plan.currency, language=writing(request).language),
            "kid": kid,
            "text": "" if kid else plan.text,
            "deadline": "yes" if plan.kind in DEADLINE_KINDS else "",
            "first": next_day(plan).isoformat(),
            "rhythm": plan.rhythm,
            "until": plan.until.isoformat() if plan.until else "",
        },
    )


def _make(request: HttpRequest, replaces: Plan | None) -> HttpResponse:
    accounts, _ = own_accounts(customer_of(request).customer.id)
    form = read_form(request, accounts)
    form.values |= {name: typed(request, name) for name in ("first", "rhythm", "until")}
    days = _days(request, form)
    if form.errors or days is None or form.debit is None or form.credit is None:
        return _show(request, form, accounts, replaces, 422)
    if made_by(form.id, form.debit.id):
        return see_other(HERE)  # the same form sent again
    asked = to_request(request, form, form.debit, form.credit)
    stopped = _judge(request, form, asked, replaces)
    if stopped is not None:
        return stopped
    if form.errors:
        return _show(request, form, accounts, replaces, 422)
    kind = "marked" if form.values["deadline"] == "yes" else "order"
    new = _new_plan(asked, kind, days)
    if (make_plan(new) if replaces is None else replace_plan(replaces.id, new)) is None:
        full = say(request, "coming.full", most=PLANS_MAX)
        form.errors["form"] = full if replaces is None else say(request, "coming.gone")
        return _show(request, form, accounts, replaces, 422)
    if replaces is not None:
        settle_now(replaces.id)
    return see_other(HERE)


def _days(request: HttpRequest, form: PayForm) -> tuple[Rhythm, date, date | None] | None:
    """Rhythm, first and last day; None with the words beside the field."""
    today, values = bank_today(), form.values
    first, until = read_day(values["first"]), read_day(values["until"]) if values["until"] else None
    if first is None or not 1 <= (first - today).days <= FIRST_DAYS_MAX:
        form.errors["first"] = say(request, "coming.wrong_first")
    if values["rhythm"] not in list(Rhythm):
        form.errors["rhythm"] = say(request, "coming.wrong_rhythm")
    if values["until"] and (until is None or (first is not None and until < first)):
        form.errors["until"] = say(request, "coming.wrong_until")
    if first is None or {"first", "rhythm", "until"} & form.errors.keys():
        return None
    return Rhythm(values["rhythm"]), first, until


def _judge(request: HttpRequest, form: PayForm, asked: Request, replaces: Plan | None) -> HttpResponse | None:
    """As a payment made now is judged: what the rules refuse is not ordered, what is risky must be proved. Nothing is
    recorded: no payment was asked for yet."""
    judged = judge_request(asked)
    if judged.reason not in OF_THE_DAY:
        form.errors["form"] = say(request, "coming.not_ordered", reason=writing(request).reason(judged.reason))
        return None
    if judged.risk is Risk.NONE:
        return None
    when = "|".join(form.values[name] for name in ("first", "rhythm", "until"))
    problem = still_to_prove(request, asked, when)
    action = f"{HERE}/{replaces.id}" if replaces else HERE
    if problem == NOT_CARRIED:
        return ask_first(request, form, asked, judged.risk, action=action, again=action, when=when)
    return ask_proof(request, form, asked, judged.risk, problem=problem, action=action, when=when) if problem else None


def _new_plan(asked: Request, kind: str, days: tuple[Rhythm, date, date | None]) -> NewPlan:
    rhythm, first, until = days
    return NewPlan(
        asked.id,
        asked.cohort,
        asked.debit,
        asked.credit,
        asked.amount_minor,
        asked.currency,
        asked.payer,
        asked.payee,
        asked.text,
        kind,
        rhythm,
        first,
        None if rhythm is Rhythm.ONCE else until,
    )


def _show(
    request: HttpRequest, form: PayForm, accounts: list[OwnAccount], plan: Plan | None, status: int = 200
) -> HttpResponse:
    return answers.page(
        request,
        "order.html",
        status,
        page="order",
        title=say(request, "coming.change_title" if plan else "coming.new"),
        nav="pay",
        form=form,
        plan=plan,
        action=f"{HERE}/{plan.id}" if plan else HERE,
        accounts=accounts,
        from_=form.values.get("from", ""),
        rhythms=[(one.value, say(request, f"coming.every_{one.value}")) for one in Rhythm],
    )
