"""Devices on which a customer logged in before, by a signed cookie that either bank vouches for.

Guesses of passwords and codes are counted apart for them, and a login on one is no news. What a login must know of them
is read with the customer (Trust), so that it asks the database nothing more; the list is for the security page.
"""

import secrets
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import keyring
from holdfast.bank.customers.models import Customer
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import Authenticator, Trust
from holdfast.bank.factors.models import KnownDevice as Listed
from holdfast.bank.factors.stream import devices_since, tell_factors
from holdfast.contracts.errors import BadToken
from holdfast.contracts.factors import DEVICE_PURPOSE, DEVICE_S, KnownDevice, known_device

BANKS = {"primary", "standin"}
LISTED_MAX = 50
GONE_MAX = 50
TOLD_GAP = timedelta(days=1)


def find_customer(**by: object) -> Customer | None:
    """A customer with what a login needs to know: authenticator and trusted devices, in one query."""
    return Customer.objects.select_related("authenticator", "trust").filter(**by).first()


def authenticator_of(customer: Customer) -> Authenticator | None:
    """The authenticator that is in use, None without one. Asks nothing when find_customer found the customer."""
    found: Authenticator | None = getattr(customer, "authenticator", None)
    return found if found is not None and found.proved is not None else None


def trust_of(customer: Customer) -> tuple[float, list[str]]:
    """(from when on devices are known, in seconds since 1970 UTC; those removed since)."""
    trust: Trust | None = getattr(customer, "trust", None)
    return devices_since(authenticator_of(customer), trust), list(trust.gone) if trust else []


def read_device(token: str, customer: Customer | None) -> KnownDevice | None:
    """The device that a cookie names, None when it is not known to be this customer's; of nobody none is known."""
    if not token:
        return None
    try:
        raw = keyring().verify(DEVICE_PURPOSE, token, by=BANKS)
    except BadToken:
        return None
    return known_device(raw, customer.id, *trust_of(customer)) if customer else None


def vouch(customer: int, words: str, known: KnownDevice | None) -> str:
    """A token for the device of this login, which is listed from now on; known: as its old one was read."""
    device, now = known.device if known else secrets.token_hex(16), timezone.now()
    if known is None or not Listed.objects.filter(device=device, customer=customer).update(words=words, seen=now):
        made = Listed(device=device, customer_id=customer, words=words, seen=now, began=now)
        Listed.objects.bulk_create([made], ignore_conflicts=True)
    return keyring().sign(DEVICE_PURPOSE, {"customer": customer, "device": device, "at": time.time()})


def tell_if_new(customer: Customer, words: str) -> bool:
    """Write about a login on a new device, at most once a day; whether it was written."""
    with transaction.atomic():
        trust, _ = Trust.objects.select_for_update().get_or_create(customer_id=customer.id)
        now = timezone.now()
        if trust.told is not None and now - trust.told < TOLD_GAP:
            return False
        trust.told = now
        trust.save(update_fields=["told"])
        history.tell_new_login(customer, words)
    return True


def was_told(customer: Customer) -> bool:
    """Whether the customer was written to about a new device within a day, as read with the customer."""
    trust: Trust | None = getattr(customer, "trust", None)
    return trust is not None and trust.told is not None and timezone.now() - trust.told < TOLD_GAP


def listed(customer: int) -> list[Listed]:
    """The devices that the customer's logins are trusted on, the last seen first."""
    since = timezone.now() - timedelta(seconds=DEVICE_S)
    return list(Listed.objects.filter(customer=customer, seen__gt=since).order_by("-seen")[:LISTED_MAX])


def remove(customer: int, device: str) -> bool:
    """A device is as a new one again, at both banks; False when the customer has no such device."""
    with transaction.atomic():
        lock_customer(customer)
        found = Listed.objects.filter(customer=customer, device=device).first()
        if found is None:
            return False
        found.delete()
        trust, _ = Trust.objects.get_or_create(customer_id=customer)
        trust.gone = [*trust.gone, device]
        if len(trust.gone) > GONE_MAX:  # never so that one comes back: then all are as new ones
            trust.gone, trust.since = [], timezone.now()
        trust.save(update_fields=["gone", "since"])
        history.note(customer, "event.device_removed", device=found.words)
        tell_factors(customer)
    return True


def forget_all(customer: int) -> None:
    """All of the customer's devices are as new ones again, at both banks; in the caller's transaction."""
    lock_customer(customer)
    now = timezone.now()
    Trust.objects.update_or_create(customer_id=customer, defaults={"since": now, "gone": []})
    Authenticator.objects.filter(customer=customer).exclude(proved=None).update(devices_since=now)
    Listed.objects.filter(customer=customer).delete()
    tell_factors(customer)


def forget_old() -> int:
    """A job: devices that no token can vouch for any more are not listed; how many went."""
    return Listed.objects.filter(seen__lt=timezone.now() - timedelta(seconds=DEVICE_S)).delete()[0]
