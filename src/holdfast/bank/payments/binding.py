"""What a customer proves who they are for is one payment and no other: the token that binds the proof to it.

The page that asks carries a token that this bank signed over the whole payment. What comes back is compared with it
field by field: an account, an amount or a name changed on the way makes the proof worthless. A passkey signs the bytes
of the token itself, so that what it signed names the amount and the payee (dynamic linking, Delegated Regulation (EU)
2018/389, article 5). It is claimed once at the doors' register, and the payment's id is carried out once anyway.
"""

import hashlib
import time
from typing import Any

from holdfast.bank.books import keyring
from holdfast.bank.payments.outcomes import Request
from holdfast.contracts.clocks import CLOCK_LEEWAY_S
from holdfast.contracts.errors import BadToken
from holdfast.contracts.metadata import Metadata, metadata_bytes

PURPOSE = "payment-proof"
HOLDS_S = 300
KEPT_S = HOLDS_S + 2 * CLOCK_LEEWAY_S


def digest_of(metadata: Metadata) -> str:
    """What stands for the metadata where it is signed; "" of none."""
    return hashlib.sha256(metadata_bytes(metadata)).hexdigest() if metadata else ""


def content_of(request: Request, when: str = "") -> dict[str, Any]:
    """Everything that makes it this payment, as it is signed. when: the days of an order; empty for now."""
    return {
        "customer": request.customer,
        "payment": request.id.hex,
        "debit": request.debit,
        "credit": request.credit,
        "amount_minor": request.amount_minor,
        "currency": request.currency,
        "payee": request.payee,
        "text": request.text,
        "metadata": digest_of(request.metadata),
        "when": when,
    }


def bind(request: Request, when: str = "") -> str:
    """A token for this payment, signed now."""
    return bind_content(content_of(request, when))


def bind_content(content: dict[str, Any]) -> str:
    """A token for whatever is to be proved, named in every part of it, signed now."""
    return keyring().sign(PURPOSE, content | {"at": time.time()})


def agrees(raw: dict[str, Any], content: dict[str, Any], now: float) -> bool:
    """Whether a verified token's payload is of this very content, and not older than its time."""
    told = {name: raw.get(name) for name in content}
    same = told == content and all(type(told[name]) is type(content[name]) for name in content)
    at = raw.get("at")
    return same and isinstance(at, float) and -CLOCK_LEEWAY_S <= now - at <= HOLDS_S


def is_bound(token: str, content: dict[str, Any]) -> bool:
    """Whether this bank signed the token for this very content a short time ago."""
    try:
        return agrees(keyring().verify(PURPOSE, token, by={"primary"}), content, time.time())
    except BadToken:
        return False


def token_text(token: str) -> str:
    """What is claimed when the token is used."""
    return f"payment-proof:{hashlib.sha256(token.encode()).hexdigest()}"
