"""A new e-mail address: proved by a code that is mailed there, told to the old one, and to the spare bank.

Between the two steps nothing is stored: what was asked travels sealed in the form, for this customer, the address that
they had when they asked, and fifteen minutes.
"""

import hmac
import json
import secrets
import time
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import installation
from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.factors import history
from holdfast.bank.factors.guesses import forget_tries, take_try
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.mail.models import Mail
from holdfast.bank.mail.writing import Recipient, write
from holdfast.signing.sealing import NotSealed, Sealer

CODE_DIGITS = 6
HOLDS_S = 15 * 60
NOTICE = "confirm-new-address"
ASKED_MAX, SPAN = 5, timedelta(hours=1)
"""Codes mailed for one customer in a time."""
GUESSES = "new address"
"""Wrong codes here are counted apart from those of logins."""
sealer = Sealer(lambda: installation().keys / "primary" / "bank-forms.keys", b"holdfast new address 1")


class Ended(StrEnum):
    """How a code was taken; the values stand in pages as `data-problem`."""

    CHANGED = "changed"
    WRONG = "wrong-code"
    OVER = "over"


def ask(customer: Customer, email: str) -> str | None:
    """Mail a code to the new address; what the form carries, None when that was asked too often lately."""
    since = timezone.now() - SPAN
    if Mail.objects.filter(customer=customer.id, notice=NOTICE, created__gt=since).count() >= ASKED_MAX:
        return None
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    write(Recipient(email, customer.language, customer.name, customer.id), NOTICE, code=code)
    before = Customer.objects.get(id=customer.id).email
    asked = {"email": email, "before": before, "code": code, "at": time.time()}
    return sealer.seal(json.dumps(asked), str(customer.id))


def address_of(token: str, customer: int) -> str:
    """The address that a form is about; "" when its time is over, or it is none of this customer's."""
    asked = _read(token, customer)
    return str(asked["email"]) if asked else ""


def prove(token: str, customer: int, code: str) -> Ended:
    """Take the code; when it fits, this is the address from now on, at both banks. The same form again
    changes nothing more, and holds no longer once the address is another."""
    asked = _read(token, customer)
    if asked is None or not take_try(customer, GUESSES):
        return Ended.OVER
    if not hmac.compare_digest(code.encode(), str(asked["code"]).encode()):
        return Ended.WRONG
    forget_tries(customer, GUESSES)
    with transaction.atomic():
        lock_customer(customer)
        held = Customer.objects.filter(id=customer, left=None).first()
        if held is None or held.email not in (asked.get("before", held.email), asked["email"]):
            return Ended.OVER
        if held.email == asked["email"]:
            return Ended.CHANGED
        history.note(customer, "event.email_changed")  # to the address that it was until now
        Customer.objects.filter(id=customer).update(email=asked["email"])
        tell_customer(customer)
    known_customers.forget()
    return Ended.CHANGED


def _read(token: str, customer: int) -> dict[str, object] | None:
    try:
        asked: dict[str, object] = json.loads(sealer.unseal(token[:4000], str(customer)))
    except (NotSealed, ValueError):
        return None
    return asked if 0 <= time.time() - float(str(asked["at"])) <= HOLDS_S else None
