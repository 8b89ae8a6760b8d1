"""`python -m holdfast.bank books-…`: the metadata of accounts, and what carries a name with a value."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import books, reader
from holdfast.contracts.money import format_amount
from holdfast.ledger.api import BadTransfer, Carrier, LedgerError, Place

CHANGES_SHOWN = 10
FOUND_AT_ONCE = 200
FOUND_MAX = 10_000
"""Lines of one search; whoever has more of one value asks the database."""


def shown(metadata: Mapping[str, str]) -> str:
    """Metadata as lines for a terminal: what does not print is escaped."""
    return "".join(
        f"metadata {name}: {value if value.isprintable() else repr(value)}\n"
        for name, value in sorted(metadata.items())
    )


def described(account: int) -> str:
    """What an account carries now, and when that was changed lately, the newest first."""
    changes = "".join(
        f"described {_time(one.at)} in block {one.block}: {', '.join(one.metadata) or 'nothing'}\n"
        for one in reader().descriptions(account, limit=CHANGES_SHOWN)
    )
    return shown(reader().account_metadata(account)) + changes


def describe(account: int, pairs: Sequence[tuple[str, str]]) -> int:
    """Set named texts of an account (an empty value takes the name away), and show all that it carries now; 1 with the
    reason when nothing was changed."""
    named, removed = {name: value for name, value in pairs if value}, [name for name, value in pairs if not value]
    try:
        block = books().describe_account(account, named, removed)
    except BadTransfer as error:
        sys.stderr.write(f"Not done: {error}.\n")
        return 1
    words = f"recorded in block {block}" if block else "so already, nothing was changed"
    sys.stdout.write(f"Account {account}: {words}.\n{described(account)}")
    return 0


def find(name: str, value: str) -> int:
    """What carries this name with this very value, in the books' order; 1 when nothing does."""
    found, place = 0, Place()
    try:
        while found < FOUND_MAX and (page := reader().carriers(name, value, place, FOUND_AT_ONCE)):
            moved = reader().booked([one.id for one in page if one.id is not None])
            for one in page:
                booked = moved.get(one.id) if one.id else None
                amount = f"  {format_amount(booked.amount_minor, booked.currency)} {booked.currency}" if booked else ""
                sys.stdout.write(f"{_place_of(one)}{amount}\n")
            found, place = found + len(page), page[-1].place
    except LedgerError as error:
        sys.stderr.write(f"Not done: {error}.\n")
        return 1
    sys.stdout.write(f"{found} found{', more are not shown' if found >= FOUND_MAX else ''}\n")
    return 0 if found else 1


def _time(at: datetime) -> str:
    return at.astimezone(bank_days().zone).strftime("%Y-%m-%d %H:%M:%S")


def _place_of(one: Carrier) -> str:
    now = f"account {one.account}, as described then" if one.id is None else f"transfer or hold {one.id}"
    return f"{_time(one.at)}  block {one.place.block:>9}  {now}"
