"""Recovery codes: ten at a time, shown once, each logs in once in place of the authenticator's code."""

import secrets
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import RecoveryCode, RecoverySalt
from holdfast.bank.factors.seconds import forget_codes, has_second
from holdfast.bank.factors.stream import tell_factors
from holdfast.contracts.factors import (
    RECOVERY_CODES,
    plain_code,
    recovery_digest,
)
from holdfast.signing.onetime import new_recovery_code

SALT_BYTES = 32


def make_codes(customer: int) -> list[str]:
    """New codes in place of all before, as they are written down; none without a second factor that they stand in
    for."""
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    salt = secrets.token_hex(SALT_BYTES)
    with transaction.atomic():
        lock_customer(customer)
        if not has_second(customer):
            return []
        keep_codes(customer, salt, codes)
        history.note(customer, "event.codes_made")
        tell_factors(customer)
    return codes


def keep_codes(customer: int, salt: str, codes: Sequence[str]) -> None:
    """These codes hold from now on and no others; in the caller's transaction, which tells it."""
    forget_codes(customer)
    RecoverySalt.objects.create(customer_id=customer, salt=salt)
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(customer_id=customer, digest=recovery_digest(salt, plain_code(code))) for code in codes]
    )


def digest_of(customer: int, plain: str) -> str:
    """What this code would be kept as, with the customer's salt; without codes one that nobody has."""
    found = RecoverySalt.objects.filter(customer=customer).first()
    return recovery_digest(found.salt if found else "00" * SALT_BYTES, plain)


def take_code(customer: int, digest: str, request: str, at_spare: bool = False) -> bool:
    """Strike the code off the list; the same request may do so again. at_spare: it was used at the spare bank."""
    with transaction.atomic():
        lock_customer(customer)
        code = RecoveryCode.objects.filter(customer=customer, digest=digest).first()
        if code is None or (code.used is not None and code.used_by != request):
            return False
        if code.used is None:
            _strike(code, request, at_spare)
    return True


def _strike(code: RecoveryCode, request: str, at_spare: bool) -> None:
    code.used, code.used_by = timezone.now(), request[:64]
    code.save(update_fields=["used", "used_by"])
    left = RecoveryCode.objects.filter(customer=code.customer_id, used=None).count()
    history.note(code.customer_id, "event.code_used_at_spare" if at_spare else "event.code_used", left=left)
    tell_factors(code.customer_id)
