"""Balances by value date of many accounts at once, for work at the end of a day. Takes no lock, and has connections of
its own, so that pages never wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from holdfast.ledger.attempts import Attempts
from holdfast.ledger.errors import LedgerError
from holdfast.ledger.schema import read_sql

ACCOUNTS_MAX = 10_000
STATEMENT_MS_MAX = 60_000


_LATE = b"""
SELECT account, min(value_date) FROM (
    SELECT debit, credit, value_date FROM ledger.transfer
    WHERE seq > %(after)s AND seq <= %(to)s AND value_date < %(before)s
) t, unnest(ARRAY[t.debit, t.credit]) AS account WHERE account > %(account)s
GROUP BY account ORDER BY account LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class DayMovements:
    """What stood in an account before a day, and its entries from that day on by value date: (value date, net change,
    entries out of the counted kinds). Minor units; positive: the bank owes it."""

    opening_minor: int
    days: tuple[tuple[date, int, int], ...]


class Histories(Attempts):
    """Reads through a small pool; every statement ends within a minute. Thread-safe."""

    def __init__(self, url: str, connections_max: int = 4) -> None:
        self._statement = read_sql("day_movements").encode()
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            url,
            min_size=0,
            max_size=connections_max,
            timeout=2,
            reconnect_timeout=5,
            open=True,
            name="books-histories",
            kwargs={
                "autocommit": True,
                "connect_timeout": 2,
                "options": f"-c statement_timeout={STATEMENT_MS_MAX} -c jit=off -c enable_seqscan=off",
            },
            check=ConnectionPool.check_connection,
        )

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()

    def _all(self, statement: bytes, parameters: dict[str, object]) -> list[tuple[Any, ...]]:
        try:
            with self._pool.connection() as connection:
                return connection.execute(statement, parameters).fetchall()
        except (PoolTimeout, psycopg.OperationalError) as error:
            raise LedgerError(f"the books cannot be read now: {error}") from error

    def read(
        self, accounts: Sequence[int], since: date, counted: Sequence[str], after_seq: int
    ) -> dict[int, DayMovements]:
        """The accounts that exist of these (ACCOUNTS_MAX at most) from a value date on, in one snapshot.

        counted: the kinds whose entries out are counted. after_seq: entries up to this place in the books are known to
        be of value before `since` (place_before); only later ones are looked through.
        """
        if len(accounts) > ACCOUNTS_MAX:
            raise ValueError(f"{len(accounts)} accounts in one call, at most {ACCOUNTS_MAX}")
        asked = {"accounts": list(accounts), "since": since, "counted": list(counted), "after_seq": after_seq}
        return {
            account: DayMovements(
                int(balance) - sum(map(int, nets or ())),
                tuple(zip(days or (), map(int, nets or ()), uses or (), strict=True)),
            )
            for account, balance, days, nets, uses in self._all(self._statement, asked)
        }

    def place_now(self) -> int:
        """The place in the books (seq) of the last entry; 0 when there is none."""
        return int(self._all(b"SELECT seq FROM ledger.head", {})[0][0])

    def late_entries(self, booked: tuple[int, int], before: date, account: int, accounts_max: int) -> dict[int, date]:
        """Of what was booked behind one place up to another: by account the earliest value date before a day, of the
        accounts behind one in the order of their ids; accounts_max at most."""
        after, to = booked
        return dict(
            self._all(_LATE, {"after": after, "to": to, "before": before, "account": account, "limit": accounts_max})
        )

    def place_before(self, instant: datetime) -> int:
        """The place in the books (seq) of the last entry that was booked before an instant; 0 when there is none."""
        at_us = int(instant.timestamp() * 1_000_000)
        found = self._all(
            b"SELECT t.seq FROM ledger.transfer t WHERE t.block <= (SELECT number FROM ledger.block "
            b"WHERE at_us < %(at)s ORDER BY number DESC LIMIT 1) ORDER BY t.block DESC, t.item DESC LIMIT 1",
            {"at": at_us},
        )
        return int(found[0][0]) if found else 0
