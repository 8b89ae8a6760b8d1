"""What this bank knows of a customer's activity, by one query on its intents, and the judgement by the rules.

The spare bank judges by the same rules (standin/deciding.py), from what the feed brought it.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q, Sum
from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.customers.models import Owner
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.outcomes import Request
from holdfast.contracts.answers import Reason
from holdfast.guard import NO_HABIT, Facts, Habit, Limits, Watched

HABIT_SPAN = timedelta(days=90)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

rules = Watched(time.thread_time)
"""The rules of this process, with what they failed at."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a customer's own payments add up to, without the one that is judged: amounts in minor units; to_payee:
    how many went to the account in question."""

    today_minor: int
    minute: int
    hour: int
    to_payee: int
    habit: Habit


def activity(request: Request, now: datetime) -> Activity:
    """One query, over the index of the customer's intents of 90 days; refused ones do not count."""
    zone = ZoneInfo(installation().time_zone)
    midnight = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone)
    found = (
        Intent.objects.filter(customer=request.customer, created__gte=now - HABIT_SPAN)
        .exclude(Q(outcome="refused") | Q(id=request.id))
        .aggregate(
            today=Sum("amount_minor", filter=Q(created__gte=midnight)),
            minute=Count("id", filter=Q(created__gte=now - MINUTE)),
            hour=Count("id", filter=Q(created__gte=now - HOUR)),
            to_payee=Count("id", filter=Q(credit=request.credit)),
            largest=Max("amount_minor"),
            payments=Count("id"),
        )
    )
    habit = Habit(int(found["largest"] or 0), int(found["payments"]))
    return Activity(int(found["today"] or 0), int(found["minute"]), int(found["hour"]), int(found["to_payee"]), habit)


def judge_request(request: Request) -> Reason:
    """Reason.OK, or why not; rules that fail or dawdle mean a tenth of the limit, never a failed payment."""
    paid, limits = activity(request, timezone.now()), bank_facts.limits().normal
    compared = _is_large(request, limits) and not _is_own(request)
    facts = Facts(
        request.amount_minor,
        paid.today_minor,
        paid.minute,
        request.credit in bank_facts.blocked(),
        request.debit == request.credit,
        paid.hour,
        compared and paid.to_payee == 0,
        paid.habit if compared else NO_HABIT,
    )
    reason = rules.judge(facts, limits, Reason.AMOUNT_LIMIT)
    if reason is Reason.OK and request.currency != request.credit_currency:
        return Reason.OTHER_CURRENCY
    return reason


def _is_large(request: Request, limits: Limits) -> bool:
    """Whether payee and habit can matter at all; most payments are far below, and cost no further question."""
    return request.amount_minor > min(limits.new_payee_minor, limits.habit_floor_minor)


def _is_own(request: Request) -> bool:
    return Owner.objects.filter(customer=request.customer, account=request.credit).exists()
