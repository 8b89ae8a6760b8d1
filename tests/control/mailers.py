"""The sender at work in a thread of its own, for tests."""

import contextlib
import threading
from collections.abc import Iterator

from django.db import connection

from holdfast.control.tell import outbox
from holdfast.control.tell.channels import Seat


@contextlib.contextmanager
def sender_of(seats: list[Seat], connections: int = 4) -> Iterator[None]:
    """Send while the block lasts, over so many connections to each provider."""
    stop = threading.Event()

    def sender() -> None:
        outbox.Sender(seats, "Bank", connections).run(stop)
        connection.close()

    thread = threading.Thread(target=sender)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
