"""Web Push: a message to the browser of whoever is on call, which its maker's push service carries and cannot read.

Sealed for the device alone (RFC 8291), signed by the console's own key so that nobody else wakes it (VAPID, RFC 8292),
and posted to the address that the browser gave (RFC 8030). The key is `keys/control/control-push.keys`: each number's
32 bytes give one private key, so that the list of keys makes, lists and changes it as it does the others.
"""

import base64
import binascii
import contextlib
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02  # type: ignore[import-untyped]  # it ships no types
from pywebpush import WebPusher  # type: ignore[import-untyped]  # it ships no types

from holdfast.look.mailing import MAIL_DOMAIN
from holdfast.look.webhooks import post
from holdfast.signing.keyfile import read_keys, write_keys

FILE = "control-push.keys"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (FIPS 186-5, SP 800-186)."""
KEPT_S = 3600
"""How long a push service keeps what a sleeping device has not fetched."""
SIGNED_S = 23 * 3600
"""A signature holds at most a day (RFC 8292, 2)."""
POINT_BYTES, AUTH_BYTES = 65, 16
WORDS_MAX = 300
GONE = (404, 410)
"""The browser took its consent back, or forgot it (RFC 8030, 7.3)."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that may be woken: where its push service is told, and its public key and secret, in base64url. key:
    the number of the console's key that it knows."""

    endpoint: str
    p256dh: str
    auth: str
    key: int


def device_refusal(device: Device) -> str:
    """Why this is no browser's subscription; "" when it is as far as its form says. Its address is checked apart."""
    point, auth = _plain(device.p256dh), _plain(device.auth)
    words = "The browser gave no usable subscription"
    if len(auth) != AUTH_BYTES or len(point) != POINT_BYTES:
        return words
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return words
    return ""


def newest_key(keys: Path) -> tuple[int, str]:
    """The number of the key that devices are made known from now on, and its public key in base64url; made when there
    is none. Raises OSError or ValueError when the file cannot be read."""
    held = _held(keys)
    number = max(held)
    return number, _public(_private(held[number]))


def push(device: Device, message: Mapping[str, object], keys: Path, limit_s: float) -> tuple[str, bool]:
    """Send it; "" when the push service took it, otherwise why not; and whether the device is gone for good."""
    try:
        headers, body = prepared(device, json.dumps(message), keys, int(time.time() // 3600))
    except (OSError, ValueError, KeyError) as error:
        return f"it could not be sealed for the device ({type(error).__name__})", isinstance(error, KeyError)
    status, trouble = post(device.endpoint, body, headers, limit_s)
    if trouble:
        return f"the push service {trouble}", False
    return ("" if 200 <= status < 300 else f"the push service answered {status}"), status in GONE


@lru_cache(maxsize=256)
def prepared(device: Device, message: str, keys: Path, hour: int) -> tuple[dict[str, str], bytes]:  # noqa: ARG001
    """Headers and sealed body, good for most of a day; anew each hour (hour: since 1970). Raises OSError, ValueError,
    or KeyError for a device that knows an older key than is kept."""
    private = _private(_held(keys)[device.key])
    parts = urlsplit(device.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + SIGNED_S,
        "sub": f"mailto:control-room@{MAIL_DOMAIN}",
    }
    told = {"endpoint": device.endpoint, "keys": {"p256dh": device.p256dh, "auth": device.auth}}
    sealed: Any = WebPusher(told).encode(message.encode(), "aes128gcm")
    signed = Vapid02(private).sign(claims)
    headers = {
        "Authorization": str(signed["Authorization"]),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_S),
        "Urgency": "high",
    }
    return headers, bytes(sealed["body"])


def mark_of(endpoint: str) -> str:
    """By what a device is known without its address: 32 hexadecimal digits."""
    return hashlib.sha256(endpoint.encode()).hexdigest()[:32]


def _held(keys: Path) -> dict[int, bytes]:
    place = keys / "control" / FILE
    if not place.exists():
        with contextlib.suppress(FileExistsError):
            write_keys(place, {1: os.urandom(32)}, fresh=True)
    return read_keys(place)


def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of 32 random bytes: 48 derived ones make each as likely (FIPS 186-5, A.2.1)."""
    wide = HKDF(SHA256(), 48, None, b"holdfast push 1").derive(secret)
    return ec.derive_private_key(int.from_bytes(wide) % (ORDER - 1) + 1, ec.SECP256R1())


def _public(private: ec.EllipticCurvePrivateKey) -> str:
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


def _plain(text: str) -> bytes:
    """What base64url without padding says; nothing for what it does not."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""
