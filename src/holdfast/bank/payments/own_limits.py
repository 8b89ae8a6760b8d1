"""The limits that a customer chose: lowered at once, raised after a day; the rule is guard.own."""

import time

from django.db import transaction
from django.utils import timezone

from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors import history
from holdfast.bank.payments.models import OwnLimit
from holdfast.guard import NO_OWN_LIMITS, OwnLimits, Pair, own_limits_from_body
from holdfast.guard.own import change, raises, without_coming


def now_us() -> int:
    """Microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def own_limits_of(customer: int) -> OwnLimits:
    """What the customer chose."""
    return own_limits_from_body(OwnLimit.objects.filter(customer=customer).values_list("body", flat=True).first())


def choose_limits(customer: int, asked: Pair, *, proved: bool) -> OwnLimits | None:
    """Hold these limits, a raise after its delay; None with nothing changed when they raise one and the customer did
    not prove anew who they are (proved)."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(id=customer)
        known, now = own_limits_of(customer), now_us()
        higher = raises(known, asked, now)
        if higher and not proved:
            return None
        return _store(customer, change(known, asked, now), "raised" if higher else "lowered")


def keep_limits(customer: int) -> OwnLimits:
    """Take back a raise that does not hold yet."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(id=customer)
        known, now = own_limits_of(customer), now_us()
        return _store(customer, without_coming(known, now), "kept") if known.waits(now) else known


NOTES = {"raised": "event.limits_raised", "lowered": "event.limits_lowered", "kept": "event.limits_kept"}
"""What the customer reads of it on the security page and in a mail."""


def _store(customer: int, limits: OwnLimits, what: str) -> OwnLimits:
    body = limits.to_body()
    OwnLimit.objects.update_or_create(customer=customer, defaults={"body": body, "changed": timezone.now()})
    tell("own_limits", [(str(customer), None if limits == NO_OWN_LIMITS else body)])
    history.note(customer, NOTES[what])
    return limits
