"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds."""

import base64
import secrets
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from holdfast.contracts.factors import (
    CODE_DIGITS,
    RECOVERY_ALPHABET,
    RECOVERY_CHARACTERS,
    STEP_S,
    STEPS_ASIDE,
)

SECRET_BYTES = 20
GROUP = 4


def new_secret() -> str:
    """A new secret as apps take it: base32, 160 bits (RFC 4226, section 4)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a step; secret: base32. Raises ValueError when that is no secret."""
    totp = TOTP(base64.b32decode(secret), CODE_DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303  # RFC 6238
    return totp.generate(step * STEP_S).decode()


def fitting_step(secret: str, code: str, now: float) -> int | None:
    """The step whose code this is, of the current one and its neighbours; None when it is none of theirs."""
    current = int(now // STEP_S)
    found = None
    for step in range(current - STEPS_ASIDE, current + STEPS_ASIDE + 1):
        if bytes_eq(code_at(secret, step).encode(), code.encode()):  # all are compared: time tells nothing
            found = step
    return found


def setup_address(issuer: str, username: str, secret: str) -> str:
    """The address that apps read from a QR code (Key URI Format of Google Authenticator)."""
    asked = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": CODE_DIGITS, "period": STEP_S}
    return f"otpauth://totp/{quote(issuer)}:{quote(username)}?{urlencode(asked, quote_via=quote)}"


def new_recovery_code() -> str:
    """A new recovery code as it is written down, in groups."""
    drawn = "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_CHARACTERS))
    return "-".join(drawn[start : start + GROUP] for start in range(0, RECOVERY_CHARACTERS, GROUP))
