"""Django's PostgreSQL backend, with a time limit on every wait for the server.

A stopped or hung server must never hold a thread for ever: a wait that lasts longer than the limit closes
the connection and raises OperationalError, which the web answers with 503. The next request connects anew.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base

from holdfast.telemetry import traces
from holdfast.telemetry.metrics import CALLS

WAIT_S_MAX = 2.0
FRESH_S = 1.0
"""A connection that answered so lately is not asked once more whether it is well before a request."""
PASSWORD_CHANGES_S = 0.1
"""A new password is known to the server a moment before it stands in the file that is read at each connection."""
_limit = threading.local()
_MEASURED = {result: CALLS.labels("bank-db", result) for result in ("answered", "failed", "stalled")}


@contextmanager
def wait_at_most(limit_s: float) -> Iterator[None]:
    """Within this block, in this thread, a single wait for the database lasts at most limit_s seconds."""
    before = getattr(_limit, "s", WAIT_S_MAX)
    _limit.s = limit_s
    try:
        yield
    finally:
        _limit.s = before


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that gives up, and closes itself, when the server does not answer in time."""

    answered_at: float = float("-inf")
    """When the server answered last, on the monotonic clock."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one exchange with the server; raises psycopg.OperationalError past the limit."""
        limit_s = timeout if timeout is not None else getattr(_limit, "s", WAIT_S_MAX)
        began, result = time.monotonic(), "failed"
        try:
            answer = super().wait(gen, interval, timeout=limit_s)
            result = "answered"
        except psycopg.errors._WaitTimeout as error:
            result = "stalled"
            self.close()
            raise psycopg.OperationalError(f"the database did not answer within {limit_s:g} s") from error
        except psycopg.errors.Error as error:
            result = "answered" if error.sqlstate else "failed"  # an error in words is an answer
            raise
        finally:
            took_s = time.monotonic() - began
            _MEASURED[result].observe(took_s)
            traces.waited_for_the_database(took_s)
        self.answered_at = time.monotonic()
        return answer


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend; it differs from Django's own in how a connection is made and when it is asked whether it is well."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect in at most connect_timeout seconds."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            return BoundedConnection.connect(**conn_params)
        except psycopg.OperationalError as error:
            if "authentication failed" not in str(error):
                raise
        time.sleep(PASSWORD_CHANGES_S)
        return BoundedConnection.connect(**conn_params)

    def close_if_health_check_failed(self) -> None:
        """As Django's, but for a connection that has just answered."""
        fresh = self.connection is not None and time.monotonic() - self.connection.answered_at < FRESH_S
        if not fresh:
            super().close_if_health_check_failed()
