"""What this process remembers of customers, accounts and ended sessions, so that a page asks only the books.

Names, owners and numbers change seldom and are remembered for KNOWN_S; balances never are. Sessions that were ended
are a set that this process keeps whole: what it ends itself counts at once, what others end within a second.
"""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from holdfast.bank.customers.models import Account, Customer, Owner, RevokedSession, SessionsEnded
from holdfast.bank.database.prepared import ask, find, read_query
from holdfast.bank.payments.models import KidNeed
from holdfast.bank.sealed.fields import opened
from holdfast.contracts.numbers import plain_number
from holdfast.contracts.sessions import ABSOLUTE_S, AllEnded
from holdfast.contracts.test_customers import may_pay

KNOWN_S = 5.0
KNOWN_MAX = 50_000
ENDED_LOOK_S = 1.0
_CUSTOMER, _ACCOUNTS, _BY_NUMBER = (
    read_query(__file__, name) for name in ("customer", "accounts_of", "account_by_number")
)
Key = TypeVar("Key")
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Answers of `find`, each remembered for KNOWN_S; None is not remembered. Thread-safe."""

    def __init__(self, find: Callable[[Key], Value | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """What is known of key, from memory or found anew; raises what `find` raises."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[0] > now:
            return kept[1]
        found = self._find(key)
        with self._lock:
            if len(self._kept) >= KNOWN_MAX:
                self._kept.clear()
            if found is None:
                self._kept.pop(key, None)
            else:
                self._kept[key] = (now + KNOWN_S, found)
        return found

    def forget(self) -> None:
        """Forget everything, after a change in bulk."""
        with self._lock:
            self._kept.clear()


class EndedSessions:
    """The sessions that were ended, one by one or all of a customer's at once, read whole and then when there is
    something new. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ended: set[str] = set()
        self._all: dict[int, AllEnded] = {}
        self._count = -1
        self._looked_at = float("-inf")

    def add(self, session: str) -> None:
        """This process ended it."""
        with self._lock:
            self._ended.add(session)

    def forget(self) -> None:
        """Read again at the next question; after the change was committed."""
        with self._lock:
            self._looked_at = float("-inf")

    def has(self, session: str, customer: int, began: float) -> bool:
        """Whether this session of the customer's has ended; began: in seconds since 1970 UTC."""
        self._look()
        with self._lock:
            every = self._all.get(customer)
            return session in self._ended or (every is not None and every.ends(session, began))

    def _look(self) -> None:
        with self._lock:
            if self._clock() - self._looked_at < ENDED_LOOK_S:
                return
            self._looked_at = self._clock()
        lately_us = (time.time_ns() // 1000) - ABSOLUTE_S * 10**6  # a session that began earlier is over
        told = SessionsEnded.objects.filter(before_us__gt=lately_us).values_list("customer_id", "before_us", "but")
        every = {customer: AllEnded(before_us, but) for customer, before_us, but in told}
        with self._lock:
            self._all = every
        count = RevokedSession.objects.count()
        if count != self._count:
            known = set(RevokedSession.objects.values_list("session", flat=True))
            with self._lock:
                self._ended |= known
                self._count = count


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account as payers find it by its number: its id, currency and its owners' names; kid: "" or whether
    payments to it `may` or `must` carry a KID; former: what owners were called until lately."""

    id: int
    number: str
    title: str
    currency: str
    cohort: int
    names: tuple[str, ...]
    kid: str = ""
    former: tuple[str, ...] = ()

    @property
    def known_by(self) -> tuple[str, ...]:
        """The names that a payer may write; only `names` are shown."""
        return (*self.names, *self.former)


def _find_customer(customer: int) -> Customer | None:
    return next(iter(find(Customer, _CUSTOMER, {"id": customer})), None)


def _find_accounts(customer: int) -> tuple[Account, ...]:
    return tuple(find(Account, _ACCOUNTS, {"customer": customer}))


def _find_by_number(number: str) -> KnownAccount | None:
    for account, title, currency, cohort, kid, names, former in ask(_BY_NUMBER, {"number": number}):
        owners = tuple(opened(Customer, "name", name) for name in names)
        before = tuple(opened(Customer, "former_name", name) for name in former)
        return KnownAccount(account, number, opened(Account, "title", title), currency, cohort, owners, kid, before)
    return None


known_customers: Remembered[int, Customer] = Remembered(_find_customer)
known_accounts: Remembered[int, tuple[Account, ...]] = Remembered(_find_accounts)
accounts_by_number: Remembered[str, KnownAccount] = Remembered(_find_by_number)
ended_sessions = EndedSessions()


def payee_of(customer: int, typed: str) -> KnownAccount | None:
    """The account with this number, as a person types it, that a customer (or NOBODY) may pay; None when there is none
    for them."""
    number = plain_number(typed)
    found = accounts_by_number.get(number) if number and "\0" not in number else None
    return found if found is not None and may_pay(customer, found.id) else None


def find_by_numbers(numbers: Collection[str]) -> dict[str, KnownAccount]:
    """The accounts that there are of these numbers, by number, for lists too long to ask one by one; two queries."""
    need = KidNeed.objects.filter(account=OuterRef("id")).values("need")
    accounts = list(Account.objects.filter(number__in=numbers).annotate(kid=Subquery(need)))
    names, formers, now = dict[int, list[str]](), dict[int, list[str]](), timezone.now()
    owners = Owner.objects.filter(account__in=accounts).order_by("customer_id")
    wanted = ("account_id", "customer__name", "customer__former_name", "customer__former_until")
    for account, name, former, until in owners.values_list(*wanted):
        names.setdefault(account, []).append(name)
        if until is not None and until > now:
            formers.setdefault(account, []).append(former)
    return {
        one.number: KnownAccount(
            one.id,
            one.number,
            one.title,
            one.currency,
            one.cohort,
            tuple(names.get(one.id, ())),
            one.kid or "",
            tuple(formers.get(one.id, ())),
        )
        for one in accounts
    }
