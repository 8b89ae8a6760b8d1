"""A form that was sent after its session ended is kept through the login and goes on behind it (contracts/kept.py)."""

from django.http import HttpRequest

from holdfast.bank.books import installation, keyring
from holdfast.contracts.errors import BadToken
from holdfast.contracts.kept import TOKEN_MAX, Kept, is_kept, pack, unpack
from holdfast.contracts.sessions import (
    BANK_COOKIE,
    SESSION_PURPOSE,
    STANDIN_COOKIE,
    Session,
    session_from_payload,
)
from holdfast.signing.sealing import NotSealed, Sealer

FILE = "bank-forms.keys"

sealer = Sealer(lambda: installation().keys / "primary" / FILE, b"holdfast bank form 1")


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
    session = ended_session(request) if is_kept(request.method or "GET", request.path) else None
    if session is None:
        return ""
    said = pack(request.path, ((name, value) for name, values in request.POST.lists() for value in values))
    return sealer.seal(said, str(session.customer)) if said else ""


def take_up(token: str, customer: int) -> Kept | None:
    """What was kept for this customer; None when it is somebody else's, too old, or none."""
    if not token or len(token) > TOKEN_MAX:
        return None
    try:
        return unpack(sealer.unseal(token, str(customer)))
    except NotSealed:
        return None
