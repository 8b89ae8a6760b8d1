"""Cards as a card network uses them at the spare bank, and customers' programs, for tests."""

import hashlib
import json
import time
import uuid
from typing import Any

from world import Answer, World

from holdfast.contracts import ids
from holdfast.contracts.api import Scope, new_token, read_token

NETWORK = "made-up-network"
EVERYTHING = [scope.value for scope in Scope]


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


class Program:
    """A program of customer 17 with a token that the main bank told of."""

    def __init__(self, world: World, scopes: list[str] | None = None, **more: Any) -> None:
        self.world, self.text = world, new_token(5, 17)
        named = read_token(self.text)
        assert named is not None
        self.digest = named.digest
        self.body = {
            "token": 3,
            "customer": 17,
            "scopes": EVERYTHING if scopes is None else scopes,
            "ends_us": int((time.time() + 600) * 1e6),
            "day_minor": 100_000,
            **more,
        }
        self.told(self.body)

    def told(self, body: dict[str, Any] | None) -> None:
        self.world.bank.say("api_token", self.digest, body)
        self.world.fed()

    def ask(self, method: str, path: str, body: Any = None, row: str | None = None, **headers: str) -> Answer:
        raw = None if body is None else json.dumps(body).encode()
        sent = {"Holdfast-Row": row or self.world.row(), "Authorization": f"Bearer {self.text}"}
        sent |= {"Content-Type": "application/json"} if raw is not None else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.world.request(method, f"/api/v1{path}", raw, sent)

    def pay(self, key: str, amount_minor: int = 1_000, **more: Any) -> Answer:
        body = {"from_account": "10", "to_number": "1234.56.00020", "amount_minor": amount_minor, "currency": "NOK",
                "payee": "Bea Example", "text": "hello"} | more  # fmt: skip
        return self.ask("POST", "/payments", body, Idempotency_Key=key)


def code(answer: Answer) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    return answer.status, answer.json()["code"]
