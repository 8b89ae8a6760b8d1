"""The bank's own position account of each currency: what customers give up goes there, what they are given comes from
there. Credits minus debits is what the bank holds of the currency beyond what it owes; below zero it is short of it."""

from collections.abc import Iterable

from holdfast.bank.books import books, reader
from holdfast.contracts.blocks import AccountChange

POSITIONS_FROM = 3 * 10**12
"""Above it the ids of position accounts."""
LETTERS = 26
FLOOR_MINOR = -(10**17)
"""So low that it never refuses."""


def position_of(currency: str) -> int:
    """The id of a currency's position account, from its three letters."""
    number = 0
    for letter in currency:
        number = number * LETTERS + ord(letter) - ord("A")
    return POSITIONS_FROM + 1 + number


def is_position(account: int) -> bool:
    """Whether this is a position account."""
    return POSITIONS_FROM < account <= POSITIONS_FROM + LETTERS**3


def open_positions(currencies: Iterable[str]) -> None:
    """Open those that are missing, as one block. Safe to repeat."""
    wanted = {position_of(currency): currency for currency in currencies}
    known = reader().accounts(list(wanted))
    missing = [
        AccountChange(account, f"own:position:{currency}", currency, "credit", FLOOR_MINOR, 0, 0)
        for account, currency in sorted(wanted.items())
        if account not in known
    ]
    if missing:
        books().change_accounts(missing)
