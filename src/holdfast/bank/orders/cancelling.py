"""Cancel a plan: none of its orders is paid any more, at either bank, or the customer reads that it was paid already.

Taking the order off a list is not enough: the run may have it in hand, and a spare bank that has not heard of it would
pay it, in an outage that begins now. So cancelling goes the way of every refusal: it is recorded in the books under the
order's own payment id (protocol.md, rules 9 and 13), then claimed at the register (rule 5), and only then told. If the
books hold the payment, it was paid. If the claim is denied, the spare bank has it in hand: the plan stays `ending`, and
the worker asks again until the journal was read. Each step may be taken twice.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, rows
from holdfast.bank.calls import claim_refused
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.facts import tell
from holdfast.bank.orders.executing import as_post, cohorts_ours
from holdfast.bank.orders.models import Execution, Order, Plan
from holdfast.bank.orders.plans import NewPlan, make_plan, unfold
from holdfast.bank.payments.models import Told
from holdfast.bank.payments.outcomes import may_tell_refusal
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.ledger.api import LedgerError, Posted, Result

BATCH = 25


def ask_cancel(plan: int) -> bool:
    """From now on nothing of this plan is run here; False when it is not in force. What follows is settle_plan's."""
    with transaction.atomic():
        found = Plan.objects.select_for_update().filter(id=plan, state__in=("active", "waiting")).first()
        if found is None:
            return False
        if found.state == "waiting":  # nothing of it was made yet
            Plan.objects.filter(id=plan).update(state="ended", next_due=None)
            return True
        ran = Execution.objects.filter(order__plan=plan).values("order")
        open_ones = Order.objects.filter(plan=plan, cancel_asked=None).exclude(id__in=ran)
        open_ones.update(cancel_asked=timezone.now())
        Plan.objects.filter(id=plan).update(state="ending", next_due=None)
    return True


def replace_plan(old: int, new: NewPlan) -> Plan | None:
    """Cancel a plan and have another in its place once that is through; None with nothing changed when the old one is
    not in force any more. What follows is settle_plan's."""
    with transaction.atomic():
        if not Plan.objects.select_for_update().filter(id=old, state="active").exists():
            return None
        made = make_plan(new, old)
        ask_cancel(old)
    return made


def settle_plan(plan: int) -> bool:
    """Go on with cancelling; whether it is through. Raises what books and doors raise: then the worker goes on."""
    waiting = list(Order.objects.filter(plan=plan, cancel_asked__isnull=False, cancelled=None).order_by("id"))
    settled = sum(_settle(waiting[start : start + BATCH]) for start in range(0, len(waiting), BATCH))
    if settled < len(waiting):
        return False
    with transaction.atomic():
        if Plan.objects.filter(id=plan, state="ending").update(state="ended"):
            _begin_successor(plan)
    return True


def settle_plans() -> int:
    """The worker's part: plans whose cancelling did not come through at once; how many are through now."""
    ending = Plan.objects.filter(state="ending", cohort__in=cohorts_ours()).order_by("id")
    return sum(settle_plan(plan) for plan in list(ending.values_list("id", flat=True)[:BATCH]))


def settle_now(plan: int) -> bool:
    """As settle_plan, for a page: False also when something does not answer, since the worker goes on with it."""
    try:
        return settle_plan(plan)
    except (BankError, LedgerError):
        return False


def _settle(orders: Sequence[Order]) -> int:
    """Record the refusals as one block, claim and tell them; how many of the orders are settled."""
    mine = [one for one in orders if may_tell_refusal(0, rows.row(one.cohort))]
    posts = [as_post(one, ids.order_payment_id(one.id, one.due), Reason.CANCELLED) for one in mine]
    ended = dict(zip((one.id for one in mine), books().post_many(posts), strict=True)) if mine else {}
    paid = [one for one in mine if ended[one.id].result in (Result.POSTED, Result.ALREADY_POSTED)]
    refused = [one for one in mine if ended[one.id].result in (Result.REFUSED, Result.ALREADY_REFUSED)]
    told = _told(refused, ended)
    with transaction.atomic():
        Order.objects.filter(id__in=[one.id for one in paid]).update(cancel_asked=None)  # the run writes that down
        now = timezone.now()
        Order.objects.filter(id__in=[one.id for one in told]).update(cancelled=now)
        Told.objects.bulk_create([Told(payment=ended[one.id].id) for one in told], ignore_conflicts=True)
        tell("order", [(str(one.id), None) for one in told])
    return len(paid) + len(told)


def _told(refused: Sequence[Order], ended: dict[int, Posted]) -> list[Order]:
    """Those whose refusal may be told: it stands in both banks' records, or was claimed."""
    own = [one for one in refused if ended[one.id].source == "own"]
    granted, _ = claim_refused([(ended[one.id].id.hex, one.cohort, rows.row(one.cohort).epoch) for one in own])
    return [one for one in refused if ended[one.id].source != "own" or ended[one.id].id.hex in granted]


def _begin_successor(plan: int) -> None:
    """The plan that was to take its place begins; not for a single payment that was paid after all."""
    successor = Plan.objects.select_for_update().filter(replaces=plan, state="waiting").first()
    if successor is None:
        return
    once_paid = successor.rhythm == "once" and not Order.objects.filter(plan=plan, cancelled__isnull=False).exists()
    if once_paid:
        Plan.objects.filter(id=successor.id).update(state="dropped", next_due=None)
        return
    successor.state = "active"
    successor.save(update_fields=["state"])
    unfold(successor)
