"""Where the profile's facts are looked up: the port, and its form in memory (tests, simulator, checking what is told).

The running spare bank looks them up in its copy (lookups.py); nothing of it grows with the number of customers.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from holdfast.contracts.cards import card_from_body
from holdfast.contracts.factors import factors_from_body, passkey_from_body
from holdfast.contracts.freezing import freeze_change_from_body
from holdfast.contracts.kid import NEEDS
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.profile import DEADLINE_KINDS, Fact
from holdfast.guard import own_limits_from_body, rate_from_body

Body = dict[str, Any]
NUMBERED = (
    "customer",
    "account",
    "order",
    "blocked",
    "frozen",
    "freeze",
    "payee_kind",
    "factors",
    "own_limits",
    "kid",
    "advances",
)
"""Kinds whose key is a number."""


class Columns(NamedTuple):
    """By what a fact is found besides its key. term: a customer's name of login, an account's number (never stored as
    it is); holder: a card's or a payee's customer, an order's debited account; the rest is an order's."""

    term: str | None = None
    holder: int | None = None
    due: str | None = None
    cohort: int | None = None
    credit: int | None = None
    urgent: int | None = None


class Facts(Protocol):
    """The latest body of each (kind, key)."""

    def put(self, fact: Fact) -> None:
        """A fact was told (a store that holds it already does nothing)."""

    def get(self, kind: str, key: str) -> Body | None:
        """The body, None without one."""

    def find(self, kind: str, term: str) -> tuple[str, Body] | None:
        """(key, body) of the fact with this term, the latest told of several; None without one."""

    def held(self, kind: str, holder: int) -> list[tuple[str, Body]]:
        """(key, body) of a holder's facts, by key."""

    def due(
        self, day: str, after: int, limit: int, *, cohorts: Collection[int], urgent: bool
    ) -> list[tuple[int, Body]]:
        """(order, body) of orders of these cohorts due that day with a higher number, by number; urgent: those that
        must arrive by a time, or the others."""


def plain_name(typed: str) -> str:
    """A name of login as it is compared."""
    return typed.strip().lower()


def columns_of(kind: str, body: Body) -> Columns:
    """What a fact is found by; raises KeyError, ValueError or TypeError when its body is not as agreed."""
    if kind == "customer":
        return Columns(plain_name(str(body["username"])))
    if kind == "account":
        return Columns(plain_number(str(body["number"])))
    if kind in ("card", "payee"):
        return Columns(holder=int(body["customer"]))
    if kind == "order":
        urgent = int(str(body["kind"]) in DEADLINE_KINDS)
        due = date.fromisoformat(str(body["due"])).isoformat()
        return Columns(None, int(body["debit"]), due, int(body["cohort"]), int(body["credit"]), urgent)
    return Columns()


def check(fact: Fact) -> None:
    """Raise KeyError, ValueError or TypeError when a fact of customers is not as agreed."""
    if fact.kind in NUMBERED:
        int(fact.key)
    if fact.body is None:
        return
    columns_of(fact.kind, fact.body)
    if fact.kind == "customer" and "former" in fact.body:
        _ = str(fact.body["former"]["name"]), datetime.fromisoformat(str(fact.body["former"]["until"]))
    if fact.kind == "card":
        card_from_body(fact.key, fact.body)
    if fact.kind == "factors":
        factors_from_body(fact.body)
    if fact.kind == "passkey":
        passkey_from_body(fact.body)
    if fact.kind == "payee":
        _ = int(fact.body["account"]), str(fact.body["name"])
    if fact.kind == "freeze":
        freeze_change_from_body(fact.body)
    if fact.kind == "own_limits":
        own_limits_from_body(fact.body)
    if fact.kind == "rate":
        rate_from_body(fact.body)
    if fact.kind == "kid" and fact.body["need"] not in NEEDS:
        raise ValueError(f"{fact.body['need']!r} does not say whether a payment carries a KID")
    if fact.kind == "payee_kind" and fact.body["kind"] not in DEADLINE_KINDS:
        raise ValueError(f"{fact.body['kind']!r} is no kind of payment that must arrive by a time")


class MemoryFacts:
    """Facts in a dict, looked through one by one: for few."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, str], Fact] = {}

    def put(self, fact: Fact) -> None:
        """Put it in place, or remove what it removes."""
        if fact.body is None:
            self._facts.pop((fact.kind, fact.key), None)
        else:
            self._facts[fact.kind, fact.key] = fact

    def get(self, kind: str, key: str) -> Body | None:
        """See Facts."""
        fact = self._facts.get((kind, key))
        return fact.body if fact else None

    def _of(self, kind: str) -> list[tuple[Fact, Body, Columns]]:
        return [
            (fact, fact.body, columns_of(kind, fact.body))
            for fact in self._facts.values()
            if fact.kind == kind and fact.body is not None
        ]

    def find(self, kind: str, term: str) -> tuple[str, Body] | None:
        """See Facts."""
        found = [(fact.number, fact.key, body) for fact, body, columns in self._of(kind) if columns.term == term]
        return max(found, key=lambda one: one[0])[1:] if found else None

    def held(self, kind: str, holder: int) -> list[tuple[str, Body]]:
        """See Facts."""
        found = [(fact.key, body) for fact, body, columns in self._of(kind) if columns.holder == holder]
        return sorted(found, key=lambda one: one[0])

    def due(
        self, day: str, after: int, limit: int, *, cohorts: Collection[int], urgent: bool
    ) -> list[tuple[int, Body]]:
        """See Facts."""
        found = [
            (int(fact.key), body)
            for fact, body, columns in self._of("order")
            if columns.due == day
            and columns.cohort in cohorts
            and urgent == (columns.urgent == 1 or self.get("payee_kind", str(columns.credit)) is not None)
        ]
        return sorted((one for one in found if one[0] > after), key=lambda one: one[0])[:limit]
