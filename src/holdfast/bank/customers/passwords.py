"""Passwords as argon2id verifiers, at the cost both banks share: 19 MiB, two passes, one lane.

At most two are computed at once in a process, behind a queue with places; a name that is not known costs the
same and gets the same answer.
"""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from holdfast.bank.errors import LoginBusy

AT_ONCE_MAX = 2
WAITING_MAX = 40
WAIT_S_MAX = 1.8
PASSWORD_CHARACTERS_MAX = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
_slots = threading.BoundedSemaphore(AT_ONCE_MAX)
_places = threading.BoundedSemaphore(WAITING_MAX)
_NOBODY = _hasher.hash("a password that nobody has")


def make_verifier(password: str) -> str:
    """argon2's encoded form of a password."""
    return _hasher.hash(password)


def make_verifiers(passwords: Iterable[str]) -> list[str]:
    """Verifiers of many passwords, two at a time, in order."""
    with ThreadPoolExecutor(AT_ONCE_MAX) as pool:
        return list(pool.map(make_verifier, passwords))


def password_fits(verifier: str, password: str) -> bool:
    """Whether the password fits; "" never does, at the same cost. Raises LoginBusy when the queue is full."""
    if not _places.acquire(blocking=False):
        raise LoginBusy("too many logins wait for their password to be checked")
    try:
        if not _slots.acquire(timeout=WAIT_S_MAX):
            raise LoginBusy("the queue of logins did not move in time")
        try:
            found = _hasher.verify(verifier or _NOBODY, password[:PASSWORD_CHARACTERS_MAX])
        except (VerificationError, InvalidHashError):
            return False
        finally:
            _slots.release()
    finally:
        _places.release()
    return bool(found) and bool(verifier)
