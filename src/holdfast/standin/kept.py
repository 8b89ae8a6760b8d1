"""A form that was sent after its session ended is kept through the login and goes on behind it (contracts/kept.py).
It is sealed by a key of this bank's own: one that the main bank kept begins anew here.
"""

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request

from holdfast.contracts.kept import BYTES_MAX, FIELDS_MAX, TOKEN_MAX, Kept, is_kept, pack, unpack
from holdfast.signing import Keyring
from holdfast.signing.sealing import NotSealed, Sealer
from holdfast.standin.login import ended_session

FILE = "standin-forms.keys"
SENT_MAX = 3 * BYTES_MAX
"""Bytes of a body as a browser writes it, each character up to three times as long."""


class Forms:
    """Keeps forms and gives them back."""

    def __init__(self, keys: Path, keyring: Keyring) -> None:
        self._keyring = keyring
        self._sealer = Sealer(lambda: keys / "standin" / FILE, b"holdfast spare bank form 1")

    async def keep(self, request: Request) -> str:
        """The form of this request, sealed for the customer whose session ended; "" when there is nothing to keep."""
        if not is_kept(request.method, request.url.path):
            return ""
        session = ended_session(request.cookies, self._keyring)
        length = request.headers.get("content-length", "")
        if session is None or not length.isdecimal() or int(length) > SENT_MAX:
            return ""
        try:
            form = await request.form(max_files=0, max_fields=FIELDS_MAX)
        except (HTTPException, MultiPartException):
            return ""
        fields = ((name, value) for name, value in form.multi_items() if isinstance(value, str))
        said = pack(request.url.path, fields)
        return self._sealer.seal(said, str(session.customer)) if said else ""

    def take_up(self, token: str, customer: int) -> Kept | None:
        """What was kept for this customer; None when it is somebody else's, the other bank's, too old, or none."""
        if not token or len(token) > TOKEN_MAX:
            return None
        try:
            return unpack(self._sealer.unseal(token, str(customer)))
        except NotSealed:
            return None
