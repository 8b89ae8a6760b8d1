"""This process's one door to the books, its keys, and what it knows of the register's rows.

Known rows are held in memory and in the books; the books' fence decides, the memory only answers early.
"""

import threading
import time
from collections.abc import Callable, Iterable
from functools import cache

from django.conf import settings

from holdfast.bank.exchange.models import HeldEpoch
from holdfast.bank.sealed.keys import notes
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.ledger.api import Books, Histories, Reader, limits_from
from holdfast.settings import Installation
from holdfast.signing import Keyring, load_keyring
from holdfast.signing.lines import Lines

ROWS_AGE_S_MAX = 0.5
LIMITS = limits_from()
"""Read at the start: one that cannot be meant ends it."""


def installation() -> Installation:
    """The installation this process belongs to."""
    found: Installation = settings.INSTALLATION
    return found


@cache
def keyring() -> Keyring:
    """The bank's private key and everybody's public ones."""
    return load_keyring(installation().keys, "primary")


@cache
def lines() -> Lines:
    """The bank's connections to the other buildings."""
    return Lines(installation().keys, "primary")


class BlockBell:
    """Wakes those who wait for a new block; heard and rung in this process only."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.last = 0

    def ring(self, block: int) -> None:
        """A block was committed."""
        with self._condition:
            self.last = max(self.last, block)
            self._condition.notify_all()

    def wait_beyond(self, block: int, wait_s: float) -> bool:
        """Wait up to wait_s for a block after this one; whether it was heard."""
        with self._condition:
            return self._condition.wait_for(lambda: self.last > block, wait_s)


bell = BlockBell()


@cache
def _books() -> Books:
    return Books(settings.DATABASE_URL, notes, on_block=bell.ring, limits=LIMITS)


@cache
def _reader() -> Reader:
    return Reader(settings.DATABASE_URL, notes)


@cache
def _histories() -> Histories:
    return Histories(settings.DATABASE_URL)


_making = threading.Lock()


def books() -> Books:
    """The books, for posting."""
    with _making:
        return _books()


def reader() -> Reader:
    """The books, for reading."""
    with _making:
        return _reader()


def histories() -> Histories:
    """The books, for balances by value date of many accounts."""
    with _making:
        return _histories()


class KnownRows:
    """The newest row known of each cohort. Thread-safe; epochs only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._rows: dict[int, Row] = {}
        self._ours: set[tuple[int, int]] = set()
        self._read_at = float("-inf")
        self._clock = clock

    def refresh(self, at_once: bool = False) -> None:
        """Read what other processes of this bank have learnt, at most each half second."""
        with self._lock:
            if not at_once and self._clock() - self._read_at < ROWS_AGE_S_MAX:
                return
            self._read_at = self._clock()
        found = reader().rows()
        ours = set(HeldEpoch.objects.filter(mode=Mode.PRIMARY.value).values_list("cohort", "epoch"))
        with self._lock:
            for row in found.values():
                self._take(row)
            self._ours |= ours

    def _take(self, row: Row) -> None:
        if self._newer(row):
            self._rows[row.cohort] = row

    def row(self, cohort: int) -> Row:
        """The newest row known; before the register was ever read, the first one."""
        with self._lock:
            return self._rows.get(cohort, Row(cohort, Mode.PRIMARY, FIRST_EPOCH))

    def all(self) -> dict[int, Row]:
        """All rows known, by cohort."""
        with self._lock:
            return dict(self._rows)

    def learn(self, rows: Iterable[Row]) -> int:
        """Store rows of a higher epoch, or a changed mode, durably; how many were news."""
        with self._lock:
            news = [row for row in rows if self._rows.get(row.cohort) != row and self._newer(row)]
        if not news:
            return 0
        books().learn_rows(news)
        HeldEpoch.objects.bulk_create(
            [HeldEpoch(cohort=row.cohort, epoch=row.epoch, mode=row.mode.value) for row in news], ignore_conflicts=True
        )
        with self._lock:
            for row in news:
                self._take(row)
                if row.mode is Mode.PRIMARY:
                    self._ours.add((row.cohort, row.epoch))
        return len(news)

    def _newer(self, row: Row) -> bool:
        old = self._rows.get(row.cohort)
        if old is None or row.epoch != old.epoch:
            return old is None or row.epoch > old.epoch
        return row.mode is Mode.HANDING_BACK or row.forced > old.forced

    def held_by_standin(self, cohort: int, epoch: int) -> bool:
        """Whether the spare bank may have held this epoch: it is not newer than what we know, and was not ours."""
        with self._lock:
            known = self._rows.get(cohort)
            if known is None or epoch > known.epoch or epoch <= FIRST_EPOCH:
                return False
            return (cohort, epoch) not in self._ours and not (epoch == known.epoch and known.mode is Mode.PRIMARY)


rows = KnownRows()
