"""Recovery codes: ten at a time, shown once, each logs in once in place of the authenticator's code."""

import secrets

from django.db import transaction
from django.utils import timezone

from holdfast.bank.factors import history
from holdfast.bank.factors.authenticator import lock_customer
from holdfast.bank.factors.models import Authenticator, RecoveryCode, RecoverySalt
from holdfast.bank.factors.stream import tell_factors
from holdfast.contracts.factors import (
    RECOVERY_ALPHABET,
    RECOVERY_CHARACTERS,
    RECOVERY_CODES,
    plain_code,
    recovery_digest,
)

SALT_BYTES = 32
GROUP = 4


def make_codes(customer: int) -> list[str]:
    """New codes in place of all before, as they are written down; none without an authenticator."""
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    salt = secrets.token_hex(SALT_BYTES)
    with transaction.atomic():
        lock_customer(customer)
        if not Authenticator.objects.filter(customer=customer).exclude(proved=None).exists():
            return []
        RecoveryCode.objects.filter(customer=customer).delete()
        RecoverySalt.objects.filter(customer=customer).delete()
        RecoverySalt.objects.create(customer_id=customer, salt=salt)
        RecoveryCode.objects.bulk_create(
            [RecoveryCode(customer_id=customer, digest=recovery_digest(salt, plain_code(code))) for code in codes]
        )
        history.note(customer, "New recovery codes were made; those before them no longer work.")
        tell_factors(customer)
    return codes


def _new_code() -> str:
    drawn = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_CHARACTERS))
    return "-".join(drawn[start : start + GROUP] for start in range(0, RECOVERY_CHARACTERS, GROUP))


def digest_of(customer: int, plain: str) -> str:
    """What this code would be kept as, with the customer's salt; without codes one that nobody has."""
    found = RecoverySalt.objects.filter(customer=customer).first()
    return recovery_digest(found.salt if found else "00" * SALT_BYTES, plain)


def take_code(customer: int, digest: str, request: str, where: str = "") -> bool:
    """Strike the code off the list; the same request may do so again. where: `at the spare bank`, for the history."""
    with transaction.atomic():
        lock_customer(customer)
        code = RecoveryCode.objects.filter(customer=customer, digest=digest).first()
        if code is None or (code.used is not None and code.used_by != request):
            return False
        if code.used is None:
            _strike(code, request, where)
    return True


def _strike(code: RecoveryCode, request: str, where: str) -> None:
    code.used, code.used_by = timezone.now(), request[:64]
    code.save(update_fields=["used", "used_by"])
    left = RecoveryCode.objects.filter(customer=code.customer_id, used=None).count()
    words = " ".join(filter(None, ("A recovery code was used to log in", where)))
    history.note(code.customer_id, f"{words}; {left} are left.")
    tell_factors(code.customer_id)
