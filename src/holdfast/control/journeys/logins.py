"""What the test customers log in with: asked of the bank by a signed call, kept in one file that only we may read.

The file lies in the control room's own folder (`control/test-customers.json`, 0600), so that journeys go on while the
bank is away and after a restart. The bank makes new ones whenever it is asked; it is asked where there are none, and
where those we have do not log in any more (as after a restored backup), at most every RENEW_EVERY_S.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from holdfast.contracts.factors import STEP_S
from holdfast.contracts.test_customers import COUNT
from holdfast.control.calls import Switchboard
from holdfast.control.journeys.errors import NoLogins
from holdfast.signing.keyfile import write_private
from holdfast.signing.onetime import code_at

PATH = "/-/test-customers"
ASK_S_MAX = 5.0
RENEW_EVERY_S = 300.0
TEXTS = ("name", "username", "number", "password", "authenticator")


@dataclass(frozen=True, slots=True)
class Login:
    """A test customer; account and number are their account's. Never to be logged."""

    customer: int
    account: int
    name: str
    username: str
    number: str
    password: str
    authenticator: str

    def __repr__(self) -> str:
        return f"Login({self.name})"

    def code(self, at_s: float) -> tuple[int, str]:
        """The step of an instant (seconds since 1970) and what the authenticator shows in it."""
        step = int(at_s // STEP_S)
        return step, code_at(self.authenticator, step)


class Logins:
    """The test customers' logins as they are now; clock is monotonic, in seconds. Thread-safe."""

    def __init__(self, board: Switchboard, clock: Callable[[], float] = time.monotonic) -> None:
        self._board = board
        self._clock = clock
        self._file = board.installation.folder("control") / "test-customers.json"
        self._asked_at = float("-inf")
        self._known: tuple[Login, ...] = ()
        self._lock = threading.Lock()

    def get(self) -> tuple[Login, ...]:
        """Both; asked of the bank where none are known. Raises NoLogins."""
        with self._lock:
            if not self._known:
                self._known = _read(self._file)
            return self._known or self._renew()

    def renew(self) -> tuple[Login, ...]:
        """New ones from the bank, kept for the next start; raises NoLogins, the old ones kept."""
        with self._lock:
            return self._renew()

    def _renew(self) -> tuple[Login, ...]:
        wait_s = RENEW_EVERY_S if self._known else 0.0
        if self._clock() - self._asked_at < wait_s:
            raise NoLogins("The bank was asked for new logins of the test customers a moment ago.")
        self._asked_at = self._clock()
        reply = self._board.order("bank", PATH, {}, ASK_S_MAX)
        if not reply.well:
            raise NoLogins(f"The bank gives no test customers: {reply.body.get('error') or reply.words}")
        found = _logins(reply.body.get("customers"))
        if not found:
            raise NoLogins("What the bank said of its test customers has not the agreed form.")
        write_private(self._file, json.dumps([asdict(one) for one in found]).encode())
        self._known = found
        return found


def _read(file: Path) -> tuple[Login, ...]:
    try:
        return _logins(json.loads(file.read_bytes()))
    except (OSError, ValueError):
        return ()


def _logins(raw: object) -> tuple[Login, ...]:
    if not isinstance(raw, list) or len(raw) != COUNT:
        return ()
    try:
        return tuple(
            Login(int(one["customer"]), int(one["account"]), *(str(one[name]) for name in TEXTS)) for one in raw
        )
    except (KeyError, TypeError, ValueError):
        return ()
