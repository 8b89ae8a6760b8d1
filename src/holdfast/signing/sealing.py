"""Secrets are sealed before a database sees them: AES-256-GCM, the key in a file of its own (keyfile.py).

Each is bound to its owner: one put in another's place does not open. All keys of the file read, the newest writes; a
rotation adds one and seals everything anew while the programs work.
"""

import base64
import contextlib
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.signing.keyfile import read_keys, write_keys

NONCE_BYTES = 12
HEAD = struct.Struct(">I")
KEYS_KEPT = 2
"""After a rotation the key before the newest stays: another process may have sealed by it until it heard of the new."""


class NotSealed(Exception):
    """A secret cannot be opened, or the key file not be read. Restore the file that the text names."""


class Sealer:
    """Seals and opens by the keys of one file, made when there is none. Thread-safe; reads the file again when
    it meets a key that it does not know. path: asked for at each reading; purpose: what the secrets are."""

    def __init__(self, path: Callable[[], Path], purpose: bytes) -> None:
        self._path = path
        self._purpose = purpose
        self._lock = threading.Lock()
        self._ciphers: dict[int, AESGCM] = {}

    def seal(self, secret: str, owner: str) -> str:
        """The secret under the newest key, as text; raises NotSealed without keys."""
        (number, cipher), nonce = self._newest(), os.urandom(NONCE_BYTES)
        sealed = cipher.encrypt(nonce, secret.encode(), self._bound_to(owner))
        return base64.b64encode(HEAD.pack(number) + nonce + sealed).decode()

    def unseal(self, stored: str, owner: str) -> str:
        """What was sealed for this owner; raises NotSealed when no key opens it."""
        try:
            raw = base64.b64decode(stored)
            cipher = self._one(HEAD.unpack_from(raw)[0])
            nonce, sealed = raw[HEAD.size : HEAD.size + NONCE_BYTES], raw[HEAD.size + NONCE_BYTES :]
            return cipher.decrypt(nonce, sealed, self._bound_to(owner)).decode()
        except (KeyError, ValueError, struct.error, InvalidTag) as error:
            raise NotSealed(f"a secret of {owner} cannot be opened; restore {self._path().name}") from error

    def add(self) -> int:
        """Make a new key, by which everything is sealed from now on; its number."""
        number, _ = self._newest()
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

    def _newest(self) -> tuple[int, AESGCM]:
        with self._lock:
            if not self._ciphers:
                self._read()
            number = max(self._ciphers)
            return number, self._ciphers[number]

    def _one(self, number: int) -> AESGCM:
        with self._lock:
            if number not in self._ciphers:
                self._read()
            return self._ciphers[number]

    def _read(self) -> None:
        path = self._path()
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was first
                write_keys(path, {1: AESGCM.generate_key(256)}, fresh=True)
        try:
            self._ciphers = {number: AESGCM(key) for number, key in read_keys(path).items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise NotSealed(f"the keys {path} cannot be read ({error}); restore them") from error
