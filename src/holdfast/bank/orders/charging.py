"""Charge what the price list says for an order that could not be paid on its day."""

from datetime import date

from django.utils import timezone

from holdfast.bank.books import books, rows
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.orders.executing import cohorts_ours, correct_overridden
from holdfast.bank.orders.models import Charge, Execution, Price
from holdfast.bank.payments.models import Told
from holdfast.bank.payments.pay import bank_today, new_note
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.ledger.api import Post, Result

RULE = "late_order"
BATCH = 25


def price_on(rule: str, currency: str, day: date) -> Price | None:
    """The line of the price list in force on a day."""
    return Price.objects.filter(rule=rule, currency=currency, valid_from__lte=day).order_by("-valid_from").first()


def charge_late_orders(limit: int = BATCH) -> int:
    """Charge refused orders whose refusal stands in both records or was claimed; how many were charged now."""
    refused = list(
        Execution.objects.filter(
            settled=False,
            state="refused",
            charge__isnull=True,
            order__cohort__in=cohorts_ours(),
        )
        .select_related("order")
        .order_by("id")[:limit]
    )
    told = set(Told.objects.filter(payment__in=[one.payment for one in refused]).values_list("payment", flat=True))
    made = 0
    for one in correct_overridden(refused):
        if one.source == "journal" or one.payment in told:
            made += _leave(one) if one.reason == Reason.CUSTOMER_FROZEN.value else _charge(one)
    return made


def _leave(execution: Execution) -> int:
    """An order that its customer stopped by freezing everything costs nothing and is not tried again."""
    Execution.objects.filter(id=execution.id).update(settled=True)
    return 0


def _charge(execution: Execution) -> int:
    order = execution.order
    price = price_on(RULE, order.currency, execution.due)
    if price is None:
        return 0
    period = f"{order.id}:{execution.due.isoformat()}"
    posted = books().post_many(
        [
            Post(
                id=ids.charge_id(RULE, order.debit, period),
                debit=order.debit,
                credit=bank_facts.own("fees"),
                amount_minor=price.amount_minor,
                currency=order.currency,
                kind="charge",
                value_date=bank_today(),
                cohort=order.cohort,
                epoch=rows.row(order.cohort).epoch,
                cause=f"rule:{RULE}:{price.version}:{period}",
                note=new_note(
                    order.payer, f"{price.words}: {order.text or order.kind}", f"due {execution.due.isoformat()}"
                ),
                over_floor=True,
            )
        ]
    )[0]
    if posted.result not in (Result.POSTED, Result.ALREADY_POSTED):
        return 0
    Charge.objects.bulk_create(
        [
            Charge(
                id=posted.id,
                execution=execution,
                account=order.debit,
                cohort=order.cohort,
                amount_minor=price.amount_minor,
                currency=order.currency,
                price=price,
                at=timezone.now(),
            )
        ],
        ignore_conflicts=True,
    )
    return 1
