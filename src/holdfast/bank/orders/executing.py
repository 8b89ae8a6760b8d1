"""Run standing orders that are due, once each, at whichever bank serves; see to those that were refused.

Ids are derived, so both banks may try: the books enter one. A run posts at most 25 orders as one block and stores
how they ended afterwards; what it did not reach is left for the next step, here or at the spare bank.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.calls import claim_taken
from holdfast.bank.errors import CallFailed
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.orders.models import Execution, Order, OrderRun
from holdfast.bank.payments.outcomes import claims_are_lost
from holdfast.bank.payments.pay import new_note
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.epochs import Mode
from holdfast.contracts.test_customers import NOBODY, may_pay
from holdfast.guard import RULES_VERSION
from holdfast.ledger.api import Post, Posted, Result

BATCH = 25
RUNS_MAX = 31


@dataclass(frozen=True, slots=True)
class Ran:
    """Orders of one step: booked (by either bank), refused, left (served by the spare bank, or not claimed)."""

    done: int = 0
    refused: int = 0
    left: int = 0


def cohorts_ours() -> list[int]:
    """Cohorts not known to be with the spare bank, or on the way between."""
    away = {cohort for cohort, row in rows.all().items() if row.mode is not Mode.PRIMARY}
    return [cohort for cohort in range(256) if cohort not in away]


def waiting_orders(limit: int = BATCH) -> list[Order]:
    """Orders whose run has begun and that this bank has not yet run, of cohorts it serves."""
    now = timezone.now()
    runs = list(OrderRun.objects.filter(at__lte=now).order_by("-date").values_list("date", flat=True)[:RUNS_MAX])
    ran = Exists(Execution.objects.filter(order=OuterRef("pk"), due=OuterRef("due")))
    found = Order.objects.filter(~ran, due__in=runs, cohort__in=cohorts_ours(), cancel_asked=None)
    return list(found.order_by("due", "id")[:limit])


def run_orders() -> Ran:
    """One step: at most 25 orders in one block. Raises what the books raise; safe to repeat."""
    orders = waiting_orders()
    if not orders:
        return Ran()
    orders, refuse = _claimed(orders)
    refuse |= {one.id: Reason.CUSTOMER_FROZEN for one in orders if frozen_now.account(one.debit)}
    refuse |= {one.id: Reason.ACCOUNT_UNKNOWN for one in orders if not may_pay(NOBODY, one.credit)}
    posts = [as_post(order, ids.order_payment_id(order.id, order.due), refuse.get(order.id)) for order in orders]
    done = refused = left = 0
    ended: list[tuple[Order, Posted]] = []
    for order, posted in zip(orders, books().post_many(posts), strict=True):
        if posted.result is Result.STALE or posted.reason is Reason.CANCELLED:  # cancelled while the run had it in hand
            left += 1
            continue
        ended.append((order, posted))
        if posted.result in (Result.POSTED, Result.ALREADY_POSTED):
            done += 1
        else:
            refused += 1
    _store(ended)
    return Ran(done, refused, left)


def _claimed(orders: Sequence[Order]) -> tuple[list[Order], dict[int, Reason]]:
    """While a journal is missing (rule 18) derived ids are claimed first; one that was told refused stays refused.

    When the register that held the claims was lost as well, they wait until the journal is read.
    """
    forced = {order.id: rows.row(order.cohort) for order in orders if rows.row(order.cohort).forced}
    orders = [one for one in orders if one.id not in forced or not claims_are_lost(0, forced[one.id].epoch)]
    careful = {ids.order_payment_id(order.id, order.due).hex: order for order in orders if order.id in forced}
    if not careful:
        return list(orders), {}
    try:
        _, denied = claim_taken(
            [(ident, order.cohort, rows.row(order.cohort).epoch) for ident, order in careful.items()]
        )
    except CallFailed:
        return [order for order in orders if order not in careful.values()], {}
    return list(orders), {careful[ident].id: Reason.CLAIMED_REFUSED for ident in denied if ident in careful}


def as_post(order: Order, ident: uuid.UUID, refuse: Reason | None = None, value_date: date | None = None) -> Post:
    """A standing order as the books take it, under the epoch known of its cohort."""
    return Post(
        id=ident,
        debit=order.debit,
        credit=order.credit,
        amount_minor=order.amount_minor,
        currency=order.currency,
        kind="order",
        value_date=value_date or order.due,
        cohort=order.cohort,
        epoch=rows.row(order.cohort).epoch,
        cause=f"order:{order.id}:{order.due.isoformat()}",
        note=new_note(order.payer, order.payee, order.text),
        refuse=refuse,
        rules_version=RULES_VERSION,
    )


def _store(ended: Sequence[tuple[Order, Posted]]) -> None:
    """All of a step in one statement: another runner sees none or all of it, and takes none of it halfway."""
    Execution.objects.bulk_create([_execution(order, posted) for order, posted in ended], ignore_conflicts=True)


def _execution(order: Order, posted: Posted) -> Execution:
    done = posted.result in (Result.POSTED, Result.ALREADY_POSTED)
    return Execution(
        order=order,
        due=order.due,
        payment=posted.id,
        state="done" if done else "refused",
        reason="" if done else posted.reason.value,
        source=posted.source,
        block=posted.block,
        at=timezone.now(),
        settled=done,
    )


def correct_overridden(executions: Sequence[Execution]) -> list[Execution]:
    """Those still refused: an order that the spare bank had paid is booked over our refusal (rule 14)."""
    outcomes = reader().outcomes([one.payment for one in executions])
    still = []
    for one in executions:
        posted = outcomes.get(one.payment)
        if posted is not None and posted.result is Result.ALREADY_POSTED:
            Execution.objects.filter(id=one.id).update(
                state="done", reason="", source=posted.source, block=posted.block, settled=True
            )
        else:
            if posted is not None:
                one.source = posted.source
            still.append(one)
    return still


def retry_orders(limit: int = BATCH) -> int:
    """The one second attempt of refused orders whose account now covers them; how many were made."""
    waiting = list(
        Execution.objects.filter(
            settled=False,
            state="refused",
            retried=False,
            charge__isnull=False,
            order__cohort__in=cohorts_ours(),
        )
        .select_related("order")
        .order_by("id")[: limit * 20]
    )
    states = reader().accounts([one.order.debit for one in waiting]) if waiting else {}
    covered = []
    for one in waiting:
        state = states.get(one.order.debit)
        cover = state.available_minor if state is not None else -1
        if cover >= one.order.amount_minor and not frozen_now.account(one.order.debit):
            covered.append(one)
    covered = [one for one in covered if not rows.row(one.order.cohort).forced][:limit]
    posts = [as_post(one.order, ids.order_retry_id(one.order_id, one.due)) for one in covered]
    made = 0
    for one, posted in zip(covered, books().post_many(posts), strict=True):
        if posted.result is Result.STALE:
            continue
        made += 1
        paid = posted.result in (Result.POSTED, Result.ALREADY_POSTED)
        Execution.objects.filter(id=one.id).update(retried=True, settled=True, state="late" if paid else "refused")
    return made
