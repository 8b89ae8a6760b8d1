"""The API for customers' own programs, as far as doors and both banks must agree: addresses, tokens, keys, problems.

A token names its cohort and its customer, so that a door sends the request where the cohort is served without asking
anybody; that is no proof: both banks know a token by the SHA-256 of its whole text only, so one whose cohort or
customer was changed is unknown. Its last part is 256 random bits, for which a plain digest is enough.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from holdfast.contracts.epochs import COHORTS_COUNT

PREFIX = "/api/v1"
KEY_HEADER = "Idempotency-Key"
PROBLEM_TYPE = "application/problem+json"
PROBLEM_NAMES = "urn:holdfast:problem:"
"""RFC 9457: the `type` of a problem is this and its code."""
CAUSE = "api:"
"""How the journal says that a payment came by a token: this and the token's number."""
BODY_BYTES_MAX = 16_000
WAITING_PURPOSE, WAITING_S = "payment-waiting", 3600
"""The token of a payment that a program asked for and the customer must confirm, and how long it can be confirmed."""
TOKEN_MARK = "hfk"  # noqa: S105  # what all tokens begin with, so that one that leaked is found by its look
WORDS_MAX = 140
WORDS_PATTERN = r"^[^\x00-\x1f\x7f]*$"
"""Words of a program at either bank: any character but controls."""
_WORDS = re.compile(WORDS_PATTERN)
_TOKEN = re.compile(TOKEN_MARK + r"_([0-9]{1,3})_([0-9]{1,18})_[A-Za-z0-9_-]{43}")
_KEY = re.compile(r'("?)([!#-\[\]-~]{1,128})\1')


class Scope(StrEnum):
    """What a token may do. `payments:write` and `exchange:write` also read how payments ended."""

    ACCOUNTS_READ = "accounts:read"
    PAYEES_READ = "payees:read"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    EXCHANGE_WRITE = "exchange:write"
    ORDERS_READ = "orders:read"
    CARDS_READ = "cards:read"
    CARDS_FREEZE = "cards:freeze"


MOVES_MONEY = frozenset({Scope.PAYMENTS_WRITE.value, Scope.EXCHANGE_WRITE.value})
"""Scopes whose use counts in what a token may pay on one day."""


@dataclass(frozen=True, slots=True)
class NamedToken:
    """What a token says of itself. digest: SHA-256 of its text in hex, by which the banks know it."""

    cohort: int
    customer: int
    digest: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token may do, as the fact `api_token` tells it. token: its number at the main bank; ends_us:
    microseconds since 1970 UTC; day_minor: what it may pay on one day, in minor units."""

    token: int
    customer: int
    scopes: frozenset[str]
    ends_us: int
    day_minor: int

    def to_body(self) -> dict[str, Any]:
        """The body of the fact."""
        return {
            "token": self.token,
            "customer": self.customer,
            "scopes": sorted(self.scopes),
            "ends_us": self.ends_us,
            "day_minor": self.day_minor,
        }


def grant_from_body(body: dict[str, Any]) -> Grant:
    """Read the fact's body; raises KeyError, ValueError or TypeError when it has not the agreed form."""
    scopes = frozenset(Scope(one).value for one in body["scopes"])
    return Grant(int(body["token"]), int(body["customer"]), scopes, int(body["ends_us"]), int(body["day_minor"]))


def new_token(cohort: int, customer: int) -> str:
    """A token that nobody knows yet."""
    return f"{TOKEN_MARK}_{cohort}_{customer}_{secrets.token_urlsafe(32)}"


def read_token(token: str) -> NamedToken | None:
    """What the token says of itself; None when it has not the form of one."""
    found = _TOKEN.fullmatch(token)
    if found is None or int(found.group(1)) >= COHORTS_COUNT:
        return None
    return NamedToken(int(found.group(1)), int(found.group(2)), hashlib.sha256(token.encode()).hexdigest())


def read_bearer(authorization: str) -> NamedToken | None:
    """The token of a header `Authorization: Bearer …`; None without one that has the form of a token."""
    kind, _, token = authorization.strip().partition(" ")
    return read_token(token.strip()) if kind.lower() == "bearer" else None


def plain_key(value: str) -> str:
    """The key of a header `Idempotency-Key`, with or without quotes; empty when it is none: 1 to 128 visible characters
    of ASCII but for quotes and backslashes."""
    found = _KEY.fullmatch(value.strip())
    return found.group(2) if found else ""


def are_words(value: str, most: int) -> bool:
    """Whether both banks take this text of a program, of at most so many characters."""
    return len(value) <= most and _WORDS.fullmatch(value) is not None


def is_api(path: str) -> bool:
    """Whether programs ask at this address, so that every answer is for machines."""
    return path == "/api" or path.startswith("/api/")


def problem(status: int, code: str, title: str, detail: str, **more: object) -> dict[str, object]:
    """The body of an answer of PROBLEM_TYPE (RFC 9457). code: stable, for programs; title and detail: for people."""
    return {
        "type": f"{PROBLEM_NAMES}{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
