"""What customers show beside their password, as both banks keep and judge it: authenticator, recovery codes, passkeys.

The main bank enrols; the spare bank learns by the facts `factors` and `passkey` and takes the same. What may be used
once (a recovery code, an authenticator's step, a passkey's challenge) is claimed at the doors' register by the texts
below, so that it is used once across both banks. Sources: RFC 6238 (codes), WebAuthn Level 2 (passkeys).
"""

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadMessage

PROVED_PURPOSE = "password-proved"
CHALLENGE_PURPOSE = "passkey-challenge"
DEVICE_PURPOSE = "known-device"
DEVICE_COOKIE = "hf_device"
DEVICE_S = 90 * 86_400
DEVICE_RENEW_S = 86_400
"""A known device is vouched for anew at a login when the last time was longer ago."""
PROVED_S = 300
"""How long after the password its code may follow."""
CHALLENGE_S = 300
CHALLENGE_KEPT_S = CHALLENGE_S + 2 * CLOCK_LEEWAY_S
STEP_S = 30
STEPS_ASIDE = 1
STEP_KEPT_S = STEP_S * (2 * STEPS_ASIDE + 1) + 2 * CLOCK_LEEWAY_S
RECOVERY_KEPT_S = 400 * 86_400
"""Claims are remembered for longer than what they claim can be shown; a recovery code used is also taken off the list
at the main bank, long before that."""
ALONE_S = 30
"""While the register is out of reach a code or challenge is taken on one bank's word only within this time."""
CODE_DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_CHARACTERS = 16
RECOVERY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No character that reads like another; 16 of them are 79 bits."""
WRONG_CODES_MAX = 5
WRONG_CODES_S = 15 * 60
RECENT_S = 300
"""Who changes how they log in showed who they are at most this long ago."""
ALGORITHMS = (-8, -7, -257)
"""COSE: EdDSA, ES256, RS256; what both banks can check."""
PASSKEYS_MAX = 10
PASSKEY_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")
ANSWER_CHARACTERS_MAX = 16_000
PASSWORD, AUTHENTICATOR, RECOVERY, PASSKEY = "password", "authenticator", "recovery", "passkey"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as it is stored. id, public_key (COSE): base64url; created_us: microseconds since 1970 UTC."""

    id: str
    public_key: str
    sign_count: int
    transports: tuple[str, ...]
    name: str
    created_us: int

    def to_body(self, customer: int) -> dict[str, Any]:
        """The body of the fact `passkey`, whose key is passkey_key(id)."""
        return {
            "customer": customer,
            "id": self.id,
            "public_key": self.public_key,
            "sign_count": self.sign_count,
            "transports": list(self.transports),
            "name": self.name,
            "created_us": self.created_us,
        }


def passkey_key(ident: str) -> str:
    """What a passkey's fact is found by: SHA-256 of its id (hex), so that the id stands on no disk readable."""
    return hashlib.sha256(ident.encode()).hexdigest()


def passkey_from_body(body: dict[str, Any]) -> tuple[int, Passkey]:
    """The customer whose passkey it is, and the passkey; raises KeyError, ValueError or TypeError when the fact's body
    has not the agreed form."""
    known = Passkey(
        str(body["id"]),
        str(body["public_key"]),
        int(body["sign_count"]),
        tuple(map(str, body["transports"])),
        str(body["name"]),
        int(body["created_us"]),
    )
    return int(body["customer"]), known


@dataclass(frozen=True, slots=True)
class Factors:
    """What one customer shows beside the password, but for passkeys. authenticator: the secret in base32, "" for none;
    recovery: digests of the unused codes; devices_since: seconds since 1970 UTC, devices vouched for before are no
    longer known; devices_gone: devices that the customer removed."""

    authenticator: str = ""
    salt: str = ""
    recovery: tuple[str, ...] = ()
    devices_since: float = 0.0
    devices_gone: tuple[str, ...] = ()

    def to_body(self) -> dict[str, Any]:
        """The body of the fact `factors`."""
        return {
            "authenticator": self.authenticator,
            "salt": self.salt,
            "recovery": list(self.recovery),
            "devices_since": self.devices_since,
            "devices_gone": list(self.devices_gone),
        }


def factors_from_body(body: dict[str, Any]) -> Factors:
    """Read the fact's body; raises KeyError, ValueError or TypeError when it has not the agreed form."""
    recovery, since = tuple(map(str, body["recovery"])), float(body.get("devices_since", 0.0))
    gone = tuple(map(str, body.get("devices_gone", ())))
    return Factors(str(body["authenticator"]), str(body["salt"]), recovery, since, gone)


def plain_code(typed: str) -> str:
    """A code as it is compared, from what a person typed (`123 456`, `ABCD-efgh-…`)."""
    return "".join(typed.replace("-", "").split()).lower()[:40]


def is_authenticator_code(plain: str) -> bool:
    """Whether it has the form of an authenticator's code; anything else is looked for among the recovery codes."""
    return len(plain) == CODE_DIGITS and plain.isascii() and plain.isdigit()


def recovery_digest(salt: str, plain: str) -> str:
    """What is kept of a recovery code: HMAC-SHA256 under the customer's own salt (hex). The codes are random and
    long, so nobody finds them from it by trying."""
    return hmac.new(bytes.fromhex(salt), plain.encode(), hashlib.sha256).hexdigest()


def step_text(customer: int, step: int) -> str:
    """What is claimed when an authenticator's code is used; step: RFC 6238's T."""
    return f"step:{customer}:{step}"


def recovery_text(customer: int, digest: str) -> str:
    """What is claimed when a recovery code is used."""
    return f"recovery:{customer}:{digest}"


def challenge_text(token: str) -> str:
    """What is claimed when a passkey's challenge is used."""
    return f"challenge:{hashlib.sha256(token.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Proved:
    """The password was right: what a bank signs into the form that asks for the code. Either bank takes it."""

    customer: int
    cohort: int
    at: float

    def to_payload(self) -> dict[str, Any]:
        """What is signed."""
        return {"customer": self.customer, "cohort": self.cohort, "at": self.at}


def proved_from_payload(raw: dict[str, Any], now: float | None = None) -> Proved | None:
    """Read a verified token's payload; None when it is none, or its time is over."""
    now = time.time() if now is None else now
    try:
        proved = Proved(int(raw["customer"]), int(raw["cohort"]), float(raw["at"]))
    except (KeyError, ValueError, TypeError):
        return None
    return proved if -CLOCK_LEEWAY_S <= now - proved.at <= PROVED_S else None


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device on which the customer logged in before. at: when a bank last vouched for it, seconds since 1970 UTC."""

    device: str
    at: float

    def to_renew(self, now: float | None = None) -> bool:
        """Whether a bank vouches for it anew with this login."""
        return (time.time() if now is None else now) - self.at > DEVICE_RENEW_S


def known_device(
    raw: dict[str, Any], customer: int, since: float, gone: Collection[str] = (), now: float | None = None
) -> KnownDevice | None:
    """The device that a verified token names; None when it is not this customer's, or no longer known (since, gone: as
    in Factors)."""
    now = time.time() if now is None else now
    try:
        device, at = str(raw["device"])[:64], float(raw["at"])
        fits = int(raw["customer"]) == customer and since < at and now - at < DEVICE_S
    except (KeyError, ValueError, TypeError):
        return None
    return KnownDevice(device, at) if fits and device and device not in gone else None


def challenge_age_s(raw: dict[str, Any], now: float | None = None) -> float | None:
    """The age of a verified challenge in seconds; None when it is none, or its time is over."""
    now = time.time() if now is None else now
    try:
        age_s = now - float(raw["at"])
    except (KeyError, ValueError, TypeError):
        return None
    return age_s if -CLOCK_LEEWAY_S <= age_s <= CHALLENGE_S else None


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What a browser's passkey said. id: the passkey's, base64url; challenge: the door's token, of which the
    passkey signed the bytes; raw: the answer in WebAuthn's own JSON form, for the library that verifies it."""

    id: str
    challenge: str
    raw: dict[str, Any]


def read_passkey_answer(typed: str) -> PasskeyAnswer:
    """Read a form's field `passkey`; raises BadMessage. Nothing of it is verified yet."""
    if len(typed) > ANSWER_CHARACTERS_MAX:
        raise BadMessage("the passkey's answer is too long")
    try:
        raw = json.loads(typed)
        client = json.loads(from_base64url(raw["response"]["clientDataJSON"]))
        answer = PasskeyAnswer(str(raw["id"]), from_base64url(client["challenge"]).decode("ascii"), raw)
        agrees = raw["rawId"] == raw["id"] and raw["type"] == "public-key" and PASSKEY_ID.fullmatch(answer.id)
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise BadMessage(f"the passkey's answer has not the agreed form: {error}") from error
    if not agrees:
        raise BadMessage("the passkey's answer names none, or two")
    return answer


def from_base64url(text: str) -> bytes:
    """Bytes from base64url without padding; raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
