"""The second step of a login: a code of the authenticator, or a recovery code."""

import time
from enum import StrEnum

from django.utils import timezone

from holdfast.bank.errors import SealBroken
from holdfast.bank.factors import recovery, sealing
from holdfast.bank.factors.guesses import forget_tries, take_try
from holdfast.bank.factors.models import Authenticator, RecoveryCode
from holdfast.bank.factors.seconds import has_second
from holdfast.bank.factors.used import Used, use
from holdfast.contracts.factors import (
    AUTHENTICATOR,
    RECOVERY,
    RECOVERY_KEPT_S,
    STEP_KEPT_S,
    STEP_S,
    is_authenticator_code,
    plain_code,
    recovery_text,
    step_text,
)
from holdfast.signing.onetime import fitting_step
from holdfast.telemetry import get_log


class Said(StrEnum):
    """How a code was taken; the values stand in pages as `data-problem`, the same at both banks."""

    FITS = "fits"
    WRONG = "wrong-code"
    TOO_MANY = "too-many-codes"
    LATER = "codes-later"


def needs_code(customer: int) -> bool:
    """Whether more than the password is asked for: a code of the app or, without one, a recovery code; or a passkey."""
    return has_second(customer)


def check_code(customer: int, typed: str, request: str, device: str) -> tuple[Said, str]:
    """How the code was taken, and which factor it was. request: who claims it; device: known to be the customer's."""
    if not take_try(customer, device):
        return Said.TOO_MANY, ""
    code = plain_code(typed)
    factor = AUTHENTICATOR if is_authenticator_code(code) else RECOVERY
    said = (_authenticator if factor == AUTHENTICATOR else _recovery)(customer, code, request)
    if said is Said.FITS:
        forget_tries(customer, device)
    return said, factor


def _authenticator(customer: int, code: str, request: str) -> Said:
    known = Authenticator.objects.filter(customer=customer).exclude(proved=None).first()
    if known is None:
        return Said.WRONG
    try:
        secret = sealing.unseal(known.sealed, customer)
    except SealBroken as error:
        get_log().error("secret_not_opened", why=str(error))
        return Said.LATER
    now = time.time()
    step = fitting_step(secret, code, now)
    if step is None:
        return Said.WRONG
    ended = use(step_text(customer, step), request, STEP_KEPT_S, alone=step == int(now // STEP_S))
    if ended is Used.GRANTED:
        Authenticator.objects.filter(customer=customer).update(used=timezone.now())
    return Said.FITS if ended is Used.GRANTED else Said.WRONG


def _recovery(customer: int, code: str, request: str) -> Said:
    digest = recovery.digest_of(customer, code)
    known = RecoveryCode.objects.filter(customer=customer, digest=digest).first()
    if known is None:
        return Said.WRONG
    ended = use(recovery_text(customer, digest), request, RECOVERY_KEPT_S, alone=False)
    if ended is Used.AWAY:
        return Said.LATER
    fits = ended is Used.GRANTED and recovery.take_code(customer, digest, request)
    return Said.FITS if fits else Said.WRONG
