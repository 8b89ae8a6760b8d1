"""Two writers at once, for tests: the second waits for a lock that the first one holds."""

import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections, transaction

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def at_once(first, second):
    """What both said: the first is not committed before the second waits for it, or has ended without."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            said = first()
            waits = _begin(pool, second)
        return said, waits.result(10)


def meanwhile(lock, waits, look):
    """What `look` says in the transaction that holds the lock, while `waits` waits for it."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock()
            waiting = _begin(pool, waits)
            said = look()
        waiting.result(10)
    return said


def _begin(pool, work):
    """Begin, and go on when it waits for a lock or has ended."""
    begun = pool.submit(_and_close, work)
    for _ in range(200):
        if begun.done() or _blocked():
            break
        time.sleep(0.02)
    return begun


def _blocked():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(BLOCKED)
        return cursor.fetchone()[0] > 0


def _and_close(work):
    try:
        return work()
    finally:
        connections.close_all()
