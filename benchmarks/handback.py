"""`make bench-handback`: the journal entered in the books, and every account reconciled, on a real PostgreSQL.

The bank's web and the spare bank are real processes; the copy and the journal are filled by the spare bank's own code
before they are started. Replay and reconciling run in this process as the bank's jobs run them.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "src")]

from table import Figure, keep, say

from bank import FIRST, bench_bank, open_accounts
from holdfast.contracts.epochs import COHORTS_COUNT, FIRST_EPOCH
from holdfast.contracts.journal import Payment
from holdfast.runtime.errors import RuntimeFault
from holdfast.runtime.launching import call_standin
from holdfast.settings import Installation

BALANCE_MINOR = 1_000_000
ENTRIES_A_COMMIT = 500
BYTES_AN_ACCOUNT = 4_000
WAIT_S = 120.0
VOID_EVERY, FORCED_EVERY = 50, 100
"""One entry in so many is a void, or takes more than the account has."""


def open_current(accounts: int) -> None:
    """Customers' accounts with money in the bank's books."""
    from holdfast.ledger.api import Post

    today = date.today()
    open_accounts(
        accounts,
        lambda many: [
            [Post(uuid.uuid4(), 1, one, BALANCE_MINOR, "NOK", "opening", today, one % COHORTS_COUNT, FIRST_EPOCH,
                  "bench") for one in many]
        ],
    )  # fmt: skip


def copy_books(place: Installation) -> None:
    """The spare bank's copy of them, by its own code."""
    from holdfast.bank.exchange.feed import read_blocks
    from holdfast.standin.copy import Copy
    from holdfast.standin.vault import FILE, Vault
    from holdfast.standin.view import View

    copy, said = (
        Copy(place.folder("standin") / "copy.sqlite", View(), Vault(place.keys / "standin" / FILE)),
        time.monotonic(),
    )
    while True:
        head, applied = copy.apply_answer(json.dumps(read_blocks(copy.view.head.number, 0, 200)).encode())
        copy.checkpoint()
        if copy.view.head.number >= head:
            break
        if time.monotonic() - said > 10:
            said = time.monotonic()
            say(f"{copy.view.head.number} of {head} blocks copied")
        if not applied:
            raise RuntimeError("the feed gave nothing")
    copy.set_filled()
    copy.close()


def entry_body(number: int, accounts: int) -> tuple[str, dict[str, Any]]:
    """(kind, body) of one journal entry: most are payments that are covered."""
    debit, credit = FIRST + number * 7919 % accounts, FIRST + (number * 104_729 + 1) % accounts
    kind = "void" if number % VOID_EVERY == 0 else "accept"
    amount = BALANCE_MINOR * 2 if number % FORCED_EVERY == 1 else 1000
    payment = Payment(uuid.uuid4(), debit, credit, amount, "NOK", "payment", date.today(), debit % COHORTS_COUNT, "form",
                      "Payer Example", "Payee Example", "bench", debit)  # fmt: skip
    return kind, {"payment": payment.to_wire(), "reason": "ok", "rules_version": "bench", "fresh_block": 1,
                  "fresh_s": 0, "deadline": False, "birth": FIRST_EPOCH + 1}  # fmt: skip


def write_journal(place: Installation, entries: int, accounts: int) -> None:
    """A journal as after an outage, by its own writer."""
    from holdfast.standin.journal import Journal
    from holdfast.standin.vault import FILE, Vault

    journal = Journal(place.folder("standin") / "journal.sqlite", Vault(place.keys / "standin" / FILE))

    def some(start: int) -> Any:
        def work(writing: Any) -> None:
            for number in range(start, min(start + ENTRIES_A_COMMIT, entries)):
                kind, body = entry_body(number, accounts)
                writing.append(kind, int(body["payment"]["cohort"]), FIRST_EPOCH + 1, body)

        return work

    for start in range(0, entries, ENTRIES_A_COMMIT):
        journal.submit(some(start)).result(60)
    journal.stop()


@contextlib.contextmanager
def running(place: Installation) -> Iterator[None]:
    """The bank's web and the spare bank as processes of their own."""
    children = []
    try:
        for name, argv in (("bank", ["holdfast.bank", "web"]), ("standin", ["holdfast.standin"])):
            with (place.data / f"{name}.log").open("ab") as log:
                children.append(subprocess.Popen([sys.executable, "-m", *argv], env=os.environ, stdout=log, stderr=log))
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(60)


def wait_fed(place: Installation) -> None:
    """Until the spare bank has all blocks of the bank."""
    from holdfast.bank.books import reader

    end, head = time.monotonic() + WAIT_S, reader().head().block
    while time.monotonic() < end:
        with contextlib.suppress(RuntimeFault, ValueError):
            if call_standin(place, "GET", "/-/health")["block"] >= head:
                return
        time.sleep(0.1)
    raise RuntimeError("the spare bank was not fed in time; see its log")


def measure(place: Installation, accounts: int, entries: int) -> list[Figure]:
    """All figures of one size."""
    from holdfast.bank import commands
    from holdfast.bank.books import rows
    from holdfast.bank.exchange.reconcile import reconcile
    from holdfast.bank.exchange.replay import replay

    commands.migrate()
    say(f"{accounts} accounts")
    open_current(accounts)
    copy_books(place)
    say(f"a journal of {entries} entries")
    write_journal(place, entries, accounts)
    rows.refresh(at_once=True)
    with running(place):
        wait_fed(place)
        say("replay")
        began, used = time.monotonic(), time.process_time()
        counts = replay(None)
        replay_s, replay_cpu_s = time.monotonic() - began, time.process_time() - used
        wait_fed(place)
        say("reconcile")
        began, used = time.monotonic(), time.process_time()
        found = reconcile()
        reconcile_s, reconcile_cpu_s = time.monotonic() - began, time.process_time() - used
    if counts["replayed_to"] != entries or found["differences"]:
        raise RuntimeError(f"not as it should end: {counts}, {found['differences'][:3]}")
    return [
        Figure("accounts", accounts, ""),
        Figure("entries", entries, ""),
        Figure("of them forced", counts["forced"], ""),
        Figure("replay", entries / replay_s, "entries/s", ">= 5000"),
        Figure("processor time of the replaying process", replay_cpu_s / entries * 1e6, "us an entry"),
        Figure("accounts compared", found["accounts"], ""),
        Figure("reconcile", reconcile_s, "s", "<= 60" if accounts >= 1_000_000 else ""),
        Figure("processor time of the comparing process", reconcile_cpu_s, "s"),
    ]


def main() -> int:
    """Measure at one size and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--entries", type=int, default=50_000)
    parser.add_argument("--port", type=int, default=23_800)
    chosen = parser.parse_args()
    with bench_bank(chosen.accounts * BYTES_AN_ACCOUNT, chosen.port) as place:
        figures = measure(place, chosen.accounts, chosen.entries)
    return keep("handback", figures)


if __name__ == "__main__":
    sys.exit(main())
