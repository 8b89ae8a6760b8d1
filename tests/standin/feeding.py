"""A fed copy, in few words: a bank with some accounts, its answer to the feed, an entry that waits."""

import dataclasses
import json
import uuid

from fakes import DAY, FakeBank, transfer
from world import ACCOUNTS

from holdfast.contracts.blocks import AccountChange, Pending, Release, Tie, Transfer
from holdfast.contracts.journal import Payment
from holdfast.standin.waiting import Accepted

FAR_US = 4 * 10**15


def opened() -> FakeBank:
    bank = FakeBank()
    bank.add(
        AccountChange(1, "s", "NOK", "debit", -(10**12), 0, 0),
        *(AccountChange(number, "c", "NOK", "credit", 0, 0, one[2]) for number, one in ACCOUNTS.items()),
    )
    bank.add(*(transfer(1, number, 1000, kind="deposit") for number in ACCOUNTS))
    return bank


def raw(bank: FakeBank, after: int = 0) -> bytes:
    return json.dumps({"head": len(bank.blocks), "blocks": bank.blocks[after:]}).encode()


def waiting(number: int = 1, ident: uuid.UUID | None = None, amount: int = 100) -> Accepted:
    return Accepted(
        Payment(ident or uuid.uuid4(), 10, 20, amount, "NOK", "payment", DAY, 5, "form", "", "", ""), number, 1, amount
    )


def pending(amount: int, ident: uuid.UUID | None = None, **more: object) -> Pending:
    made = Pending(ident or uuid.uuid4(), 10, 20, amount, "NOK", "card", DAY, 5, 1, "own", -1, "card:sim:t1", FAR_US)
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def release(hold: Pending, how: str = "voided") -> Release:
    return Release(uuid.uuid4(), hold.id, how, hold.debit, hold.credit, hold.amount_minor, "NOK", 5, 1, hold.cause)


def posting(hold: Pending, amount: int, **more: object) -> Transfer:
    one = transfer(hold.debit, hold.credit, amount, kind="card", **more)
    return dataclasses.replace(one, tie=Tie(settles=hold.id, released_minor=hold.amount_minor))
