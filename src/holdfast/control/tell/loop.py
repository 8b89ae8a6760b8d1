"""`python -m holdfast.control tell`: one thread writes messages down, the others send them. None ends by an error."""

import contextlib
import signal
import threading
import time

from django.db import Error as DatabaseFault
from django.db import connection
from django.utils import timezone

from holdfast.control.place import installation
from holdfast.control.subscribers import limits
from holdfast.control.tell import mailing
from holdfast.control.tell.channels import SMS_SEAT, providers_of
from holdfast.control.tell.outbox import Sender, alone
from holdfast.control.tell.waiting import return_unfinished
from holdfast.telemetry import get_log

WRITE_EVERY_S = 0.4
SWEEP_EVERY_S = 60.0
PAUSE_AFTER_ERROR_S = 0.5


def tell_for_ever() -> None:
    """Until SIGTERM or SIGINT; the sender runs in this thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    home = installation()
    seats = [*providers_of(home), SMS_SEAT]
    with alone(home.folder("control"), stop):
        _insist(stop)
        if stop.is_set():
            return
        writer = threading.Thread(target=write_for_ever, args=(stop,), name="writer", daemon=True)
        writer.start()
        get_log().info("telling", providers=[seat.name for seat in seats])
        Sender(seats, home.bank_name).run(stop)
        writer.join(2.0)


def write_for_ever(stop: threading.Event) -> None:
    """Write messages down as they fall due; after an error again, with a pause. Forgets addresses that nobody
    confirmed."""
    swept_at = float("-inf")
    while not stop.is_set():
        try:
            if time.monotonic() - swept_at > SWEEP_EVERY_S:
                swept_at = time.monotonic()
                limits.sweep(timezone.now())
            if not mailing.write_due(timezone.now()):
                stop.wait(WRITE_EVERY_S)
        except Exception as error:  # a writer that ends would leave customers untold
            get_log().error("messages are not written down", error=f"{type(error).__name__}: {error}")
            with contextlib.suppress(DatabaseFault):
                connection.close()
            stop.wait(PAUSE_AFTER_ERROR_S)


def _insist(stop: threading.Event) -> None:
    """At the start the database may still be coming up."""
    while not stop.is_set():
        try:
            return_unfinished()
        except DatabaseFault as error:
            get_log().warning("the control room's database does not answer", error=str(error)[:300])
            connection.close()
            stop.wait(PAUSE_AFTER_ERROR_S)
        else:
            return
