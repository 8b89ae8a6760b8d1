"""A customer's passkeys: added, renamed, removed, and the check of what one says (WebAuthn Level 2, by fido2)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import Aaguid, AttestedCredentialData, PublicKeyCredentialRpEntity

from holdfast.bank.books import installation, keyring
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import Passkey
from holdfast.bank.factors.seconds import LastFactor, has_second
from holdfast.bank.factors.stream import tell_passkey, tell_removed
from holdfast.bank.factors.used import Used, use
from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.contracts.factors import (
    ALGORITHMS,
    ALONE_S,
    CHALLENGE_KEPT_S,
    CHALLENGE_PURPOSE,
    PASSKEYS_MAX,
    PasskeyAnswer,
    challenge_age_s,
    challenge_text,
    from_base64url,
    to_base64url,
)

Claim = Callable[[PasskeyAnswer, str], Used]
"""Check whose challenge a passkey answered, and claim it for a request; raises BadMessage."""
NAME_MAX = 40
TRANSPORTS = frozenset({"usb", "nfc", "ble", "smart-card", "hybrid", "internal"})


class NotAdded(BadMessage):
    """A passkey was not added for a reason that its owner can mend. why: `many` or `known`."""

    def __init__(self, why: str, words: str) -> None:
        super().__init__(words)
        self.why = why


def _server() -> Fido2Server:
    origin = installation().door_origin
    host = urlsplit(origin).hostname or ""
    entity = PublicKeyCredentialRpEntity(id=host, name=installation().bank_name)
    return Fido2Server(entity, verify_origin=lambda said: said == origin)


def _state(answer: PasskeyAnswer) -> dict[str, Any]:
    return {"challenge": to_base64url(answer.challenge.encode()), "user_verification": "required"}


def claim_challenge(answer: PasskeyAnswer, request: str) -> Used:
    """Claim the challenge; raises BadMessage when no door made it lately."""
    try:
        age_s = challenge_age_s(keyring().verify(CHALLENGE_PURPOSE, answer.challenge, by={"door"}))
    except BadToken as error:
        raise BadMessage(str(error)) from error
    if age_s is None:
        raise BadMessage("the challenge is older than its time")
    return use(challenge_text(answer.challenge), request, CHALLENGE_KEPT_S, alone=abs(age_s) <= ALONE_S)


def add(customer: int, answer: PasskeyAnswer, name: str, request: str, *, first: bool = False) -> None:
    """Add what a browser made; raises BadMessage in words with nothing changed. first: only where the customer has no
    second factor yet."""
    try:
        made = _server().register_complete(_state(answer), answer.raw).credential_data
    except Exception as error:  # the library raises what it likes about what a stranger sent
        raise BadMessage(f"the passkey does not hold: {error}") from error
    if made is None or made.public_key.get(3) not in ALGORITHMS:
        raise BadMessage("the passkey is of a kind that we cannot check")
    if claim_challenge(answer, request) is not Used.GRANTED:
        raise BadMessage("this passkey was sent before, or cannot be checked at this moment")
    said = answer.raw.get("response", {}).get("transports") or []
    transports = [one for one in said if one in TRANSPORTS] if isinstance(said, list) else []
    try:
        with transaction.atomic():
            lock_customer(customer)
            if first and has_second(customer):
                raise BadMessage("a second factor was set up meanwhile; log in with it")
            if Passkey.objects.filter(customer=customer).count() >= PASSKEYS_MAX:
                raise NotAdded("many", f"you have {PASSKEYS_MAX} passkeys already; remove one first")
            made_now = Passkey.objects.create(
                id=to_base64url(made.credential_id),
                customer_id=customer,
                public_key=to_base64url(cbor.encode(dict(made.public_key))),
                transports=transports,
                name=name,
            )
            history.note(customer, "event.passkey_added", name=name)
            tell_passkey(made_now)
    except IntegrityError as error:
        raise NotAdded("known", "this passkey is known already") from error


def clean_name(typed: str, otherwise: str) -> str:
    """A passkey's name from what a person typed."""
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())[:NAME_MAX] or otherwise


def rename(customer: int, ident: str, name: str) -> bool:
    """Give the customer's passkey another name; False when the customer has no such passkey."""
    with transaction.atomic():
        lock_customer(customer)
        found = Passkey.objects.filter(customer=customer, id=ident).first()
        if found is None:
            return False
        history.note(customer, "event.passkey_renamed", before=found.name, name=name)
        found.name = name
        found.save(update_fields=["name"])
        tell_passkey(found)
    return True


def remove(customer: int, ident: str) -> bool:
    """Remove the customer's passkey; False when the customer has no such passkey. Raises LastFactor for the last one of
    who has no authenticator."""
    with transaction.atomic():
        lock_customer(customer)
        found = Passkey.objects.filter(customer=customer, id=ident).first()
        if found is None:
            return False
        found.delete()
        if not has_second(customer):
            raise LastFactor(f"the passkey of customer {customer} is all they have beside the password")
        history.note(customer, "event.passkey_removed", name=found.name)
        tell_removed(ident)
    return True


def check(known: Passkey, answer: PasskeyAnswer, request: str, claim: Claim = claim_challenge) -> bool:
    """Whether this passkey said so, now, for the first time; its count and last use are kept."""
    try:
        stored = AttestedCredentialData.create(Aaguid.NONE, from_base64url(known.id), _public_key(known))
        _server().authenticate_complete(_state(answer), [stored], answer.raw)
        count = _sign_count(answer)
        if (count or known.sign_count) and count <= known.sign_count:
            return False  # a copy of the passkey has been used, or this answer was given before
        if claim(answer, request) is not Used.GRANTED:
            return False
    except Exception:  # as above: whatever it is, this is no login
        return False
    note_use(known.id, count)
    return True


def _sign_count(answer: PasskeyAnswer) -> int:
    """The signature counter: bytes 33 to 36 of the authenticator data (WebAuthn Level 2, 6.1)."""
    return int.from_bytes(from_base64url(answer.raw["response"]["authenticatorData"])[33:37], "big")


def note_use(ident: str, count: int) -> None:
    """A passkey was used, here or at the spare bank; its count only grows, and the spare bank knows it by then too."""
    with transaction.atomic():
        found = Passkey.objects.select_for_update().filter(id=ident).first()
        if found is not None:
            found.used, found.sign_count = timezone.now(), max(count, found.sign_count)
            found.save(update_fields=["used", "sign_count"])
            if count:
                tell_passkey(found)


def _public_key(known: Passkey) -> CoseKey:
    found = cbor.decode(from_base64url(known.public_key))
    if not isinstance(found, Mapping):
        raise BadMessage("a stored public key is no COSE key")
    return CoseKey.parse({int(name): value for name, value in found.items()})
