"""The keys of the backups: one seals data, another the copies of keys and secrets, so that neither opens the other's.

Both lie in `keys/backup/` of the installation, which no building can read, and are put away from this machine as one
recovery file. A rotation adds a key and keeps those before: what they sealed is still opened by them.
"""

import json
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from holdfast.recover.errors import KeyFault, Refused
from holdfast.runtime.installing import BACKUP_KEYS
from holdfast.settings import Installation
from holdfast.signing.keyfile import read_keys, write_keys, write_private

KEY_BYTES = 32
FORM = "holdfast recovery keys 1"
DATA, KEYS = "backup-data", "backup-keys"


@dataclass(frozen=True)
class RecoveryKeys:
    """The keys by name and number; the one with the highest number seals."""

    held: dict[str, dict[int, bytes]]

    def newest(self, name: str) -> int:
        """The number of the key that seals."""
        return max(self.held[name])

    def derived(self, name: str, number: int, salt: bytes, context: str) -> bytes:
        """A key for one purpose (HKDF-SHA-256, RFC 5869), 32 bytes; raises KeyFault when we have no such key."""
        key = self.held.get(name, {}).get(number)
        if key is None:
            had = ", ".join(map(str, sorted(self.held.get(name, {})))) or "none"
            raise KeyFault(
                f"it is sealed by key {number} of {name}, and this file of recovery keys has {had}; use the recovery "
                "file that was put away last before or after that backup"
            )
        return HKDF(SHA256(), KEY_BYTES, salt, context.encode()).derive(key)

    def to_text(self) -> str:
        """As the recovery file holds it."""
        told = {name: {str(n): b64encode(key).decode() for n, key in keys.items()} for name, keys in self.held.items()}
        return json.dumps({"form": FORM, "keys": told}, indent=1)


def key_file(home: Installation, name: str) -> Path:
    """Where one of them lies."""
    return home.keys / "backup" / BACKUP_KEYS[name]


def own_keys(home: Installation, make: bool = False) -> RecoveryKeys:
    """Those of this installation. make: when there are none yet. Raises KeyFault."""
    held = {}
    for name in BACKUP_KEYS:
        path = key_file(home, name)
        if not path.exists():
            if not make:
                raise KeyFault(f"there are no keys of backups in {path.parent}; ./holdfast backup place makes them")
            write_keys(path, {1: AESGCM.generate_key(256)})
        try:
            held[name] = read_keys(path)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise KeyFault(
                f"{path} cannot be read ({error}); restore it: ./holdfast backup key --take FILE, from the file that "
                "was put away"
            ) from error
    return _checked(RecoveryKeys(held), f"{home.keys / 'backup'}")


def read_recovery_file(path: Path) -> RecoveryKeys:
    """Those of a recovery file; raises KeyFault."""
    try:
        raw = json.loads(path.read_text())
        if raw["form"] != FORM:
            raise KeyFault(f"{path} is a recovery file of another form ({raw['form']!r}); use the release that made it")
        held = {name: {int(n): b64decode(key) for n, key in keys.items()} for name, keys in raw["keys"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeyFault(f"{path} cannot be read as a file of recovery keys ({error}); name the right file") from error
    return _checked(RecoveryKeys(held), str(path))


def write_recovery_file(keys: RecoveryKeys, path: Path) -> None:
    """Write them for being put away, readable by their owner only; raises Refused when the file is there already."""
    try:
        write_private(path, keys.to_text().encode(), fresh=True)
    except FileExistsError as error:
        raise Refused(f"{path} is there already and is not overwritten; name another file") from error
    except OSError as error:
        raise KeyFault(f"{path} cannot be written ({error.strerror}); name another file") from error


def keep_keys(home: Installation, keys: RecoveryKeys) -> None:
    """Put them into the installation beside those it has; raises Refused when one of a number differs."""
    for name in BACKUP_KEYS:
        path = key_file(home, name)
        had = read_keys(path) if path.exists() else {}
        if any(had.get(number, key) != key for number, key in keys.held[name].items()):
            raise Refused(f"{path} holds another key of the same number: the file is of another bank; nothing was done")
        write_keys(path, {**had, **keys.held[name]})


def noted_put_away(home: Installation) -> None:
    """Note that the keys as they are now were put away."""
    told = {"at": time.time(), **{name: own_keys(home).newest(name) for name in BACKUP_KEYS}}
    write_private(home.folder("recover") / "put-away.json", json.dumps(told).encode())


def is_put_away(home: Installation) -> bool:
    """Whether the newest keys were written into a recovery file."""
    try:
        told = json.loads((home.data / "recover" / "put-away.json").read_text())
        return all(told[name] == own_keys(home).newest(name) for name in BACKUP_KEYS)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _checked(keys: RecoveryKeys, where: str) -> RecoveryKeys:
    for name in BACKUP_KEYS:
        found = keys.held.get(name)
        if not found or any(len(key) != KEY_BYTES for key in found.values()):
            raise KeyFault(f"{where} does not hold the keys {name}; use a whole file of recovery keys")
    return keys
