"""The secrets of authenticators are sealed before the database sees them: AES-256-GCM, the key in a file of its own.

Each is bound to its customer: one put in another's place does not open. All keys of the file read, the newest writes;
`rotate` adds one and seals everything anew while the bank works.
"""

import base64
import contextlib
import os
import struct
import threading

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.bank.books import installation
from holdfast.bank.errors import SealBroken
from holdfast.signing.keyfile import read_keys, write_keys

FILE = "bank-factors.keys"
NONCE_BYTES = 12
HEAD = struct.Struct(">I")
KEYS_KEPT = 2
"""After a rotation the key before the newest stays: another process may have sealed by it until it heard of the new."""


class Keys:
    """The keys of the file. Thread-safe; reads the file again when it meets a key that it does not know."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ciphers: dict[int, AESGCM] = {}

    def newest(self) -> tuple[int, AESGCM]:
        """The key to seal by, with its number; raises SealBroken without keys."""
        with self._lock:
            if not self._ciphers:
                self._read()
            number = max(self._ciphers)
            return number, self._ciphers[number]

    def one(self, number: int) -> AESGCM:
        """The key of this number; raises SealBroken or KeyError."""
        with self._lock:
            if number not in self._ciphers:
                self._read()
            return self._ciphers[number]

    def add(self) -> int:
        """Make a new key, by which everything is sealed from now on; its number."""
        number, _ = self.newest()
        path = installation().keys / FILE
        with self._lock:
            write_keys(path, {**read_keys(path), number + 1: AESGCM.generate_key(256)})
            self._read()
        return number + 1

    def drop_old(self) -> None:
        """Forget all keys but the newest ones."""
        path = installation().keys / FILE
        with self._lock:
            held = read_keys(path)
            write_keys(path, {number: held[number] for number in sorted(held)[-KEYS_KEPT:]})
            self._read()

    def _read(self) -> None:
        path = installation().keys / FILE
        if not path.exists():
            with contextlib.suppress(FileExistsError):  # another process was first
                write_keys(path, {1: AESGCM.generate_key(256)}, fresh=True)
        try:
            self._ciphers = {number: AESGCM(key) for number, key in read_keys(path).items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise SealBroken(f"the keys {path} cannot be read ({error}); restore them") from error


keys = Keys()


def _purpose(customer: int) -> bytes:
    return b"holdfast bank factor 1 " + str(customer).encode()


def seal(secret: str, customer: int) -> str:
    """The secret under the newest key, as text; raises SealBroken without keys."""
    (number, cipher), nonce = keys.newest(), os.urandom(NONCE_BYTES)
    sealed = cipher.encrypt(nonce, secret.encode(), _purpose(customer))
    return base64.b64encode(HEAD.pack(number) + nonce + sealed).decode()


def unseal(stored: str, customer: int) -> str:
    """What was sealed for this customer; raises SealBroken when no key opens it."""
    try:
        raw = base64.b64decode(stored)
        cipher = keys.one(HEAD.unpack_from(raw)[0])
        nonce, sealed = raw[HEAD.size : HEAD.size + NONCE_BYTES], raw[HEAD.size + NONCE_BYTES :]
        return cipher.decrypt(nonce, sealed, _purpose(customer)).decode()
    except (KeyError, ValueError, struct.error, InvalidTag) as error:
        raise SealBroken(f"a secret of customer {customer} cannot be opened; restore {FILE}") from error
