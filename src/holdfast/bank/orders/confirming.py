"""What the bank confirms to a payee: an order that must arrive by a time and was kept back by an outage of the bank.

Confirmed is only what is so by the rule of refunds (refunding.py): with the money that came in for that day counted in
time it would have been paid. Whoever did not have the money gets no confirmation.
"""

import uuid
from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.exchange.models import Outage
from holdfast.bank.orders.models import Execution
from holdfast.bank.orders.refunding import recompute
from holdfast.contracts import ids
from holdfast.contracts.confirmation import Confirmation, How
from holdfast.contracts.profile import DEADLINE_KINDS

MISSED = ("refused", "late")
SETTLED = timedelta(minutes=10)
"""So long after its end what an outage left behind is still being settled."""


def confirmable(executions: Collection[Execution]) -> set[uuid.UUID]:
    """The payments of those that the bank confirms."""
    missed = [one for one in executions if one.state in MISSED and one.order.kind in DEADLINE_KINDS]
    return {one.payment for one in missed if _outage_of(one) is not None and recompute(one).covered}


def confirmation_of(payment: uuid.UUID, accounts: Collection[int]) -> Confirmation | None:
    """What is confirmed of one payment out of these accounts; None for none."""
    found = Execution.objects.filter(payment=payment, order__debit__in=accounts).select_related("order").first()
    if found is None or not confirmable([found]):
        return None
    outage, order = _outage_of(found), found.order
    if outage is None:
        return None
    paid = reader().recorded(ids.order_retry_id(order.id, found.due)) if found.state == "late" else None
    if found.state == "late" and paid is None:
        return None  # it was made, and nobody can say when
    return Confirmation(
        found.payment.hex,
        order.payer,
        order.payee,
        order.amount_minor,
        order.currency,
        found.due,
        How.LATE if paid is not None else How.NOT_MADE,
        outage.since,
        outage.until,
        timezone.now(),
        paid.at if paid is not None else None,
    )


def _outage_of(execution: Execution) -> Outage | None:
    """The outage in which it was missed: one of its day, while it lasted or was being settled; one of another hour of
    that day is not the cause."""
    due, at = execution.due, execution.at
    lasted = Outage.objects.filter(since__lte=at, until__gte=at - SETTLED)
    return lasted.filter(first_day__lte=due, last_day__gte=due).order_by("since").first()
