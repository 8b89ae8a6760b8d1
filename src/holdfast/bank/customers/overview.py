"""A customer's accounts with their balances from the books, in one look."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from holdfast.bank.books import reader
from holdfast.bank.customers.known import known_accounts
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_OUT


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account as its owner sees it; held_minor is kept of it for card uses, available_minor is what may leave it."""

    id: int
    number: str
    title: str
    currency: str
    balance_minor: int
    available_minor: int
    cohort: int
    can_pay: bool
    held_minor: int = 0


@dataclass(frozen=True, slots=True)
class Fresh:
    """The last block that the figures contain, and when they were read."""

    block: int
    at: datetime


def own_accounts(customer: int) -> tuple[list[OwnAccount], Fresh]:
    """The customer's accounts, the oldest first, and how fresh they are. One query to the books."""
    found = known_accounts.get(customer) or ()
    block, states = reader().accounts_now([account.id for account in found])
    accounts = [
        OwnAccount(
            account.id,
            account.number,
            account.title,
            account.currency,
            state.balance_minor,
            max(0, state.available_minor),
            account.cohort,
            not state.flags & (FLAG_CLOSED | FLAG_FROZEN_OUT),
            state.held_minor,
        )
        for account in found
        if (state := states.get(account.id)) is not None
    ]
    return accounts, Fresh(block, timezone.now())
