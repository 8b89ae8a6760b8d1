"""How a customer is told beside mail: a number that was confirmed by a code, browsers, and quiet hours.

What the control room can send by, it says itself when it is asked; a code goes out through it, and nothing is kept
before it was typed. Between the two steps what was asked travels sealed in the form, for this customer and fifteen
minutes.
"""

import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.calls import call
from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.errors import CallFailed
from holdfast.bank.factors import history
from holdfast.bank.factors.guesses import forget_tries, take_try
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import SecurityEvent
from holdfast.contracts.ways import (
    BROWSERS_MAX,
    CODE_DIGITS,
    Browser,
    Told,
    is_browser,
    minutes,
    told_from_wire,
)
from holdfast.signing.sealing import NotSealed, Sealer

HOLDS_S = 15 * 60
ASKED_MAX, SPAN = 5, timedelta(hours=1)
"""Codes sent for one customer in a time: each costs the bank money."""
GUESSES, SENT = "new number", "event.told_code_sent"
WAYS_LIMIT_S, CODE_LIMIT_S = 1.0, 15.0
LAST_DIGITS = 3
sealer = Sealer(lambda: installation().keys / "primary" / "bank-forms.keys", b"holdfast new number 1")


class Ended(StrEnum):
    """What became of a step; the values stand in pages as `data-problem`."""

    DONE = "done"
    WRONG = "wrong-code"
    OVER = "over"
    OFTEN = "often"
    AWAY = "away"
    MANY = "many"
    UNUSABLE = "unusable"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Ways:
    """What the control room can send by now. push: the number and the public key that browsers must know."""

    sms: bool
    push_number: int
    push_key: str


def ways() -> Ways | None:
    """None while the control room does not say."""
    try:
        said = call("control", "POST", "/-/told/ways", {}, timeout_s=WAYS_LIMIT_S)
        return Ways(said["sms"] is True, int(said["push"]["number"]), str(said["push"]["key"]))
    except (CallFailed, KeyError, TypeError, ValueError):
        return None


def chosen(customer: int) -> Told:
    """What the customer chose."""
    return told_from_wire(Customer.objects.get(id=customer).told)


def ask_number(customer: Customer, phone: str) -> tuple[str, Ended]:
    """Send a code to a number; what the form carries, or why none was sent. Waits for the gateway; holds no lock."""
    since = timezone.now() - SPAN
    if SecurityEvent.objects.filter(customer=customer.id, event=SENT, at__gt=since).count() >= ASKED_MAX:
        return "", Ended.OFTEN
    history.record(customer.id, SENT, last=phone[-LAST_DIGITS:])
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    asked = {"phone": phone, "language": customer.language, "code": code}
    try:
        said = call("control", "POST", "/-/told/code", asked, timeout_s=CODE_LIMIT_S)
    except CallFailed:
        return "", Ended.AWAY
    if said.get("sent") is not True:
        return "", Ended.AWAY
    return sealer.seal(json.dumps({"phone": phone, "code": code, "at": time.time()}), str(customer.id)), Ended.DONE


def number_of(token: str, customer: int) -> str:
    """The number that a form is about; "" when its time is over, or it is none of this customer's."""
    asked = _read(token, customer)
    return str(asked["phone"]) if asked else ""


def prove_number(token: str, customer: int, code: str) -> Ended:
    """Take the code; when it fits, SMS go to this number from now on. The same form again changes nothing more."""
    asked = _read(token, customer)
    if asked is None or not take_try(customer, GUESSES):
        return Ended.OVER
    if not hmac.compare_digest(code.encode(), str(asked["code"]).encode()):
        return Ended.WRONG
    forget_tries(customer, GUESSES)
    phone = str(asked["phone"])
    _change(customer, lambda told: replace(told, sms=phone), "event.told_sms", last=phone[-LAST_DIGITS:])
    return Ended.DONE


def remove_number(customer: int) -> None:
    """No SMS any more."""
    _change(customer, lambda told: replace(told, sms=""), "event.told_sms_ended")


def add_browser(customer: int, browser: Browser) -> Ended:
    """This browser is told from now on; one that is known already is known by what it says now."""
    if not is_browser(browser, here=installation().rehearsed):
        return Ended.UNUSABLE
    others = [one for one in chosen(customer).browsers if one.mark != browser.mark]
    if len(others) >= BROWSERS_MAX:
        return Ended.MANY

    def add(told: Told) -> Told:
        kept = [one for one in told.browsers if one.mark != browser.mark]
        return replace(told, browsers=(*kept[: BROWSERS_MAX - 1], browser))

    _change(customer, add, "event.told_browser", name=browser.name)
    return Ended.DONE


def remove_browser(customer: int, mark: str) -> None:
    """One browser is told no more; what is none of theirs changes nothing."""
    gone = next((one for one in chosen(customer).browsers if one.mark == mark), None)
    if gone is not None:
        _change(
            customer,
            lambda told: replace(told, browsers=tuple(one for one in told.browsers if one.mark != mark)),
            "event.told_browser_removed",
            name=gone.name,
        )


def keep_quiet(customer: int, begins: str, ends: str) -> Ended:
    """Quiet hours from and until a time of day; both "": as the bank does; equal: none."""
    if (begins or ends) and None in {minutes(begins), minutes(ends)}:
        return Ended.TIMES
    _change(customer, lambda told: replace(told, quiet_from=begins, quiet_until=ends), "event.told_quiet", quietly=True)
    return Ended.DONE


def _change(customer: int, change: Callable[[Told], Told], event: str, *, quietly: bool = False, **places: str) -> None:
    """Keep what came of a change and tell it on, with its event; quietly: without a mail. What changes nothing is no
    event."""
    with transaction.atomic():
        lock_customer(customer)
        before = chosen(customer)
        after = change(before)
        if after == before:
            return
        Customer.objects.filter(id=customer).update(told=after.to_wire() or None)
        tell_customer(customer)
        if quietly:
            history.record(customer, event, **places)
        else:
            history.note(customer, event, **places)
    known_customers.forget()


def _read(token: str, customer: int) -> dict[str, object] | None:
    try:
        asked: dict[str, object] = json.loads(sealer.unseal(token[:4000], str(customer)))
    except (NotSealed, ValueError):
        return None
    return asked if 0 <= time.time() - float(str(asked["at"])) <= HOLDS_S else None
