"""What members of staff show beside the password: a code of their authenticator, each once, or a recovery code.

The first secret is made at the first start and lies beside the password, for its owner to read once and remove. The
form of codes and their digests are the banks' (contracts/factors.py); a member of staff has one console, so what is
used is marked in its database, under the person's row.
"""

import secrets
import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.contracts.factors import (
    RECOVERY_CODES,
    is_authenticator_code,
    plain_code,
    recovery_digest,
)
from holdfast.control.place import installation
from holdfast.control.staff import log
from holdfast.control.staff.models import Person, StaffAuthenticator, StaffRecoveryCode
from holdfast.signing.onetime import fitting_step, new_recovery_code, new_secret, setup_address
from holdfast.signing.sealing import Sealer

FILE = "control-staff.keys"
SALT_BYTES = 32
SETTING_UP = timedelta(minutes=15)

sealer = Sealer(lambda: installation().keys / "control" / FILE, b"holdfast staff factor 1")


def enrol(person: Person, secret: str) -> None:
    """The person has this authenticator from the beginning; in the caller's transaction."""
    StaffAuthenticator.objects.create(
        person=person, sealed=sealer.seal(secret, person.username), made_at=timezone.now()
    )


def take_code(person: Person, typed: str) -> bool:
    """Whether the code fits and was not used before; it is used by that. In the caller's transaction."""
    held = StaffAuthenticator.objects.select_for_update().filter(person=person).first()
    code = plain_code(typed)
    if held is None:
        return False
    if not is_authenticator_code(code):
        return _take_recovery(person, held, code)
    step = fitting_step(sealer.unseal(held.sealed, person.username), code, time.time())
    if step is None or step <= held.step:
        return False
    held.step = step
    held.save(update_fields=["step"])
    return True


def _take_recovery(person: Person, held: StaffAuthenticator, code: str) -> bool:
    if not held.salt:
        return False
    fitting = StaffRecoveryCode.objects.filter(person=person, digest=recovery_digest(held.salt, code), used_at=None)
    if not fitting.update(used_at=timezone.now()):
        return False
    log.write(person.username, person.role, "recovery code used", {"left": codes_left(person)})
    return True


def codes_left(person: Person) -> int:
    """How many recovery codes are not used yet."""
    return StaffRecoveryCode.objects.filter(person=person, used_at=None).count()


def make_codes(person: Person) -> list[str]:
    """Ten new recovery codes in place of all before, as they are written down."""
    codes, salt = [new_recovery_code() for _ in range(RECOVERY_CODES)], secrets.token_hex(SALT_BYTES)
    with transaction.atomic():
        held = StaffAuthenticator.objects.select_for_update().get(person=person)
        held.salt = salt
        held.save(update_fields=["salt"])
        StaffRecoveryCode.objects.filter(person=person).delete()
        digests = [recovery_digest(salt, plain_code(code)) for code in codes]
        StaffRecoveryCode.objects.bulk_create([StaffRecoveryCode(person=person, digest=one) for one in digests])
        log.write(person.username, person.role, "recovery codes made")
    return codes


def begin(person: Person) -> str:
    """A new secret to set another authenticator up with; the one in use goes on until its first code was right."""
    secret = new_secret()
    sealed = sealer.seal(secret, person.username)
    StaffAuthenticator.objects.filter(person=person).update(waiting=sealed, waiting_since=timezone.now())
    return secret


def waiting_secret(person: Person) -> str:
    """The secret that is being set up; "" when there is none, or it was begun too long ago."""
    since = timezone.now() - SETTING_UP
    found = StaffAuthenticator.objects.filter(person=person, waiting_since__gt=since).exclude(waiting="").first()
    return sealer.unseal(found.waiting, person.username) if found else ""


def finish(person: Person, typed: str) -> bool:
    """Take the new authenticator into use when its code fits; the old one and the recovery codes end by that."""
    code = plain_code(typed)
    with transaction.atomic():
        held = StaffAuthenticator.objects.select_for_update().get(person=person)
        secret = waiting_secret(person)
        step = fitting_step(secret, code, time.time()) if secret and is_authenticator_code(code) else None
        if step is None:
            return False
        held.sealed, held.step, held.salt = held.waiting, step, ""
        held.waiting, held.made_at = "", timezone.now()
        held.save()
        StaffRecoveryCode.objects.filter(person=person).delete()
        log.write(person.username, person.role, "authenticator changed")
    return True


def address_of(person: Person, secret: str) -> str:
    """The address that an app on this device opens to take the secret."""
    return setup_address(f"{installation().bank_name}, control room", person.username, secret)
