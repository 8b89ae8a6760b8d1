"""Posting: callers of one process gather into blocks, each gets its own result within a bounded wait."""

import contextlib
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import psycopg

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.epochs import Row
from holdfast.contracts.metadata import BYTES_MAX, NAMES_MAX, metadata_trouble
from holdfast.ledger.errors import BadTransfer, BooksBusy, LedgerError, OutcomeUnknown
from holdfast.ledger.lane import Lane, Overdue, wait_for
from holdfast.ledger.limits import Limits
from holdfast.ledger.notes import Notes
from holdfast.ledger.posts import Post, Posted, Result, check_groups, parameters, tied_parameters

POST_S_MAX = 3.0
EXPIRED_AT_ONCE_MAX = 500
NOT_DESCRIBED = ("HF002", "HF003")
"""No such account; more metadata than one may carry (sql/metadata.sql)."""
GATHER_S_MAX = 0.002
"""Until as many wait as went into the last block, so that callers who come again go together; a lone caller waits for
nobody."""
SMALL_BLOCKS = "-c plan_cache_mode=force_generic_plan"
"""Making plans anew takes longer than booking a block of some posts; for thousands a plan of their own is worth it."""

_POST = (
    "SELECT i, result, reason, block, source, known_epoch FROM ledger.post_block("
    "%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], "
    "%s::text[], %s::text[], %s::date[], %s::int[], %s::bigint[], "
    "%s::bigint[], "
    "%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::boolean[], %s::bytea[], %s::bytea[]) "
    "ORDER BY i"
)
_POST_TIED = (
    "SELECT i, result, reason, block, source, known_epoch FROM ledger.post_tied("
    "%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::date[], %s::int[], "
    "%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::boolean[], "
    "%s::bytea[], %s::bytea[], %s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::jsonb[]) "
    "ORDER BY i"
)
_CHANGE = (
    "SELECT ledger.change_accounts(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::int[], "
    "%s::int[])"
)
_DESCRIBE = "SELECT ledger.describe_account(%s::bigint, %s::jsonb, %s::text[], %s::int, %s::int)"
_LEARN = "SELECT ledger.learn_rows(%s::int[], %s::text[], %s::bigint[], %s::bigint[])"
_EXPIRE = "SELECT expired, block FROM ledger.expire_pendings(%s)"

T = TypeVar("T")
Waiting = tuple[Post, Future[Posted]]


class Books:
    """The way to write into the books, one per process; thread-safe.

    Single posts gather in a queue (when it is full: BooksBusy) and one thread books whatever waits as one block, so
    that waiting callers share a commit; posts that something binds, or that carry metadata, make a block of their
    own. Batches wait in another queue. notes seals their words. on_block is called with each block number this process
    made.
    """

    def __init__(
        self, url: str, notes: Notes, on_block: Callable[[int], None] | None = None, limits: Limits | None = None
    ) -> None:
        self._url = url
        self._notes = notes
        self._on_block = on_block
        self._limits = limits or Limits()
        self._queue: queue.Queue[Waiting | None] = queue.Queue(self._limits.queue_posts_max)
        self._connection: psycopg.Connection[Any] | None = None
        self._gathered = 0
        self._lane = Lane("books-batches", self._limits.queue_batches_max)
        self._batch_connection: psycopg.Connection[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="books", daemon=True)
        self._thread.start()

    def post(self, post: Post, deadline_s: float = POST_S_MAX) -> Posted:
        """Book one post. Raises BadTransfer, BooksBusy (nothing was posted), OutcomeUnknown (look the id up, or send it
        again)."""
        post.check()
        future: Future[Posted] = Future()
        try:
            self._queue.put_nowait((post, future))
        except queue.Full as error:
            raise BooksBusy(f"{self._limits.queue_posts_max} posts wait already; nothing was posted") from error
        try:
            return wait_for(future, deadline_s)
        except Overdue as error:
            raise OutcomeUnknown(post.id) from error

    def post_many(self, posts: Sequence[Post], deadline_s: float | None = None) -> list[Posted]:
        """Book some posts as one block, results in their order; posts of one linked group are booked all or none.
        Raises as post does, and BadTransfer for more posts than the limits allow."""
        if not posts:
            return []
        tied = any(post.tied for post in posts)
        most = self._limits.tied_posts_max if tied else self._limits.batch_posts_max
        if len(posts) > most:
            raise BadTransfer(
                f"{len(posts)} posts in one call, at most {most}{' where some are bound' if tied else ''}"
            )
        for post in posts:
            post.check()
        check_groups(posts)
        try:
            return self._in_lane(lambda connection: self._book(connection, posts, tied), deadline_s)
        except (psycopg.OperationalError, Overdue) as error:
            raise OutcomeUnknown(posts[0].id) from error
        except psycopg.Error as error:
            raise LedgerError(f"the books refused: {error}") from error

    def change_accounts(self, changes: Sequence[AccountChange], deadline_s: float | None = None) -> int:
        """Open accounts or change their floor and flags, as one block; gives its number. Raises LedgerError. Their
        metadata has a call of its own."""
        if any(one.metadata is not None for one in changes):
            raise BadTransfer("metadata of accounts is set by describe_account")
        if not 0 < len(changes) <= self._limits.batch_posts_max:
            raise BadTransfer(
                f"{len(changes)} account changes in one call, from 1 to {self._limits.batch_posts_max} are taken"
            )
        row = self._call(
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
        return self._rung(int(row[0]))

    def describe_account(
        self, account: int, named: Mapping[str, str], removed: Sequence[str] = (), deadline_s: float | None = None
    ) -> int:
        """Set named texts of an account, and take some away, as one block; gives its number, 0 when all were so.
        Raises BadTransfer in words with nothing changed, and LedgerError."""
        trouble = metadata_trouble(named) or metadata_trouble(dict.fromkeys(removed, ""))
        if trouble or not (named or removed):
            raise BadTransfer(trouble or "no name is set or taken away")
        values = [account, json.dumps(dict(named)), list(removed), NAMES_MAX, BYTES_MAX]
        try:
            row = self._call(_DESCRIBE, values, deadline_s)
        except LedgerError as error:
            cause = error.__cause__
            if isinstance(cause, psycopg.Error) and cause.sqlstate in NOT_DESCRIBED:
                raise BadTransfer(f"{cause.diag.message_primary}; nothing was changed") from error
            raise
        return self._rung(int(row[0]))

    def learn_rows(self, rows: Sequence[Row], deadline_s: float = 5.0) -> None:
        """Store the register's rows under the head's lock; a lower epoch than the known one changes nothing."""
        if rows:
            self._call(
                _LEARN,
                [
                    [r.cohort for r in rows],
                    [r.mode.value for r in rows],
                    [r.epoch for r in rows],
                    [r.forced for r in rows],
                ],
                deadline_s,
            )

    def expire_pendings(self, limit: int = EXPIRED_AT_ONCE_MAX) -> int:
        """Free what was held and whose time has passed, at most so many, of cohorts that this bank serves; how many.
        Raises LedgerError."""
        expired, block = self._call(_EXPIRE, [min(limit, EXPIRED_AT_ONCE_MAX)], None)
        self._rung(int(block))
        return int(expired)

    def close(self) -> None:
        """End the threads and the connections; posts still waiting are booked first."""
        self._queue.put(None)
        self._thread.join(5)
        self._lane.end(5)
        for connection in (self._connection, self._batch_connection):
            if connection is not None:
                connection.close()

    def _rung(self, block: int) -> int:
        if block and self._on_block:
            self._on_block(block)
        return block

    def _in_lane(self, work: Callable[[psycopg.Connection[Any]], T], deadline_s: float | None) -> T:
        def run() -> T:
            self._batch_connection = self._ready(self._batch_connection)
            return work(self._batch_connection)

        return self._lane.do(run, self._limits.wait_s_max if deadline_s is None else deadline_s)

    def _call(self, statement: str, values: list[Any], deadline_s: float | None) -> tuple[Any, ...]:
        def ask(connection: psycopg.Connection[Any]) -> tuple[Any, ...] | None:
            return connection.execute(statement.encode(), values).fetchone()

        try:
            row = self._in_lane(ask, deadline_s)
        except (psycopg.Error, Overdue) as error:
            raise LedgerError(f"the books refused, or did not answer in time: {error!r}") from error
        if row is None:
            raise LedgerError("the books gave no answer")
        return row

    def _book(self, connection: psycopg.Connection[Any], posts: Sequence[Post], tied: bool) -> list[Posted]:
        statement, values = (_POST_TIED, tied_parameters) if tied else (_POST, parameters)
        rows = connection.execute(statement.encode(), values(posts, self._notes), prepare=True).fetchall()
        out = [
            Posted(posts[i].id, Result(result), Reason(reason), block, source, known)
            for i, result, reason, block, source, known in rows
        ]
        if self._on_block:
            self._rung(max((p.block for p in out if p.result in (Result.POSTED, Result.REFUSED)), default=0))
        return out

    def _gather(self) -> list[Waiting] | None:
        first = self._queue.get()
        if first is None:
            return None
        waiting = [first]
        until = time.monotonic() + GATHER_S_MAX
        while len(waiting) < self._limits.gather_posts_max:
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
        while (gathered := self._gather()) is not None:
            begun = [one for one in gathered if one[1].set_running_or_notify_cancel()]
            tied = [one for one in begun if one[0].tied]
            self._book_waiting([one for one in begun if not one[0].tied] if tied else begun, False)
            while tied:
                self._book_waiting(tied[: self._limits.tied_posts_max], True)
                tied = tied[self._limits.tied_posts_max :]

    def _book_waiting(self, waiting: list[Waiting], tied: bool) -> None:
        if not waiting:
            return
        try:
            self._connection = self._ready(self._connection, SMALL_BLOCKS)
            results = self._book(self._connection, [post for post, _ in waiting], tied)
        except psycopg.OperationalError:
            for post, future in waiting:
                future.set_exception(OutcomeUnknown(post.id))
        except Exception as error:
            if len(waiting) == 1:
                waiting[0][1].set_exception(LedgerError(f"the books refused: {error}"))
                return
            for one in waiting:  # so that one bad post fails alone
                self._book_waiting([one], tied)
        else:
            for (_, future), result in zip(waiting, results, strict=True):
                future.set_result(result)

    def _ready(self, connection: psycopg.Connection[Any] | None, more: str = "") -> psycopg.Connection[Any]:
        if connection is not None and not connection.closed and not connection.broken:
            return connection
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()
        limits, started = self._limits, time.monotonic()
        options = f"-c statement_timeout={limits.statement_s_max * 1000} {more}"
        fresh = psycopg.connect(self._url, connect_timeout=limits.connect_s_max, autocommit=True, options=options)
        if time.monotonic() - started > limits.connect_s_max * 2:
            fresh.close()
            raise psycopg.OperationalError("connecting took too long")
        return fresh
