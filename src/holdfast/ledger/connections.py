"""How the books are read: a small pool, every statement bounded in time, nothing that takes the head's lock."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from holdfast.ledger.errors import LedgerError
from holdfast.ledger.notes import Notes


class Connections:
    """A pool of connections to the books; every statement ends within 2 s. Thread-safe."""

    def __init__(self, url: str, notes: Notes, connections_max: int = 24) -> None:
        self._url = url
        self._notes = notes
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            url,
            min_size=0,
            max_size=connections_max,
            timeout=0.5,
            reconnect_timeout=5,
            open=True,
            name="books-reader",
            kwargs={"autocommit": True, "connect_timeout": 2, "options": "-c statement_timeout=2000"},
            check=None,
        )

    @contextlib.contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise LedgerError(f"the books cannot be read now: {error}") from error

    def _all(self, statement: str, parameters: Sequence[object] | dict[str, object]) -> list[tuple[Any, ...]]:
        with self._connection() as connection:
            try:
                return connection.execute(statement, parameters).fetchall()
            except psycopg.OperationalError:
                if not connection.broken:
                    raise
        # The server was restarted since this connection was made: throw out all such connections, ask once more.
        self._pool.check()
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()
