"""What happened to a customer's money: each payment, order, salary, charge and refund, with how it ended."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.cards.models import merchants_of
from holdfast.bank.cases.asked import KIND as CASE_KIND
from holdfast.bank.cases.telling import case_words
from holdfast.bank.charges.models import LoanPayment, Repayment
from holdfast.bank.customers.overview import OwnAccount
from holdfast.bank.exchange.models import Replayed
from holdfast.bank.orders.confirming import confirmable
from holdfast.bank.orders.models import Charge, Execution, Order, OrderRun, Refund
from holdfast.bank.payments.fate import CHECKING, Fate, fates
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress.models import Given
from holdfast.bank.web.given import given_title, given_words
from holdfast.bank.web.lines import line_text, line_title
from holdfast.contracts.cards import KIND, REVERSAL_KIND
from holdfast.ledger.api import Line
from holdfast.look import Writing

DAYS = 7
INTENTS_MAX = 100
LINES_MAX = 60
CHARGES_MAX = 50
LATE_MAX = 20
LEADS = {
    "order": "money.order",
    "rent": "money.order",
    KIND: "money.card",
    REVERSAL_KIND: "money.card",
    CASE_KIND: "money.case",
}
"""What begins the words of a line, by its kind."""
ORDER_KINDS = {
    "rent": "money.kind_rent",
    "bill": "money.kind_bill",
    "tax": "money.kind_tax",
    "wages": "money.kind_wages",
    "loan": "money.kind_loan",
    "card_bill": "money.kind_card_bill",
}
PRICES = {"late_order": "price.late_order"}
"""What the lines of the price list are called, by their rule."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. state: done, checking, refused, waiting; amount_minor signed for the customer;
    confirmed: the bank confirms to the payee that an outage kept it back."""

    at: datetime
    title: str
    amount_minor: int
    currency: str
    words: str
    state: str
    payment: uuid.UUID | None = None
    receipt: bool = False
    confirmed: bool = False


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


def money_of(accounts: list[OwnAccount], customer: int, spoken: Writing) -> Money:
    """Gather it in the customer's language; a fixed number of queries, plus one for each account."""
    own = {account.id: account for account in accounts}
    since = timezone.now() - timedelta(days=DAYS)
    lines = {account.id: reader().lines(account.id, LINES_MAX) for account in accounts}
    intents = list(Intent.objects.filter(customer=customer, created__gte=since).order_by("-created")[:INTENTS_MAX])
    out = Money(charges=[*_charges(list(own), spoken), *_late_loans(customer, spoken), *_given(customer, spoken)])
    out.orders, order_payments = _orders(own, spoken)
    out.items = _booked(lines, own, {intent.id for intent in intents}, since, spoken)
    out.items += _open(intents, lines, own, order_payments, spoken)
    out.items.sort(key=lambda item: item.at, reverse=True)
    return out


def _booked(
    lines: dict[int, list[Line]],
    own: dict[int, OwnAccount],
    mine: set[uuid.UUID],
    since: datetime,
    spoken: Writing,
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
    cases = case_words([line.id for _, line in recent], spoken)
    out = []
    for account, line in recent:
        accepted = by_standin.get(line.id)
        words = _booked_words(line, accepted, spoken)
        if line.amount_minor < 0 and line.id in cases:  # said to the one who paid, never to who was paid
            words = spoken.say("money.with_case", words=words, case=cases[line.id])
        out.append(
            Item(
                accepted or line.at,
                line_title(spoken, line),
                line.amount_minor,
                own[account].currency,
                words,
                "done",
                line.id,
                line.id in mine,
            )
        )
    return out


def _booked_words(line: Line, accepted: datetime | None, spoken: Writing) -> str:
    """How a line came into the books. accepted: when the spare bank took it, None when this bank did."""
    title, text = line_title(spoken, line), line_text(spoken, line)
    if accepted is not None:
        words = spoken.say("money.by_spare", accepted=spoken.clock(accepted), entered=spoken.clock(line.at))
    else:
        words = spoken.say("money.booked", at=spoken.clock(line.at))
    if text and text != title:
        words = spoken.say("money.with_text", text=text, words=words)
    lead = LEADS.get(line.kind)
    return spoken.say(lead, words=words) if lead else words


def _open(
    intents: list[Intent],
    lines: dict[int, list[Line]],
    own: dict[int, OwnAccount],
    order_payments: set[uuid.UUID],
    spoken: Writing,
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
        sent = spoken.clock(intent.created)
        words = spoken.say("money.checking", at=sent)
        if fate.state == "refused":
            words = spoken.say("money.refused", reason=spoken.reason(fate.reason), at=sent)
        out.append(
            Item(intent.created, intent.payee, -intent.amount_minor, intent.currency, words, fate.state, ident, True)
        )
    for one in refused:
        fate = ended.get(one.id, CHECKING)
        if one.id in waiting or fate.state != "refused":
            continue
        words = spoken.say("money.settled", reason=spoken.reason(fate.reason), at=spoken.clock(one.at))
        title = merchants.get(one.id) or spoken.say("money.payment")
        out.append(Item(one.at, title, -one.amount_minor, one.currency, words, "refused", one.id))
    return out


def _orders(own: dict[int, OwnAccount], spoken: Writing) -> tuple[list[Item], set[uuid.UUID]]:
    """Standing orders due today, or not yet settled, with what became of each."""
    today = bank_today()
    due = Order.objects.filter(debit__in=own, due__gte=today - timedelta(days=DAYS), due__lte=today)
    orders = list(due.filter(cancelled=None))
    runs = {run.date: run.at for run in OrderRun.objects.filter(date__in={order.due for order in orders})}
    executions = {one.order_id: one for one in Execution.objects.filter(order__in=orders).select_related("order")}
    confirmed = confirmable(executions.values())
    ended = fates([one.payment for one in executions.values()])
    out = []
    for order in orders:
        execution = executions.get(order.id)
        run = runs.get(order.due)
        ended_at = execution.at if execution is not None else None
        fate = ended.get(execution.payment, CHECKING) if execution is not None else None
        late = execution is not None and execution.state == "late"
        state = "waiting" if fate is None else "done" if late else fate.state
        out.append(
            Item(
                ended_at or run or timezone.now(),
                spoken.say("money.order_to", what=_order_what(order, spoken), payee=order.payee),
                -order.amount_minor,
                order.currency,
                _order_words(order, run, fate, ended_at, late, spoken),
                state,
                execution.payment if execution else None,
                confirmed=execution is not None and execution.payment in confirmed,
            )
        )
    return out, {one.payment for one in executions.values()}


def _order_what(order: Order, spoken: Writing) -> str:
    """What an order is for: its text as written, else its kind."""
    return order.text or spoken.say(ORDER_KINDS.get(order.kind, "money.kind_other"))


def _order_words(  # noqa: PLR0917  # all that is known of one order
    order: Order, run: datetime | None, fate: Fate | None, ended_at: datetime | None, late: bool, spoken: Writing
) -> str:
    """Where an order stands. run: from when on it may be paid; ended_at: when it was paid or refused."""
    due = spoken.day(order.due)
    if fate is None or ended_at is None:
        if run is None:
            return spoken.say("money.order_due", day=due)
        return spoken.say("money.order_from", day=due, at=spoken.clock(run))
    if late:
        return spoken.say("money.order_late", day=due)
    if fate.state == "done":
        return spoken.say("money.order_done", day=due, at=spoken.clock(ended_at))
    if fate.state == "checking":
        return spoken.say("money.order_checking", day=due)
    reason = spoken.reason(fate.reason)
    return spoken.say("money.order_refused", day=due, reason=reason, at=spoken.clock(ended_at))


def _charges(accounts: list[int], spoken: Writing) -> list[Calculation]:
    refunds = {one.charge_id: one for one in Refund.objects.filter(account__in=accounts)}
    out = []
    found = Charge.objects.filter(account__in=accounts).select_related("execution__order", "price")
    for charge in found.order_by("-at")[:CHARGES_MAX]:
        refund = refunds.get(charge.id)
        out.append(
            Calculation(
                _charge_words(charge, spoken),
                _would_words(charge, refund, spoken) if refund else "",
                refund.refunded_minor if refund else 0,
                charge.currency,
                refund is not None,
                charge.at,
            )
        )
    return out


def _late_loans(customer: int, spoken: Writing) -> list[Calculation]:
    """What being late with their loans cost, and what came back of it."""
    found: list[LoanPayment | Repayment] = []
    for model in (LoanPayment, Repayment):
        late = model.objects.filter(loan__customer=customer, late_since__isnull=False).exclude(state="refused")
        found += late.select_related("loan").order_by("-day")[:LATE_MAX]
    refunds = {one.instalment: one for one in Refund.objects.filter(instalment__in=[one.id for one in found])}
    zone = timezone.get_current_timezone()
    out = []
    for one in found:
        minor, currency, refund = one.late_interest_minor + one.late_fee_minor, one.loan.currency, refunds.get(one.id)
        if not minor:
            continue
        said = {"title": one.loan.title, "day": spoken.day(one.day), "amount": spoken.amount(minor, currency)}
        would = ""
        if refund is not None:
            would = spoken.say("money.would_late", amount=spoken.amount(refund.would_have_been_minor, currency))
        back_minor = refund.refunded_minor if refund else 0
        at = datetime.combine(one.day, time(), zone)
        words = spoken.say("money.happened_late", **said)
        out.append(Calculation(words, would, back_minor, currency, refund is not None, at))
    return out


def _given(customer: int, spoken: Writing) -> list[Calculation]:
    """What reviews gave for interest and fees, and compensation by rule; late charges stand above."""
    found = Given.objects.filter(customer=customer, of=None, ended__in=("booked", "aside")).select_related("review")
    out = []
    for one in found.order_by("-id")[:CHARGES_MAX]:
        words, parts = given_words(one, spoken)
        happened = spoken.say("given.happened", what=given_title(one, spoken), day=spoken.day(one.review.first_day))
        would = " ".join([words, *(f"{what}: {amount}." for what, amount in parts)])
        at = one.review.ended_at or one.review.asked_at
        out.append(Calculation(happened, would, one.amount_minor, one.currency, True, at))
    return out


def _charge_words(charge: Charge, spoken: Writing) -> str:
    """A charge with its line of the price list and the order that it came of."""
    order, price = charge.execution.order, charge.price
    return spoken.say(
        "money.happened",
        charge=spoken.say(PRICES[price.rule]) if price.rule in PRICES else price.words,
        rule=price.rule,
        version=price.version,
        what=_order_what(order, spoken),
        payee=order.payee,
        day=spoken.day(charge.execution.due),
        amount=spoken.amount(charge.amount_minor, charge.currency),
    )


def _would_words(charge: Charge, refund: Refund, spoken: Writing) -> str:
    """What it would have been; refunds of before there were two languages keep the words they were told with."""
    late_minor = refund.came_late_minor()
    if late_minor is None:
        return str(refund.would_have_been)
    return spoken.say(
        "money.would",
        late=spoken.amount(late_minor, refund.currency),
        day=spoken.day(charge.execution.due),
        amount=spoken.amount(refund.would_have_been_minor, refund.currency),
    )
