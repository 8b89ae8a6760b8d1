"""`make bench-eod`: the end of a month for many savings accounts, on a real PostgreSQL: accrued, decided, booked.

Each account has an opening and MOVES entries in the month, booked through the books. The last day but one is closed
first (a usual night: accruals only), then the month's end, which also books interest to every account.
"""

import argparse
import contextlib
import resource
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

import psutil
from table import Figure, keep, say

from bank import analyze, bench_bank, open_accounts
from holdfast.contracts.epochs import COHORTS_COUNT, FIRST_EPOCH

MONTH = date(2025, 6, 1)
LAST = date(2025, 6, 30)
BYTES_AN_ACCOUNT = 6_000
NIGHT_S_MAX = 300
MEMORY_MIB_MAX = 600


def open_savings(accounts: int, moves: int) -> None:
    """Savings accounts with an opening and some entries of the month each."""
    from django.db import transaction

    from holdfast.bank.customers.models import Account
    from holdfast.ledger.api import Post

    def entries(many: range) -> Iterator[list[Post]]:
        for move in range(moves + 1):
            day = MONTH + timedelta(days=move * 29 // max(1, moves)) if move else MONTH - timedelta(days=3)
            yield [
                Post(uuid.uuid4(), 1, n, 1_000_000 + 7 * n % 5_000_000, "NOK", "salary", day, n % COHORTS_COUNT,
                     FIRST_EPOCH, "bench")
                for n in many
            ]  # fmt: skip

    def kept(many: range) -> None:
        with transaction.atomic():
            Account.objects.bulk_create(
                [Account(id=n, number=f"{n}", title="Savings", product="savings", currency="NOK",
                         cohort=n % COHORTS_COUNT) for n in many]
            )  # fmt: skip

    open_accounts(accounts, entries, kept)


def processor_s() -> float:
    """Processor time so far of this process and of the database that it started."""
    total = 0.0
    for one in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            spent = one.cpu_times()
            total += spent.user + spent.system
    return total


def measure(accounts: int, moves: int) -> list[Figure]:
    """A night of the month, then its last."""
    from django.utils import timezone

    from holdfast.bank import commands
    from holdfast.bank.books import reader, rows
    from holdfast.bank.charges.models import Booking, DayEnd
    from holdfast.bank.charges.running import end_of_day

    commands.migrate()
    open_savings(accounts, moves)
    rows.refresh(at_once=True)
    analyze()
    took = []
    DayEnd.objects.create(day=LAST - timedelta(days=2), state="done", began=timezone.now())
    for day in (LAST - timedelta(days=1), LAST):
        began, used = time.monotonic(), processor_s()
        if end_of_day(day, say):
            raise RuntimeError(f"{day} did not end")
        took.append((time.monotonic() - began, processor_s() - used))
    booked = Booking.objects.filter(ended="booked").count()
    paid = -reader().accounts([21])[21].balance_minor
    if booked != accounts or paid <= 0:
        raise RuntimeError(f"{booked} of {accounts} booked, {paid} minor units")
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    bar = f"<= {NIGHT_S_MAX}" if accounts >= 1_000_000 else ""
    return [
        Figure("accounts", accounts, ""),
        Figure("entries in the books before", accounts * (moves + 1), ""),
        Figure("a night of accruals", took[0][0], "s", bar),
        Figure("processor time of job and database", took[0][1], "s"),
        Figure("the month's end, all booked", took[1][0], "s", bar),
        Figure("processor time of job and database ", took[1][1], "s"),
        Figure("accounts a second at the month's end", accounts / took[1][0], "1/s"),
        Figure("most memory of the job", memory_mib, "MiB", f"<= {MEMORY_MIB_MAX}"),
    ]


def main() -> int:
    """Measure at one size and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--moves", type=int, default=4)
    parser.add_argument("--port", type=int, default=23_900)
    chosen = parser.parse_args()
    with bench_bank(chosen.accounts * BYTES_AN_ACCOUNT, chosen.port):
        figures = measure(chosen.accounts, chosen.moves)
    return keep("eod", figures)


if __name__ == "__main__":
    sys.exit(main())
