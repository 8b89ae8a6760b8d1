"""The WSGI application that granian serves, and the few threads beside it."""

import ctypes
import logging
import os
import signal
import threading
import time
from typing import Any

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


class Application(WSGIHandler):
    """Django; once this worker is about to end, each answer is the last of its connection. ending: see serving.py."""

    def __init__(self, ending: str) -> None:
        super().__init__()
        self._ending = ending

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """One request."""
        if not os.path.exists(self._ending):  # noqa: PTH110  # of each request: no Path is made for it
            return super().__call__(environ, start_response)

        def last(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *more)

        return super().__call__(environ, last)


def make_application() -> WSGIHandler:
    """Set Django up, start the thread that reads what the worker learnt, return the application."""
    configure_logs("bank")
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are answers, errors log themselves
    django.setup()
    threading.Thread(target=_keep_rows_fresh, name="rows", daemon=True).start()
    from holdfast.bank.books import installation  # noqa: PLC0415  # after django.setup
    from holdfast.bank.database.base import WAIT_S_MAX  # noqa: PLC0415
    from holdfast.bank.web.serving import THREADS, ending  # noqa: PLC0415

    lines.keep(installation().folder("bank"), "bank-web")
    traces.keep(installation().folder("bank"), "bank-web")
    describe(threads=THREADS, waits_for_the_database_s=WAIT_S_MAX)
    return Application(str(ending(os.getppid())))


_end_with_parent()
application = make_application()
