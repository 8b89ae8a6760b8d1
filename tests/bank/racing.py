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
            waits = pool.submit(_and_close, second)
            for _ in range(200):
                if waits.done() or _blocked():
                    break
                time.sleep(0.02)
        return said, waits.result(10)


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
