"""A process that posts until it is killed: `poster.py URL KEYS SEED COHORT ACCOUNT…`.

Several threads move money between the accounts at random. Each line on standard output is whole when it is written:
`try ID AMOUNT DEBIT CREDIT` before a post, `ack ID RESULT` behind its answer. What is killed between the two is not known here.
"""

import os
import random
import sys
import threading
import uuid
from datetime import date
from pathlib import Path

from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.ledger.api import Books, BooksBusy, LedgerError, Notes, OutcomeUnknown, Post
from holdfast.signing.sealing import Sealer

THREADS = 6
DEADLINE_S = 2.0
OUT = sys.stdout.fileno()


def _say(line: str) -> None:
    os.write(OUT, (line + "\n").encode())


def _run(books: Books, luck: random.Random, cohort: int, accounts: list[int]) -> None:
    while True:
        debit, credit = luck.sample(accounts, 2)
        ident, amount = uuid.UUID(int=luck.getrandbits(128), version=4), luck.randrange(1, 40)
        post = Post(ident, debit, credit, amount, "NOK", "payment", date(2026, 3, 1), cohort, FIRST_EPOCH, "form")
        _say(f"try {ident} {amount} {debit} {credit}")
        try:
            _say(f"ack {ident} {books.post(post, DEADLINE_S).result.value}")
        except OutcomeUnknown:
            _say(f"unknown {ident}")
        except (BooksBusy, LedgerError) as error:
            _say(f"busy {ident} {type(error).__name__}")


def main() -> None:
    """Post for ever."""
    url, keys, seed, cohort, *accounts = sys.argv[1:]
    books = Books(url, Notes(Sealer(lambda: Path(keys), b"test")))
    numbers = [int(one) for one in accounts]
    for number in range(THREADS):
        luck = random.Random(f"{seed}|{number}|{uuid.uuid4()}")
        threading.Thread(target=_run, args=(books, luck, int(cohort), numbers), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
