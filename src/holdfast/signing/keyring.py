"""Signed tokens: `<signer>.<base64url JSON>.<base64url signature>`, bound to one purpose.

Each building holds its own private key and everybody's public ones, so that what is stolen from one
building signs nothing in another's name.
"""

import base64
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken
from holdfast.contracts.factors import DEVICE_PURPOSE
from holdfast.signing.pairs import (
    PUBLIC,
    Accepted,
    private_file,
    read_pem,
    read_private,
    read_public,
    write_private_key,
    write_public,
)

TOKEN_BYTES_MAX = 8192
log = logging.getLogger(__name__)


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _digest(body: bytes) -> str:
    """What binds a call to its body: SHA-256 in hex, empty for none."""
    return hashlib.sha256(body).hexdigest() if body else ""


def _bound(purpose: str, signer: str, payload: bytes) -> bytes:
    return purpose.encode() + b"\0" + signer.encode() + b"\0" + payload


KEPT_PURPOSES = frozenset({"outage confirmation", "paper", "books-anchor", "bundle", DEVICE_PURPOSE})
"""What is shown long after it was signed: it holds also under a key that has ended in good order. A known device has
an end of its own (contracts.factors)."""
LOOK_S = 1.0
"""A process knows of new and ended keys this long after they were written."""


class Keyring:
    """One building's private key and the public keys of all, looked at again while they are used. Thread-safe.

    folder: the installation's keys; name: whose private key; clock: seconds since 1970 UTC, by which calls are signed
    and judged. Raises OSError or BadToken when the keys cannot be read; those known are used on when they cannot later.
    """

    def __init__(self, folder: Path, name: str, clock: Callable[[], float] = time.time) -> None:
        self.name, self.clock = name, clock
        self._folder = folder
        self._lock = threading.Lock()
        self._looked_at = time.monotonic()
        self._stamp = self._stamped()
        self._private = read_private(folder, name)
        self._public = read_public(folder)

    def _look(self) -> None:
        """Take what was written since, at most each LOOK_S."""
        if time.monotonic() - self._looked_at < LOOK_S or not self._lock.acquire(blocking=False):
            return
        try:
            self._looked_at = time.monotonic()
            stamp = self._stamped()
            if stamp != self._stamp:
                self._public = read_public(self._folder)
                self._private = read_private(self._folder, self.name)
                self._stamp = stamp
        except (OSError, ValueError, KeyError, TypeError, BadToken) as error:
            log.warning("the signing keys known before are used on: %s", error)
        finally:
            self._lock.release()

    def _stamped(self) -> tuple[int, ...]:
        own, public = private_file(self._folder, self.name).stat(), (self._folder / PUBLIC).stat()
        return own.st_ino, own.st_mtime_ns, public.st_mtime_ns  # a file that is replaced changes its folder

    def sign(self, purpose: str, payload: dict[str, Any]) -> str:
        """A token that says payload, for this purpose only, in this building's name."""
        self._look()
        raw = json.dumps(payload, separators=(",", ":"), ensure_ascii=True).encode()
        return f"{self.name}.{_encode(raw)}.{_encode(self._private.sign(_bound(purpose, self.name, raw)))}"

    def accepted(self, signer: str) -> tuple[Accepted, ...]:
        """The keys of which a token of this signer is taken now: others as soon as one is added, struck or ends."""
        self._look()
        now = self.clock()
        return tuple(one for one in self._public.get(signer, ()) if one.ends is None or now < one.ends)

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
            self._look()
            if signer not in by:
                raise BadToken(f"{signer!r} may not sign a token of purpose {purpose!r}")
            self._check(purpose, signer, _decode(signature), raw)
            payload = json.loads(raw)
        except (ValueError, KeyError, InvalidSignature) as error:
            raise BadToken(f"the token of purpose {purpose!r} does not hold") from error
        if not isinstance(payload, dict):
            raise BadToken("the token holds no object")
        payload["signer"] = signer
        return payload

    def _check(self, purpose: str, signer: str, signature: bytes, raw: bytes) -> None:
        """Raise InvalidSignature when none of the signer's keys that may, the newest first, made this signature."""
        bound = _bound(purpose, signer, raw)
        for accepted in self._public[signer]:
            if accepted.ends is not None and purpose not in KEPT_PURPOSES and self.clock() >= accepted.ends:
                continue
            try:
                accepted.key.verify(signature, bound)
            except InvalidSignature:
                continue
            return
        raise InvalidSignature

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
    """Make the key pair `name`, if it is not there, or bring it here from where an earlier release had it."""
    if private_file(folder, name).exists():
        return
    old_private, old_public = folder / f"{name}.private.pem", folder / f"{name}.public.pem"
    if old_private.exists():
        key, made = read_pem(old_private), old_private.stat().st_mtime
    else:
        key, made = Ed25519PrivateKey.generate(), time.time()
    write_public(folder, name, [Accepted(key.public_key(), made)])
    write_private_key(private_file(folder, name), key)
    for path in (old_private, old_public):
        path.unlink(missing_ok=True)


def load_keyring(folder: Path, name: str, clock: Callable[[], float] = time.time) -> Keyring:
    """Load the private key `name` and all public keys of folder; raises FileNotFoundError when absent."""
    return Keyring(folder, name, clock)
