"""When standing orders run: each bank day at six in the morning, told a week ahead.

The spare bank runs what falls due from the instants it was told, so it must know the coming days before an outage
begins. A day that was told otherwise (a rehearsal, a holiday) stays as it was told.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from holdfast.bank.books import installation
from holdfast.bank.exchange.facts import bank_facts, tell
from holdfast.bank.orders.models import OrderRun
from holdfast.bank.payments.pay import bank_today, calendar_today

RUN_AT = time(6, 0)
DAYS_AHEAD = 7


def plan_runs() -> int:
    """Plan the coming days that have no run yet, from tomorrow on; how many were planned."""
    if not bank_facts.bank():
        return 0
    zone, planned = ZoneInfo(installation().time_zone), 0
    known = set(OrderRun.objects.filter(date__gt=bank_today()).values_list("date", flat=True))
    for days in range(1, DAYS_AHEAD + 1):
        day = bank_today() + timedelta(days=days)
        if day in known:
            continue
        at = datetime.combine(calendar_today() + timedelta(days=days), RUN_AT, zone).astimezone(UTC)
        with transaction.atomic():
            _, made = OrderRun.objects.get_or_create(date=day, defaults={"at": at})
            if made:
                tell("order_run", [(day.isoformat(), {"at": at.isoformat()})])
        planned += made
    return planned
