"""What tests of the API share: a customer's program with a token, behind a door."""

import itertools
import json
import uuid

from django.test import Client

from holdfast.bank.api import tokens
from holdfast.bank.customers.models import Customer
from holdfast.contracts.api import Scope

EVERYTHING = tuple(Scope)
_names = itertools.count(1)


class Program:
    """A program of a person, with a token that may do this."""

    def __init__(self, person, *scopes, day_minor=1_000_000_00, days=30):
        self.person, self.client, self.name = person, Client(), f"Program {next(_names)}"
        customer = Customer.objects.get(id=person.id)
        chosen = frozenset(scope.value for scope in scopes or EVERYTHING)
        self.token = tokens.make_token(customer, self.name, chosen, days, day_minor)

    def ask(self, method, path, body=None, headers=None, **row):
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Holdfast-Row": self.person.row(**row), "Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.generic(method, f"/api/v1{path}", raw, "application/json", headers=sent)

    def get(self, path, **row):
        return self.ask("GET", path, **row)

    def pay(self, to, amount_minor, key=None, *, more=None, **row):
        """Pay somebody; more: other members of the payment."""
        return self.ask("POST", "/payments", payment(self.person, to, **{"amount_minor": amount_minor, **(more or {})}),
                        {"Idempotency-Key": key or uuid.uuid4().hex}, **row)  # fmt: skip


def payment(person, to, amount_minor, **more):
    """The body of a payment."""
    return {
        "from_account": str(person.account),
        "to_number": to.number,
        "amount_minor": amount_minor,
        "currency": "NOK",
        "payee": to.name,
        "text": "for lunch",
        **more,
    }


def code(answer):
    """Status and code of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content
    return answer.status_code, answer.json()["code"]
