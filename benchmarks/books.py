"""`make bench-books`: what the books carry, beside pgbench's TPC-B, COPY and rows locked one by one on the same server.

All on the PostgreSQL of the wheel with fsync and synchronous_commit on, in one run, blocks, hashes and all checks on.
Posting processes draw their transfers before they are measured; COPY's bytes are made before it is. With --long: what a
transfer costs as the books grow to 10 million.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

import posters
import psutil
import psycopg
import rivals
from posters import BANK, DAY, FIRST, Place, Took
from table import Figure, keep, room, say, share

from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.epochs import COHORTS_COUNT, FIRST_EPOCH
from holdfast.ledger.api import Books, Post, Reader, install
from holdfast.runtime.postgres import temporary

ACCOUNTS = 200_000
BATCH = 10_000
OPENING_MINOR = 10**9
SIZES = (1000, 2000, 4000, 8000)
ROUNDS = 3
A_PROCESS = 16_000
THREADS = 64
SINGLE_S, TPCB_S, READ_S = 4.0, 4, 6.0
PAYROLL = 100_000
READS_PER_S = 200.0
LONG, WINDOW, LONG_ACCOUNTS = 10_000_000, 100_000, 200_000
BYTES_A_TRANSFER = 900


class Bench:
    """The server under measure and the two posting processes; figures gather in the order in which they are made."""

    def __init__(self, place: Place, pools: list[ProcessPoolExecutor]) -> None:
        self.place, self.pools = place, pools
        self.figures: list[Figure] = []

    @property
    def port(self) -> int:
        """The server's."""
        return int(self.place.url.rpartition(":")[2].partition("/")[0])

    def add(self, name: str, value: float, unit: str, bar: str = "") -> None:
        """One more figure."""
        self.figures.append(Figure(name, value, unit, bar))

    def both(self, work: Callable[..., Any], *arguments: object) -> list[Any]:
        """Run it in both processes at once."""
        return [one.result() for one in [pool.submit(work, self.place, *arguments) for pool in self.pools]]

    def batches(self, choice: str, size: int, count: int = A_PROCESS, words: bool = False) -> float:
        """Transfers a second of both processes together."""
        self.both(posters.prepare, choice, count, size, words)
        return per_s(self.both(posters.post_batches))


def per_s(takes: list[Took]) -> float:
    """Posted a second from the first beginning to the last end; raises when a transfer was refused that should not."""
    posted, refused = sum(one.posted for one in takes), sum(one.refused for one in takes)
    if refused:
        raise RuntimeError(f"{refused} of {posted + refused} transfers were refused; the figures would mean nothing")
    return posted / (max(one.ended for one in takes) - min(one.began for one in takes))


def open_accounts(place: Place) -> None:
    """The bank's account and the customers', each with money."""
    books = Books(place.url, place.notes())
    books.change_accounts([AccountChange(BANK, "own:settlement", "NOK", "debit", -(10**17), 0, 0)])
    for start in range(FIRST, FIRST + place.accounts, BATCH):
        people = range(start, min(start + BATCH, FIRST + place.accounts))
        books.change_accounts(
            [AccountChange(one, f"{one}", "NOK", "credit", 0, 0, one % COHORTS_COUNT) for one in people]
        )
        books.post_many(
            [
                Post(uuid.uuid4(), BANK, one, OPENING_MINOR, "NOK", "opening", DAY, 0, FIRST_EPOCH, "bench")
                for one in people
            ]
        )
    books.close()


def measure_batches(bench: Bench, tpcb: float) -> float:
    """Batches of each size, uniform and skewed, beside COPY; the best uniform rate."""
    rates: dict[tuple[str, int], list[float]] = {}
    copies: list[float] = []
    for number in range(ROUNDS):
        for choice in ("uniform", "skewed"):
            for size in SIZES:
                rates.setdefault((choice, size), []).append(bench.batches(choice, size))
        copies.append(rivals.copy_per_s(bench.place.url, number + 1))
        largest = rates["uniform", SIZES[-1]][-1]
        say(f"round {number + 1}: batches of {SIZES[-1]} {largest:,.0f}/s, COPY {copies[-1]:,.0f}/s")
    medians = {key: statistics.median(one) for key, one in rates.items()}
    for (choice, size), rate in medians.items():
        bench.add(f"batches of {size}, {choice}", rate, "transfers/s")
    best = max(rate for (choice, _), rate in medians.items() if choice == "uniform")
    least = min(medians.values())
    copied = statistics.median(copies)
    bench.add("binary COPY into the same table", copied, "rows/s")
    bench.add("batches, the best, to TPC-B", best / tpcb, "times", ">= 8")
    bench.add("batches, the least of all sizes and choices, to TPC-B", least / tpcb, "times")
    bench.add("batches, the best, to COPY", best / copied * 100, "%", ">= 25")
    bench.add("batches of 4000 with sealed words", bench.batches("uniform", 4000, words=True), "transfers/s")
    return best


def measure_shapes(bench: Bench) -> None:
    """A payroll, and ten hot accounts, to uniform batches of the same size."""
    for choice, count, name in (
        ("payroll", PAYROLL // 2, "a payroll of 100,000"),
        ("hot", A_PROCESS, "10 hot accounts"),
    ):
        rates = [bench.batches(choice, 8000, count) for _ in range(1 if choice == "payroll" else ROUNDS)]
        plain = statistics.median(bench.batches("uniform", 8000) for _ in range(ROUNDS))
        rate = statistics.median(rates)
        bench.add(name, rate, "transfers/s")
        bench.add(f"{name}, to uniform", rate / plain * 100, "%", ">= 95")


def measure_single(bench: Bench) -> None:
    """64 threads in two processes, one payment at a time, three ways."""
    rates: dict[str, list[float]] = {}
    spent_us: dict[str, list[float]] = {}
    waits: list[float] = []
    for way in ("gathered", "ones", "locks") * 2:
        before = processor_s(bench.port)
        takes = bench.both(posters.post_singly, way, THREADS // 2, SINGLE_S)
        spent = processor_s(bench.port) - before + sum(one.processor_s for one in takes)
        spent_us.setdefault(way, []).append(spent / sum(one.posted for one in takes) * 1e6)
        rates.setdefault(way, []).append(per_s(takes))
        if way == "gathered":
            waits += [one for took in takes for one in took.each_ms]
        say(f"one at a time, {way}: {rates[way][-1]:,.0f}/s")
    gathered, ones, locks = (statistics.median(rates[way]) for way in ("gathered", "ones", "locks"))
    bench.add("64 threads, gathered into blocks", gathered, "payments/s")
    bench.add("64 threads, each a batch of one", ones, "payments/s")
    bench.add("64 threads, own transactions with row locks", locks, "payments/s")
    bench.add("gathered to batches of one", gathered / ones, "times", ">= 5")
    bench.add("gathered to own transactions", gathered / locks, "times", ">= 1.5")
    costs = {way: statistics.median(one) for way, one in spent_us.items()}
    bench.add("processor time of posters and server, gathered", costs["gathered"], "us a payment")
    bench.add("the same, own transactions", costs["locks"], "us a payment")
    bench.add("own transactions to gathered, in processor time", costs["locks"] / costs["gathered"], "times")
    bench.add("gathered, what a payment waits, 50 %", share(waits, 50), "ms")
    bench.add("gathered, what a payment waits, 99 %", share(waits, 99), "ms", "<= 50")


def measure_beside(bench: Bench) -> None:
    """One process posts alone, then while a whole proof and a dump run."""
    alone, beside = [], []
    first = bench.pools[0]
    for _ in range(ROUNDS):
        for rates, context in ((alone, None), (beside, rivals.proved_and_dumped(bench.place.url))):
            first.submit(posters.prepare, bench.place, "uniform", A_PROCESS * 2, 4000).result()
            if context is None:
                rates.append(per_s([first.submit(posters.post_batches, bench.place).result()]))
                continue
            with context:
                time.sleep(1.0)
                rates.append(per_s([first.submit(posters.post_batches, bench.place).result()]))
    slower = (1 - statistics.median(beside) / statistics.median(alone)) * 100
    bench.add("one process posts, alone", statistics.median(alone), "transfers/s")
    bench.add("while a whole proof and a dump run", statistics.median(beside), "transfers/s")
    bench.add("slower by", slower, "%", "<= 20")


def measure_reading(bench: Bench, best: float) -> None:
    """A balance and a page of a statement while another process posts at half of the maximum."""
    count = int(best / 2 * (READ_S + 1))
    bench.pools[0].submit(posters.prepare, bench.place, "skewed", count, 1000).result()
    posting = bench.pools[0].submit(posters.post_batches, bench.place, best / 2)
    balances, pages = bench.pools[1].submit(posters.read_while, bench.place, READ_S, READS_PER_S).result()
    bench.add("posted meanwhile", per_s([posting.result()]), "transfers/s")
    bench.add("a balance, 99 %", share(balances, 99), "ms", "<= 2")
    bench.add("a page of a statement, 99 %", share(pages, 99), "ms", "<= 5")


def measure_proof(bench: Bench) -> None:
    """The whole proof of what was booked, with nobody posting; it must find nothing."""
    reader = Reader(bench.place.url, bench.place.notes())
    began = time.monotonic()
    findings = reader.prove()
    took = time.monotonic() - began
    reader.close()
    if findings:
        raise RuntimeError(f"the books do not hold: {findings[0]}")
    bench.add("a whole proof of all this", took, "s")


def measure_bytes(bench: Bench) -> None:
    """What a transfer takes on the disk, indexes and its part of the blocks included."""
    with psycopg.connect(bench.place.url) as connection:
        row = connection.execute(
            "SELECT pg_total_relation_size('ledger.transfer') + pg_total_relation_size('ledger.block'), "
            "(SELECT seq FROM ledger.head)"
        ).fetchone()
    assert row is not None
    bench.add("bytes a transfer", row[0] / row[1], "bytes")
    bench.add("transfers in the books at the end", row[1], "")


def run(bench: Bench) -> None:
    """All figures of the short run."""
    began = time.monotonic()
    say(f"{ACCOUNTS} accounts")
    open_accounts(bench.place)
    tpcb_url = rivals.fill_tpcb(bench.place.url)
    tpcb = {clients: rivals.tpcb_per_s(tpcb_url, clients, TPCB_S) for clients in rivals.CLIENTS}
    say("TPC-B by clients: " + ", ".join(f"{clients}: {rate:,.0f}/s" for clients, rate in tpcb.items()))
    bench.add("pgbench TPC-B, scale 50, prepared, best of 4–32 clients", max(tpcb.values()), "tx/s")
    with psycopg.connect(bench.place.url, autocommit=True) as connection:
        connection.execute((Path(__file__).parent / "books.sql").read_bytes())
        connection.execute("VACUUM ANALYZE")
    best = measure_batches(bench, max(tpcb.values()))
    say("a payroll, hot accounts")
    measure_shapes(bench)
    measure_single(bench)
    say("beside a proof and a dump")
    measure_beside(bench)
    say("reading at half of the maximum")
    measure_reading(bench, best)
    say("the whole proof")
    measure_proof(bench)
    measure_bytes(bench)
    bench.add("the whole run", time.monotonic() - began, "s", "<= 360")


def server(port: int) -> list[psutil.Process]:
    """The postmaster on this port, and its processes."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and str(port) in (process.info["cmdline"] or []):
            return [process, *process.children()]
    raise RuntimeError(f"no PostgreSQL on port {port}")


def memory_mb(port: int) -> float:
    """What the server's processes hold of their own, beside the memory that they share."""
    return sum(one.memory_full_info().uss for one in server(port)) / 2**20


def processor_s(port: int) -> float:
    """Processor time that the server used until now, with that of its processes that ended."""
    postmaster, *others = server(port)
    spent = postmaster.cpu_times()
    total = spent.user + spent.system + spent.children_user + spent.children_system
    return total + sum(one.cpu_times().user + one.cpu_times().system for one in others)


def run_long(bench: Bench, transfers: int) -> None:
    """What a transfer costs as the books grow, by windows of 100,000, and the memory that it takes."""
    open_accounts(bench.place)
    with psycopg.connect(bench.place.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    rates: list[float] = []
    memory: list[float] = []
    for number in range(transfers // WINDOW):
        rates.append(bench.batches("uniform", 8000, WINDOW // 2))
        if number % 10 == 0:
            memory.append(memory_mb(bench.port))
            booked = (number + 1) * WINDOW
            say(f"{booked:,} transfers, {rates[-1]:,.0f}/s, {memory[-1]:,.0f} MB in the server's processes")
    early, late = statistics.median(rates[:5]), statistics.median(rates[-5:])
    bench.add("transfers", transfers, "")
    bench.add("the first five windows of 100,000", 1e6 / early, "us a transfer")
    bench.add("the last five", 1e6 / late, "us a transfer")
    bench.add("the last to the first", early / late, "times", "<= 1.3")
    bench.add("the server's own memory at the most", max(memory), "MB")
    bench.add("the same at the end to its middle", memory[-1] / max(1.0, statistics.median(memory)), "times", "<= 2")
    measure_proof(bench)
    measure_bytes(bench)


def _apart() -> ProcessPoolExecutor:
    """One process, a session of its own as each of an installation's is: Linux may share the processors among those."""
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=os.setsid)


def main() -> int:
    """Measure and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--transfers", type=int, default=LONG)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="holdfast-bench-"))
    room(folder, (chosen.transfers if chosen.long else 3_000_000) * BYTES_A_TRANSFER)
    with temporary() as url, _apart() as one, _apart() as two:
        place = Place(url, folder / "notes.keys", LONG_ACCOUNTS if chosen.long else ACCOUNTS)
        install(url, place.notes())
        bench = Bench(place, [one, two])
        if chosen.long:
            run_long(bench, chosen.transfers)
        else:
            run(bench)
    return keep("books-long" if chosen.long else "books", bench.figures)


if __name__ == "__main__":
    sys.exit(main())
