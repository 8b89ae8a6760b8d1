"""The second factors of made-up customers who log in: an authenticator app, recovery codes, and a passkey of software.

Their secrets stand in the list of logins beside the passwords, which is only right for somebody made up: the outside
world's phones (gameday/postbox) show their codes, simulated customers sign with the passkeys.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from django.db import transaction
from django.utils import timezone
from fido2 import cbor

from holdfast.bank.errors import BankError
from holdfast.bank.factors import sealing
from holdfast.bank.factors.models import Authenticator, Passkey
from holdfast.bank.factors.recovery import SALT_BYTES, keep_codes
from holdfast.bank.factors.stream import tell_factors, tell_passkey
from holdfast.contracts.factors import RECOVERY_CODES, to_base64url
from holdfast.signing.onetime import new_recovery_code, new_secret

NAME = "Made-up phone"
BATCH = 500
"""Customers of one transaction: the profile stream waits for it."""


def make_factors(logins: Sequence[dict[str, Any]]) -> None:
    """Write new secrets into each login: `authenticator` (base32), `recovery` (ten codes), `passkey` (id, base64url,
    and private key, PKCS 8 in hex)."""
    for login in logins:
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()).hex()
        login["authenticator"] = new_secret()
        login["recovery"] = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        login["passkey"] = {"id": to_base64url(secrets.token_bytes(32)), "key": private}


def give_factors(logins: Sequence[dict[str, Any]]) -> None:
    """These customers have these factors from the beginning."""
    for start in range(0, len(logins), BATCH):
        with transaction.atomic():
            for login in logins[start : start + BATCH]:
                _give(int(login["customer"]), login)


def _give(customer: int, login: dict[str, Any]) -> None:
    sealed = sealing.seal(login["authenticator"], customer)
    Authenticator.objects.create(customer_id=customer, sealed=sealed, proved=timezone.now())
    keep_codes(customer, secrets.token_hex(SALT_BYTES), login["recovery"])
    tell_factors(customer)
    made = Passkey.objects.create(
        id=login["passkey"]["id"],
        customer_id=customer,
        public_key=_cose(_public_key(login["passkey"]["key"])),
        transports=["internal"],
        name=NAME,
    )
    tell_passkey(made)


def _public_key(private: str) -> ec.EllipticCurvePublicKey:
    key = load_der_private_key(bytes.fromhex(private), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BankError("a made-up passkey is no key of an elliptic curve; nothing was given")
    return key.public_key()


def _cose(key: ec.EllipticCurvePublicKey) -> str:
    """The key as COSE has it (RFC 9053, 7.1.1): EC2, ES256, P-256, x, y; base64url."""
    point = key.public_numbers()
    x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
    return to_base64url(cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y}))
