"""A bank for a benchmark: a PostgreSQL of its own, a made-up installation, and many accounts in its books.

Django is set up here, so what belongs to the bank is imported within functions, after it.
"""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import room, say

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.epochs import COHORTS_COUNT
from holdfast.runtime.installing import make_keys
from holdfast.runtime.postgres import temporary
from holdfast.settings import Installation, write

if TYPE_CHECKING:
    from holdfast.ledger.api import Post

FIRST = 2000
"""The first customer's account."""
BATCH = 5000
SAY_S = 10.0
ANALYZED_AT = 2
"""After so many batches the planner has seen what the tables are like; each time they doubled it looks again."""


@contextlib.contextmanager
def bench_bank(wanted_bytes: int, port: int) -> Iterator[Installation]:
    """An empty bank, ended and removed at the end. wanted_bytes: what it will need on the disk, or it ends in words."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    room(folder, wanted_bytes)
    try:
        place = Installation(data=folder, port_base=port)
        write(place)
        make_keys(place)
        with temporary() as url:
            os.environ.update(
                HOLDFAST_DATA=str(folder), HOLDFAST_BANK_DATABASE_URL=url, HOLDFAST_BANK_ROLE="job",
                DJANGO_SETTINGS_MODULE="holdfast.bank.config", PYTHONPATH=sys.path[1],
            )  # fmt: skip
            import django

            django.setup()
            yield place
            _close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _close() -> None:
    from django.db import connections

    from holdfast.bank.books import books, histories, reader

    connections.close_all()
    books().close()
    reader().close()
    histories().close()


def analyze() -> None:
    """Let the planner see what the tables are like, as autovacuum does in time where a bank grows by the day."""
    import psycopg
    from django.conf import settings

    with psycopg.connect(settings.DATABASE_URL, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def open_accounts(
    accounts: int, entries: Callable[[range], Iterable[list["Post"]]], kept: Callable[[range], None] | None = None
) -> None:
    """The bank, and customers' accounts from FIRST on with their entries, in batches. kept: what the bank itself keeps
    of a batch."""
    from holdfast.bank.books import books
    from holdfast.bank.filling.fill import open_bank

    open_bank("Bench", "NOK", date.today())
    said, look = time.monotonic(), ANALYZED_AT * BATCH
    for start in range(0, accounts, BATCH):
        many = range(FIRST + start, FIRST + min(start + BATCH, accounts))
        books().change_accounts([AccountChange(n, f"{n}", "NOK", "credit", 0, 0, n % COHORTS_COUNT) for n in many])
        for posts in entries(many):
            books().post_many(posts)
        if kept is not None:
            kept(many)
        if start + len(many) >= look:
            analyze()
            look *= 2
        if time.monotonic() - said > SAY_S:
            said = time.monotonic()
            say(f"{start + len(many)} accounts in the books")
