"""Serve the bank with granian: one worker process, threads, loopback only, by mutual TLS.

Granian reads its certificate when a worker starts: a renewed one is taken by a new worker, which serves before the old
one ends.
"""

import os
import threading
import time
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.log import LogLevels

from holdfast.bank.books import installation
from holdfast.signing.authority import AuthorityFault, leaf_file, trusted_file
from holdfast.signing.inside import Inside
from holdfast.telemetry import configure_logs, get_log

THREADS = 24
STOP_S = 1
END_S = 1.5
LOOK_S = 1.0


def serve() -> None:
    """Serve until SIGTERM or SIGINT; ends within two seconds of it."""
    configure_logs("bank")
    home = installation()
    leaf, authorities = leaf_file(home.keys, "primary"), trusted_file(home.keys)
    Inside(home.keys, "primary", serves=True)  # says in words what granian would not
    server = Granian(
        "holdfast.bank.wsgi:application",
        address="127.0.0.1",
        port=home.bank_port,
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
        ssl_cert=leaf,
        ssl_key=leaf,
        ssl_ca=authorities,
        ssl_client_verify=True,
        ssl_protocol_min=SSLProtocols.tls13,
    )
    threading.Thread(target=_take_renewed, args=(server, [leaf, authorities]), name="renew", daemon=True).start()
    threading.Thread(target=_end_in_time, args=(server,), name="end", daemon=True).start()
    server.serve()


def _take_renewed(server: Any, files: list[Path]) -> None:
    """A new worker when the certificate or whom to believe was written, unless it cannot be used."""
    seen = _stamps(files)
    while not server.interrupt_signal:
        time.sleep(LOOK_S)
        found = _stamps(files)
        if found == seen or not all(found):
            continue
        seen = found
        try:
            Inside(installation().keys, "primary", serves=True)
        except AuthorityFault as fault:
            get_log().warning("the certificate known before is used on", why=str(fault))
            continue
        server.signal_handler_reload()


def _stamps(files: list[Path]) -> list[tuple[int, int] | None]:
    return [(found.st_ino, found.st_mtime_ns) if (found := _stat(path)) else None for path in files]


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _end_in_time(server: Any) -> None:
    """What does not end by itself after the signal is ended: nothing that matters is held in memory."""
    while not server.interrupt_signal:
        time.sleep(0.1)
    time.sleep(END_S)
    for worker in server.wrks:
        worker.kill()
    os._exit(0)
