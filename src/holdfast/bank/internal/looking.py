"""Look whether the database answers, in a thread of its own: the answer about health never waits for longer."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass

from django.db import DatabaseError, connection

from holdfast.bank.books import reader
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.orders.executing import waiting_orders
from holdfast.bank.payments.models import Intent
from holdfast.ledger.api import LedgerError

LOOK_S_MAX = 0.9
ORDERS_SHOWN_MAX = 1000


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; words say what is wrong, "" when nothing is."""

    words: str = ""
    block: int = 0
    intents_open: int = 0
    orders_waiting: int = 0
    proved_block: int = 0
    proof_findings: int = 0


class _Looker:
    """One look at a time; those who ask meanwhile share it."""

    def __init__(self, see: Callable[[], Look]) -> None:
        self._see = see
        self._lock = threading.Lock()
        self._running: Future[Look] | None = None

    def look(self) -> Look:
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                threading.Thread(target=self._run, args=(self._running,), name="look", daemon=True).start()
            future = self._running
        try:
            return future.result(LOOK_S_MAX)
        except FutureTimeout:
            return Look(words=f"the database does not answer within {LOOK_S_MAX:g} s")

    def _run(self, future: Future[Look]) -> None:
        try:
            found = self._see()
        except (DatabaseError, LedgerError) as error:
            found = Look(words=str(error)[:200] or "the database does not answer")
        except Exception as error:
            found = Look(words=f"{type(error).__name__}: {error}"[:200])
        finally:
            connection.close()
        future.set_result(found)


def _see() -> Look:
    intents_open = Intent.objects.filter(outcome="").count()
    waiting = len(waiting_orders(ORDERS_SHOWN_MAX))
    bank_facts.limits()  # read again, so that their trouble is told and its end too when nobody pays
    proved = reader().proved()
    return Look(
        "",
        reader().head().block,
        intents_open,
        waiting,
        proved.block if proved else 0,
        proved.findings if proved else 0,
    )


_looker = _Looker(_see)


def look() -> Look:
    """Whether the database answers, and a few counts; within a second."""
    return _looker.look()
