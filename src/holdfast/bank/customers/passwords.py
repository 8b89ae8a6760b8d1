"""Passwords as argon2id verifiers, at the cost both banks share: 19 MiB, two passes, one lane.

At most two are computed at once in a process, behind a queue with places; a name that is not known costs the
same and gets the same answer. Two threads of their own compute them: the 19 MiB of each are the same every time, where
every thread of the web had kept some of its own. Guesses are limited (guard/guesses.py): counted in this process's
memory, so that a login asks the database nothing for it.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from holdfast.bank.errors import LoginBusy
from holdfast.guard import Guesses

AT_ONCE_MAX = 2
WAITING_MAX = 40
WAIT_S_MAX = 1.8
PASSWORD_CHARACTERS_MAX = 200

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
_threads = ThreadPoolExecutor(AT_ONCE_MAX, "password")
_places = threading.BoundedSemaphore(WAITING_MAX)
_NOBODY = _hasher.hash("a password that nobody has")
_guesses = Guesses()
Made = TypeVar("Made")


class Checked(StrEnum):
    """How a password was taken; the values stand in pages as `data-problem`, the same at both banks."""

    FITS = "fits"
    WRONG = "wrong"
    TOO_MANY = "too-many-passwords"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who says that they are this name: from which network, on which device of the customer's ("" for no known one)."""

    name: str
    network: str
    device: str


def make_verifier(password: str) -> str:
    """argon2's encoded form of a password."""
    return _hasher.hash(password)


def make_verifiers(passwords: Iterable[str]) -> list[str]:
    """Verifiers of many passwords, two at a time, in order."""
    return list(_threads.map(make_verifier, passwords))


def check_password(asking: Asking, verifier: str, password: str) -> Checked:
    """How the password was taken; "" as the verifier never fits, at the same cost. With no try left it is not looked
    at, right or wrong, known name or not. Raises LoginBusy when the queue is full; that try does not count."""
    one = _guesses.take(asking.name, asking.network, asking.device)
    if one is None:
        return Checked.TOO_MANY
    try:
        fits = password_fits(verifier, password)
    except LoginBusy:
        _guesses.give_back(one)
        raise
    if not fits:
        return Checked.WRONG
    _guesses.give_back(one)
    return Checked.FITS


def password_fits(verifier: str, password: str) -> bool:
    """Whether the password fits; one that is too long never does, nor does any fit "", at the same cost.

    Raises LoginBusy when the queue is full."""
    known = bool(verifier) and len(password) <= PASSWORD_CHARACTERS_MAX
    return _in_turn(_fits, verifier if known else _NOBODY, password[:PASSWORD_CHARACTERS_MAX]) and known


def new_verifier(password: str) -> str:
    """As make_verifier, of somebody who waits for it: in the queue of logins. Raises LoginBusy when that is full."""
    return _in_turn(make_verifier, password)


def _in_turn(work: Callable[..., Made], *given: str) -> Made:
    if not _places.acquire(blocking=False):
        raise LoginBusy("too many logins wait for their password to be checked")
    running = _threads.submit(work, *given)
    try:
        return running.result(WAIT_S_MAX)
    except TimeoutError as error:
        running.cancel()
        raise LoginBusy("the queue of logins did not move in time") from error
    finally:
        _places.release()


def _fits(verifier: str, password: str) -> bool:
    try:
        return _hasher.verify(verifier, password)
    except (VerificationError, InvalidHashError):
        return False
