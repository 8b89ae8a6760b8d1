"""What this bank knows of a customer's activity, by one query on its intents, and the judgement by the rules.

The spare bank judges by the same rules (standin/deciding.py), from what the feed brought it.
"""

import json
import time
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, Sum
from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.currencies.valuing import Worth, own_value_minor, valuer
from holdfast.bank.customers.known import known_accounts
from holdfast.bank.database.prepared import ask, read_query
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.outcomes import Request
from holdfast.contracts.answers import Reason
from holdfast.contracts.test_customers import may_pay
from holdfast.guard import (
    NO_HABIT,
    Facts,
    Habit,
    OwnLimits,
    Risk,
    Watched,
    own_limits_from_body,
    prove_floors,
)
from holdfast.telemetry.metrics import NOT_JUDGED

HABIT_SPAN = timedelta(days=90)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
_ACTIVITY = read_query(__file__, "activity")

Counted = tuple[int, int]
"""What was paid today and the largest amount, in minor units of the bank's own currency."""
rules = Watched(time.thread_time, count=NOT_JUDGED.inc)
"""The rules of this process, with what they failed at."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a customer's own payments add up to, without the one that is judged: amounts in minor units of the bank's
    own currency, payments in others by their value; to_payee: how many went to the account in question; own: the limits
    that the customer chose; undo_s: for how many seconds they want a payment held back, so that they may undo it; held:
    the state of this very payment while it is held back, or undone and not in the books yet."""

    today_minor: int
    minute: int
    hour: int
    to_payee: int
    habit: Habit
    own: OwnLimits
    undo_s: int = 0
    held: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """Reason.OK, or why not; whether the customer must prove anew who they are before it is made; for how many seconds
    they want it held back, and the state of what is held back already."""

    reason: Reason
    risk: Risk = Risk.NONE
    undo_s: int = 0
    held: str = ""


def activity(request: Request, now: datetime) -> Activity:
    """One query; see activity.sql. Some more for who paid in other currencies lately."""
    zone = ZoneInfo(installation().time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    asked: dict[str, int | str | datetime | uuid.UUID] = {
        "customer": request.customer,
        "credit": request.credit,
        "id": request.id,
        "midnight": midnight,
        "minute": now - MINUTE,
        "hour": now - HOUR,
        "since": now - HABIT_SPAN,
        "own": installation().currency,
    }
    [(today, minute, hour, to_payee, largest, payments, own, undo_s, held, others)] = ask(_ACTIVITY, asked)
    if others:
        today, largest = _with_others(request, midnight, now, (int(today), int(largest)))
    habit = Habit(int(largest), int(payments))
    chosen = own_limits_from_body(json.loads(own) if own else None)
    return Activity(int(today), int(minute), int(hour), int(to_payee), habit, chosen, undo_s or 0, held or "")


def _with_others(request: Request, midnight: datetime, now: datetime, own: Counted) -> Counted:
    """What was paid today and the largest amount, together with payments in other currencies by their value."""
    (today_minor, largest_minor), worth = own, valuer()
    found = Intent.objects.filter(customer=request.customer, created__gte=now - HABIT_SPAN)
    others = found.exclude(currency=installation().currency).exclude(outcome="refused").exclude(id=request.id)
    today = Sum("amount_minor", filter=Q(created__gte=midnight), default=0)
    for currency, paid, largest in others.values_list("currency").annotate(paid=today, most=Max("amount_minor")):
        today_minor += worth(paid, currency)
        largest_minor = max(largest_minor, worth(largest, currency))
    return today_minor, largest_minor


def judge_request(request: Request) -> Judged:
    """Judge by the rules; rules that fail or dawdle mean a tenth of the limit, never a failed payment.

    Most payments are far below the amounts from which payee and habit matter; for them neither is compared.
    """
    if frozen_now.account(request.debit):
        return Judged(Reason.CUSTOMER_FROZEN)
    paid = activity(request, timezone.now())
    return replace(judge_with(request, paid), held=paid.held)


def judge_with(request: Request, paid: Activity, worth: Worth = own_value_minor) -> Judged:
    """As judge_request, from what the customer's payments add up to. worth: a valuer, where many are judged."""
    if not may_pay(request.customer, request.credit):
        return Judged(Reason.ACCOUNT_UNKNOWN)
    limits, value_minor = bank_facts.limits().normal, worth(request.amount_minor, request.currency)
    compared = value_minor > min(prove_floors(limits)) and not _is_own(request)
    facts = Facts(
        value_minor,
        paid.today_minor,
        paid.minute,
        request.credit in bank_facts.blocked(),
        request.debit == request.credit,
        paid.hour,
        compared and paid.to_payee == 0,
        paid.habit if compared else NO_HABIT,
        paid.own.at(time.time_ns() // 1000),
    )
    reason = rules.judge(facts, limits, Reason.AMOUNT_LIMIT)
    if reason is Reason.OK and request.currency != request.credit_currency:
        return Judged(Reason.OTHER_CURRENCY)
    return Judged(reason, rules.risk(facts, limits) if compared else Risk.NONE, paid.undo_s)


def _is_own(request: Request) -> bool:
    return any(one.id == request.credit for one in known_accounts.get(request.customer) or ())
