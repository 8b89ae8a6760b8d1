"""Posting: callers of one process gather into blocks, each gets its own result within a bounded wait."""

import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import psycopg

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import NO_NOTE, AccountChange, Note
from holdfast.contracts.epochs import Row
from holdfast.contracts.money import AMOUNT_MINOR_MAX
from holdfast.ledger.errors import BadTransfer, BooksBusy, LedgerError, OutcomeUnknown
from holdfast.ledger.notes import Notes

BATCH_MAX = 10_000
GATHER_MAX = 1_000
GATHER_S_MAX = 0.002
"""Until as many wait as went into the last block; a lone caller waits for nobody."""
QUEUE_MAX = 5_000
CONNECT_S_MAX = 2
TEXT_MAX = 200

_POST = (
    "SELECT i, result, reason, block, source, known_epoch FROM ledger.post_block("
    "%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::text[], %s::text[], %s::date[], %s::int[], %s::bigint[], "
    "%s::bigint[], "
    "%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::boolean[], %s::bytea[], %s::bytea[]) "
    "ORDER BY i"
)
_CHANGE = (
    "SELECT ledger.change_accounts(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::int[], "
    "%s::int[])"
)
_LEARN = "SELECT ledger.learn_rows(%s::int[], %s::text[], %s::bigint[], %s::bigint[])"


class Result(StrEnum):
    """What became of one post."""

    POSTED = "posted"
    ALREADY_POSTED = "already_posted"
    REFUSED = "refused"
    ALREADY_REFUSED = "already_refused"
    STALE = "stale"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Post:
    """Something to be booked once: amount_minor of currency from debit to credit (account ids).

    refuse: record this refusal instead of booking. source `own` is fenced by epoch and birth; `journal` is an
    entry of the spare bank's journal, not fenced, and books over a recorded refusal. over_floor books although
    the account falls below its floor, as a recorded exception.
    """

    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    kind: str
    value_date: date
    cohort: int
    epoch: int
    cause: str
    note: Note | None = None
    birth: int = 0
    refuse: Reason | None = None
    rules_version: str = ""
    source: str = "own"
    journal_number: int = -1
    over_floor: bool = False

    def check(self) -> None:
        """Raise BadTransfer for what can never be booked."""
        if not isinstance(self.id, uuid.UUID):
            raise BadTransfer("id is not a UUID")
        if type(self.amount_minor) is not int or not 0 < self.amount_minor <= AMOUNT_MINOR_MAX:
            raise BadTransfer(f"amount_minor must be an integer above 0 and at most {AMOUNT_MINOR_MAX}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise BadTransfer(f"currency {self.currency!r} is not an ISO 4217 code")
        for name in ("kind", "cause", "rules_version"):
            if len(getattr(self, name)) > TEXT_MAX or "\0" in getattr(self, name):
                raise BadTransfer(f"{name} is longer than {TEXT_MAX} characters, or holds a NUL")
        if self.note and any(len(t) > 1000 or "\0" in t for t in (self.note.payer, self.note.payee, self.note.text)):
            raise BadTransfer("the words of a transfer are longer than 1000 characters, or hold a NUL")
        if self.source not in ("own", "journal"):
            raise BadTransfer(f"source {self.source!r} is neither own nor journal")


@dataclass(frozen=True, slots=True)
class Posted:
    """The outcome of an id: its result now, and its reason, block and source as first recorded (block 0: none)."""

    id: uuid.UUID
    result: Result
    reason: Reason
    block: int
    source: str
    known_epoch: int


def _numbers(values: Iterable[int]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Iterable[str | None]) -> str:
    quoted = ("NULL" if one is None else '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values)
    return "{" + ",".join(quoted) + "}"


def _bytes(values: Iterable[bytes | None]) -> str:
    return "{" + ",".join("NULL" if one is None else f'"\\\\x{one.hex()}"' for one in values) + "}"


def _parameters(posts: Sequence[Post], seal: Notes) -> list[str]:
    """The columns of some posts as PostgreSQL writes arrays: put together here in a third of the driver's time."""
    notes = [post.note for post in posts]
    return [
        _texts(p.id.hex for p in posts),
        _numbers(p.debit for p in posts),
        _numbers(p.credit for p in posts),
        _numbers(p.amount_minor for p in posts),
        _texts(p.currency for p in posts),
        _texts(p.kind for p in posts),
        _texts(p.value_date.isoformat() for p in posts),
        _numbers(p.cohort for p in posts),
        _numbers(p.epoch for p in posts),
        _numbers(p.birth for p in posts),
        _texts(p.cause for p in posts),
        _texts(p.refuse.value if p.refuse else "" for p in posts),
        _texts(p.rules_version for p in posts),
        _texts(p.source for p in posts),
        _numbers(p.journal_number for p in posts),
        _texts("t" if p.over_floor else "f" for p in posts),
        _bytes(n.hash() if n else NO_NOTE for n in notes),
        _bytes(seal.seal(p.id, p.note) if p.note else None for p in posts),
    ]


class Books:
    """The way to write into the books, one per process; thread-safe.

    Single posts gather in a queue (at most QUEUE_MAX; then BooksBusy) and one thread books whatever waits as one
    block, so that waiting callers share a commit. notes seals their words. on_block is called with each block number
    this process made.
    """

    def __init__(self, url: str, notes: Notes, on_block: Callable[[int], None] | None = None) -> None:
        self._url = url
        self._notes = notes
        self._on_block = on_block
        self._queue: queue.Queue[tuple[Post, Future[Posted]] | None] = queue.Queue(QUEUE_MAX)
        self._connection: psycopg.Connection[Any] | None = None
        self._gathered = 0
        self._batch_lock = threading.Lock()
        self._batch_connection: psycopg.Connection[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="books", daemon=True)
        self._thread.start()

    def post(self, post: Post, deadline_s: float = 3.0) -> Posted:
        """Book one post. Raises BadTransfer, BooksBusy, OutcomeUnknown (look the id up, or send it again)."""
        post.check()
        future: Future[Posted] = Future()
        try:
            self._queue.put_nowait((post, future))
        except queue.Full as error:
            raise BooksBusy(f"{QUEUE_MAX} posts wait already") from error
        try:
            return future.result(deadline_s)
        except FutureTimeout as error:
            raise OutcomeUnknown(post.id) from error

    def post_many(self, posts: Sequence[Post], deadline_s: float = 30.0) -> list[Posted]:
        """Book at most BATCH_MAX posts as one block, results in their order. Raises as post does."""
        if not posts:
            return []
        if len(posts) > BATCH_MAX:
            raise BadTransfer(f"{len(posts)} posts in one call, at most {BATCH_MAX}")
        for post in posts:
            post.check()
        if not self._batch_lock.acquire(timeout=deadline_s):
            raise BooksBusy("another batch is being booked")
        try:
            self._batch_connection = _ready(self._batch_connection, self._url)
            return self._book(self._batch_connection, posts)
        except psycopg.OperationalError as error:
            raise OutcomeUnknown(posts[0].id) from error
        finally:
            self._batch_lock.release()

    def change_accounts(self, changes: Sequence[AccountChange], deadline_s: float = 30.0) -> int:
        """Open accounts or change their floor and flags, as one block; gives its number. Raises LedgerError."""
        if not 0 < len(changes) <= BATCH_MAX:
            raise BadTransfer(f"{len(changes)} account changes in one call, from 1 to {BATCH_MAX} are taken")
        row = self._batch(
            _CHANGE,
            [
                [c.account for c in changes],
                [c.code for c in changes],
                [c.currency for c in changes],
                [c.side for c in changes],
                [c.floor_minor for c in changes],
                [c.flags for c in changes],
                [c.cohort for c in changes],
            ],
            deadline_s,
        )
        number = int(row[0])
        if self._on_block:
            self._on_block(number)
        return number

    def learn_rows(self, rows: Sequence[Row], deadline_s: float = 5.0) -> None:
        """Store the register's rows under the head's lock; a lower epoch than the known one changes nothing."""
        if rows:
            self._batch(
                _LEARN,
                [
                    [r.cohort for r in rows],
                    [r.mode.value for r in rows],
                    [r.epoch for r in rows],
                    [r.forced for r in rows],
                ],
                deadline_s,
            )

    def close(self) -> None:
        """End the thread and the connections; posts still waiting are booked first."""
        self._queue.put(None)
        self._thread.join(5)
        for connection in (self._connection, self._batch_connection):
            if connection is not None:
                connection.close()

    def _batch(self, statement: str, parameters: list[list[Any]], deadline_s: float) -> tuple[Any, ...]:
        if not self._batch_lock.acquire(timeout=deadline_s):
            raise BooksBusy("another batch is being booked")
        try:
            self._batch_connection = _ready(self._batch_connection, self._url)
            row = self._batch_connection.execute(statement, parameters).fetchone()
            if row is None:
                raise LedgerError("the books gave no answer")
            return tuple(row)
        except psycopg.Error as error:
            raise LedgerError(f"the books refused: {error}") from error
        finally:
            self._batch_lock.release()

    def _book(self, connection: psycopg.Connection[Any], posts: Sequence[Post]) -> list[Posted]:
        rows = connection.execute(_POST, _parameters(posts, self._notes), prepare=True).fetchall()
        out = [
            Posted(posts[i].id, Result(result), Reason(reason), block, source, known)
            for i, result, reason, block, source, known in rows
        ]
        if self._on_block:
            newest = max((p.block for p in out if p.result in (Result.POSTED, Result.REFUSED)), default=0)
            if newest:
                self._on_block(newest)
        return out

    def _gather(self) -> list[tuple[Post, Future[Posted]]] | None:
        first = self._queue.get()
        if first is None:
            return None
        waiting = [first]
        until = time.monotonic() + GATHER_S_MAX
        while len(waiting) < GATHER_MAX:
            try:
                wait_s = until - time.monotonic() if len(waiting) < self._gathered else 0.0
                more = self._queue.get(wait_s > 0, wait_s)
            except queue.Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            waiting.append(more)
        self._gathered = len(waiting)
        return waiting

    def _run(self) -> None:
        while (waiting := self._gather()) is not None:
            try:
                self._connection = _ready(self._connection, self._url)
                results = self._book(self._connection, [post for post, _ in waiting])
            except Exception as error:
                if not isinstance(error, psycopg.OperationalError) and len(waiting) > 1:
                    self._one_by_one(waiting)
                    continue
                for post, future in waiting:
                    lost = isinstance(error, psycopg.OperationalError)
                    future.set_exception(
                        OutcomeUnknown(post.id) if lost else LedgerError(f"the books refused: {error}")
                    )
                continue
            for (_, future), result in zip(waiting, results, strict=True):
                future.set_result(result)

    def _one_by_one(self, waiting: list[tuple[Post, Future[Posted]]]) -> None:
        """A block that the database rejects whole is booked one by one, so that one bad post fails alone."""
        for post, future in waiting:
            try:
                self._connection = _ready(self._connection, self._url)
                future.set_result(self._book(self._connection, [post])[0])
            except psycopg.OperationalError:
                future.set_exception(OutcomeUnknown(post.id))
            except Exception as error:
                future.set_exception(LedgerError(f"the books refused: {error}"))


def _ready(connection: psycopg.Connection[Any] | None, url: str) -> psycopg.Connection[Any]:
    if connection is not None and not connection.closed and not connection.broken:
        return connection
    if connection is not None:
        with contextlib.suppress(psycopg.Error):
            connection.close()
    started = time.monotonic()
    fresh = psycopg.connect(url, connect_timeout=CONNECT_S_MAX, autocommit=True)
    if time.monotonic() - started > CONNECT_S_MAX * 2:
        fresh.close()
        raise psycopg.OperationalError("connecting took too long")
    return fresh
