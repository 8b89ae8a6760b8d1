"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds."""

import base64
import secrets

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from holdfast.contracts.factors import CODE_DIGITS, STEP_S, STEPS_ASIDE

SECRET_BYTES = 20


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
