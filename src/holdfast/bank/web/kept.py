"""A form that was sent after its session had ended is kept through the login and goes on behind it.

Its fields travel in the login's own form, sealed for the customer whose session it was: nobody else at the screen reads
them, and nobody else who logs in can send them. Nothing is sent on by itself: the customer sees what was typed and
presses the button. Passwords and codes are never kept.
"""

import json
import time
from dataclasses import dataclass

from django.http import HttpRequest

from holdfast.bank.books import installation, keyring
from holdfast.contracts.errors import BadToken
from holdfast.contracts.routes import find_route
from holdfast.contracts.sessions import (
    BANK_COOKIE,
    SESSION_PURPOSE,
    STANDIN_COOKIE,
    Session,
    session_from_payload,
)
from holdfast.signing.sealing import NotSealed, Sealer

FILE = "bank-forms.keys"
KEPT_S = 3600
BYTES_MAX = 6000
FIELDS_MAX = 40
NEVER = frozenset({"password", "code", "passkey", "proof"})
NOT_KEPT = ("/login", "/logout", "/security", "/register", "/files")
"""Addresses whose forms begin again: how one logs in is never changed by a form from before the login, and a file is
not kept."""

sealer = Sealer(lambda: installation().keys / FILE, b"holdfast bank form 1")


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent: its address and its fields, in order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """The first value of a field, "" without one."""
        return next((value for field, value in self.fields if field == name), "")


def ended_session(request: HttpRequest) -> Session | None:
    """The session that a request's cookies name although it is over; None without one, or where it still holds."""
    for name, signer in ((BANK_COOKIE, "primary"), (STANDIN_COOKIE, "standin")):
        try:
            raw = keyring().verify(SESSION_PURPOSE, request.COOKIES.get(name, ""), by={signer})
            session = session_from_payload(raw)
        except (BadToken, KeyError, ValueError, TypeError):
            continue
        return session if session.over() else None
    return None


def keep(request: HttpRequest) -> str:
    """The form of this request, sealed for the customer whose session ended; "" when there is nothing to keep."""
    route = find_route(request.method or "GET", request.path)
    if request.method != "POST" or route is None or route.signed or request.path.startswith(NOT_KEPT):
        return ""
    session = ended_session(request)
    if session is None:
        return ""
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name not in NEVER]
    said = json.dumps({"path": request.path, "fields": fields, "at": time.time()})
    if len(fields) > FIELDS_MAX or len(said.encode()) > BYTES_MAX:
        return ""
    return sealer.seal(said, str(session.customer))


def take_up(token: str, customer: int) -> Kept | None:
    """What was kept for this customer; None when it is somebody else's, too old, or none."""
    if not token or len(token) > 3 * BYTES_MAX:
        return None
    try:
        said = json.loads(sealer.unseal(token, str(customer)))
        if time.time() - float(said["at"]) > KEPT_S:
            return None
        return Kept(str(said["path"]), tuple((str(name), str(value)) for name, value in said["fields"]))
    except (NotSealed, KeyError, ValueError, TypeError):
        return None
