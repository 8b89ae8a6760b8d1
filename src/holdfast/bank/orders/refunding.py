"""Give back charges that came because of an incident (requirement C3).

What each charge would have been is the engine's question (charges/engine/asif.py): the account is taken as it was when
the order was refused, and money that came in after that, but for the order's day or before (by value date), is counted
as if it had come in time: salaries and customers' payments, booked by this bank or entered from the spare bank's
journal. If that covers the order above the account's floor, the order would have been paid on its day and the charge
would be 0; otherwise the charge stays. It stays as well where nothing came late and the money was held for something
else. Only what is in the books enters, so the same question has the same answer.
"""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges.engine.asif import Cover, Entry, cover_as_if
from holdfast.bank.customers.models import Owner
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.orders.charging import charge_late_orders
from holdfast.bank.orders.executing import run_orders
from holdfast.bank.orders.models import Charge, Execution, Refund
from holdfast.bank.payments.pay import bank_today, new_note
from holdfast.bank.worker.refusals import tell_refusals
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.money import format_amount
from holdfast.ledger.api import Post, Result

LINES = 200
PAGES_MAX = 200
ROUNDS_MAX = 500
CHARGES_MAX = 10_000


def refund_charges(incident: str, since: datetime, until: date, by: str) -> list[dict[str, Any]]:
    """Refund every charge for an order due between the incident's start and `until`; all refunds of the incident.

    Repeatable: what is refunded stays as it was calculated, and nothing is booked twice, whatever incidents there are:
    the id of a refund is made of the charge alone.
    """
    _settle()
    charges = (
        Charge.objects.filter(
            execution__due__gte=bank_days().of(since),
            execution__due__lte=until,
            refund__isnull=True,
        )
        .select_related("execution__order", "price")
        .order_by("at", "id")[:CHARGES_MAX]
    )
    for charge in charges:
        found = recompute(charge.execution)
        if found.covered and not was_held(charge.execution, found):
            _refund(charge, found, incident, by)
    return [_as_wire(one) for one in Refund.objects.filter(incident=incident).order_by("at", "id")]


def _settle() -> None:
    """First everything that the outage left to be done is done, so that no charge arises after the refunds."""
    for _ in range(ROUNDS_MAX):
        ran = run_orders()
        if ran.done + ran.refused == 0:
            break
    for job in (tell_refusals, charge_late_orders):
        for _ in range(ROUNDS_MAX):
            if not job():
                break


def recompute(execution: Execution) -> Cover:
    """What the order's account would have had for it; see the module's docstring for the rule."""
    order = execution.order
    state = reader().accounts([order.debit])[order.debit]
    return cover_as_if(state.balance_minor - state.floor_minor, _since(execution), order.amount_minor, execution.due)


def was_held(execution: Execution, found: Cover) -> bool:
    """Whether the account had the money all the time and could not spend it because it was held for something else:
    nothing came late, so that has nothing to do with the incident."""
    own = execution.source == "own" and execution.reason == Reason.NOT_ENOUGH_MONEY.value
    return own and found.came_late_minor == 0


def _since(execution: Execution) -> list[Entry]:
    """The entries of the order's account after it was refused, the newest first."""
    out: list[Entry] = []
    before = None
    for _ in range(PAGES_MAX):
        lines = reader().lines(execution.order.debit, LINES, before)
        for line in lines:
            if not (line.block > execution.block if execution.block else line.at > execution.at):
                return out
            out.append(Entry(line.amount_minor, line.value_date, line.kind))
        if len(lines) < LINES:
            break
        before = lines[-1].seq
    return out


def _refund(charge: Charge, found: Cover, incident: str, by: str) -> None:
    order, due = charge.execution.order, charge.execution.due
    period = f"{order.id}:{due.isoformat()}"
    give_back(
        GivenBack(
            id=ids.charge_id("refund", charge.account, period),
            account=charge.account,
            cohort=charge.cohort,
            currency=charge.currency,
            charged_minor=charge.amount_minor,
            would_minor=found.charge_minor(charge.amount_minor),
            period=period,
            payee=order.payer,
            due=due,
            happened=_happened_words(charge),
            would={
                "came_late_minor": found.came_late_minor,
                "available_minor": found.available_minor,
                "needed_minor": found.needed_minor,
            },
            charge=charge,
        ),
        incident,
        by,
    )


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What is given back once, under this id: the difference between what was charged and what would have been, in
    minor units. period: what it was charged for, as the books keep it; due: its day; happened: in English, for the
    control room; would: the calculation's figures; charge or instalment: what was charged; customer: who is told, 0:
    the account's first owner."""

    id: uuid.UUID
    account: int
    cohort: int
    currency: str
    charged_minor: int
    would_minor: int
    period: str
    payee: str
    due: date
    happened: str
    would: dict[str, Any]
    charge: Charge | None = None
    instalment: uuid.UUID | None = None
    customer: int = 0


def give_back(one: GivenBack, incident: str, by: str) -> bool:
    """Book it and keep it with its calculation; whether the books hold it. Safe to repeat: what was booked and not
    noted, and would come to another amount by what came in since, is noted as it was booked. For an account
    that takes no money any more it waits at the suspense account."""
    text = f"Late charge given back, due {one.due.isoformat()}"
    post = Post(
        id=one.id,
        debit=bank_facts.own("compensation"),
        credit=one.account,
        amount_minor=one.charged_minor - one.would_minor,
        currency=one.currency,
        kind="refund",
        value_date=bank_today(),
        cohort=one.cohort,
        epoch=rows.row(one.cohort).epoch,
        cause=f"refund:{incident}:{one.period}",
        note=new_note(str(bank_facts.bank().get("name", "The bank")), one.payee, text),
    )
    refunded_minor = _book(post)
    if refunded_minor is None:
        return False
    one = _as_held(one, refunded_minor)
    owner = Owner.objects.filter(account=one.account).order_by("customer_id").values_list("customer_id", flat=True)
    kept = Refund(
        id=one.id,
        incident=incident,
        charge=one.charge,
        instalment=one.instalment,
        customer=one.customer or owner.first() or 0,
        account=one.account,
        charged_minor=one.charged_minor,
        would_have_been_minor=one.would_minor,
        refunded_minor=one.charged_minor - one.would_minor,
        currency=one.currency,
        by=by[:80],
        at=timezone.now(),
        happened=one.happened,
        would_have_been=json.dumps(one.would),
    )
    Refund.objects.bulk_create([kept], ignore_conflicts=True)
    return True


def aside(post: Post) -> Post:
    """The same to the suspense account, for an account that takes no money any more."""
    ident, suspense = uuid.uuid5(post.id, "suspense"), bank_facts.own("suspense")
    return replace(post, id=ident, credit=suspense, cohort=0, epoch=rows.row(0).epoch)


def _book(post: Post) -> int | None:
    """How much the books hold of it, None for nothing yet: on its account or, where that takes nothing, at the suspense
    account, under an id made of its own."""
    for tried in (post, aside(post)):
        result = books().post_many([tried])[0].result
        if result in (Result.POSTED, Result.ALREADY_POSTED):
            return tried.amount_minor
        held = reader().booked([tried.id]).get(tried.id) if result is Result.CONFLICT else None
        if held is not None:
            return held.amount_minor
        if result is Result.STALE:
            return None
    return None


def _as_held(one: GivenBack, refunded_minor: int) -> GivenBack:
    """As it was booked; the figures of another amount do not explain it, and go."""
    would_minor = one.charged_minor - refunded_minor
    same = would_minor == one.would_minor
    return one if same else replace(one, would_minor=would_minor, would={"due": one.due.isoformat()})


def _happened_words(charge: Charge) -> str:
    """In English, for the control room; the customer's page says it in their language (payments/money.py)."""
    order = charge.execution.order
    amount = format_amount(charge.amount_minor, charge.currency)
    return (
        f"{charge.price.words} for {order.text or order.kind.capitalize()} to {order.payee}, due "
        f"{charge.execution.due.isoformat()}: {amount} {charge.currency}"
    )


def _would_words(one: Refund) -> str:
    late_minor = one.came_late_minor()
    if late_minor is None:
        return str(one.would_have_been)
    if one.instalment is not None:
        return f"Without the incident it would have been {format_amount(one.would_have_been_minor, one.currency)}"
    late = format_amount(late_minor, one.currency)
    return f"With {late} {one.currency} that came in for that day counted in time, it would have been paid then: 0"


def _as_wire(one: Refund) -> dict[str, Any]:
    return {
        "customer": one.customer,
        "account": one.account,
        "charged_minor": one.charged_minor,
        "would_have_been_minor": one.would_have_been_minor,
        "refunded_minor": one.refunded_minor,
        "currency": one.currency,
        "why": f"{one.happened}. {_would_words(one)}.",
        "payment": one.id.hex,
    }
