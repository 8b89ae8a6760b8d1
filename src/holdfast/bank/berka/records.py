"""The records of the whole bank, read and checked against one another; nothing is written here."""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from holdfast.bank.berka import rows
from holdfast.bank.berka.errors import ImportRefused
from holdfast.bank.berka.kinds import Kind, is_credit, kind_of, order_kind
from holdfast.bank.berka.rows import BadRow, Complaint, read_rows

BUSINESS_DATE = date(1994, 4, 1)
"""The bank's day after the import: the records are loaded as they stood in the evening before."""

CLIENT = ("client_id", "birth_number", "district_id")
ACCOUNT = ("account_id", "district_id", "frequency", "date")
DISPOSITION = ("disp_id", "client_id", "account_id", "type")
ORDER = ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol")
TRANSACTION = (
    "trans_id",
    "account_id",
    "date",
    "type",
    "operation",
    "amount",
    "balance",
    "k_symbol",
    "bank",
    "account",
)
COUNTED = {
    "card.asc": ("card_id", "disp_id", "type", "issued"),
    "loan.asc": ("loan_id", "account_id", "date", "amount", "duration", "payments", "status"),
    "district.asc": tuple(f"A{column}" for column in range(1, 17)),
}
"""Files whose rows are only counted: this bank has no cards and loans, and keeps no districts."""

OWNER = "OWNER"
WORD_MAX = 20

Named = TypeVar("Named", int, tuple[int, int])


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account and the day it was opened."""

    id: int
    opened: date

    @property
    def waits(self) -> bool:
        """Whether it is opened only after the bank's day has begun."""
        return self.opened >= BUSINESS_DATE


@dataclass(frozen=True, slots=True)
class Disposition:
    """A client who may draw on an account, as its owner or beside its owner."""

    client: int
    account: int
    owner: bool


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """A standing order to an account at another bank."""

    id: int
    account: int
    bank: str
    number: str
    amount_minor: int
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Movement:
    """A transaction: change_minor is signed, balance_minor is what the file says the account holds after it."""

    id: int
    line: int
    account: int
    date: date
    change_minor: int
    balance_minor: int
    kind: Kind
    bank: str
    number: str


@dataclass
class Records:
    """What the files hold, by id, but for the rows complained about; later: transactions after the bank's day."""

    clients: set[int] = field(default_factory=set)
    accounts: dict[int, AccountRecord] = field(default_factory=dict)
    dispositions: list[Disposition] = field(default_factory=list)
    orders: list[OrderRecord] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    later: int = 0
    counted: dict[str, int] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)


def read_records(folder: Path) -> Records:
    """Read all files. Raises ImportRefused when one is missing or not what its name says."""
    if not folder.is_dir():
        raise ImportRefused(f"{folder} is not a folder; nothing was loaded")
    found = Records()
    reading = _Reading(found)
    read_rows(folder, "client.asc", CLIENT, reading.client, found.complaints)
    read_rows(folder, "account.asc", ACCOUNT, reading.account, found.complaints)
    read_rows(folder, "disp.asc", DISPOSITION, reading.disposition, found.complaints)
    read_rows(folder, "order.asc", ORDER, reading.order, found.complaints)
    read_rows(folder, "trans.asc", TRANSACTION, reading.movement, found.complaints)
    for name, columns in COUNTED.items():
        found.counted[name.removesuffix(".asc")] = len(read_rows(folder, name, columns, _whole, found.complaints))
    _complain_of_nobodys(found, reading.account_lines)
    return found


def _whole(line: int, fields: list[str]) -> tuple[int, list[str]]:
    return line, fields


def _complain_of_nobodys(found: Records, lines: dict[int, int]) -> None:
    """Say which accounts have no owner; they are loaded all the same, for their money's sake."""
    owned = {one.account for one in found.dispositions}
    found.complaints += [
        Complaint("account.asc", lines[account], f"account {account} has no owner; it was loaded without one")
        for account in found.accounts
        if account not in owned
    ]


class _Reading:
    """Takes rows one by one; each raises BadRow when it makes no sense by itself or beside those read before."""

    def __init__(self, found: Records) -> None:
        self.found = found
        self.account_lines: dict[int, int] = {}
        self._dispositions: set[int] = set()
        self._pairs: set[tuple[int, int]] = set()
        self._orders: set[int] = set()
        self._movements: set[int] = set()

    def client(self, _line: int, fields: list[str]) -> None:
        client = rows.number(fields[0], "the client")
        _once(client, self.found.clients, f"client {client}")
        rows.birth_day(fields[1])
        self.found.clients.add(client)

    def account(self, line: int, fields: list[str]) -> None:
        account = rows.number(fields[0], "the account")
        _once(account, self.found.accounts, f"account {account}")
        self.found.accounts[account] = AccountRecord(account, rows.day(fields[3]))
        self.account_lines[account] = line

    def disposition(self, _line: int, fields: list[str]) -> None:
        ident = rows.number(fields[0], "the disposition")
        client, account = rows.number(fields[1], "the client"), self._account(fields[2])
        _once(ident, self._dispositions, f"disposition {ident}")
        if client not in self.found.clients:
            raise BadRow(f"client {client} is not among the clients that were read")
        if fields[3] not in (OWNER, "DISPONENT"):
            raise BadRow(f"the type {fields[3][:40]!r} is neither OWNER nor DISPONENT")
        _once((client, account), self._pairs, f"client {client} at account {account}")
        self._dispositions.add(ident)
        self._pairs.add((client, account))
        self.found.dispositions.append(Disposition(client, account, fields[3] == OWNER))

    def order(self, _line: int, fields: list[str]) -> None:
        ident, account = rows.number(fields[0], "the order"), self._account(fields[1])
        _once(ident, self._orders, f"order {ident}")
        bank, number = _word(fields[2], "the other bank"), _word(fields[3], "the other account")
        if not bank or not number:
            raise BadRow("it does not say to which bank and account it pays")
        kind, words = order_kind(fields[5])
        amount = rows.amount_minor(fields[4])
        self._orders.add(ident)
        self.found.orders.append(OrderRecord(ident, account, bank, number, amount, kind, words))

    def movement(self, line: int, fields: list[str]) -> None:
        ident, account, day = rows.number(fields[0], "the transaction"), self._account(fields[1]), rows.day(fields[2])
        _once(ident, self._movements, f"transaction {ident}")
        credit = is_credit(fields[3])
        kind = kind_of(credit, fields[4], fields[7])
        amount, balance = rows.amount_minor(fields[5]), rows.balance_minor(fields[6])
        bank, number = _word(fields[8], "the other bank"), _word(fields[9], "the other account")
        opened = self.found.accounts[account].opened
        if day < opened:
            raise BadRow(f"it is dated {day}, before account {account} was opened on {opened}")
        self._movements.add(ident)
        if day >= BUSINESS_DATE:
            self.found.later += 1
            return
        change = amount if credit else -amount
        self.found.movements.append(Movement(ident, line, account, day, change, balance, kind, bank, number))

    def _account(self, text: str) -> int:
        account = rows.number(text, "the account")
        if account not in self.found.accounts:
            raise BadRow(f"account {account} is not among the accounts that were read")
        return account


def _once(ident: Named, known: Container[Named], what: str) -> None:
    if ident in known:
        raise BadRow(f"{what} was in the file before")


def _word(text: str, what: str) -> str:
    if len(text) > WORD_MAX:
        raise BadRow(f"{what} {text[:40]!r} is longer than {WORD_MAX} characters")
    return text
