"""What is known of a foreign core, kept so that numbering is stable, and turned into blocks and profile facts.

One transaction a look into the folder: what differs from what is known becomes one block (accounts opened or
changed, payments that the core carried out, then one transfer an account for the rest of its change, against the
account `own:core`) and the facts that changed. The same files again give no difference, so nothing.
"""

import json
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.contracts import freezing, ids
from holdfast.contracts.blocks import GENESIS_HASH, AccountChange, Block, Item, Note, Transfer, block_to_wire
from holdfast.contracts.epochs import FIRST_EPOCH
from holdfast.contracts.factors import Factors
from holdfast.contracts.journal import payment_from_wire
from holdfast.foreign.errors import CoreBroken
from holdfast.foreign.groups import give_groups
from holdfast.foreign.rows import AccountRow, BalanceRow, CarriedRow, CustomerRow, Problem

_PARTS = re.split(r"^-- name: (\w+)\n", (Path(__file__).parent / "sql" / "core.sql").read_text(), flags=re.MULTILINE)
SQL = {name: body.strip().rstrip(";") for name, body in zip(_PARTS[1::2], _PARTS[2::2], strict=True)}
OWN = {"core": 1, "suspense": 2, "clearing": 3, "loss": 4, "compensation": 5, "fees": 6}
FIRST_ACCOUNT = 1001
FLOOR_NONE = -(10**17)
KIND = "core"
ITEMS_MAX = 5000
LIMITS = {
    "normal": {"per_payment_minor": 2_000_000, "per_day_minor": 4_000_000, "payments_per_minute_max": 20},
    "spare": {"per_payment_minor": 2_000_000, "per_day_minor": 4_000_000, "payments_per_minute_max": 20},
    "spare_cohort_minor": 200_000_000,
    "spare_total_minor": 5_000_000_000,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """What one look into the folder found; seen: (digest, file name) of each file that was read."""

    customers: list[CustomerRow] = field(default_factory=list)
    accounts: list[AccountRow] = field(default_factory=list)
    balances: list[BalanceRow] = field(default_factory=list)
    carried: list[CarriedRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Account:
    """An account as the feeder knows it."""

    id: int
    cohort: int
    floor_minor: int
    balance_minor: int
    as_of: str
    body: dict[str, Any]


class Core:
    """The feeder's store. Thread-safe: one connection, one at a time."""

    def __init__(self, path: Path, name: str, currency: str, time_zone: str) -> None:
        self._name, self._currency, self._zone = name, currency, ZoneInfo(time_zone)
        self._lock = threading.Lock()
        try:
            self._base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = FULL")
            self._base.executescript(SQL["schema"])
        except sqlite3.DatabaseError as error:
            raise CoreBroken(f"{path} cannot be used ({error}); move it away and start again") from error

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time, whole or not at all."""
        with self._lock:
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
                self._base.execute("COMMIT")
            except BaseException:
                self._base.execute("ROLLBACK")
                raise

    def _read(self, query: str, *parameters: object) -> list[Any]:
        with self._lock:
            return self._base.execute(SQL[query], parameters).fetchall()

    def was_seen(self, digest: str) -> bool:
        """Whether a file with this content was read before."""
        return bool(self._read("was_seen", digest))

    def problems(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest problems: {"at", "file", "line", "words"}."""
        return [dict(zip(("at", "file", "line", "words"), row, strict=True)) for row in self._read("problems", limit)]

    def head(self) -> int:
        """The number of the last block, 0 before the first."""
        found = self._read("head")
        return int(found[0][0]) if found else 0

    def waiting(self) -> int:
        """How many payments were handed back and are not reported as carried out yet."""
        return int(self._read("waiting")[0][0])

    def blocks_after(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Blocks in wire form, in order."""
        return [json.loads(row[0]) for row in self._read("blocks_after", after, limit)]

    def facts_after(self, after: int, limit: int) -> dict[str, Any]:
        """The answer of the profile feed."""
        rows = self._read("facts_after", after, limit)
        facts = [{"number": n, "kind": kind, "key": key, "body": json.loads(body)} for n, kind, key, body in rows]
        return {"head": int(self._read("fact_head")[0][0]), "facts": facts}

    def take(self, batch: Batch) -> list[Problem]:
        """Take what was found; gives the problems, the batch's own first."""
        with self.transaction() as base:
            work = _Taking(base, self._currency, list(batch.problems))
            work.own_accounts(self._name, datetime.now(self._zone).date().isoformat())
            work.people(batch.customers, batch.accounts)
            work.balances(batch.carried, batch.balances)
            work.seal()
            now = datetime.now(UTC).isoformat(timespec="seconds")
            base.executemany(SQL["put_seen"], [(digest, file, now) for digest, file in batch.seen])
            base.executemany(SQL["put_problem"], [(now, one.file, one.line, one.words) for one in work.problems])
        return work.problems


class _Taking:
    """One batch on its way into the store, within its transaction."""

    def __init__(self, base: sqlite3.Connection, currency: str, problems: list[Problem]) -> None:
        self._base, self._currency, self.problems = base, currency, problems
        found = base.execute(SQL["head"]).fetchone()
        self._number = int(found[0]) if found else 0
        self._previous = bytes(found[1]) if found else GENESIS_HASH
        self._at_us = int(found[2]) if found else 0
        self._items: list[Item] = []
        self._customers = {
            number: (ident, cohort, json.loads(body)) for number, ident, cohort, body in base.execute(SQL["customers"])
        }
        self._accounts = {
            number: Account(ident, cohort, floor_minor, balance_minor, as_of, json.loads(body))
            for number, ident, cohort, floor_minor, balance_minor, as_of, body in base.execute(SQL["accounts"])
        }
        self._by_id = {one.id: number for number, one in self._accounts.items()}

    def _tell(self, kind: str, key: str, body: dict[str, Any]) -> None:
        text = json.dumps(body, sort_keys=True)
        known = self._base.execute(SQL["fact_latest"], (kind, key)).fetchone()
        if known is None or known[0] != text:
            self._base.execute(SQL["put_fact"], (kind, key, text))

    def own_accounts(self, name: str, today: str) -> None:
        """The bank's own accounts in the first block, its day and its limits."""
        if self._number == 0:
            for own, ident in OWN.items():
                side = "debit" if own == "core" else "credit"
                self._items.append(AccountChange(ident, f"own:{own}", self._currency, side, FLOOR_NONE, 0, 0))
        body = {own: ident for own, ident in OWN.items() if own != "core"} | {"settlement": OWN["core"]}
        self._tell("bank", "bank", body | {
            "name": name, "currency": self._currency, "business_date": today, "day_offset": 0
        })  # fmt: skip
        self._tell("limits", "limits", LIMITS)

    def people(self, customers: list[CustomerRow], accounts: list[AccountRow]) -> None:
        """Customers and accounts that are new or have changed."""
        rows = {one.number: one for one in customers}
        known = {number: cohort for number, (_, cohort, _) in self._customers.items()}
        groups = give_groups(known, rows, accounts)
        taken = {one[2]["username"].lower(): number for number, one in self._customers.items()}
        secrets, opened = dict[str, str](), dict[str, int]()
        for number, row in rows.items():
            if taken.setdefault(row.username.lower(), number) != number:
                self.problems.append(Problem(row.file, row.line, f"username {row.username!r} is given twice"))
                continue
            old = self._customers.get(number)
            ident = old[0] if old else len(self._customers) + 1
            body = {
                "name": row.name,
                "username": row.username,
                "cohort": groups[number],
                "email": row.email,
                "language": row.language,
                "verifier": row.verifier,
                "accounts": old[2]["accounts"] if old else [],
                "needs": [],
            }
            self._customers[number] = (ident, groups[number], body)
            secrets[number], opened[number] = row.secret, row.opened_us
        for one in accounts:
            self._account(one)
        for number, (ident, cohort, body) in self._customers.items():
            if number in rows or any(number in one.owners for one in accounts):
                self._base.execute(SQL["put_customer"], (ident, number, cohort, json.dumps(body)))
                self._tell("customer", str(ident), body)
                if number in secrets:
                    self._factors(ident, secrets[number])
                if opened.get(number):
                    self._tell(freezing.KIND, str(ident), freezing.FreezeChange(False, opened[number]).to_body())

    def _factors(self, ident: int, secret: str) -> None:
        """The customer's authenticator, and also that there is none any more."""
        if secret or self._base.execute(SQL["fact_latest"], ("factors", str(ident))).fetchone():
            self._tell("factors", str(ident), Factors(secret).to_body())

    def _account(self, row: AccountRow) -> None:
        words = self._unfit(row)
        if words:
            self.problems.append(Problem(row.file, row.line, f"account {row.number}: {words}; it was left out"))
            return
        owners = [self._customers[owner] for owner in row.owners]
        old = self._accounts.get(row.number)
        ident = old.id if old else FIRST_ACCOUNT + len(self._accounts)
        made = old or Account(ident, owners[0][1], 0, 0, "", {})
        made.body = {
            "number": row.number,
            "title": row.title,
            "product": "core",
            "cohort": made.cohort,
            "owners": [owner[0] for owner in owners],
        }
        self._accounts[row.number], self._by_id[ident] = made, row.number
        if old is None:
            self._items.append(AccountChange(ident, row.number, row.currency, "credit", 0, 0, made.cohort))
        for owner in owners:
            if ident not in owner[2]["accounts"]:
                owner[2]["accounts"].append(ident)
        self._keep(row.number)
        self._tell("account", str(ident), made.body)

    def _unfit(self, row: AccountRow) -> str:
        missing = [owner for owner in row.owners if owner not in self._customers]
        if missing:
            return f"its owner {', '.join(missing)} is not in customers.csv"
        if row.currency != self._currency:
            return f"it is in {row.currency}, this installation serves {self._currency}"
        old = self._accounts.get(row.number)
        groups = {self._customers[owner][1] for owner in row.owners} | ({old.cohort} if old else set())
        return "its owners belong to different groups already" if len(groups) > 1 else ""

    def _keep(self, number: str) -> None:
        one = self._accounts[number]
        values = (one.id, number, one.cohort, one.floor_minor, one.balance_minor, one.as_of, json.dumps(one.body))
        self._base.execute(SQL["put_account"], values)

    def balances(self, carried: list[CarriedRow], balances: list[BalanceRow]) -> None:
        """Payments that the core carried out, then the rest of each balance's change."""
        for one in carried:
            self._carry(one)
        for row in balances:
            account, as_of = self._accounts.get(row.number), row.as_of.isoformat()
            if account is None or row.currency != self._currency:
                words = f"balance of {row.number} in {row.currency}: there is no such account; it was left out"
                self.problems.append(Problem(row.file, row.line, words))
                continue
            if account.as_of and datetime.fromisoformat(account.as_of) > row.as_of:
                continue
            if row.floor_minor != account.floor_minor:
                self._items.append(
                    AccountChange(account.id, row.number, row.currency, "credit", row.floor_minor, 0, account.cohort)
                )
            self._move(account, row.booked_minor - account.balance_minor, row)
            account.floor_minor, account.balance_minor, account.as_of = row.floor_minor, row.booked_minor, as_of
            self._keep(row.number)

    def _move(self, account: Account, change_minor: int, row: BalanceRow) -> None:
        if change_minor == 0:
            return
        pair = (OWN["core"], account.id) if change_minor > 0 else (account.id, OWN["core"])
        note = Note(os.urandom(16), "", "", "Movements at your bank")
        self._items.append(
            Transfer(
                ids.core_movement_id(account.id, self._number + 1, len(self._items)),
                *pair,
                abs(change_minor),
                row.currency,
                KIND,
                row.as_of.date(),
                account.cohort,
                FIRST_EPOCH,
                "own",
                -1,
                f"core:{row.as_of.isoformat()}",
                False,
                note.hash(),
                note,
            )
        )

    def _carry(self, row: CarriedRow) -> None:
        found = self._base.execute(SQL["payment"], (row.payment.hex,)).fetchone()
        if found is None:
            return
        self._base.execute(SQL["end_payment"], (row.outcome, row.payment.hex))
        payment = payment_from_wire(json.loads(found[1]))
        if row.outcome == "rejected":
            words = f"payment {row.payment} was rejected by the core, and the customer was told it is done: see to it"
            self.problems.append(Problem(row.file, row.line, words))
            return
        note = Note(os.urandom(16), payment.payer, payment.payee, payment.text)
        self._items.append(
            Transfer(
                payment.id,
                payment.debit,
                payment.credit,
                payment.amount_minor,
                payment.currency,
                payment.kind,
                payment.value_date,
                payment.cohort,
                FIRST_EPOCH,
                "journal",
                int(found[0]),
                payment.cause,
                False,
                note.hash(),
                note,
            )
        )
        for ident, net in ((payment.debit, -payment.amount_minor), (payment.credit, payment.amount_minor)):
            number = self._by_id.get(ident)
            if number is not None:
                self._accounts[number].balance_minor += net
                self._keep(number)

    def seal(self) -> None:
        """Append what has changed as blocks of at most ITEMS_MAX items."""
        for start in range(0, len(self._items), ITEMS_MAX):
            at_us = max(time.time_ns() // 1000, self._at_us + 1)
            block = Block(self._number + 1, self._previous, at_us, tuple(self._items[start : start + ITEMS_MAX]))
            digest = block.hash()
            wire = json.dumps(block_to_wire(block, digest))
            self._base.execute(SQL["put_block"], (block.number, digest, at_us, wire))
            self._number, self._previous, self._at_us = block.number, digest, at_us
