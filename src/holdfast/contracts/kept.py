"""A form that was sent after its session had ended: what of it is kept through the login, at either bank.

Its fields travel in the login's own form, sealed by the bank for the customer whose session it was: nobody else at the
screen reads them, and nobody else who logs in can send them. Nothing is sent on by itself: the customer sees what was
typed and presses the button. Passwords and codes are never kept.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.contracts.routes import find_route

KEPT_S = 3600
BYTES_MAX = 6000
FIELDS_MAX = 40
TOKEN_MAX = 3 * BYTES_MAX
NEVER = frozenset({"password", "code", "passkey", "proof"})
NOT_KEPT = ("/login", "/logout", "/security", "/register", "/files", "/api/")
"""Addresses whose forms begin again: how one logs in is never changed by a form from before the login, and a file is
not kept."""
SHOWN = ("to", "name", "amount", "text")
"""Fields that a customer recognises a payment by."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent: its address and its fields, in order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def value(self, name: str) -> str:
        """The first value of a field, "" without one."""
        return next((value for field, value in self.fields if field == name), "")

    @property
    def pays(self) -> bool:
        """Whether it is a payment's form."""
        return self.path == "/pay"


def is_kept(method: str, path: str) -> bool:
    """Whether forms of this address are kept."""
    route = find_route(method, path)
    return method == "POST" and route is not None and not route.signed and not path.startswith(NOT_KEPT)


def pack(path: str, fields: Iterable[tuple[str, str]]) -> str:
    """What a bank seals; "" for a form that is too large to be carried."""
    kept = [one for one in fields if one[0] not in NEVER]
    said = json.dumps({"path": path, "fields": kept, "at": time.time()})
    return "" if len(kept) > FIELDS_MAX or len(said.encode()) > BYTES_MAX else said


def unpack(said: str) -> Kept | None:
    """What a bank unsealed; None when it is too old or has not the agreed form."""
    try:
        raw = json.loads(said)
        if time.time() - float(raw["at"]) > KEPT_S:
            return None
        return Kept(str(raw["path"]), tuple((str(name), str(value)) for name, value in raw["fields"]))
    except (KeyError, ValueError, TypeError):
        return None
