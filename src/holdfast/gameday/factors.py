"""What a simulated customer shows beside the password: an authenticator's code, or a passkey of software.

The secrets stand in the list of logins (made up, as the customers are). A passkey signs as WebAuthn Level 2 says:
ES256, its owner verified, no counter, as passkeys that are copied between devices have none.
"""

import base64
import hashlib
import json
import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from holdfast.gameday.errors import StoryBroken
from holdfast.signing.onetime import code_at

STEP_S = 30
VERIFIED = b"\x05"
"""Flags of the authenticator data: present and verified."""


class Factors:
    """The second factors of one person of the list of logins."""

    def __init__(self, person: dict[str, Any], origin: str) -> None:
        self._person, self._origin = person, origin
        self._step = 0

    def code(self) -> str:
        """The code of this half minute; empty when it was shown before, since each is taken once, or without an app."""
        step = int(time.time() // STEP_S)
        if step <= self._step or "authenticator" not in self._person:
            return ""
        self._step = step
        return code_at(self._person["authenticator"], step)

    def passkey(self, challenge: str) -> str:
        """The form's field `passkey` for a door's challenge; raises StoryBroken for who has none."""
        if "passkey" not in self._person:
            raise StoryBroken(f"{self._person['username']} has no passkey; fill the bank anew")
        said = {"type": "webauthn.get", "challenge": _text(challenge.encode()), "origin": self._origin}
        client = json.dumps(said).encode()
        host = self._origin.partition("//")[2].partition(":")[0]
        data = hashlib.sha256(host.encode()).digest() + VERIFIED + bytes(4)
        key = load_der_private_key(bytes.fromhex(self._person["passkey"]["key"]), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise StoryBroken("a passkey in the list of logins is no key of an elliptic curve")
        signature = key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        ident = self._person["passkey"]["id"]
        response = {
            "clientDataJSON": _text(client),
            "authenticatorData": _text(data),
            "signature": _text(signature),
            "userHandle": None,
        }
        return json.dumps({"id": ident, "rawId": ident, "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
