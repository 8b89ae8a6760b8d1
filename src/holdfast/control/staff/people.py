"""Members of staff, their passwords and sessions."""

import hashlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.db import transaction
from django.utils import timezone

from holdfast.control.staff import log
from holdfast.control.staff.models import ROLES, Person, StaffSession

COOKIE = "hf_staff"
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
FAILURES_MAX = 5
LOCK = timedelta(minutes=1)
PASSWORD_BYTES = 12
PASSWORD_LENGTH_MAX = 200
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NOBODY = HASHER.hash(secrets.token_hex(8))


def ensure_people(folder: Path) -> list[str]:
    """At the first start: one person a role, the password in secrets/<role> (0600). Gives the names made."""
    made = []
    for role in ROLES:
        if Person.objects.filter(username=role).exists():
            continue
        with transaction.atomic():
            Person.objects.create(
                username=role, name=f"Made-up {role}", role=role, verifier=HASHER.hash(_password(folder, role))
            )
            log.write("start", "system", "person made", {"username": role, "role": role})
        made.append(role)
    return made


def _password(folder: Path, name: str) -> str:
    path = folder / name
    if path.exists():
        return path.read_text().strip()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(password + "\n")
    return password


def log_in(username: str, password: str) -> tuple[str, Person] | None:
    """A new session's cookie value and its person; None when it is refused, with the failure logged."""
    now = timezone.now()
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(username=username).first()
        locked = person is not None and person.locked_until is not None and person.locked_until > now
        right = _verified(person.verifier if person else NOBODY, password)
        if person is None or locked or not right:
            if person is not None and not locked:
                person.failures += 1
                if person.failures >= FAILURES_MAX:
                    person.failures, person.locked_until = 0, now + LOCK
                person.save(update_fields=["failures", "locked_until"])
            log.write(username[:64], "unknown", "log-in refused", {"locked": locked})
            return None
        person.failures, person.locked_until = 0, None
        person.save(update_fields=["failures", "locked_until"])
        key = secrets.token_urlsafe(32)
        StaffSession.objects.create(key_hash=_hash(key), person=person, began_at=now, seen_at=now)
        log.write(person.username, person.role, "logged in")
    return key, person


def _verified(verifier: str, password: str) -> bool:
    try:
        return HASHER.verify(verifier, password[:PASSWORD_LENGTH_MAX])
    except (VerificationError, InvalidHashError):
        return False


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def who(key: str | None) -> Person | None:
    """The person of a session cookie; None when it is absent, over or unknown."""
    if not key:
        return None
    session = StaffSession.objects.select_related("person").filter(key_hash=_hash(key), ended_at__isnull=True).first()
    now = timezone.now()
    if session is None or now - session.seen_at > IDLE or now - session.began_at > ABSOLUTE:
        return None
    if now - session.seen_at > timedelta(seconds=60):
        StaffSession.objects.filter(pk=session.pk).update(seen_at=now)
    return session.person


def log_out(key: str | None, person: Person) -> None:
    """End this session."""
    StaffSession.objects.filter(key_hash=_hash(key or "")).update(ended_at=timezone.now())
    log.write(person.username, person.role, "logged out")
