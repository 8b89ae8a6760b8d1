"""What bench-books measures beside the books, with the programs and the server that the books use: pgbench's TPC-B,
binary COPY, a whole proof and a dump."""

import contextlib
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from holdfast.runtime.gentle import gently
from holdfast.runtime.postgres import binaries

SCALE = 50
CLIENTS = (4, 8, 16, 32)
PROOF = Path(__file__).parents[1] / "src" / "holdfast" / "ledger" / "sql" / "proof.sql"
COPIED = 100_000
PROGRAM_S_MAX = 240
_TPS = re.compile(r"tps = ([0-9.]+)")
_READ = """
COPY (SELECT (SELECT max(seq) FROM bench.copied) + row_number() OVER () AS seq, gen_random_uuid() AS id,
    block + %s AS block, item, debit, credit, amount_minor, currency, kind, value_date, cohort, epoch, source,
    journal_number, cause, over_floor, note_hash
    FROM (SELECT * FROM ledger.transfer ORDER BY seq DESC LIMIT %s) t) TO STDOUT (FORMAT binary)"""
_COLUMNS = "seq, id, block, item, debit, credit, amount_minor, currency, kind, value_date, cohort, epoch, source, "
_WRITE = f"COPY bench.copied ({_COLUMNS}journal_number, cause, over_floor, note_hash) FROM STDIN (FORMAT binary)"


def _program(name: str, *arguments: str) -> str:
    ran = subprocess.run(
        [str(binaries() / name), *arguments], capture_output=True, text=True, timeout=PROGRAM_S_MAX, check=False
    )
    if ran.returncode != 0:
        raise RuntimeError(f"{name} did not end well: {ran.stderr[-300:]}")
    return ran.stdout


def fill_tpcb(url: str) -> str:
    """Make the database tpcb on the same server and fill it; its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE tpcb")
    made = url.rsplit("/", 1)[0] + "/tpcb"
    _program("pgbench", "-i", "-q", "-s", str(SCALE), made)
    return made


def tpcb_per_s(url: str, clients: int, seconds: int) -> float:
    """Transactions a second of pgbench's TPC-B in its prepared form."""
    said = _program("pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(seconds), url)
    found = _TPS.search(said)
    if found is None:
        raise RuntimeError(f"pgbench said no tps: {said[-300:]}")
    return float(found.group(1))


def copy_per_s(url: str, round_number: int) -> float:
    """Rows a second that binary COPY brings into the same table with the same indexes; the bytes are made before."""
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        with cursor.copy(_READ, (round_number * 1_000_000, COPIED)) as reading:
            rows = b"".join(bytes(part) for part in reading)
        began = time.monotonic()
        with cursor.copy(_WRITE) as writing:
            writing.write(rows)
        return COPIED / (time.monotonic() - began)


@contextlib.contextmanager
def proved_and_dumped(url: str) -> Iterator[dict[str, list[float]]]:
    """The whole proof through psql and a dump, each again and again until the end, at the lowest priority as
    `./holdfast books prove` runs it; seconds that each took."""
    stop = threading.Event()
    took: dict[str, list[float]] = {"psql": [], "pg_dump": []}
    asked = {
        "psql": ("-X", "-q", "-A", "-t", "-f", str(PROOF)),
        "pg_dump": ("-n", "ledger", "-f", "/dev/null"),
    }

    def again(name: str) -> None:
        while not stop.is_set():
            began = time.monotonic()
            with gently(name, *asked[name], url=url) as child:
                while child.poll() is None and not stop.wait(0.05):
                    pass
                if child.returncode == 0:
                    took[name].append(time.monotonic() - began)

    threads = [threading.Thread(target=again, args=(name,)) for name in asked]
    for thread in threads:
        thread.start()
    try:
        yield took
    finally:
        stop.set()
        for thread in threads:
            thread.join(PROGRAM_S_MAX)
