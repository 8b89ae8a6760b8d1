"""Signed tokens: `<signer>.<base64url JSON>.<base64url signature>`, bound to one purpose.

Each building holds its own private key and everybody's public ones, so that what is stolen from one
building signs nothing in another's name.
"""

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken

TOKEN_BYTES_MAX = 8192


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _digest(body: bytes) -> str:
    """What binds a call to its body: SHA-256 in hex, empty for none."""
    return hashlib.sha256(body).hexdigest() if body else ""


def _bound(purpose: str, signer: str, payload: bytes) -> bytes:
    return purpose.encode() + b"\0" + signer.encode() + b"\0" + payload


@dataclass(frozen=True)
class Keyring:
    """One building's private key and the public keys of all. Thread-safe; holds no state.

    clock: seconds since 1970 UTC, by which calls are signed and judged.
    """

    name: str
    private: Ed25519PrivateKey = field(repr=False)
    public: dict[str, Ed25519PublicKey] = field(repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    def sign(self, purpose: str, payload: dict[str, Any]) -> str:
        """A token that says payload, for this purpose only, in this building's name."""
        raw = json.dumps(payload, separators=(",", ":"), ensure_ascii=True).encode()
        return f"{self.name}.{_encode(raw)}.{_encode(self.private.sign(_bound(purpose, self.name, raw)))}"

    def verify(self, purpose: str, token: str, by: Collection[str]) -> dict[str, Any]:
        """The payload of a token signed for this purpose by one of `by`; raises BadToken otherwise."""
        if len(token) > TOKEN_BYTES_MAX:
            raise BadToken("the token is too long")
        return self.verify_large(purpose, token, by)

    def verify_large(self, purpose: str, token: str, by: Collection[str]) -> dict[str, Any]:
        """As verify, for a token whose length the caller has limited."""
        try:
            signer, body, signature = token.split(".")
            raw = _decode(body)
            key = self.public[signer] if signer in by else None
            if key is None:
                raise BadToken(f"{signer!r} may not sign a token of purpose {purpose!r}")
            key.verify(_decode(signature), _bound(purpose, signer, raw))
            payload = json.loads(raw)
        except (ValueError, KeyError, InvalidSignature) as error:
            raise BadToken(f"the token of purpose {purpose!r} does not hold") from error
        if not isinstance(payload, dict):
            raise BadToken("the token holds no object")
        payload["signer"] = signer
        return payload

    def call(self, to: str, path: str, body: bytes = b"") -> str:
        """The value of the caller header for one call to another building's address (no query) with this body."""
        return self.sign("call", {"to": to, "path": path, "at": self.clock(), "body": _digest(body)})

    def verify_call(self, token: str | None, path: str, by: Collection[str], body: bytes = b"") -> str:
        """Who calls; raises BadToken when it is none of `by`, another path or body, or too old."""
        if not token:
            raise BadToken("the call is not signed")
        payload = self.verify("call", token, by)
        age_s = abs(self.clock() - float(payload.get("at", 0)))
        same = (payload.get("to"), payload.get("path"), payload.get("body")) == (self.name, path, _digest(body))
        if not same or age_s > CLOCK_LEEWAY_S:
            raise BadToken("the call was signed for something else, or too long ago")
        return str(payload["signer"])


def mark_of(call: str) -> bytes:
    """What tells a call that was verified from every other, however its token is written: a digest of what it says."""
    signer, body, _ = call.split(".")
    return hashlib.sha256(_bound("call", signer, _decode(body))).digest()


def create_key(folder: Path, name: str) -> None:
    """Make the key pair `name` in folder, if it is not there: NAME.private.pem (0600), NAME.public.pem."""
    private_path = folder / f"{name}.private.pem"
    if private_path.exists():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / f"{name}.public.pem").write_bytes(public)
    handle = os.open(private_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def load_keyring(folder: Path, name: str, clock: Callable[[], float] = time.time) -> Keyring:
    """Load the private key `name` and all public keys of folder; raises FileNotFoundError when absent."""
    private = load_pem_private_key((folder / f"{name}.private.pem").read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise BadToken(f"{name}.private.pem is not an Ed25519 key")
    public: dict[str, Ed25519PublicKey] = {}
    for path in sorted(folder.glob("*.public.pem")):
        key = load_pem_public_key(path.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            public[path.name.removesuffix(".public.pem")] = key
    return Keyring(name, private, public, clock)
