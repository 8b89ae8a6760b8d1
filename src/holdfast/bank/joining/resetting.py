"""A forgotten password: a code is mailed to the address that the bank has, then a new password is chosen.

Whoever asks learns nothing about who is a customer: asking is answered alike and costs the same, and the mail is
written by the worker, which alone looks whom it is for. Who has a second factor is asked for it as at a login.
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
from holdfast.bank.factors.passwording import set_password
from holdfast.bank.joining.models import PasswordReset
from holdfast.bank.mail.writing import Recipient, recipient_of, write

CODE_DIGITS = 6
TRIES_MAX = 5
HOLDS = timedelta(minutes=15)
KEPT = timedelta(days=1)
SPAN = timedelta(hours=1)
NETWORK_MAX, SAME_MAX, ASKED_MAX, ALL_MAX = 10, 3, 12, 1000
"""Askings in an hour: from one network, for one name from one network, for one name, of everybody."""
BATCH = 50
NAMES_MAX = 10


class Said(StrEnum):
    """How a code was taken; the values stand in pages as `data-problem`."""

    FITS = "fits"
    WRONG = "wrong-code"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """A name of login or an e-mail address as it was typed, from where, and in which language."""

    name: str
    network: str
    language: str


def begin(asked: Asked) -> str | None:
    """Remember who is to get a code; the reset's token, None when there were too many lately."""
    late = PasswordReset.objects.filter(created__gt=timezone.now() - SPAN)
    same = late.filter(asked=asked.name)
    counts = (
        (late.filter(network=asked.network), NETWORK_MAX),
        (same.filter(network=asked.network), SAME_MAX),
        (same, ASKED_MAX),
        (late, ALL_MAX),
    )
    if any(found.count() >= most for found, most in counts):
        return None
    token, code = secrets.token_hex(16), f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    PasswordReset.objects.create(
        token=token,
        asked=asked.name,
        network=asked.network,
        language=asked.language,
        code=code,
        digest=_digest(token, code),
    )
    return token


def mail_codes() -> int:
    """A job: write the mails of what was asked for; how many askings were looked at."""
    with transaction.atomic():
        waiting = PasswordReset.objects.select_for_update(skip_locked=True).filter(mailed=None).order_by("created")
        found = list(waiting[:BATCH])
        for one in found:
            _mail(one)
            one.code = ""
            one.save(update_fields=["customer", "code"])
        waiting.filter(token__in=[one.token for one in found]).update(mailed=timezone.now())
    return len(found)


def _mail(one: PasswordReset) -> None:
    """A code to the one customer meant; else a mail that says why there is none, if an address was typed."""
    by_address = "@" in one.asked
    known = Customer.objects.filter(left=None, **{"email" if by_address else "username": one.asked})
    customers = list(known.order_by("id")[:NAMES_MAX])
    if len(customers) == 1:
        one.customer = customers[0]
        write(recipient_of(customers[0]), "new-password-code", code=one.code, username=customers[0].username)
    elif customers:
        names = "\n".join(each.username for each in customers)
        write(recipient_of(customers[0]), "new-password-which", usernames=names)
    elif by_address:
        write(Recipient(one.asked, one.language, ""), "new-password-unknown")


def check_code(token: str, typed: str) -> tuple[Said, Customer | None]:
    """How the mailed code was taken, and whose it is when it fits. It may be typed again until it is over."""
    with transaction.atomic():
        found = _open(token)
        if found is None or found.tries >= TRIES_MAX:
            return Said.OVER, None
        if found.customer is None or not hmac.compare_digest(_digest(token, typed), found.digest):
            found.tries += 1
            found.save(update_fields=["tries"])
            return (Said.OVER if found.tries >= TRIES_MAX else Said.WRONG), None
    return Said.FITS, found.customer


def finish(token: str, verifier: str) -> bool:
    """The new password holds and every session ends; False, with nothing changed, when the reset is used or over."""
    with transaction.atomic():
        found = _open(token)
        if found is None or found.customer is None:
            return False
        found.done = True
        found.save(update_fields=["done"])
        set_password(found.customer.id, verifier, "", "event.password_reset")
    return True


def _open(token: str) -> PasswordReset | None:
    """A reset that may still be used, its row locked."""
    found = PasswordReset.objects.select_for_update(of=("self",)).select_related("customer").filter(token=token).first()
    usable = found is not None and not found.done and timezone.now() - found.created <= HOLDS
    return found if usable else None


def _digest(token: str, code: str) -> str:
    return hmac.new(bytes.fromhex(token), code.encode(), hashlib.sha256).hexdigest()


def forget_old() -> int:
    """A job: what was asked for yesterday is no longer kept; how many went."""
    return PasswordReset.objects.filter(created__lt=timezone.now() - KEPT).delete()[0]
