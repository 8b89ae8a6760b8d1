"""Serve the bank with granian: one worker process, threads, loopback only, by mutual TLS.

Granian reads its certificate when a worker starts: a renewed one is taken by a new worker, which serves before the old
one ends. It listens with SO_REUSEPORT, so that in a planned restart the next program listens beside this one
(runtime/breaking.py).

The doors keep connections open, and a worker that is told to end does not close those that are idle: it is then ended
with whatever a door has just sent on one. So for DRAIN_S after the signal every answer says that it is the last of its
connection, and only then the worker is told.
"""

import contextlib
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
DRAIN_S = 0.4
"""After the signal each connection has its last answer; what is idle for so long is hardly used in the moment after."""
END_S = 1.5
LOOK_S = 1.0
START_S = 10.0
"""After a renewed certificate the worker before serves on so long beside the new one, which has begun by then."""


class Server(Granian):  # type: ignore[misc,valid-type]  # granian's class is chosen when it is imported
    """Granian, which lets its connections run dry before its workers end."""

    def signal_handler_interrupt(self, *_signal: Any, **_more: Any) -> None:
        """SIGTERM or SIGINT: from now on the worker closes each connection behind its answer; DRAIN_S later it ends."""
        with contextlib.suppress(OSError):  # on a full disk connections end as they are
            ending(os.getpid()).touch()
        last = threading.Timer(DRAIN_S, super().signal_handler_interrupt)
        last.daemon = True
        last.start()


def ending(supervisor: int) -> Path:
    """The file that says to the worker of this process that it is about to end."""
    return installation().folder("bank") / f"web-{supervisor}.ending"


def serve() -> None:
    """Serve until SIGTERM or SIGINT; ends within two seconds of it."""
    configure_logs("bank")
    home = installation()
    leaf, authorities = leaf_file(home.keys, "primary"), trusted_file(home.keys)
    Inside(home.keys, "primary", serves=True)  # says in words what granian would not
    ending(os.getpid()).unlink(missing_ok=True)
    server = Server(
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
        respawn_interval=START_S,
        workers_kill_timeout=STOP_S,
        ssl_cert=leaf,
        ssl_key=leaf,
        ssl_ca=authorities,
        ssl_client_verify=True,
        ssl_protocol_min=SSLProtocols.tls13,
    )
    threading.Thread(target=_take_renewed, args=(server, [leaf, authorities]), name="renew", daemon=True).start()
    threading.Thread(target=_end_in_time, args=(server,), name="end", daemon=True).start()
    try:
        server.serve()
    finally:
        ending(os.getpid()).unlink(missing_ok=True)


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
    ending(os.getpid()).unlink(missing_ok=True)
    os._exit(0)
