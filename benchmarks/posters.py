"""What the posting processes of bench-books do. Each process is prepared first and then measured, by a clock that all
processes of this machine share."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psycopg

from holdfast.contracts.blocks import Note
from holdfast.contracts.epochs import COHORTS_COUNT, FIRST_EPOCH
from holdfast.ledger.api import Books, Notes, Post, Posted, Reader, Result
from holdfast.ledger.posting import _POST
from holdfast.ledger.posts import parameters
from holdfast.signing.sealing import Sealer

BANK = 1
FIRST = 1000
DAY = date(2026, 3, 1)
SELF_SIMILAR = 7.213
"""u ** this, u uniform in 0…1, falls below 0.2 in 80 % of the cases: a fifth of the accounts has four fifths of the
traffic (Gray and others, Quickly generating billion-record synthetic databases, 1994)."""
HOT = 10
PAGE_LINES = 51
DEADLINE_S = 30.0
_PAY = "SELECT bench.pay(%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to post: the database, the key that seals words, and how many accounts there are."""

    url: str
    keys: Path
    accounts: int

    def notes(self) -> Notes:
        """What seals the words of transfers."""
        return Notes(Sealer(lambda: self.keys, b"bench"))


@dataclass(slots=True)
class Took:
    """What one process did between two instants of the machine's monotonic clock; each_ms: what each caller waited;
    processor_s: what the process used, where it was measured."""

    began: float
    ended: float
    posted: int = 0
    refused: int = 0
    each_ms: list[float] = field(default_factory=list)
    processor_s: float = 0.0


_batches: list[list[Post]] = []
_opened: dict[str, Books] = {}


def _books(place: Place) -> Books:
    if place.url not in _opened:
        _opened[place.url] = Books(place.url, place.notes())
    return _opened[place.url]


def _pick(choice: str, luck: random.Random, accounts: int) -> tuple[int, int]:
    """Two different accounts, the payer first."""
    if choice == "payroll":
        return BANK, FIRST + luck.randrange(accounts)
    debit = credit = 0
    while debit == credit:
        if choice == "hot":
            debit, credit = luck.randrange(HOT), luck.randrange(HOT)
        elif choice == "skewed":
            debit, credit = (int(accounts * luck.random() ** SELF_SIMILAR) for _ in range(2))
        else:
            debit, credit = luck.randrange(accounts), luck.randrange(accounts)
    return FIRST + debit, FIRST + credit


def _post(choice: str, luck: random.Random, place: Place, words: bool = False) -> Post:
    debit, credit = _pick(choice, luck, place.accounts)
    ident = uuid.UUID(int=luck.getrandbits(128), version=4)
    note = Note(luck.randbytes(16), "A made-up payer", "A made-up payee", "for the made-up rent") if words else None
    amount = luck.randrange(1, 1000)
    return Post(ident, debit, credit, amount, "NOK", "payment", DAY, debit % COHORTS_COUNT, FIRST_EPOCH, "form", note)


def prepare(place: Place, choice: str, count: int, size: int, words: bool = False) -> None:
    """Draw `count` transfers in batches of `size`, and connect, so that only the posting is measured."""
    luck = random.Random()
    _batches[:] = [
        [_post(choice, luck, place, words) for _ in range(min(size, count - start))] for start in range(0, count, size)
    ]
    _books(place).post_many([_post("uniform", luck, place)])


def _count(took: Took, results: list[Posted]) -> None:
    posted = sum(one.result is Result.POSTED for one in results)
    took.posted += posted
    took.refused += len(results) - posted


def post_batches(place: Place, per_s: float = 0.0) -> Took:
    """Post what was prepared, one batch after the other; per_s: not faster than so many transfers a second."""
    books, took = _books(place), Took(time.monotonic(), 0.0)
    done = 0
    for batch in _batches:
        if per_s:
            time.sleep(max(0.0, took.began + done / per_s - time.monotonic()))
        began = time.monotonic()
        _count(took, books.post_many(batch, DEADLINE_S))
        took.each_ms.append((time.monotonic() - began) * 1000)
        done += len(batch)
    took.ended = time.monotonic()
    return took


def post_singly(place: Place, way: str, threads: int, seconds: float) -> Took:
    """Threads that post one transfer at a time: `gathered` by one Books, `ones` each by the same function with a batch
    of one, `locks` each in a transaction of its own that locks the two accounts' rows."""
    ready, go = threading.Barrier(threads + 1), threading.Event()
    takes: list[Took] = []
    workers = [
        threading.Thread(target=_one_thread, args=(place, way, seconds, ready, go, takes)) for _ in range(threads)
    ]
    for worker in workers:
        worker.start()
    ready.wait(DEADLINE_S)
    began, used = time.monotonic(), time.process_time()
    go.set()
    for worker in workers:
        worker.join(seconds + DEADLINE_S)
    whole = Took(began, max(one.ended for one in takes), processor_s=time.process_time() - used)
    for one in takes:
        whole.posted, whole.refused = whole.posted + one.posted, whole.refused + one.refused
        whole.each_ms += one.each_ms
    return whole


def _one_thread(  # noqa: PLR0917  # what a thread is given
    place: Place, way: str, seconds: float, ready: threading.Barrier, go: threading.Event, takes: list[Took]
) -> None:
    luck = random.Random()
    post, close = _single_way(place, way)
    post(_post("uniform", luck, place))
    ready.wait(DEADLINE_S)
    go.wait(DEADLINE_S)
    took = Took(time.monotonic(), 0.0)
    until = took.began + seconds
    while (now := time.monotonic()) < until:
        well = post(_post("uniform", luck, place))
        took.each_ms.append((time.monotonic() - now) * 1000)
        took.posted += well
        took.refused += not well
    took.ended = time.monotonic()
    takes.append(took)
    close()


def _single_way(place: Place, way: str) -> tuple[Callable[[Post], bool], Callable[[], None]]:
    if way == "gathered":
        shared = _books(place)
        return lambda one: shared.post(one, DEADLINE_S).result is Result.POSTED, lambda: None
    connection = psycopg.connect(place.url, autocommit=True)
    if way == "ones":
        notes = place.notes()

        def one_block(one: Post) -> bool:
            row = connection.execute(_POST.encode(), parameters([one], notes), prepare=True).fetchone()
            return bool(row and row[1] == "posted")

        return one_block, connection.close

    def pay(one: Post) -> bool:
        row = connection.execute(_PAY, (one.id, one.debit, one.credit, one.amount_minor), prepare=True).fetchone()
        return bool(row and row[0])

    return pay, connection.close


def read_while(place: Place, seconds: float, per_s: float) -> tuple[list[float], list[float]]:
    """Milliseconds that a balance took, and that a page of a statement took, of accounts as busy as they are posted."""
    reader, luck = Reader(place.url, place.notes()), random.Random()
    balances: list[float] = []
    pages: list[float] = []
    reader.head()
    began = time.monotonic()
    while (now := time.monotonic()) < began + seconds:
        account = _pick("skewed", luck, place.accounts)[0]
        reader.accounts([account])
        middle = time.monotonic()
        reader.lines(account, PAGE_LINES)
        balances.append((middle - now) * 1000)
        pages.append((time.monotonic() - middle) * 1000)
        time.sleep(max(0.0, began + len(pages) / per_s - time.monotonic()))
    reader.close()
    return balances, pages
