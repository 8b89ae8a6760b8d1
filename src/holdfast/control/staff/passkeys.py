"""Passkeys of staff: logged in by what one holds and is, with no password to be stolen or typed at the wrong place.

The console makes its challenges itself (it must open with doors and banks away), signs them, and takes each once. The
stored form of a passkey is the banks' (contracts/factors.py).
"""

import hashlib
import secrets
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import Aaguid, AttestedCredentialData, PublicKeyCredentialRpEntity

from holdfast.contracts.errors import BadMessage, BadToken
from holdfast.contracts.factors import (
    ALGORITHMS,
    PasskeyAnswer,
    challenge_age_s,
    challenge_text,
    from_base64url,
    read_passkey_answer,
    to_base64url,
)
from holdfast.control.place import installation, switchboard
from holdfast.control.staff import log
from holdfast.control.staff.models import Person, StaffChallenge, StaffPasskey

PURPOSE = "staff-challenge"
RANDOM_BYTES = 32
KEPT = timedelta(hours=1)
"""Longer than a challenge holds: so long it is known that it was used."""
PASSKEYS_MAX = 10
NAME_MAX = 40


def challenge() -> str:
    """A new challenge, as the pages' script asks for it."""
    return switchboard().keyring.sign(PURPOSE, {"random": secrets.token_hex(RANDOM_BYTES), "at": time.time()})


def handle_of(person: Person) -> str:
    """What a passkey knows its owner by, base64url."""
    return to_base64url(hashlib.sha256(f"{installation().console_origin}|{person.username}".encode()).digest())


def clean_name(typed: str) -> str:
    """A passkey's name from what a person typed."""
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())[:NAME_MAX] or "Passkey"


def held_by(person: Person) -> list[StaffPasskey]:
    """The person's passkeys, the oldest first."""
    return list(StaffPasskey.objects.filter(person=person).order_by("made_at", "id"))


def _server() -> Fido2Server:
    origin = installation().console_origin
    entity = PublicKeyCredentialRpEntity(
        id=urlsplit(origin).hostname or "", name=f"{installation().bank_name}, control room"
    )
    return Fido2Server(entity, verify_origin=lambda said: said == origin)


def _state(answer: PasskeyAnswer) -> dict[str, Any]:
    return {"challenge": to_base64url(answer.challenge.encode()), "user_verification": "required"}


def _claim(answer: PasskeyAnswer) -> bool:
    """Whether this console made the challenge lately and it was not used before; it is used by that."""
    try:
        made = switchboard().keyring.verify(PURPOSE, answer.challenge, by={"control"})
    except BadToken:
        return False
    if challenge_age_s(made) is None:
        return False
    now = timezone.now()
    StaffChallenge.objects.filter(at__lt=now - KEPT).delete()
    _, first = StaffChallenge.objects.get_or_create(text=challenge_text(answer.challenge), defaults={"at": now})
    return first


def add(person: Person, typed: str, name: str) -> str:
    """Add what a browser made; "" when it is added, otherwise why not, with nothing changed."""
    try:
        answer = read_passkey_answer(typed)
        made = _server().register_complete(_state(answer), answer.raw).credential_data
        if made is None or made.public_key.get(3) not in ALGORITHMS:
            return "The passkey was not added: it is of a kind that we cannot check."
    except Exception:  # the library raises what it likes about what a stranger sent
        return "The passkey was not added: what the browser made does not hold."
    try:
        with transaction.atomic():
            Person.objects.select_for_update().get(username=person.username)
            if StaffPasskey.objects.filter(person=person).count() >= PASSKEYS_MAX:
                return f"You have {PASSKEYS_MAX} passkeys already; remove one first."
            if not _claim(answer):
                return "The passkey was not added: the page is too old, or was sent before. Try again."
            StaffPasskey.objects.create(
                id=to_base64url(made.credential_id),
                person=person,
                public_key=to_base64url(cbor.encode(dict(made.public_key))),
                name=name,
                made_at=timezone.now(),
            )
            log.write(person.username, person.role, "passkey added", {"name": name})
    except IntegrityError:
        return "This passkey is known already."
    return ""


def remove(person: Person, ident: str) -> bool:
    """Remove the person's passkey; False when there is no such one."""
    with transaction.atomic():
        found = StaffPasskey.objects.select_for_update().filter(person=person, id=ident[:1400]).first()
        if found is None:
            return False
        found.delete()
        log.write(person.username, person.role, "passkey removed", {"name": found.name})
    return True


def owner_of(typed: str) -> Person | None:
    """Whose passkey said so, now, for the first time; None when it holds for nobody. In the caller's transaction."""
    try:
        answer = read_passkey_answer(typed)
        known = StaffPasskey.objects.select_for_update().select_related("person").filter(id=answer.id).first()
        if known is None:
            return None
        stored = AttestedCredentialData.create(Aaguid.NONE, from_base64url(known.id), _public_key(known))
        _server().authenticate_complete(_state(answer), [stored], answer.raw)
        count = int.from_bytes(from_base64url(answer.raw["response"]["authenticatorData"])[33:37], "big")
    except Exception:  # as above: whatever it is, this is no login
        return None
    copied = (count or known.sign_count) and count <= known.sign_count
    if copied or not _claim(answer):
        return None
    known.sign_count, known.used_at = max(count, known.sign_count), timezone.now()
    known.save(update_fields=["sign_count", "used_at"])
    return known.person


def _public_key(known: StaffPasskey) -> CoseKey:
    found = cbor.decode(from_base64url(known.public_key))
    if not isinstance(found, Mapping):
        raise BadMessage("a stored public key is no COSE key")
    return CoseKey.parse({int(name): value for name, value in found.items()})
