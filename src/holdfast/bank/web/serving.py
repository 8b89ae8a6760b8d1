"""Serve the bank with granian: one worker process, threads, loopback only."""

import logging

from granian import Granian
from granian.constants import HTTPModes, Interfaces

from holdfast.bank.books import installation

THREADS = 24
STOP_S = 1


def serve() -> None:
    """Serve until SIGTERM or SIGINT; ends within two seconds of it."""
    logging.getLogger("_granian").setLevel(logging.WARNING)
    Granian(
        "holdfast.bank.wsgi:application", address="127.0.0.1", port=installation().bank_port, interface=Interfaces.WSGI,
        workers=1, blocking_threads=THREADS, http=HTTPModes.http1, websockets=False, log_access=False,
        respawn_failed_workers=True, respawn_interval=0.5, workers_kill_timeout=STOP_S,
    ).serve()
