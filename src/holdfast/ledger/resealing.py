"""The words of transfers are sealed anew under another key, or for the first time; the hashes in the blocks stay."""

import uuid
from typing import Any

import psycopg

from holdfast.contracts.blocks import Note
from holdfast.ledger.notes import Notes

BATCH = 2000
_NEXT = "SELECT id, sealed FROM ledger.note WHERE id > %s ORDER BY id LIMIT %s"
_CHANGE = (
    "UPDATE ledger.note n SET sealed = w.sealed FROM unnest(%s::uuid[], %s::bytea[]) AS w(id, sealed) WHERE n.id = w.id"
)
_OPEN = "SELECT id, salt, payer, payee, words FROM ledger.note"


def seal_notes_anew(url: str, notes: Notes) -> int:
    """Seal the words of all transfers by the newest key, batch by batch while the bank works; how many. Words that are
    erased meanwhile stay so. Raises WordsClosed when some cannot be opened: those before are sealed anew."""
    done, last = 0, uuid.UUID(int=0)
    with psycopg.connect(url, connect_timeout=5, autocommit=True) as connection:
        while rows := connection.execute(_NEXT, (last, BATCH)).fetchall():
            _write(connection, [(ident, notes.seal(ident, notes.open(ident, bytes(sealed)))) for ident, sealed in rows])
            done, last = done + len(rows), rows[-1][0]
    return done


def seal_open_notes(connection: psycopg.Connection[Any], notes: Notes) -> None:
    """Bring the table of version 1, whose words lay open, to version 2; in the caller's transaction."""
    connection.execute("ALTER TABLE ledger.note ADD COLUMN sealed bytea")
    with connection.cursor(name="open_notes") as reading:
        reading.execute(_OPEN)
        while rows := reading.fetchmany(BATCH):
            _write(connection, [(one, notes.seal(one, Note(bytes(salt), *words))) for one, salt, *words in rows])
    connection.execute(
        "ALTER TABLE ledger.note ALTER COLUMN sealed SET NOT NULL, "
        "DROP COLUMN salt, DROP COLUMN payer, DROP COLUMN payee, DROP COLUMN words"
    )


def _write(connection: psycopg.Connection[Any], sealed: list[tuple[uuid.UUID, bytes]]) -> None:
    connection.execute(_CHANGE, ([ident for ident, _ in sealed], [one for _, one in sealed]))
