"""Customers' plans become orders ahead of their days, so that both banks know them before an outage begins.

An order's id is made of its plan and its number, and a payment's id of the order and its day (contracts.ids). A changed
order is another plan, so no id ever means two payments.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from holdfast.bank.exchange.facts import tell
from holdfast.bank.orders.calendar import Rhythm, banking_day, nominal
from holdfast.bank.orders.models import Execution, Order, Plan
from holdfast.bank.payments.pay import bank_today

AHEAD = timedelta(days=40)
"""Longer than any outage; a monthly order is always known once."""
ORDERS_FIRST = 10**12
ORDERS_OF_PLAN = 10_000
"""Orders of plans are numbered apart from those that were opened with the bank."""
BATCH = 200
FIRST_DAYS_MAX = 731
PLANS_MAX = 100
"""That many can be in force for one account."""
SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What a form asks for; form: its id. Amounts in minor units of currency."""

    form: uuid.UUID
    cohort: int
    debit: int
    credit: int
    amount_minor: int
    currency: str
    payer: str
    payee: str
    text: str
    kind: str
    rhythm: Rhythm
    first: date
    until: date | None = None


def order_body(order: Order) -> dict[str, object]:
    """The body of the fact `order`."""
    return {
        "cohort": order.cohort,
        "debit": order.debit,
        "credit": order.credit,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "payer": order.payer,
        "payee": order.payee,
        "text": order.text,
        "kind": order.kind,
        "due": order.due.isoformat(),
    }


def make_plan(new: NewPlan, replaces: int | None = None, most: int = PLANS_MAX) -> Plan | None:
    """Store it, once for each form, and its orders of the coming days; None with nothing made when the account has
    `most` in force already. One that replaces another waits for the end of that one."""
    try:
        return _make_plan(new, replaces, most)
    except IntegrityError:  # the same form, sent twice at once
        return Plan.objects.get(form=new.form)


def _make_plan(new: NewPlan, replaces: int | None, most: int) -> Plan | None:
    with transaction.atomic():
        if replaces is None and _in_force(new.debit) >= most:
            return None
        plan = Plan.objects.create(
            **({name: getattr(new, name) for name in NewPlan.__slots__} | {"rhythm": new.rhythm.value}),
            next_due=banking_day(new.first),
            state="active" if replaces is None else "waiting",
            replaces=replaces,
            made=timezone.now(),
        )
        if plan.state == "active":
            unfold(plan)
    return plan


def _in_force(debit: int) -> int:
    """How many plans there are out of this account of which something is to come."""
    return _open_plans([debit]).count()


def made_by(form: uuid.UUID, debit: int) -> bool:
    """Whether this form has made a plan out of this account already."""
    return Plan.objects.filter(form=form, debit=debit).exists()


def open_plans(accounts: Sequence[int]) -> list[Any]:
    """Plans (with `due`: the day of the next payment) of what still comes out of these accounts, the next first; also
    what is being cancelled."""
    return list(_open_plans(accounts).order_by("due", "id")[:SHOWN_MAX])


def _open_plans(accounts: Sequence[int]) -> QuerySet[Any]:
    ran = Exists(Execution.objects.filter(order=OuterRef("pk")))
    open_ones = Order.objects.filter(~ran, plan=OuterRef("pk"), cancelled=None).order_by("due")
    return (
        Plan.objects.filter(debit__in=accounts, state__in=("active", "waiting", "ending"))
        .annotate(open_due=Subquery(open_ones.values("due")[:1]))
        .annotate(due=Coalesce("open_due", "next_due"))
        .exclude(state="active", due=None)
    )


def next_day(plan: Plan) -> date:
    """From tomorrow on, the next day on which it falls, before holidays are looked at; tomorrow when there is none."""
    tomorrow = bank_today() + timedelta(days=1)
    days = (nominal(plan.first, Rhythm(plan.rhythm), number) for number in range(plan.number + 1))
    return next((day for day in days if day >= tomorrow), tomorrow)


def unfold(plan: Plan) -> int:
    """Make the plan's orders that fall due until AHEAD, and tell them; how many. In the caller's transaction, which
    holds the plan's row."""
    made: list[Order] = []
    while plan.next_due is not None and plan.next_due <= bank_today() + AHEAD and plan.number < ORDERS_OF_PLAN:
        made.append(_order(plan, plan.next_due))
        plan.number += 1
        plan.next_due = _next_due(plan)
    Order.objects.bulk_create(made)
    tell("order", [(str(one.id), order_body(one)) for one in made])
    plan.save(update_fields=["number", "next_due"])
    return len(made)


def unfold_plans() -> int:
    """Those whose next day has come near; how many orders were made."""
    near = Plan.objects.filter(state="active", next_due__lte=bank_today() + AHEAD).order_by("next_due", "id")
    made = 0
    for ident in list(near.values_list("id", flat=True)[:BATCH]):
        with transaction.atomic():
            plan = Plan.objects.select_for_update().get(id=ident)
            if plan.state == "active":
                made += unfold(plan)
    return made


def _next_due(plan: Plan) -> date | None:
    """The banking day of the next time; None behind the last one."""
    if plan.rhythm == Rhythm.ONCE:
        return None
    day = nominal(plan.first, Rhythm(plan.rhythm), plan.number)
    return None if plan.until is not None and day > plan.until else banking_day(day)


def _order(plan: Plan, due: date) -> Order:
    return Order(
        id=ORDERS_FIRST + plan.id * ORDERS_OF_PLAN + plan.number,
        cohort=plan.cohort,
        debit=plan.debit,
        credit=plan.credit,
        amount_minor=plan.amount_minor,
        currency=plan.currency,
        payer=plan.payer,
        payee=plan.payee,
        text=plan.text,
        kind=plan.kind,
        due=due,
        plan=plan.id,
        number=plan.number,
    )
