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
from holdfast.control.tell.channels import Seat
from holdfast.control.tell.outbox import Sender, alone
from holdfast.control.tell.providers import providers_of
from holdfast.control.tell.waiting import return_unfinished
from holdfast.settings import Installation
from holdfast.telemetry import get_log

WRITE_EVERY_S = 0.4
SWEEP_EVERY_S = 60.0
LOOK_EVERY_S = 2.0
"""Whether staff set other providers."""
PAUSE_AFTER_ERROR_S = 0.5


def tell_for_ever() -> None:
    """Until SIGTERM or SIGINT; the sender runs in this thread."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    home = installation()
    with alone(home.folder("control"), stop):
        _insist(stop)
        if stop.is_set():
            return
        writer = threading.Thread(target=write_for_ever, args=(stop,), name="writer", daemon=True)
        writer.start()
        while not stop.is_set():
            send_until_changed(home, stop)
        writer.join(2.0)


def send_until_changed(home: Installation, stop: threading.Event) -> None:
    """Send by the providers that there are now, until stop is set or they are others; what is in flight ends first."""
    seats, ends = _seats(home), threading.Event()
    if seats is None:
        stop.wait(PAUSE_AFTER_ERROR_S)
        return
    get_log().info("telling", providers=[seat.name for seat in seats])

    def look() -> None:
        while not (stop.wait(LOOK_EVERY_S) or ends.is_set()):
            if _seats(home) not in {None, seats}:
                ends.set()
        ends.set()
        connection.close()

    looking = threading.Thread(target=look, name="providers", daemon=True)
    looking.start()
    Sender(seats, home.bank_name).run(ends)
    ends.set()
    looking.join(LOOK_EVERY_S + 1.0)


def _seats(home: Installation) -> tuple[Seat, ...] | None:
    """The providers as they are set now; None while the database does not say."""
    try:
        return tuple(providers_of(home))
    except DatabaseFault as error:
        get_log().warning("which providers there are is not known now", error=str(error)[:300])
        with contextlib.suppress(DatabaseFault):
            connection.close()
        return None


def write_for_ever(stop: threading.Event) -> None:
    """Write messages down as they fall due; after an error again, with a pause. Forgets addresses of followers that
    nobody confirmed."""
    look_at = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= look_at:
                mailing.end_stranded(timezone.now())
                limits.sweep(timezone.now())
                look_at = time.monotonic() + SWEEP_EVERY_S
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
