"""Passwords and sessions. A wrong name and a wrong password answer alike and cost alike."""

import asyncio
import secrets
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from holdfast.contracts.errors import BadToken
from holdfast.contracts.sessions import (
    BANK_COOKIE,
    SESSION_PURPOSE,
    STANDIN_COOKIE,
    Session,
    session_from_payload,
)
from holdfast.signing import Keyring
from holdfast.standin.errors import Busy

AT_ONCE_MAX = 2
PLACES_MAX = 60
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SIGNERS = ((STANDIN_COOKIE, "standin"), (BANK_COOKIE, "primary"))


class Passwords:
    """Verifies passwords: two at once, behind a queue with places."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, "password")
        self._waiting = 0
        self._nobody = HASHER.hash(secrets.token_hex(16))

    def close(self) -> None:
        """Give up what waits."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def verify(self, verifier: str, password: str) -> bool:
        """Whether the password fits; an empty verifier costs the same and never fits. Raises Busy."""
        if self._waiting >= PLACES_MAX:
            raise Busy("too many people log in at this moment; nothing was done")
        self._waiting += 1
        try:
            fits = await asyncio.get_running_loop().run_in_executor(
                self._threads, _fits, verifier or self._nobody, password
            )
        finally:
            self._waiting -= 1
        return fits and bool(verifier)


def _fits(verifier: str, password: str) -> bool:
    try:
        return HASHER.verify(verifier, password)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class Found:
    """A session that holds, and whether the answer is to carry a cookie of our own for it."""

    session: Session
    renew: bool


def new_session(customer: int, cohort: int, epoch: int, factors: tuple[str, ...]) -> Session:
    """A session that begins now; factors: what the customer showed."""
    now = time.time()
    return Session(secrets.token_hex(16), customer, cohort, factors, now, now, epoch)


def find_session(cookies: Mapping[str, str], keyring: Keyring) -> Found | None:
    """The later issued of the valid sessions among the cookies, None without one. Revocation is not looked at."""
    best: Found | None = None
    for name, signer in SIGNERS:
        token = cookies.get(name)
        if not token:
            continue
        try:
            session = session_from_payload(keyring.verify(SESSION_PURPOSE, token, by={signer}))
        except (BadToken, KeyError, ValueError, TypeError):
            continue
        if session.over():
            continue
        if best is None or session.issued > best.session.issued:
            best = Found(session, session.stale() or signer != "standin")
    return best


def ended_session(cookies: Mapping[str, str], keyring: Keyring) -> Session | None:
    """The session that the cookies name although it is over; None without one, or where it still holds."""
    for name, signer in SIGNERS:
        try:
            raw = keyring.verify(SESSION_PURPOSE, cookies.get(name, ""), by={signer})
            session = session_from_payload(raw)
        except (BadToken, KeyError, ValueError, TypeError):
            continue
        return session if session.over() else None
    return None


def token_of(session: Session, keyring: Keyring, epoch: int) -> str:
    """A session's token, issued now under this epoch."""
    return keyring.sign(SESSION_PURPOSE, replace(session, issued=time.time(), epoch=epoch).to_payload())
