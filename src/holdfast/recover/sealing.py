"""A sealed file: compressed, then encrypted in pieces by AES-256-GCM, as the STREAM construction orders them
(Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015):
each piece's nonce holds its number and whether it is the last, so that none can be left out, doubled or moved.

Head: MAGIC, the key's number (4 bytes), a salt (32 bytes). The file's own key is derived from salt and context, which
names the backup and the part: a file put in another's place does not open.
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.recover.errors import Damaged
from holdfast.recover.keys import RecoveryKeys

MAGIC = b"holdfast sealed 1\n"
HEAD = struct.Struct(f">{len(MAGIC)}sI32s")
PIECE_BYTES = 1 << 20
TAG_BYTES = 16
LEVEL = 1
"""Of zlib: databases' pages halve and more at the quickest level; the next ones cost more than they save."""
INFLATED_BYTES_MAX = 16 << 20
"""At once, of one piece."""


class Sealing:
    """Takes plain bytes and gives sealed ones. key: which of the keys' names seals; context: what the file is."""

    def __init__(self, keys: RecoveryKeys, key: str, context: str) -> None:
        number, salt = keys.newest(key), os.urandom(32)
        self._head = HEAD.pack(MAGIC, number, salt)
        self._cipher = AESGCM(keys.derived(key, number, salt, context))
        self._packing = zlib.compressobj(LEVEL)
        self._waiting = bytearray()
        self._count = 0
        self._begun = False
        self.plain_bytes = 0

    def take(self, plain: bytes) -> bytes:
        """What is ready to be written."""
        self.plain_bytes += len(plain)
        self._waiting += self._packing.compress(plain)
        out = bytearray(self._first())
        while len(self._waiting) > PIECE_BYTES:
            out += self._piece(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return bytes(out)

    def end(self) -> bytes:
        """The rest; nothing may be taken after it."""
        out = bytearray(self._first())
        self._waiting += self._packing.flush()
        while len(self._waiting) > PIECE_BYTES:
            out += self._piece(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return bytes(out + self._piece(bytes(self._waiting), last=True))

    def _first(self) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return self._head

    def _piece(self, plain: bytes, last: bool) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._count, last), plain, self._head)
        self._count += 1
        return sealed


def seal_bytes(keys: RecoveryKeys, key: str, context: str, plain: bytes) -> bytes:
    """A small file whole."""
    sealing = Sealing(keys, key, context)
    return sealing.take(plain) + sealing.end()


def opened(path: Path, keys: RecoveryKeys, key: str, context: str) -> Iterator[bytes]:
    """The plain bytes of a sealed file, in steps; raises Damaged or KeyFault, naming the file. All of it holds only
    once the iterator has ended."""
    try:
        with path.open("rb") as source:
            yield from _opened(source, path, keys, key, context)
    except FileNotFoundError as error:
        raise Damaged(f"{path} is missing; use another place or an older backup") from error
    except OSError as error:
        raise Damaged(f"{path} cannot be read ({error.strerror}); use another place or an older backup") from error


def _opened(source: BinaryIO, path: Path, keys: RecoveryKeys, key: str, context: str) -> Iterator[bytes]:
    head = source.read(HEAD.size)
    if len(head) != HEAD.size or not head.startswith(MAGIC):
        raise Damaged(f"{path} is not a sealed file of this release; use another place or an older backup")
    _, number, salt = HEAD.unpack(head)
    cipher = AESGCM(keys.derived(key, number, salt, context))
    unpacking = zlib.decompressobj()
    count, piece = 0, source.read(PIECE_BYTES + TAG_BYTES)
    while True:
        following = source.read(PIECE_BYTES + TAG_BYTES)
        try:
            plain = cipher.decrypt(_nonce(count, not following), piece, head)
        except InvalidTag as error:
            why = "the key is wrong, or the file was changed" if count == 0 else "the file was changed or cut short"
            raise Damaged(
                f"{path} cannot be opened at byte {HEAD.size + count * (PIECE_BYTES + TAG_BYTES)}: {why}"
            ) from error
        while plain:
            step = unpacking.decompress(plain, INFLATED_BYTES_MAX)
            if step:
                yield step
            plain = unpacking.unconsumed_tail
        if not following:
            break
        count, piece = count + 1, following
    rest = unpacking.flush()
    if not unpacking.eof:
        raise Damaged(f"{path} ends before its contents do; use another place or an older backup")
    if rest:
        yield rest


def open_bytes(path: Path, keys: RecoveryKeys, key: str, context: str, bytes_max: int = 256 << 20) -> bytes:
    """A small sealed file whole; raises Damaged or KeyFault."""
    out = bytearray()
    for part in opened(path, keys, key, context):
        out += part
        if len(out) > bytes_max:
            raise Damaged(f"{path} holds more than {bytes_max >> 20} MiB, which it never should")
    return bytes(out)


def digest(path: Path) -> tuple[str, int]:
    """SHA-256 in hex and size of a file as it lies; raises Damaged."""
    summed, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as source:
            while part := source.read(PIECE_BYTES):
                summed.update(part)
                size += len(part)
    except FileNotFoundError as error:
        raise Damaged(f"{path} is missing; use another place or an older backup") from error
    except OSError as error:
        raise Damaged(f"{path} cannot be read ({error.strerror}); use another place or an older backup") from error
    return summed.hexdigest(), size


def _nonce(count: int, last: bool) -> bytes:
    return count.to_bytes(11, "big") + bytes([last])
