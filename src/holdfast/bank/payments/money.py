"""What happened to a customer's money: each payment, order, salary, charge and refund, with how it ended."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.cards.models import merchants_of
from holdfast.bank.cases.deciding import KIND as CASE_KIND
from holdfast.bank.cases.telling import case_words
from holdfast.bank.customers.overview import OwnAccount, line_title
from holdfast.bank.exchange.models import Replayed
from holdfast.bank.orders.models import Charge, Execution, Order, OrderRun, Refund
from holdfast.bank.payments.fate import CHECKING, fates
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.web.words import clock, day
from holdfast.contracts.cards import KIND, REVERSAL_KIND
from holdfast.contracts.money import format_amount
from holdfast.ledger.api import Line

DAYS = 7
INTENTS_MAX = 100
LINES_MAX = 60
CHARGES_MAX = 50


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. state: done, checking, refused, waiting; amount_minor signed for the customer."""

    at: datetime
    title: str
    amount_minor: int
    currency: str
    words: str
    state: str
    payment: uuid.UUID | None = None
    receipt: bool = False


@dataclass(frozen=True, slots=True)
class Calculation:
    """A charge, and what came back of it."""

    happened: str
    would_have_been: str
    back_minor: int
    currency: str
    refunded: bool
    at: datetime


@dataclass
class Money:
    """Everything for the page, the newest first."""

    items: list[Item] = field(default_factory=list)
    orders: list[Item] = field(default_factory=list)
    charges: list[Calculation] = field(default_factory=list)


def money_of(accounts: list[OwnAccount], customer: int) -> Money:
    """Gather it; a fixed number of queries, plus one for each account."""
    own = {account.id: account for account in accounts}
    since = timezone.now() - timedelta(days=DAYS)
    lines = {account.id: reader().lines(account.id, LINES_MAX) for account in accounts}
    intents = list(Intent.objects.filter(customer=customer, created__gte=since).order_by("-created")[:INTENTS_MAX])
    out = Money(charges=_charges(list(own)))
    out.orders, order_payments = _orders(own)
    out.items = _booked(lines, own, {intent.id for intent in intents}, since)
    out.items += _open(intents, lines, own, order_payments)
    out.items.sort(key=lambda item: item.at, reverse=True)
    return out


def _booked(
    lines: dict[int, list[Line]], own: dict[int, OwnAccount], mine: set[uuid.UUID], since: datetime
) -> list[Item]:
    recent_day = bank_today() - timedelta(days=DAYS)
    recent = [
        (account, line)
        for account, found in lines.items()
        for line in found
        if line.kind != "opening" and (line.value_date >= recent_day or (line.source == "journal" and line.at >= since))
    ]
    by_standin = {
        one.payment: one.accepted_at
        for one in Replayed.objects.filter(payment__in=[line.id for _, line in recent if line.source == "journal"])
    }
    cases = case_words([line.id for _, line in recent])
    out = []
    for account, line in recent:
        accepted = by_standin.get(line.id)
        words = f"{line.text} · " if line.text and line.text != line_title(line) else ""
        if accepted is not None:
            words += f"accepted by our spare bank at {clock(accepted)}, entered in the books at {clock(line.at)}"
        else:
            words += f"booked at {clock(line.at)}"
        if line.kind in ("order", "rent"):
            words = "Standing order · " + words
        elif line.kind in (KIND, REVERSAL_KIND):
            words = "Card payment · " + words
        elif line.kind == CASE_KIND:
            words = "Settled by the bank · " + words
        if line.amount_minor < 0 and line.id in cases:  # said to the one who paid, never to who was paid
            words += f". {cases[line.id]}"
        out.append(
            Item(
                accepted or line.at,
                line_title(line),
                line.amount_minor,
                own[account].currency,
                words,
                "done",
                line.id,
                line.id in mine,
            )
        )
    return out


def _open(
    intents: list[Intent], lines: dict[int, list[Line]], own: dict[int, OwnAccount], order_payments: set[uuid.UUID]
) -> list[Item]:
    """Intents and refusals that no line shows: refused, or still being checked."""
    shown = {line.id for found in lines.values() for line in found} | order_payments
    refused = [one for one in reader().refusals(list(own), limit=INTENTS_MAX) if one.id not in shown]
    waiting = {intent.id: intent for intent in intents if intent.id not in shown}
    ended = fates({*waiting, *(one.id for one in refused)})
    merchants = merchants_of([one.id for one in refused if one.kind == KIND])
    out = []
    for ident, intent in waiting.items():
        fate = ended.get(ident, CHECKING)
        if fate.state == "done":
            continue
        sent = f"sent at {clock(intent.created)}"
        words = (
            f"{fate.words} S{sent[1:]}."
            if fate.state == "refused"
            else (f"{sent} · we are finding out how it ended; it will not be taken twice")
        )
        out.append(
            Item(intent.created, intent.payee, -intent.amount_minor, intent.currency, words, fate.state, ident, True)
        )
    for one in refused:
        fate = ended.get(one.id, CHECKING)
        if one.id in waiting or fate.state != "refused":
            continue
        words = f"{fate.words} Settled at {clock(one.at)}."
        title = merchants.get(one.id, "Payment")
        out.append(Item(one.at, title, -one.amount_minor, one.currency, words, "refused", one.id))
    return out


def _orders(own: dict[int, OwnAccount]) -> tuple[list[Item], set[uuid.UUID]]:
    """Standing orders due today, or not yet settled, with what became of each."""
    today = bank_today()
    orders = list(Order.objects.filter(debit__in=own, due__gte=today - timedelta(days=DAYS), due__lte=today))
    runs = {run.date: run.at for run in OrderRun.objects.filter(date__in={order.due for order in orders})}
    executions = {one.order_id: one for one in Execution.objects.filter(order__in=orders)}
    ended = fates([one.payment for one in executions.values()])
    out = []
    for order in orders:
        execution = executions.get(order.id)
        run = runs.get(order.due)
        at, state = run or timezone.now(), "waiting"
        words = f"due {day(order.due)}" + (f", from {clock(run)}" if run else "")
        if execution is not None:
            fate = ended.get(execution.payment, CHECKING)
            at, state = execution.at, fate.state
            words = {
                "done": f"due {day(order.due)}, paid at {clock(execution.at)}",
                "checking": f"due {day(order.due)}; we are finding out how it ended",
            }.get(fate.state, f"due {day(order.due)}: {fate.words} Settled at {clock(execution.at)}.")
            if execution.state == "late":
                state, words = "done", f"due {day(order.due)}, not covered then; paid at the second attempt"
        out.append(
            Item(
                at,
                f"{order.text or order.kind.capitalize()} to {order.payee}",
                -order.amount_minor,
                order.currency,
                f"Standing order {words}",
                state,
                execution.payment if execution else None,
            )
        )
    return out, {one.payment for one in executions.values()}


def _charges(accounts: list[int]) -> list[Calculation]:
    refunds = {one.charge_id: one for one in Refund.objects.filter(account__in=accounts)}
    out = []
    found = Charge.objects.filter(account__in=accounts).select_related("execution__order", "price")
    for charge in found.order_by("-at")[:CHARGES_MAX]:
        order, refund = charge.execution.order, refunds.get(charge.id)
        amount = format_amount(charge.amount_minor, charge.currency)
        happened = (
            f"{charge.price.words} ({charge.price.rule} {charge.price.version}) for {order.text or order.kind} "
            f"to {order.payee}, due {day(charge.execution.due)}: {amount} {charge.currency}"
        )
        out.append(
            Calculation(
                refund.happened if refund else happened,
                refund.would_have_been if refund else "",
                refund.refunded_minor if refund else 0,
                charge.currency,
                refund is not None,
                charge.at,
            )
        )
    return out
