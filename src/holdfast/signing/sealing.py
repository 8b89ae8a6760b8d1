"""Secrets are sealed before a database sees them: AES-256-GCM, the key in a file of its own (keyfile.py).

Each is bound to its owner: one put in another's place does not open. All keys of the file read, the newest writes; a
rotation adds one and seals everything anew while the programs work. What must be found again is found by its mark: an
HMAC under a key made from the same key, which tells nothing to who has no key.
"""

import base64
import contextlib
import hmac
import os
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.signing.keyfile import read_keys, write_keys

NONCE_BYTES = 12
HEAD = struct.Struct(">I")
KEYS_KEPT = 2
"""After a rotation the key before the newest stays: another process may have sealed by it until it heard of the new."""
LOOK_S = 1.0
"""A process knows a new key this long after it was written, in seconds: before anything is sealed anew by it."""
MARK_BYTES = 16
MARK_LENGTH = 22
"""Characters of a mark: 16 bytes in base64url without padding."""


class NotSealed(Exception):
    """A secret cannot be opened, or the key file not be read. Restore the file that the text names."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The keys of the file as it was read; stamp tells whether it was written since."""

    ciphers: dict[int, AESGCM]
    marking: tuple[bytes, ...]
    newest: int
    head: bytes
    stamp: tuple[int, int]


class Sealer:
    """Seals and opens by the keys of one file, made when there is none. Thread-safe; reads the file again when
    it was written, looking each LOOK_S. path: asked for at each reading; purpose: what the secrets are."""

    def __init__(self, path: Callable[[], Path], purpose: bytes) -> None:
        self._path = path
        self._purpose = purpose
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._looked_at = float("-inf")

    def must_be_there(self, sealed_before: bool) -> None:
        """Raises NotSealed when something was sealed before and the file is gone: a new key would open nothing of it,
        and what it seals would not open when the file is restored."""
        if sealed_before and not self._path().exists():
            raise NotSealed(f"the keys {self._path()} are gone, and the database is sealed by them; restore the file")

    def seal(self, secret: str, owner: str) -> str:
        """The secret under the newest key, as text; raises NotSealed without keys."""
        return base64.b64encode(self.seal_bytes(secret.encode("utf-8", "surrogatepass"), owner)).decode()

    def unseal(self, stored: str, owner: str) -> str:
        """What was sealed for this owner; raises NotSealed when no key opens it."""
        try:
            raw = base64.b64decode(stored)
        except ValueError as error:
            raise self._closed(owner) from error
        return self.unseal_bytes(raw, owner).decode("utf-8", "surrogatepass")

    def seal_bytes(self, secret: bytes, owner: str) -> bytes:
        """The secret under the newest key; raises NotSealed without keys."""
        held, nonce = self._now(), os.urandom(NONCE_BYTES)
        return held.head + nonce + held.ciphers[held.newest].encrypt(nonce, secret, self._bound_to(owner))

    def unseal_bytes(self, stored: bytes, owner: str) -> bytes:
        """What was sealed for this owner; raises NotSealed when no key opens it."""
        try:
            cipher = self._one(HEAD.unpack_from(stored)[0])
            nonce, sealed = stored[HEAD.size : HEAD.size + NONCE_BYTES], stored[HEAD.size + NONCE_BYTES :]
            return cipher.decrypt(nonce, sealed, self._bound_to(owner))
        except (KeyError, ValueError, struct.error, InvalidTag) as error:
            raise self._closed(owner) from error

    def marks(self, term: str, owner: str) -> list[str]:
        """By what a term is found among the owner's: its marks under all keys, the newest first."""
        text = owner.encode() + b"\0" + term.encode("utf-8", "surrogatepass")
        return [_mark(key, text) for key in self._now().marking]

    def mark(self, term: str, owner: str) -> str:
        """The mark under the newest key, MARK_LENGTH characters."""
        return _mark(self._now().marking[0], owner.encode() + b"\0" + term.encode("utf-8", "surrogatepass"))

    def add(self) -> int:
        """Make a new key, by which everything is sealed from now on; its number. Other processes know it LOOK_S
        later: wait so long before anything is sealed anew."""
        number = self._now().newest
        with self._lock:
            write_keys(self._path(), {**read_keys(self._path()), number + 1: AESGCM.generate_key(256)})
            self._read()
        return number + 1

    def drop_old(self) -> None:
        """Forget all keys but the newest ones."""
        with self._lock:
            held = read_keys(self._path())
            write_keys(self._path(), {number: held[number] for number in sorted(held)[-KEYS_KEPT:]})
            self._read()

    def _bound_to(self, owner: str) -> bytes:
        return self._purpose + b" " + owner.encode()

    def _closed(self, owner: str) -> NotSealed:
        return NotSealed(f"a secret of {owner} cannot be opened; restore {self._path().name}")

    def _now(self) -> _Held:
        held, now = self._held, time.monotonic()
        if held is not None and now - self._looked_at < LOOK_S:
            return held
        with self._lock:
            if self._held is None or _stamp(self._path()) not in (None, self._held.stamp):
                self._read()
            self._looked_at = now
            if self._held is None:
                raise NotSealed(f"the keys {self._path()} cannot be read; restore them")
            return self._held

    def _one(self, number: int) -> AESGCM:
        held = self._held
        if held is None or number not in held.ciphers:
            with self._lock:
                held = self._read()
        return held.ciphers[number]

    def _read(self) -> _Held:
        path = self._path()
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was first
                write_keys(path, {1: AESGCM.generate_key(256)}, fresh=True)
        try:
            stamp, keys = _stamp(path) or (0, 0), read_keys(path)
            ciphers = {number: AESGCM(key) for number, key in keys.items()}
            purpose = self._purpose + b" look-up"
            marking = tuple(hmac.digest(keys[number], purpose, "sha256") for number in sorted(keys, reverse=True))
            newest = max(ciphers)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise NotSealed(f"the keys {path} cannot be read ({error}); restore them") from error
        self._held = _Held(ciphers, marking, newest, HEAD.pack(newest), stamp)
        return self._held


def _stamp(path: Path) -> tuple[int, int] | None:
    """What is another after each writing (the file is replaced as a whole); None when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _mark(key: bytes, text: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, text, "sha256")[:MARK_BYTES]).decode().rstrip("=")
