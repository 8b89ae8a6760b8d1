"""What a customer got and owes of emergency money, as the bank told it and as journal and fed books have it since.

Everything here is for a reader's thread.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from holdfast.contracts import ids
from holdfast.contracts.blocks import Transfer
from holdfast.contracts.help_now import Owed, Terms, month_of
from holdfast.standin.bank import SpareBank

ATTEMPTS_MAX = 20
"""Tries of paying back that are looked through; what is older the fact `advances` tells."""


@dataclass(frozen=True, slots=True)
class Got:
    """One advance of this month. given: its account has the money."""

    number: int
    ident: uuid.UUID
    given: bool


def got_of(bank: SpareBank, customer: int, terms: Terms) -> tuple[Got, ...]:
    """This month's, by number; one that the books refused is spent as well."""
    month, found = month_of(bank.view.profile.business_date()), []
    for number in range(1, terms.times_a_month + 1):
        ident = ids.advance_id(customer, month, number)
        entry = bank.journal_reader.find(ident)
        items = [item for _, _, item in bank.copy_reader.items(ident)]
        accepted = entry is not None and entry.kind == "accept"
        if entry is not None or items:
            found.append(Got(number, ident, accepted or any(isinstance(one, Transfer) for one in items)))
    return tuple(found)


def owed_by(bank: SpareBank, customer: int, terms: Terms, got: Collection[Got]) -> tuple[Owed, ...]:
    """What is not paid back: what the bank told but for what its books have had back since, and what is newer here."""
    today = bank.view.profile.business_date()
    month, due = month_of(today), today + timedelta(days=terms.back_days)
    told = [one for one in bank.view.profile.owed(customer) if not _is_back(bank, customer, one.month, one.number)]
    known = {(one.month, one.number) for one in told}
    newer = [
        Owed(month, one.number, terms.amount_minor, today, due)
        for one in got
        if one.given and (month, one.number) not in known and not _is_back(bank, customer, month, one.number)
    ]
    return (*told, *newer)


def owed_of(bank: SpareBank, customer: int) -> tuple[Owed, ...]:
    """All that the customer owes of emergency money."""
    terms = bank.view.profile.help().terms
    return owed_by(bank, customer, terms, got_of(bank, customer, terms))


def _is_back(bank: SpareBank, customer: int, month: str, number: int) -> bool:
    """Whether the fed books have it paid back; tries that they refused stand before it."""
    advance = ids.advance_id(customer, month, number)
    for attempt in range(ATTEMPTS_MAX):
        items = [item for _, _, item in bank.copy_reader.items(ids.advance_back_id(advance, attempt))]
        if not items or any(isinstance(one, Transfer) for one in items):
            return bool(items)
    return False
