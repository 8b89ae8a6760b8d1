"""The profile stream's source: facts written in the transaction of what they tell, numbered in order afterwards.

A fact may be numbered only when no transaction is open that could still write an older one: when its xid is
below the oldest open one. Rows written under one row lock get ids in the order of the lock, and a waiting
transaction holds back those that come after it, so numbers in order of id never turn two facts of a key round.
"""

import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from holdfast.bank.exchange.models import BankFact, BlockedPayee, Fact
from holdfast.contracts import profile
from holdfast.guard import BadLimits, Limits, LimitSet, read_limits, take_limits
from holdfast.telemetry import get_log

NUMBER_BATCH_MAX = 5000
CACHE_S = 1.0
LIMITS_DEFAULT = LimitSet(
    Limits(50_000_000, 100_000_000, 60, 1_200, 25_000_000, 20_000_000),
    Limits(2_000_000, 4_000_000, 20, 400, 1_000_000, 1_000_000),
    200_000_000,
    5_000_000_000,
    20,
)
"""What holds at this bank before any limits were set."""
LIMITS, LIMITS_GOOD = "limits", "limits_good"
"""Rows of BankFact: the limits as last told, and the last that could be meant."""
SQL = Path(__file__).parent / "sql"
_LOCK = (SQL / "sequencer_lock.sql").read_text()
_NUMBER = (SQL / "number_facts.sql").read_text()


def tell(kind: str, facts: Iterable[tuple[str, dict[str, Any] | None]]) -> None:
    """Write facts (key, body) of one kind; must run inside the transaction that makes them true."""
    Fact.objects.bulk_create([Fact(kind=kind, key=key, body=body) for key, body in facts], batch_size=2000)


def number_facts() -> int:
    """Number what may be numbered; how many were. Does nothing while another process is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_NUMBER, {"limit": NUMBER_BATCH_MAX})
        return int(cursor.rowcount)


def read_facts(after: int, limit: int) -> dict[str, Any]:
    """Numbered facts after a number, in order, as they travel, and the highest number there is."""
    if Fact.objects.filter(number=None).exists():
        while number_facts() == NUMBER_BATCH_MAX:
            pass
    found = list(Fact.objects.filter(number__gt=after).order_by("number")[:limit])
    head = found[-1].number or after if found else after
    if len(found) == limit:
        head = Fact.objects.filter(number__isnull=False).order_by("-number").values_list("number", flat=True)[0] or head
    return {
        "head": head,
        "facts": [profile.Fact(fact.number or 0, fact.kind, fact.key, fact.body).to_wire() for fact in found],
    }


class BankFacts:
    """The bank's facts and limits as dictionaries, read again each second. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bodies: dict[str, dict[str, Any]] = {}
        self._blocked: frozenset[int] = frozenset()
        self._limits = LIMITS_DEFAULT
        self._trouble = ""
        self._read_at = float("-inf")

    def _fresh(self) -> None:
        with self._lock:
            if time.monotonic() - self._read_at < CACHE_S:
                return
        bodies = dict(BankFact.objects.values_list("key", "body"))
        blocked = frozenset(BlockedPayee.objects.values_list("account", flat=True))
        limits, trouble = good_limits(bodies)
        with self._lock:
            if trouble and trouble != self._trouble:
                get_log().error("limits_not_taken", why=trouble)
            self._bodies, self._blocked, self._read_at = bodies, blocked, time.monotonic()
            self._limits, self._trouble = limits, trouble

    def forget(self) -> None:
        """Read again at the next question."""
        with self._lock:
            self._read_at = float("-inf")

    def bank(self) -> dict[str, Any]:
        """The body of the fact `bank` (contracts.profile), empty before the bank was filled."""
        self._fresh()
        return self._bodies.get("bank", {})

    def body(self, kind: str) -> dict[str, Any]:
        """The body of a fact of the whole bank, empty while it was never told."""
        self._fresh()
        return self._bodies.get(kind, {})

    def own(self, name: str) -> int:
        """The id of one of the bank's own accounts: settlement, suspense, fees …"""
        return int(self.bank()[name])

    def limits(self) -> LimitSet:
        """The limits that hold: the last told that could be meant."""
        self._fresh()
        return self._limits

    def rules_trouble(self) -> str | None:
        """Why limits that were told do not hold, in words; None when they do. As last read: it asks no database."""
        return self._trouble or None

    def blocked(self) -> frozenset[int]:
        """Accounts to which payments are stopped."""
        self._fresh()
        return self._blocked


bank_facts = BankFacts()


def good_limits(bodies: dict[str, dict[str, Any]]) -> tuple[LimitSet, str]:
    """(the limits to hold, "" or why those last told are not among them). bodies: BankFact by key."""
    try:
        good = read_limits(bodies[LIMITS_GOOD]) if LIMITS_GOOD in bodies else None
    except BadLimits:
        good = None
    if LIMITS not in bodies:
        return good or LIMITS_DEFAULT, ""
    try:
        return take_limits(bodies[LIMITS], good), ""
    except BadLimits as error:
        return good or LIMITS_DEFAULT, f"New limits were not taken: {error}. The last good ones hold."


def set_bank_fact(kind: str, body: dict[str, Any]) -> None:
    """Store and tell a fact of the whole bank, as `bank`; its key is its kind."""
    with transaction.atomic():
        BankFact.objects.update_or_create(key=kind, defaults={"body": json.loads(json.dumps(body))})
        tell(kind, [(kind, body)])
    bank_facts.forget()


def set_limits(body: dict[str, Any]) -> LimitSet:
    """Check, store and tell the fact `limits`, to both banks; what holds now. Raises BadLimits with nothing changed."""
    with transaction.atomic():
        known = BankFact.objects.select_for_update().filter(key__in=(LIMITS, LIMITS_GOOD))
        bodies = dict(known.values_list("key", "body"))
        new = take_limits(body, good_limits(bodies)[0] if bodies else None)
        stored = json.loads(json.dumps(body))
        for key in (LIMITS, LIMITS_GOOD):
            BankFact.objects.update_or_create(key=key, defaults={"body": stored})
        tell(LIMITS, [(LIMITS, body)])
    bank_facts.forget()
    return new


def mark_payee(account: int, kind: str) -> None:
    """Say that payments to an account must arrive by a time, at both banks; kind: see contracts.profile."""
    if kind not in profile.DEADLINE_KINDS:
        raise ValueError(f"{kind!r} is no kind of payment that must arrive by a time")
    with transaction.atomic():
        tell("payee_kind", [(str(account), {"kind": kind})])


def block_payee(account: int) -> None:
    """Stop payments to an account, at both banks."""
    with transaction.atomic():
        BlockedPayee.objects.get_or_create(account=account)
        tell("blocked", [(str(account), {})])
    bank_facts.forget()
