"""A setting of the bank's PostgreSQL, changed while it runs, as somebody with its password would; and set back."""

import time

import psycopg
from psycopg import sql

from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.postgres import Cluster

CONNECT_S_MAX = 5
OWN = (
    "-c statement_timeout=5000 -c lock_timeout=5000 -c idle_session_timeout=0 -c transaction_timeout=0 "
    "-c default_transaction_read_only=off"
)
"""What a changed setting must not keep from being set back."""


def change_setting(made: Cluster, name: str, value: str) -> None:
    """Set it for every session that does not set its own; raises RuntimeFault in words, with nothing changed."""
    _carry_out(made, sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))


def reset_setting(made: Cluster, name: str) -> None:
    """Back to what the server's own files say; raises RuntimeFault."""
    _carry_out(made, sql.SQL("ALTER SYSTEM RESET {}").format(sql.Identifier(name)))


def _carry_out(made: Cluster, statement: sql.Composed) -> None:
    """Tried again for CONNECT_S_MAX where the server ends the session before its own settings hold: the log-in is a
    transaction too."""
    until = time.monotonic() + CONNECT_S_MAX
    while True:
        try:
            with psycopg.connect(made.url, connect_timeout=CONNECT_S_MAX, autocommit=True, options=OWN) as connection:
                connection.execute(statement)
                connection.execute("SELECT pg_reload_conf()")
        except psycopg.Error as error:
            if time.monotonic() >= until or not isinstance(error, psycopg.OperationalError):
                raise RuntimeFault(f"PostgreSQL did not take the setting: {str(error).strip()[:200]}") from error
        else:
            return
