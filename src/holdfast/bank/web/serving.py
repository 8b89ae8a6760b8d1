"""Serve the bank with granian: one worker process, threads, loopback only."""

import os
import threading
import time
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from holdfast.bank.books import installation
from holdfast.telemetry import configure_logs

THREADS = 24
STOP_S = 1
END_S = 1.5


def serve() -> None:
    """Serve until SIGTERM or SIGINT; ends within two seconds of it."""
    configure_logs("bank")
    server = Granian(
        "holdfast.bank.wsgi:application",
        address="127.0.0.1",
        port=installation().bank_port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        http=HTTPModes.http1,
        websockets=False,
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig={"loggers": {"_granian": {"propagate": True}}},  # as a line of ours
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_S,
    )
    threading.Thread(target=_end_in_time, args=(server,), name="end", daemon=True).start()
    server.serve()


def _end_in_time(server: Any) -> None:
    """What does not end by itself after the signal is ended: nothing that matters is held in memory."""
    while not server.interrupt_signal:
        time.sleep(0.1)
    time.sleep(END_S)
    for worker in server.wrks:
        worker.kill()
    os._exit(0)
