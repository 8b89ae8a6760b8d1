"""Files of signing keys: a building's private one in its own folder, all public ones in `public/`, with their time.

A key that was replaced stays in the list of public ones: until its end it is accepted as before, after it only for
what is shown long after it was signed (keyring.py). One that was stolen is struck from the list.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from holdfast.contracts.errors import BadToken
from holdfast.signing.keyfile import write_private

PUBLIC = "public"
SUFFIX = ".keys.json"
PRIVATE = "signing.pem"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A public key. made: when, seconds since 1970; ends: from when on it is not accepted for what is new."""

    key: Ed25519PublicKey
    made: float
    ends: float | None = None


def private_file(folder: Path, name: str) -> Path:
    """Where the private key of a building lies."""
    return folder / name / PRIVATE


def public_file(folder: Path, name: str) -> Path:
    """Where its public keys lie."""
    return folder / PUBLIC / f"{name}{SUFFIX}"


def read_private(folder: Path, name: str) -> Ed25519PrivateKey:
    """The key by which this building signs; raises OSError or BadToken."""
    return read_pem(private_file(folder, name))


def read_pem(path: Path) -> Ed25519PrivateKey:
    """A private key; raises OSError, ValueError or BadToken."""
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise BadToken(f"{path.name} is not an Ed25519 key")
    return key


def write_private_key(path: Path, key: Ed25519PrivateKey) -> None:
    """Put a private key in its place; one that was there is gone."""
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def read_public(folder: Path) -> dict[str, tuple[Accepted, ...]]:
    """Everybody's public keys, the newest first; raises OSError, ValueError, KeyError or TypeError."""
    found = sorted((folder / PUBLIC).glob(f"*{SUFFIX}"))
    return {path.name.removesuffix(SUFFIX): read_accepted(path) for path in found}


def read_accepted(path: Path) -> tuple[Accepted, ...]:
    """The keys of one file, the newest first; raises as read_public."""
    return tuple(
        Accepted(Ed25519PublicKey.from_public_bytes(base64.b64decode(one["key"])), one["made"], one["ends"])
        for one in json.loads(path.read_text())
    )


def write_public(folder: Path, name: str, accepted: list[Accepted]) -> None:
    """Write a building's public keys, the newest first."""
    said = [
        {"key": base64.b64encode(one.key.public_bytes_raw()).decode(), "made": one.made, "ends": one.ends}
        for one in accepted
    ]
    write_private(public_file(folder, name), json.dumps(said, indent=1).encode())
