"""A customer's authenticator app: set up in two steps, so that its first code proves that it works; and removed."""

import io
import time
from datetime import timedelta

import segno
from django.db import transaction
from django.utils import timezone

from holdfast.bank.factors import history, sealing
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import Authenticator
from holdfast.bank.factors.seconds import LastFactor, has_passkey, has_second
from holdfast.bank.factors.stream import tell_factors
from holdfast.bank.factors.used import Used, use
from holdfast.contracts.factors import (
    STEP_KEPT_S,
    is_authenticator_code,
    plain_code,
    step_text,
)
from holdfast.signing.onetime import fitting_step, new_secret

SETTING_UP = timedelta(minutes=15)


def begin(customer: int, session: str) -> bool:
    """Begin to set one up in this session, with a new secret; False when the customer has one already."""
    with transaction.atomic():
        lock_customer(customer)
        if Authenticator.objects.filter(customer=customer).exclude(proved=None).exists():
            return False
        Authenticator.objects.filter(customer=customer).delete()
        secret = sealing.seal(new_secret(), customer)
        Authenticator.objects.create(customer_id=customer, sealed=secret, session=session)
    return True


def secret_to_set_up(customer: int, session: str) -> str | None:
    """The secret of the one that is being set up in this session, base32; None when there is none, or it was begun too
    long ago. Another session never sees it: whoever has the password alone could begin one."""
    since = timezone.now() - SETTING_UP
    found = Authenticator.objects.filter(customer=customer, session=session, proved=None, created__gt=since).first()
    return None if found is None else sealing.unseal(found.sealed, customer)


def finish(customer: int, session: str, typed: str, request: str, *, first: bool = False) -> bool:
    """Take it into use when the code fits, which is used by that; False and nothing changed when it does not. first:
    only where the customer has no second factor yet."""
    code, secret, now = plain_code(typed), secret_to_set_up(customer, session), time.time()
    step = fitting_step(secret, code, now) if secret and is_authenticator_code(code) else None
    if step is None or use(step_text(customer, step), request, STEP_KEPT_S, alone=True) is not Used.GRANTED:
        return False
    with transaction.atomic():
        lock_customer(customer)
        if secret_to_set_up(customer, session) != secret or (first and has_second(customer)):
            return False
        proved = timezone.now()
        Authenticator.objects.filter(customer=customer).update(proved=proved, devices_since=proved, session="")
        history.note(customer, "event.authenticator_added")
        tell_factors(customer)
    return True


def remove(customer: int) -> bool:
    """Remove it; the recovery codes stay, as they stand in for a passkey too. Without a passkey to log in by it raises
    LastFactor. False when there is none."""
    with transaction.atomic():
        lock_customer(customer)
        if not Authenticator.objects.filter(customer=customer).exclude(proved=None).delete()[0]:
            return False
        if not has_passkey(customer):
            raise LastFactor(f"the authenticator of customer {customer} is all they have beside the password")
        history.note(customer, "event.authenticator_removed")
        tell_factors(customer)
    return True


def setup_picture(address: str) -> str:
    """The QR code of an address as SVG markup; black on white also where pages are dark, as cameras want it."""
    out = io.BytesIO()
    code = segno.make(address, micro=False, error="m")
    code.save(out, kind="svg", xmldecl=False, svgns=True, scale=4, border=4, dark="#000", light="#fff", nl=False)
    return out.getvalue().decode()
