"""What a review gives back of being late: standing orders that were charged, and loans' instalments.

As at the close of an incident (orders/refunding.py, charges/refunding.py) and under the same ids, so that nothing is
given twice; but also with the money that the customer tried to bring in in time, and up to the review's day.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from holdfast.bank.books import histories
from holdfast.bank.charges.engine.asif import Entry
from holdfast.bank.charges.engine.attempts import cover_with
from holdfast.bank.charges.own import loan_account
from holdfast.bank.charges.refunding import Incident, Late, charged_late, due_of, late_loans, would_be
from holdfast.bank.customers.models import Owner
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.models import Charge
from holdfast.bank.orders.refunding import was_held
from holdfast.bank.redress.finding import counting_by_account, place_of
from holdfast.bank.redress.models import Given, Review
from holdfast.contracts import ids
from holdfast.ledger.api import Standing

ORDER, INSTALMENT = "late_order", "late_instalment"
ORDERS_BATCH, LOANS_BATCH = 500, 20


def owners_of(accounts: Sequence[int]) -> dict[int, int]:
    """Of each account that has owners the first, who is told, and with whose others it is reckoned together."""
    found = Owner.objects.filter(account__in=accounts).order_by("-customer_id").values_list("account", "customer_id")
    return dict(found)


def late_orders(review: Review) -> tuple[list[Given], int] | None:
    """What is given back of the next charges for orders, and the last one looked at; None when none is left."""
    found = list(
        Charge.objects.filter(
            execution_id__gt=review.after,
            execution__due__gte=review.first_day,
            execution__due__lte=review.until,
            refund__isnull=True,
        )
        .select_related("execution__order", "price")
        .order_by("execution_id")[:ORDERS_BATCH]
    )
    if not found:
        return None
    accounts = sorted({one.account for one in found})
    standings = histories().standings(accounts, place_of(review))
    tried, owners = counting_by_account(review, accounts), owners_of(accounts)
    out = []
    for one in found:
        made = _order(review, one, standings[one.account], tried.get(one.account, []), owners.get(one.account, 0))
        if made is not None:
            out.append(made)
    return out, found[-1].execution_id


def _order(review: Review, charge: Charge, standing: Standing, tried: Any, customer: int) -> Given | None:
    execution, order = charge.execution, charge.execution.order
    since = [
        Entry(one.amount_minor, one.value_date, one.kind)
        for one in standing.entries
        if (one.block > execution.block if execution.block else one.at > execution.at)
    ]
    args = (since, order.amount_minor, execution.due)
    found = cover_with(standing.above_floor_minor, *args, tried, charge.account)
    without = cover_with(standing.above_floor_minor, *args, (), charge.account)
    if not found.covered or was_held(execution, found):
        return None
    period = f"{order.id}:{execution.due.isoformat()}"
    return Given(
        review=review,
        payment=ids.charge_id("refund", charge.account, period),
        kind=ORDER,
        customer=customer,
        account=charge.account,
        cohort=charge.cohort,
        currency=charge.currency,
        charged_minor=charge.amount_minor,
        would_minor=0,
        amount_minor=charge.amount_minor,
        period=period,
        of=charge.id,
        calculation={
            "due": execution.due.isoformat(),
            "version": charge.price.version,
            "came_late_minor": found.came_late_minor,
            "tried_minor": found.came_late_minor - without.came_late_minor,
            "available_minor": found.available_minor,
            "needed_minor": found.needed_minor,
        },
    )


def late_instalments(review: Review) -> tuple[list[Given], int] | None:
    """What is given back of being late with the next loans, and the last one that was looked at; None when none is
    left."""
    told = Outage.objects.filter(incident=review.incident).first()
    last = told.last_day if told else review.first_day - timedelta(days=1)
    incident = Incident(review.incident, review.asked_by, review.until, review.first_day, last)
    loans = late_loans(incident, review.after, LOANS_BATCH)
    if not loans:
        return None
    found = list(charged_late(incident, loans))
    tried = counting_by_account(review, sorted({one.loan.account for one in found}))
    out = []
    for one in found:
        made = _instalment(review, one, incident, tried.get(one.loan.account, []))
        if made is not None:
            out.append(made)
    return out, loans[-1]


def _instalment(review: Review, one: Late, incident: Incident, tried: Any) -> Given | None:
    would, loan = would_be(one, incident, tried), one.loan
    charged_minor = one.late_interest_minor + one.late_fee_minor
    if would.arrears.total_minor >= charged_minor:
        return None
    pay_on = due_of(one)[0].pay_on
    return Given(
        review=review,
        payment=ids.charge_id("refund-instalment", loan_account(loan.id), one.id.hex),
        kind=INSTALMENT,
        customer=loan.customer,
        account=loan.account,
        cohort=loan.cohort,
        currency=loan.currency,
        charged_minor=charged_minor,
        would_minor=would.arrears.total_minor,
        amount_minor=charged_minor - would.arrears.total_minor,
        period=f"{loan.id}:{pay_on.isoformat()}",
        of=one.id,
        calculation={
            "due": pay_on.isoformat(),
            "paid_on": would.day.isoformat(),
            "late_since": would.late_since.isoformat(),
            "came_late_minor": would.cover.came_late_minor if would.cover else 0,
            "available_minor": would.cover.available_minor if would.cover else 0,
            "needed_minor": would.cover.needed_minor if would.cover else 0,
        },
    )
