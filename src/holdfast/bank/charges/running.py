"""Who runs the end of a day: the worker in small steps, or a command until it is done."""

import threading
import time
from collections.abc import Callable
from datetime import date

from django.db import connections
from django.utils import timezone

from holdfast.bank.charges.booking import book_decided, to_book
from holdfast.bank.charges.closing import BATCH, close_step, next_day
from holdfast.bank.charges.engine.histories import A_DAY
from holdfast.bank.charges.engine.interest import rounding_minor
from holdfast.bank.charges.loans import collect_instalments
from holdfast.bank.charges.models import Booking, DayEnd
from holdfast.bank.charges.repaying import finish_repayments
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.payments.pay import bank_today

WORK_S = 0.4
"""So long a step of the worker goes on with batches: its other jobs wait."""
COMMAND_BATCH = 2_000
"""The command books as many in a block; beside customers' payments the worker books fewer."""
SAY_S = 2.0
TRIES_MAX = 600
TRY_S = 0.5
IDLE_S = 0.05
JOIN_S_MAX = 60.0


def go_on(work_s: float = WORK_S) -> int:
    """A step of the worker: batches of the end of a day, and of booking what was decided; how many."""
    began, steps = time.monotonic(), 0
    while time.monotonic() - began < work_s:
        if not book_decided() and close_step(booked_first=True) is None:
            break
        steps += 1
    return steps


def collect(work_s: float = WORK_S) -> int:
    """A step of the worker: early repayments that were left midway, and instalments that are payable; how many entries
    were made."""
    began, moved = time.monotonic(), finish_repayments(bank_today())
    while time.monotonic() - began < work_s and (more := collect_instalments()):
        moved += more
    return moved


def end_of_day(day: date | None, say: Callable[[str], None]) -> int:
    """Close what is to be closed, up to a day (default: yesterday), telling how far it is; 1 when that cannot be, or
    not all of it now, which is said."""
    last = bank_today() - A_DAY
    if day is not None and day > last:
        say(f"{day} is not over; nothing was done.")
        return 1
    today = (day or last) + A_DAY
    with _Booking() as booking:
        _close(today, booking, say)
    finish_repayments(bank_today())  # not the last day's: what customers are doing now is of today
    while collect_instalments(today):
        pass
    return _told(today, say)


def _close(today: date, booking: "_Booking", say: Callable[[str], None]) -> None:
    """Compute and decide, while what was decided is booked beside it; the end of each day, and the next one, wait for
    that."""
    said, waited_s, moved = time.monotonic(), 0.0, 0
    while waited_s < TRIES_MAX * TRY_S and (_is_open(today) or to_book()):
        booking.check()
        at = close_step(today, BATCH, booked_first=True)
        pause_s = IDLE_S if to_book() else TRY_S
        waited_s = 0.0 if at is not None or booking.moved != moved else waited_s + pause_s
        moved = booking.moved
        if at is None:
            # The last are being booked, another process is at it, or the groups' rows are read anew.
            time.sleep(pause_s)
        if time.monotonic() - said > SAY_S:
            said = time.monotonic()
            say(_progress(at))
    booking.check()


class _Booking:
    """Books what was decided in a thread of its own, so that one core books while the other computes. moved: how many
    charges so far. Beside other processes that do the same: each charge has its id."""

    def __init__(self) -> None:
        self.moved = 0
        self._failed: Exception | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="end-of-day-booking", daemon=True)

    def __enter__(self) -> "_Booking":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(JOIN_S_MAX)

    def check(self) -> None:
        """Raise what ended the thread, if something did."""
        if self._failed is not None:
            raise self._failed

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                ended = book_decided(COMMAND_BATCH)
                self.moved += ended
                if not ended:
                    self._over.wait(IDLE_S)
        except Exception as error:  # told by check() where the work is waited for
            self._failed = error
        finally:
            connections.close_all()


def _is_open(today: date) -> bool:
    """Whether a day up to yesterday is to be closed and can be: one that waits for groups is told, not waited for."""
    if DayEnd.objects.filter(state="running", day__lt=today).exists():
        return True
    ours = set(cohorts_ours())
    waiting = DayEnd.objects.filter(state="waiting", day__lt=today).values_list("left", flat=True)
    newest = DayEnd.objects.order_by("-day").values_list("day", flat=True).first()
    return next_day(newest, today) is not None or any(ours & set(left) for left in waiting)


def _progress(at: DayEnd | None) -> str:
    if at is not None:
        return f"{at.day}: {at.accounts} accounts looked at, {at.decided} charges decided"
    return f"{Booking.objects.filter(ended='').count()} charges to be booked"


def _told(today: date, say: Callable[[str], None]) -> int:
    found = DayEnd.objects.filter(day__lt=today).order_by("-day").first()
    if found is None:
        say("There is no bank yet whose day could be ended.")
        return 1
    took = ((found.ended or timezone.now()) - found.began).total_seconds()
    say(f"{found.day} is {found.state}: {found.accounts} accounts, {found.decided} charges decided, {took:.1f} s.")
    for key, (grains, minor) in sorted(found.sums.items()):
        rule, _, first = key.partition("|")
        say(f"  {rule} since {first}: {minor} minor units booked, rounding {rounding_minor(int(grains), minor)}")
    if found.left:
        say(f"{len(found.left)} groups of customers are with the spare bank; they are closed when they are back.")
    return 1 if found.left or to_book() else 0
