"""A passkey of software: makes and signs as WebAuthn Level 2 says (ES256, attestation "none"), and can cheat."""

import hashlib
import json
import secrets
import struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from holdfast.contracts.factors import Passkey, to_base64url

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


class SoftPasskey:
    """One key pair with its count. flags and origin may be set wrong on purpose."""

    def __init__(self, origin: str, host: str = "localhost") -> None:
        self.origin, self.host = origin, host
        self.flags = PRESENT | VERIFIED
        self.count = 0
        self.raw_id = secrets.token_bytes(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def id(self) -> str:
        return to_base64url(self.raw_id)

    @property
    def cose(self) -> bytes:
        """The public key as COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}."""
        point = self._key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y

    def stored(self, name: str = "Key", created_us: int = 1) -> Passkey:
        """As both banks keep it."""
        return Passkey(self.id, to_base64url(self.cose), 0, ("internal",), name, created_us)

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": to_base64url(challenge.encode()), "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _answer(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": self.id, "rawId": self.id, "type": "public-key", "response": response})

    def made(self, challenge: str) -> str:
        """The form's field when the passkey was made."""
        head = bytes(16) + struct.pack(">H", len(self.raw_id)) + self.raw_id + self.cose
        data = self._data(self.flags | ATTESTED) + head
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59" + struct.pack(">H", len(data)) + data
        client = self._client("webauthn.create", challenge)
        return self._answer({"clientDataJSON": to_base64url(client), "attestationObject": to_base64url(attestation)})

    def said(self, challenge: str) -> str:
        """The form's field when the passkey logs in; the count grows."""
        self.count += 1
        client, data = self._client("webauthn.get", challenge), self._data(self.flags)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": to_base64url(client),
                "authenticatorData": to_base64url(data),
                "signature": to_base64url(signature),
                "userHandle": None,
            }
        )
