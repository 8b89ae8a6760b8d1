"""The secrets of authenticators are sealed before the database sees them: AES-256-GCM, the key in a file of its own.

Each is bound to its customer: one put in another's place does not open.
"""

import base64
import contextlib
import os
import struct
import threading
from functools import cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.bank.books import installation
from holdfast.bank.errors import SealBroken
from holdfast.signing.keyfile import read_keys, write_keys

FILE = "bank-factors.keys"
NONCE_BYTES = 12
HEAD = struct.Struct(">I")
_making = threading.Lock()


@cache
def _load(path: Path) -> dict[int, AESGCM]:
    if not path.exists():
        with contextlib.suppress(FileExistsError):  # another process was first
            write_keys(path, {1: AESGCM.generate_key(256)}, fresh=True)
    try:
        return {number: AESGCM(key) for number, key in read_keys(path).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SealBroken(f"the keys {path} cannot be read ({error}); restore them") from error


def _ciphers() -> dict[int, AESGCM]:
    with _making:
        return _load(installation().keys / FILE)


def _purpose(customer: int) -> bytes:
    return b"holdfast bank factor 1 " + str(customer).encode()


def seal(secret: str, customer: int) -> str:
    """The secret under the newest key, as text; raises SealBroken without keys."""
    ciphers, nonce = _ciphers(), os.urandom(NONCE_BYTES)
    number = max(ciphers)
    sealed = ciphers[number].encrypt(nonce, secret.encode(), _purpose(customer))
    return base64.b64encode(HEAD.pack(number) + nonce + sealed).decode()


def unseal(stored: str, customer: int) -> str:
    """What was sealed for this customer; raises SealBroken when no key opens it."""
    try:
        raw = base64.b64decode(stored)
        cipher = _ciphers()[HEAD.unpack_from(raw)[0]]
        nonce, sealed = raw[HEAD.size : HEAD.size + NONCE_BYTES], raw[HEAD.size + NONCE_BYTES :]
        return cipher.decrypt(nonce, sealed, _purpose(customer)).decode()
    except (KeyError, ValueError, struct.error, InvalidTag) as error:
        raise SealBroken(f"a secret of customer {customer} cannot be opened; restore {FILE}") from error
