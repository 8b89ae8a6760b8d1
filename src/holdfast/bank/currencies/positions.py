"""The bank's own position account of each currency: what customers give up goes there, what they are given comes from
there. Credits minus debits is what the bank holds of the currency beyond what it owes; below zero it is short of it.

Beside it, for each currency but the bank's own, the accounts for what an outage left over: suspense and loss."""

from collections.abc import Iterable

from holdfast.bank.books import books, installation, reader
from holdfast.bank.exchange.facts import bank_facts
from holdfast.contracts.blocks import AccountChange

POSITIONS_FROM = 3 * 10**12
"""Above it the ids of position accounts."""
LETTERS = 26
OTHERS = {"suspense": 1_000_000, "loss": 2_000_000}
"""How far above a currency's position account, outside the positions, the bank's other accounts in it are."""
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


def own_in(name: str, currency: str) -> int:
    """The id of the bank's own account of this name, suspense or loss, in a currency."""
    return bank_facts.own(name) if currency == installation().currency else position_of(currency) + OTHERS[name]


def opened_in(name: str, currency: str) -> int:
    """As own_in, opened if it is missing."""
    if currency != installation().currency:
        open_positions([currency])
    return own_in(name, currency)


def open_positions(currencies: Iterable[str]) -> None:
    """Open those that are missing, as one block, and beside those in other currencies than the bank's own the accounts
    for what an outage left over. Safe to repeat."""
    wanted: dict[int, tuple[str, str]] = {}
    for currency in currencies:
        wanted[position_of(currency)] = "position", currency
        if currency != installation().currency:
            wanted |= {own_in(name, currency): (name, currency) for name in OTHERS}
    known = reader().accounts(list(wanted))
    missing = [
        AccountChange(account, f"own:{name}:{currency}", currency, "credit", FLOOR_MINOR, 0, 0)
        for account, (name, currency) in sorted(wanted.items())
        if account not in known
    ]
    if missing:
        books().change_accounts(missing)
