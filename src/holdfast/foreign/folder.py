"""Look into the core's folder: which files have settled and are new, and what is in them."""

import hashlib
from pathlib import Path

from holdfast.contracts.errors import BadFile
from holdfast.foreign import reading, rows
from holdfast.foreign.camt053 import read_camt053
from holdfast.foreign.core import Batch, Core
from holdfast.foreign.rows import Problem

FILES_MAX = 2000
FILE_BYTES_MAX = 500_000_000


class Folder:
    """A file is read when two looks in a row found it of the same size and time; its content is read once.

    When customers or accounts changed, every balance is looked at again, since a row that named an unknown account
    may make sense now; what is known already makes no difference, so this costs time only.
    """

    def __init__(self, path: Path, core: Core) -> None:
        self._path, self._core = path, core
        self._last: dict[str, tuple[int, int]] = {}
        self._digests: dict[str, tuple[tuple[int, int], str]] = {}

    def look(self) -> Batch | None:
        """What is new; None when nothing is."""
        settled = self._settled()
        fresh = [path for path in settled if not self._core.was_seen(self._digest(path))]
        if not fresh:
            return None
        people = any(path.name in ("customers.csv", "accounts.csv") for path in fresh)
        batch = Batch()
        for path in settled if people else fresh:
            self._read(path, batch)
        return batch

    def _settled(self) -> list[Path]:
        found: dict[str, tuple[int, int]] = {}
        paths = []
        for path in sorted(self._path.iterdir())[:FILES_MAX]:
            if not path.is_file() or not _is_ours(path.name):
                continue
            stat = path.stat()
            found[path.name] = (stat.st_size, stat.st_mtime_ns)
            if self._last.get(path.name) == found[path.name] and 0 < stat.st_size <= FILE_BYTES_MAX:
                paths.append(path)
        self._last = found
        return paths

    def _digest(self, path: Path) -> str:
        mark = self._last[path.name]
        known = self._digests.get(path.name)
        if known is None or known[0] != mark:
            digest = hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).hexdigest()
            known = self._digests[path.name] = (mark, digest)
        return known[1]

    def _read(self, path: Path, batch: Batch) -> None:
        name, digest = path.name, self._digest(path)
        try:
            raw = path.read_bytes()
            if name == "customers.csv":
                customers, problems = reading.read_csv(
                    name, raw, reading.CUSTOMERS, rows.customer_row, reading.CUSTOMERS_MAY
                )
                batch.customers.extend(customers)
            elif name == "accounts.csv":
                accounts, problems = reading.read_csv(name, raw, reading.ACCOUNTS, rows.account_row)
                batch.accounts.extend(accounts)
            elif name.startswith("carried-out"):
                carried, problems = reading.read_csv(name, raw, reading.CARRIED, rows.carried_row)
                batch.carried.extend(carried)
            elif name.endswith(".xml"):
                balances, booked, problems = read_camt053(name, raw)
                batch.balances.extend(balances)
                batch.carried.extend(booked)
            else:
                balances, problems = reading.read_csv(name, raw, reading.BALANCES, rows.balance_row)
                batch.balances.extend(balances)
        except (BadFile, OSError) as error:
            problems = [Problem(name, 0, f"{error}; nothing of it was taken")]
        batch.problems.extend(problems)
        batch.seen.append((digest, name))


def _is_ours(name: str) -> bool:
    if name in ("customers.csv", "accounts.csv"):
        return True
    return name.endswith(".xml") or (name.endswith(".csv") and name.startswith(("balances", "carried-out")))
