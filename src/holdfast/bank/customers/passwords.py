"""Passwords as argon2id verifiers, at the cost both banks share: 19 MiB, two passes, one lane.

At most two are computed at once in a process, behind a queue with places; a name that is not known costs the
same and gets the same answer. Two threads of their own compute them: the 19 MiB of each are the same every time, where
every thread of the web had kept some of its own.
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
_threads = ThreadPoolExecutor(AT_ONCE_MAX, "password")
_places = threading.BoundedSemaphore(WAITING_MAX)
_NOBODY = _hasher.hash("a password that nobody has")


def make_verifier(password: str) -> str:
    """argon2's encoded form of a password."""
    return _hasher.hash(password)


def make_verifiers(passwords: Iterable[str]) -> list[str]:
    """Verifiers of many passwords, two at a time, in order."""
    return list(_threads.map(make_verifier, passwords))


def password_fits(verifier: str, password: str) -> bool:
    """Whether the password fits; one that is too long never does, nor does any fit "", at the same cost.

    Raises LoginBusy when the queue is full."""
    if not _places.acquire(blocking=False):
        raise LoginBusy("too many logins wait for their password to be checked")
    known = bool(verifier) and len(password) <= PASSWORD_CHARACTERS_MAX
    work = _threads.submit(_fits, verifier if known else _NOBODY, password[:PASSWORD_CHARACTERS_MAX])
    try:
        return work.result(WAIT_S_MAX) and known
    except TimeoutError as error:
        work.cancel()
        raise LoginBusy("the queue of logins did not move in time") from error
    finally:
        _places.release()


def _fits(verifier: str, password: str) -> bool:
    try:
        return _hasher.verify(verifier, password)
    except (VerificationError, InvalidHashError):
        return False
