"""What the worker measures: its jobs, and how the database is."""

import json
import threading

from django.db import DatabaseError, connection
from prometheus_client import Counter, Gauge

from holdfast.bank.database.prepared import ask, read_query
from holdfast.telemetry import get_log
from holdfast.telemetry.describing import describe
from holdfast.telemetry.metrics import REGISTRY

_QUERY = read_query(__file__, "database")
JOB_SECONDS = Counter("holdfast_job_seconds", "Time spent in a job", ["job"], registry=REGISTRY)
JOB_FAILURES = Counter("holdfast_job_failures", "Runs of a job that failed", ["job"], registry=REGISTRY)
_DATABASE = Gauge(
    "holdfast_database", "How the bank's PostgreSQL is, in counts, bytes and seconds", ["what"], registry=REGISTRY
)
SETTINGS_MAX = 60
EVERY_S = 5.0
NAMES = (
    "connections",
    "busy",
    "waiting",
    "oldest_s",
    "connections_max",
    "size_bytes",
    "commits",
    "rollbacks",
    "deadlocks",
    "blocks_read",
    "wal_bytes",
)


def measure_database() -> None:
    """Look at the database; what is not known is not told. Raises django.db's errors."""
    _DATABASE.clear()
    ((*found,),) = ask(_QUERY, {})
    *figures, settings = found
    for name, value in zip(NAMES, figures, strict=True):
        _DATABASE.labels(name).set(float(value))
    describe(part="bank-db", **dict(sorted(json.loads(settings).items())[:SETTINGS_MAX]))


def measure_for_ever(stop: threading.Event) -> None:
    """The worker's thread for it. When commits hang, every job hangs, and just then these figures are needed."""
    well = True
    while not stop.wait(EVERY_S):
        try:
            measure_database()
            well = True
        except DatabaseError as error:
            _DATABASE.clear()
            connection.close()
            if well:
                get_log().warning("the database cannot be measured now", words=str(error)[:300])
            well = False
        except Exception:
            get_log().exception("measuring the database broke")
