"""The made-up people's cards: one for each who has a current account. Pure, deterministic by seed.

Tokens and last digits are hashes, and the network's name says that it is made up.
"""

import uuid
from collections.abc import Collection
from datetime import date

from holdfast.bank.customers.opening import Opening
from holdfast.contracts.cards import Card

NETWORK = "made-up-network"
PER_USE_MINOR = 1_000_000
PER_DAY_MINOR = 2_000_000
YEARS = 3


def make_cards(opening: Opening, firms: Collection[int], seed: int, today: date) -> list[Card]:
    """One card a person, on an account of their own before a shared one."""
    accounts: dict[int, int] = {}
    for account in sorted(opening.accounts, key=lambda one: (len(one.owners), one.id)):
        if account.product == "current":
            for owner in account.owners:
                accounts.setdefault(owner, account.id)
    out = []
    for customer in opening.customers:
        if customer.id in firms or customer.id not in accounts:
            continue
        token = uuid.uuid5(uuid.NAMESPACE_URL, f"fill|{seed}|card|{customer.id}")
        last4 = f"{token.int % 10_000:04d}"
        ends = f"{today.year + YEARS}-{token.int % 12 + 1:02d}"
        account_id = accounts[customer.id]
        out.append(Card(token.hex, account_id, customer.id, last4, NETWORK, False, PER_USE_MINOR, PER_DAY_MINOR, ends))
    return out
