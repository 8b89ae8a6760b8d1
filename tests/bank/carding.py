"""Cards and their uses, for tests: as a card network asks."""

import hashlib
import json
import time
import uuid
from dataclasses import replace

from django.test import Client
from django.utils import timezone

from holdfast.bank.cards.freezing import open_cards
from holdfast.bank.exchange.facts import bank_facts
from holdfast.contracts import cards, ids
from holdfast.contracts.journal import Payment

NETWORK = "made-up-network"


def card_of(person, **more):
    made = cards.Card(uuid.uuid4().hex, person.account, person.id, "0042", NETWORK, False, 20_000, 30_000, "2099-12")
    made = replace(made, **more)
    open_cards([made])
    return made


def question(card, amount_minor=5_000, transaction=None, **more):
    return {
        "network": NETWORK,
        "transaction": transaction or uuid.uuid4().hex,
        "card": card.id,
        "amount_minor": amount_minor,
        "currency": "NOK",
        "merchant": "Made-up Grocer",
        "merchant_code": "5411",
        "at": timezone.now().isoformat(),
        "final": True,
        **more,
    }


def send(person, keys, body, by="network", signed=None, **row):
    raw = json.dumps(body).encode()
    token = keys[by].sign("card-use", {"sha256": hashlib.sha256(signed or raw).hexdigest(), "at": time.time()})
    return Client().generic(
        "POST",
        "/cards/authorisations",
        raw,
        content_type="application/json",
        headers={"Holdfast-Row": person.row(**row), "Holdfast-Network": token},
    )


def told(answer):
    return answer.json()["outcome"], answer.json()["reason"]


def ident_of(body):
    return ids.card_use_id(body["network"], body["transaction"])


def journaled(town, body, **more):
    """The use as the spare bank journals it."""
    return Payment(
        ident_of(body),
        town.ann.account,
        bank_facts.own("clearing"),
        body["amount_minor"],
        "NOK",
        "card",
        timezone.localdate(),
        town.cohort,
        f"card:{NETWORK}:{body['transaction']}",
        town.ann.name,
        body["merchant"],
        "Card ending 0042",
        town.ann.id,
        **more,
    )


def replay(call):
    answer = call("/-/replay", {})
    assert answer.status_code == 200, answer.content
    return {key: value for key, value in answer.json().items() if value and key != "replayed_to"}
