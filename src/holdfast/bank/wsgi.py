"""The WSGI application that granian serves, and the few threads beside it."""

import ctypes
import logging
import os
import signal
import threading
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "holdfast.bank.config")

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections

from holdfast.telemetry import configure_logs, get_log, lines, traces
from holdfast.telemetry.describing import describe

ROWS_LOOK_S = 1.0
PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """When granian's supervisor is killed, this worker is too: nothing of the bank is left behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _keep_rows_fresh() -> None:
    from django.db import DatabaseError  # noqa: PLC0415  # after django.setup

    from holdfast.bank.books import rows  # noqa: PLC0415
    from holdfast.ledger.api import LedgerError  # noqa: PLC0415

    while True:
        try:
            rows.refresh()
        except (DatabaseError, LedgerError) as error:
            get_log().warning("the known rows cannot be read", words=str(error)[:200])
        finally:
            close_old_connections()
        time.sleep(ROWS_LOOK_S)


def make_application() -> WSGIHandler:
    """Set Django up, start the thread that reads what the worker learnt, return the application."""
    configure_logs("bank")
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are answers, errors log themselves
    django.setup()
    threading.Thread(target=_keep_rows_fresh, name="rows", daemon=True).start()
    from holdfast.bank.books import installation  # noqa: PLC0415  # after django.setup
    from holdfast.bank.database.base import WAIT_S_MAX  # noqa: PLC0415
    from holdfast.bank.web.serving import THREADS  # noqa: PLC0415

    lines.keep(installation().folder("bank"), "bank-web")
    traces.keep(installation().folder("bank"), "bank-web")
    describe(threads=THREADS, waits_for_the_database_s=WAIT_S_MAX)
    return WSGIHandler()


_end_with_parent()
application = make_application()
