"""What the spare bank keeps on its disk of people and their words is sealed: AES-256-GCM under a key of its own.

Facts' bodies, blocks' items and journal bodies pass through two functions that every connection of ours knows in SQL:
`sealed(text)` when they are written, `opened(value)` when they are read; the columns by which rows are found stay as
they are. What people are looked up by (a name of login, an account number) stands beside the fact as a mark: an HMAC
under a key made from the same key. In front of each sealed value stands the number of its key. All keys can read, the
newest writes;
`rotate_keys` adds one and seals everything anew, in steps, while the spare bank works. What an earlier release stored
as plain text is read too. The hash chains are over the plain text, so a value put in another's place is found.
"""

import hmac
import json
import os
import sqlite3
import struct
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.signing.keyfile import read_keys, write_keys
from holdfast.standin.errors import StoreBroken
from holdfast.standin.facts import columns_of

FILE = "standin-store.keys"
PURPOSE = b"holdfast spare bank store 1"
MARK_PURPOSE = b"holdfast spare bank look-up 1"
MARK_BYTES = 16
NONCE_BYTES = 12
HEAD = struct.Struct(">I")
KEYS_KEPT = 2
"""After a rotation the key before the newest stays: what runs may have sealed by it until it heard of the newest."""


class Vault:
    """Seals and opens. Thread-safe; reads its file again when it meets a key that it does not know."""

    def __init__(self, path: Path) -> None:
        """Read the keys, or make the first; raises StoreBroken in words when the file cannot be read."""
        self._path = path
        self._lock = threading.Lock()
        if not path.exists():
            write_keys(path, {1: AESGCM.generate_key(256)})
        self.refresh()

    def refresh(self) -> None:
        """Read the file again."""
        try:
            raw = read_keys(self._path)
            ciphers = {number: AESGCM(key) for number, key in raw.items()}
            marking = {number: hmac.digest(key, MARK_PURPOSE, "sha256") for number, key in raw.items()}
            newest = max(ciphers)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise StoreBroken(f"the store's keys {self._path} cannot be read ({error}); restore them") from error
        with self._lock:
            self._ciphers, self._marking, self.newest = ciphers, marking, newest
            self._head, self._cipher = HEAD.pack(newest), ciphers[newest]

    def seal(self, text: str) -> bytes:
        """The text under the newest key."""
        with self._lock:
            head, cipher = self._head, self._cipher
        nonce = os.urandom(NONCE_BYTES)
        return head + nonce + cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), PURPOSE)

    def open(self, stored: bytes | str) -> str:
        """What was sealed; plain text as it is. Raises StoreBroken when no key opens it."""
        if isinstance(stored, str):
            return stored
        number = HEAD.unpack_from(stored)[0]
        if number not in self._ciphers:
            self.refresh()
        try:
            cipher, nonce = self._ciphers[number], stored[HEAD.size : HEAD.size + NONCE_BYTES]
            return cipher.decrypt(nonce, stored[HEAD.size + NONCE_BYTES :], PURPOSE).decode("utf-8", "surrogatepass")
        except (KeyError, InvalidTag) as error:
            raise StoreBroken(f"a stored value cannot be opened by key {number}; restore {self._path.name}") from error

    def stale(self, stored: bytes | str) -> int:
        """1 when this is not sealed under the newest key, for SQL."""
        return int(isinstance(stored, str) or HEAD.unpack_from(stored)[0] != self.newest)

    def mark(self, kind: str, term: str | None) -> bytes | None:
        """The mark of what a fact of this kind is looked up by, under the newest key; None for none."""
        return None if term is None else self.marks(kind, term)[0]

    def marks(self, kind: str, term: str) -> list[bytes]:
        """The marks under all keys, the newest first."""
        text, marking = f"{kind}\0{term}".encode("utf-8", "surrogatepass"), self._marking
        return [hmac.digest(marking[number], text, "sha256")[:MARK_BYTES] for number in sorted(marking, reverse=True)]

    def _marked(self, kind: str, body: str) -> bytes | None:
        return self.mark(kind, columns_of(kind, json.loads(body)).term)

    def attach(self, base: sqlite3.Connection) -> None:
        """Let a connection's SQL seal, open and mark."""
        base.create_function("sealed", 1, self.seal)
        base.create_function("opened", 1, self.open)
        base.create_function("stale", 1, self.stale)
        base.create_function("marked", 2, self._marked)

    def add_key(self) -> int:
        """Make a new key, by which everything is sealed from now on; its number."""
        keys = read_keys(self._path)
        keys[max(keys) + 1] = AESGCM.generate_key(256)
        write_keys(self._path, keys)
        self.refresh()
        return self.newest

    def drop_old(self) -> None:
        """Forget all keys but the newest ones."""
        keys = read_keys(self._path)
        write_keys(self._path, {number: keys[number] for number in sorted(keys)[-KEYS_KEPT:]})
        self.refresh()


def open_store(path: Path, vault: Vault, reading: bool = False) -> sqlite3.Connection:
    """A connection to one of the two files, which only their owner may read."""
    if not path.exists() and not reading:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    base.execute("PRAGMA busy_timeout = 5000")
    base.execute("PRAGMA temp_store = MEMORY")
    vault.attach(base)
    if reading:
        base.execute("PRAGMA query_only = 1")
    else:
        path.chmod(0o600)  # SQLite gives the files beside it the same
    return base
