"""Places near the front of the line, for customers with needs (the bank's register of them).

A door asks nobody when somebody comes: the bank that logged a customer in said whether there is a need, never which,
and the door sealed that into a cookie of the device. Every customer who logs in gets such a cookie, all of one length,
so that neither the cookie nor its absence says anything to who looks at it; it opens at the doors only. It leads to a
place near the front and nothing else.

Nobody gains by copying one: a customer gets one such place in AGAIN_S at each door however many copies there are, each
counts against its network like any other place, and only a share of all who are called goes to them.
"""

import base64
import struct
import time
from collections.abc import Callable
from pathlib import Path

from holdfast.contracts.factors import DEVICE_S
from holdfast.edge.waiting.shares import Shares
from holdfast.signing.sealing import NotSealed, Sealer
from holdfast.telemetry import get_log

COOKIE = "hf_front"
FILE = "door-places.keys"
BOUND = "place near the front"
AGAIN_S = 600.0
SHARE = 0.25
"""Of all who are called at most so many get such a place: others must go on being called, however many have needs."""
SAVED_MAX = 5.0
TOKEN_CHARACTERS_MAX = 200
NOBODY = 0
_FORM = struct.Struct(">Qd")
log = get_log()


class Front:
    """What one door knows of such places. keys: the installation's folder of keys; clock: monotonic seconds."""

    def __init__(self, keys: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._sealer = Sealer(lambda: keys / "door" / FILE, b"holdfast place 1")
        self._of_customer = Shares(1.0, 1 / AGAIN_S, clock)
        self._saved = SAVED_MAX

    def cookie(self, customer: int) -> str:
        """The cookie of a device on which somebody logged in: a customer with needs, or NOBODY for all others; "" when
        it cannot be sealed, which must keep nobody from logging in."""
        try:
            return self._token(_FORM.pack(customer, time.time()))
        except (NotSealed, OSError):
            log.exception("no place near the front can be given")
            return ""

    def called(self, count: float) -> None:
        """So many people were called; some of the next may come from here."""
        self._saved = min(self._saved + count * SHARE, SAVED_MAX)

    def take(self, token: str) -> bool:
        """Whether who brings this cookie gets a place near the front now; then it is taken."""
        customer = self._read(token)
        if customer == NOBODY or self._saved < 1.0 or self._of_customer.take(str(customer)) > 0:
            return False
        self._saved -= 1.0
        return True

    def _token(self, said: bytes) -> str:
        return base64.urlsafe_b64encode(self._sealer.seal_bytes(said, BOUND)).rstrip(b"=").decode()

    def _read(self, token: str) -> int:
        """The customer with needs of a cookie that a door sealed and that is not too old; NOBODY of any other."""
        if not token or len(token) > TOKEN_CHARACTERS_MAX:
            return NOBODY
        try:
            raw = self._sealer.unseal_bytes(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)), BOUND)
            customer, at = _FORM.unpack(raw)
        except (NotSealed, OSError, ValueError, struct.error):
            return NOBODY
        return int(customer) if -60 <= time.time() - at <= DEVICE_S else NOBODY
