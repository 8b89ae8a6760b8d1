"""Make or migrate the schema `ledger`. Runs the SQL files of this package; safe to run again."""

from pathlib import Path

import psycopg

from holdfast.ledger.errors import LedgerError
from holdfast.ledger.notes import Notes
from holdfast.ledger.resealing import seal_open_notes

SCHEMA_VERSION = 6
WITH_OPEN_WORDS = 1
"""In this version the words of transfers were not sealed."""
WITHOUT_HOLDS = 2
"""In this version nothing was held, linked or reversed."""
WITHOUT_METADATA = 3
"""In this version nothing carried metadata."""
SQL = Path(__file__).parent / "sql"
FILES = ("schema", "metadata", "accounting", "post_plain", "post_block", "post_tied", "erase_words", "definers")


def read_sql(name: str) -> str:
    """The text of sql/<name>.sql."""
    return (SQL / f"{name}.sql").read_text()


def install(url: str, notes: Notes) -> None:
    """Make the schema `ledger` in the database at url, or bring it to this version; raises LedgerError. notes: seals
    the words that an earlier version kept open. Waits 5 s for a lock at most; then nothing was changed."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        connection.execute("SET lock_timeout = '5s'; SET statement_timeout = '5min'")
        connection.execute("SELECT pg_advisory_xact_lock(7401)")
        known = 0
        if connection.execute("SELECT to_regclass('ledger.version')").fetchone() != (None,):
            found = connection.execute("SELECT version FROM ledger.version").fetchone()
            known = int(found[0]) if found else 0
        if known > SCHEMA_VERSION:
            raise LedgerError(
                f"the books are of version {known}, this release knows {SCHEMA_VERSION}; use a newer release"
            )
        if known == SCHEMA_VERSION:
            return
        if known == WITH_OPEN_WORDS:
            seal_open_notes(connection, notes)
        if known in (WITH_OPEN_WORDS, WITHOUT_HOLDS):
            connection.execute(read_sql("migrations/3_pre").encode())
        if 0 < known <= WITHOUT_METADATA:
            connection.execute(read_sql("migrations/4_pre").encode())
        for name in FILES:
            connection.execute(read_sql(name).encode())
        connection.execute(
            "INSERT INTO ledger.version (version) VALUES (%s) "
            "ON CONFLICT (one) DO UPDATE SET version = excluded.version",
            (SCHEMA_VERSION,),
        )


def finish(url: str) -> None:
    """What a migration leaves until no process of the release before runs any more; safe to run again, also while
    customers are served. Waits at most 5 s for a lock, 5 minutes in all; raises LedgerError, run it again then."""
    try:
        with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '5s'; SET statement_timeout = '5min'")
            for name in ("migrations/3_post", "migrations/4_post"):
                connection.execute(read_sql(name).encode())
    except psycopg.Error as error:
        raise LedgerError(f"the migration of the books cannot be finished now: {error}") from error
