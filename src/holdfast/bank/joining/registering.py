"""Become a customer in two steps: a form, then the code that was mailed to the address.

Whoever asks learns nothing about who is a customer: an address that has an account gets another mail, its asker the
same page after the same work, and a code that never fits. A name of login that is taken is told only to who proved an
address, a few times.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.passwords import new_verifier
from holdfast.bank.joining.models import Registration
from holdfast.bank.joining.opening import NameTaken, open_customer
from holdfast.bank.mail.writing import Recipient, recipient_of, write

CODE_DIGITS = 6
TRIES_MAX = 5
NAMES_MAX = 5
HOLDS = timedelta(minutes=15)
KEPT = timedelta(days=1)
SPAN = timedelta(hours=1)
NETWORK_MAX, EMAIL_MAX, ALL_MAX = 10, 3, 1000
"""Registrations in an hour: from one network, for one address, of everybody."""


class Ended(StrEnum):
    """How a code was taken; the values stand in pages as `data-problem`."""

    JOINED = "joined"
    WRONG = "wrong-code"
    OVER = "over"
    NAME_TAKEN = "name-taken"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form says, checked (web/registering.py)."""

    name: str
    email: str
    username: str
    password: str
    language: str


def begin(wanted: Wanted, network: str) -> str | None:
    """Mail a code and remember what was wanted; the registration's token, None when there were too many lately."""
    verifier = new_verifier(wanted.password)  # first, and whoever asks: it is what takes the time
    since = timezone.now() - SPAN
    late = Registration.objects.filter(created__gt=since)
    counts = (late.filter(network=network), late.filter(email=wanted.email), late)
    if any(found.count() >= most for found, most in zip(counts, (NETWORK_MAX, EMAIL_MAX, ALL_MAX), strict=True)):
        return None
    token, code = secrets.token_hex(16), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    known = Customer.objects.filter(email=wanted.email, left=None).first()
    with transaction.atomic():
        Registration.objects.create(
            token=token,
            email=wanted.email,
            name=wanted.name,
            username=wanted.username,
            verifier=verifier,
            language=wanted.language,
            network=network,
            digest="" if known else _digest(token, code),
        )
        if known is None:
            write(Recipient(wanted.email, wanted.language, ""), "confirm-address", code=code)
        else:
            write(recipient_of(known), "known-address")
    return token


def finish(token: str, typed: str, username: str = "") -> Ended:
    """Take the code; when it fits, the customer is one. username: in place of one that is taken, "" to keep it."""
    with transaction.atomic():
        found = Registration.objects.select_for_update().filter(token=token).first()
        if found is None or timezone.now() - found.created > HOLDS or found.tries >= TRIES_MAX:
            return Ended.OVER
        if not hmac.compare_digest(_digest(token, typed), found.digest):
            found.tries += 1
            found.save(update_fields=["tries"])
            return Ended.OVER if found.tries >= TRIES_MAX else Ended.WRONG
        if found.joined:
            return Ended.JOINED  # the same form again
        if found.names >= NAMES_MAX:
            return Ended.OVER
        found.names += 1
        found.username = username or found.username
        found.save(update_fields=["names", "username"])
    try:
        open_customer(found)
    except NameTaken:
        joined = Registration.objects.filter(token=token, joined=True).exists()  # by the same form, sent twice
        return Ended.JOINED if joined else Ended.NAME_TAKEN
    return Ended.JOINED


def _digest(token: str, code: str) -> str:
    return hmac.new(bytes.fromhex(token), code.encode(), hashlib.sha256).hexdigest()


def forget_old() -> int:
    """A job: registrations of yesterday are no longer kept; how many went."""
    return Registration.objects.filter(created__lt=timezone.now() - KEPT).delete()[0]
