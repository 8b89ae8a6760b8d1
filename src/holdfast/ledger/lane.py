"""One thread that does what it is handed, one after the other: nobody waits longer for it than they said."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from holdfast.ledger.errors import BooksBusy

T = TypeVar("T")


class Overdue(Exception):
    """What was handed over had begun when the time was up: it may still end."""


def wait_for(future: Future[T], wait_s: float) -> T:
    """The result; raises BooksBusy when it had not begun (now it never will), else Overdue."""
    try:
        return future.result(wait_s)
    except FutureTimeout:
        if future.cancel():
            raise BooksBusy("the books did not get to it in time; nothing was posted") from None
        raise Overdue from None


class Lane:
    """Ends with its process. At most `places` wait; more raise BooksBusy."""

    def __init__(self, name: str, places: int) -> None:
        self._queue: queue.Queue[tuple[Callable[[], Any], Future[Any]] | None] = queue.Queue(places)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], T], wait_s: float) -> T:
        """What the work gives, or raises; BooksBusy or Overdue as wait_for."""
        future: Future[T] = Future()
        try:
            self._queue.put_nowait((work, future))
        except queue.Full as error:
            raise BooksBusy("too many batches wait already; nothing was posted") from error
        return wait_for(future, wait_s)

    def end(self, wait_s: float) -> None:
        """End once what waits is done, or after wait_s."""
        try:
            self._queue.put(None, timeout=wait_s)
        except queue.Full:
            return
        self._thread.join(wait_s)

    def _run(self) -> None:
        while (handed := self._queue.get()) is not None:
            work, future = handed
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except Exception as error:
                    future.set_exception(error)
