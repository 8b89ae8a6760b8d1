"""Work that one process at a time does: an advisory lock of the database, gone if the process dies."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone(key: int) -> Iterator[bool]:
    """Whether this is the only one at the work of this key, a signed number of 64 bits; no other one is until the
    context ends. Nobody waits: whoever comes second is told False."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", (key,))
        ours = bool(cursor.fetchone()[0])
        try:
            yield ours
        finally:
            if ours:
                cursor.execute("select pg_advisory_unlock(%s)", (key,))
