"""Django's PostgreSQL backend, with a time limit on every wait for the server.

A stopped or hung server must never hold a thread for ever: a wait that lasts longer than the limit closes
the connection and raises OperationalError, which the web answers with 503. The next request connects anew.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base

WAIT_S_MAX = 2.0
_limit = threading.local()


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

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Run one exchange with the server; raises psycopg.OperationalError past the limit."""
        limit_s = timeout if timeout is not None else getattr(_limit, "s", WAIT_S_MAX)
        try:
            return super().wait(gen, interval, timeout=limit_s)
        except psycopg.errors._WaitTimeout as error:
            self.close()
            raise psycopg.OperationalError(f"the database did not answer within {limit_s:g} s") from error


class DatabaseWrapper(base.DatabaseWrapper):
    """The backend; only how a connection is made differs from Django's own."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect in at most connect_timeout seconds."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return BoundedConnection.connect(**conn_params)
