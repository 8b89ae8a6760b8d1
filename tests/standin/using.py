"""Cards and their uses at the spare bank, for tests: as a card network asks."""

import hashlib
import json
import time
import uuid
from typing import Any

from world import Answer, World

from holdfast.contracts import ids

NETWORK = "made-up-network"


def card(world: World, account: int = 10, customer: int = 17, **more: Any) -> str:
    """A fed card; its token."""
    token = uuid.uuid4().hex
    say(world, token, account=account, customer=customer, **more)
    world.fed()
    return token


def say(world: World, token: str, **more: Any) -> None:
    body = {
        "account": 10,
        "customer": 17,
        "last4": token[:4].translate(str.maketrans("abcdef", "012345")),
        "network": NETWORK,
        "frozen": False,
        "per_use_minor": 60_000,
        "per_day_minor": 100_000,
        "ends": "2099-12",
        "changed_us": 0,
    }
    world.bank.say("card", token, body | more)


def question(token: str, amount_minor: int = 5_000, **more: Any) -> dict[str, Any]:
    return {
        "network": NETWORK,
        "transaction": uuid.uuid4().hex,
        "card": token,
        "amount_minor": amount_minor,
        "currency": "NOK",
        "merchant": "Made-up Grocer",
        "merchant_code": "5411",
        "at": "2026-11-22T10:00:00Z",
        "final": True,
    } | more


def send(
    world: World, body: dict[str, Any], row: str | None = None, by: str = "network", signed: bytes | None = None
) -> Answer:
    raw = json.dumps(body).encode()
    token = world.key(by).sign("card-use", {"sha256": hashlib.sha256(signed or raw).hexdigest(), "at": time.time()})
    headers = {"Holdfast-Row": row or world.row(), "Holdfast-Network": token, "Content-Type": "application/json"}
    return world.request("POST", "/cards/authorisations", raw, headers)


def told(answer: Answer) -> tuple[str, str]:
    said = answer.json()
    return said["outcome"], said["reason"]


def ident_of(body: dict[str, Any]) -> uuid.UUID:
    return ids.card_use_id(body["network"], body["transaction"])
