"""Indexes that a migration builds while the bank works (the migration has `atomic = False`)."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

_WAITS = {"lock_timeout": "5min", "statement_timeout": "10min"}
"""It waits for every transaction that began before, a proof or a dump too, and holds up nobody."""


def index_beside_work(model: str, index: models.Index) -> list[Operation]:
    """The operations; a try that failed left an index that is no good, so whatever has the name goes first."""
    noop = migrations.RunSQL.noop
    return [
        *(migrations.RunSQL(f"SET {name} = '{wait}'", noop) for name, wait in _WAITS.items()),
        migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}", noop),
        AddIndexConcurrently(model, index),
        *(migrations.RunSQL(f"RESET {name}", noop) for name in _WAITS),
    ]
