"""Members of staff, their passwords and sessions. Everyone shows a password and a code (factors.py)."""

import hashlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.db import transaction
from django.utils import timezone

from holdfast.contracts.cookies import PREFIX
from holdfast.control.place import installation
from holdfast.control.staff import factors, log, passkeys
from holdfast.control.staff.models import ROLES, Person, StaffAuthenticator, StaffSession
from holdfast.guard import Guesses
from holdfast.signing.onetime import new_secret

COOKIE = "hf_staff"
PASSKEY = "a passkey"
IDLE = timedelta(minutes=60)
ABSOLUTE = timedelta(hours=12)
RECENT = timedelta(minutes=5)
"""Who changes how they log in showed who they are at most this long ago."""
PASSWORD_BYTES = 12
PASSWORD_LENGTH_MAX = 200
AGENT_MAX = 200
AUTHENTICATOR = "{}-authenticator"
"""The file of secrets beside the password's, by the person's name."""
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NOBODY = HASHER.hash(secrets.token_hex(8))
guesses = Guesses()


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants in: what they typed, and where they are (network: as guard.Guesses counts it; agent: the browser)."""

    username: str
    password: str
    code: str
    network: str
    agent: str


def ensure_people(folder: Path) -> list[str]:
    """At the first start: one person a role, the password in secrets/<role> and the authenticator's secret in
    secrets/<role>-authenticator (0600). Gives the names made, or given an authenticator."""
    made = []
    for role in ROLES:
        known = Person.objects.filter(username=role).first()
        if known is not None and StaffAuthenticator.objects.filter(person=known).exists():
            continue
        with transaction.atomic():
            person = known or _make_person(folder, role)
            factors.enrol(person, _secret(folder, AUTHENTICATOR.format(role), new_secret))
            log.write("start", "system", "authenticator made", {"username": role})
        made.append(role)
    return made


def _make_person(folder: Path, role: str) -> Person:
    password = _secret(folder, role, lambda: secrets.token_urlsafe(PASSWORD_BYTES))
    log.write("start", "system", "person made", {"username": role, "role": role})
    return Person.objects.create(username=role, name=f"Made-up {role}", role=role, verifier=HASHER.hash(password))


def _secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """What stands in a file of secrets, made when there is none."""
    path = folder / name
    if path.exists():
        return path.read_text().strip()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = make()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secret + "\n")
    return secret


def log_in(asking: Asking) -> tuple[str, Person] | None:
    """A new session's cookie value and its person; None when it is refused, whichever part was wrong. With no try left
    nothing is looked at, right or wrong, known name or not."""
    one = guesses.take(asking.username, asking.network)
    if one is None:
        return None
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(username=asking.username).first()
        right = verified(person.verifier if person else NOBODY, asking.password)
        if person is None or not right or not factors.take_code(person, asking.code):
            log.write(asking.username[:64], "unknown", "log-in refused")
            return None
        key = _begin(person, asking.agent, "password and code")
    guesses.give_back(one)
    return key, person


def log_in_by_passkey(answer: str, asking: Asking) -> tuple[str, Person] | None:
    """As log_in, by what a passkey said; guesses of passkeys cost a signature each, and are limited by network."""
    of = f"{PASSKEY} from {asking.network}"  # a name that others elsewhere cannot close
    one = guesses.take(of, asking.network)
    if one is None:
        return None
    with transaction.atomic():
        person = passkeys.owner_of(answer)
        if person is None:
            log.write(PASSKEY, "unknown", "log-in refused")
            return None
        key = _begin(person, asking.agent, PASSKEY)
    guesses.give_back(one)
    return key, person


def _begin(person: Person, agent: str, by: str) -> str:
    """A new session of a person who showed who they are; its cookie's value."""
    key, now = secrets.token_urlsafe(32), timezone.now()
    StaffSession.objects.create(
        key_hash=_hash(key), person=person, began_at=now, seen_at=now, proved_at=now, agent=agent[:AGENT_MAX]
    )
    log.write(person.username, person.role, "logged in", {"by": by})
    return key


def cookie_name() -> str:
    """What the session's cookie is called: beyond this machine with the prefix that browsers take over TLS only."""
    return PREFIX + COOKIE if installation().tls_cert else COOKIE


def verified(verifier: str, password: str) -> bool:
    """Whether the password fits."""
    try:
        return HASHER.verify(verifier, password[:PASSWORD_LENGTH_MAX])
    except (VerificationError, InvalidHashError):
        return False


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def session_of(key: str | None, by_itself: bool = False) -> StaffSession | None:
    """The session of a cookie; None when it is absent, over or unknown. by_itself: a page renews itself, which is
    nobody at work and keeps no session open."""
    if not key:
        return None
    session = StaffSession.objects.select_related("person").filter(key_hash=_hash(key), ended_at__isnull=True).first()
    now = timezone.now()
    if session is None or now - session.seen_at > IDLE or now - session.began_at > ABSOLUTE:
        return None
    if not by_itself and now - session.seen_at > timedelta(seconds=60):
        StaffSession.objects.filter(pk=session.pk).update(seen_at=now)
    return session


def left_s(session: StaffSession) -> int:
    """Seconds until the session ends if nothing more happens."""
    now = timezone.now()
    idle = IDLE if now - session.seen_at > timedelta(seconds=60) else IDLE - (now - session.seen_at)
    return max(int(min(idle, ABSOLUTE - (now - session.began_at)).total_seconds()), 0)


def confirm(session: StaffSession, asking: Asking, passkey: str = "") -> bool:
    """Show anew who it is, by a passkey or by password and code; whether it was right. Guesses are counted with those
    of logins."""
    person = session.person
    one = guesses.take(person.username, asking.network)
    if one is None:
        return False
    with transaction.atomic():
        if not _shows(person, asking, passkey):
            log.write(person.username, person.role, "confirmation refused")
            return False
        StaffSession.objects.filter(pk=session.pk).update(proved_at=timezone.now())
    guesses.give_back(one)
    return True


def _shows(person: Person, asking: Asking, passkey: str) -> bool:
    if passkey:
        owner = passkeys.owner_of(passkey)
        return owner is not None and owner.pk == person.pk
    return verified(person.verifier, asking.password) and factors.take_code(person, asking.code)


def is_recent(session: StaffSession) -> bool:
    """Whether its person showed a short time ago who they are."""
    return session.proved_at is not None and timezone.now() - session.proved_at <= RECENT


def open_sessions(person: Person) -> list[StaffSession]:
    """The person's sessions that may still be used, the last seen first."""
    now = timezone.now()
    found = StaffSession.objects.filter(person=person, ended_at=None)
    return list(found.filter(seen_at__gt=now - IDLE, began_at__gt=now - ABSOLUTE).order_by("-seen_at"))


def end_sessions(person: Person, named: str, own: StaffSession) -> int:
    """End the person's session of this name (its key_hash), or `others`: all but their own; how many."""
    found = StaffSession.objects.filter(person=person, ended_at=None)
    chosen = found.exclude(pk=own.pk) if named == "others" else found.filter(pk=named[:64])
    with transaction.atomic():
        ended = chosen.update(ended_at=timezone.now())
        if ended:
            log.write(person.username, person.role, "sessions ended", {"count": ended})
    return ended


def log_out(key: str | None, person: Person) -> None:
    """End this session."""
    StaffSession.objects.filter(key_hash=_hash(key or "")).update(ended_at=timezone.now())
    log.write(person.username, person.role, "logged out")
