"""Payments that were asked for and refused, and what accounts had: read for the review of charges after an outage."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from holdfast.contracts.answers import Reason
from holdfast.ledger.history import instant_of
from holdfast.ledger.queries import load

_SQL = {name: statement.encode() for name, statement in load("attempts").items()}


@dataclass(frozen=True, slots=True)
class RefusedPayment:
    """A recorded refusal with its place in the books (block, item); at: when it was recorded."""

    block: int
    item: int
    id: uuid.UUID
    debit: int
    credit: int
    amount_minor: int
    currency: str
    reason: Reason
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An entry of an account: signed minor units, its value date, its kind, and when it was booked."""

    block: int
    at: datetime
    value_date: date
    kind: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account has above its floor, in minor units, and its entries behind a place, the oldest first."""

    above_floor_minor: int
    entries: tuple[AccountEntry, ...]


class Attempts:
    """What histories.Histories reads of refused payments; each statement ends within its minute."""

    def _all(self, statement: bytes, parameters: dict[str, object]) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def block_before(self, instant: datetime) -> int:
        """The last block that was committed before an instant; 0 when there is none."""
        found = self._all(
            b"SELECT number FROM ledger.block WHERE at_us < %(at)s ORDER BY number DESC LIMIT 1",
            {"at": int(instant.timestamp() * 1_000_000)},
        )
        return int(found[0][0]) if found else 0

    def refused(
        self, behind: tuple[int, int], to: int, kinds: Sequence[str], reasons: Sequence[Reason], limit: int
    ) -> list[RefusedPayment]:
        """Refusals of these kinds and reasons behind a place (block, item), up to a block, in the books' order."""
        asked = {
            "block": behind[0], "item": behind[1], "to": to, "kinds": list(kinds),
            "reasons": [one.value for one in reasons], "limit": limit,
        }  # fmt: skip
        return [
            RefusedPayment(
                block, item, ident, debit, credit, minor, currency, Reason(reason), source, instant_of(at_us)
            )
            for block, item, ident, debit, credit, minor, currency, reason, source, at_us in self._all(
                _SQL["refused"], asked
            )
        ]

    def made_later(
        self,
        wanted: Sequence[tuple[int, int, int, int, int]],
        after_seq: int,
        kinds: Sequence[str],
        until: date,
    ) -> dict[int, tuple[int, date]]:
        """By number, of payments (number, debit, credit, amount in minor units, block of the refusal) that were made
        later, of value up to a day: place in the books and value date of the first such transfer."""
        columns = [list(column) for column in zip(*wanted, strict=True)] or [[]] * 5
        names = ("numbers", "debits", "credits", "amounts", "blocks")
        asked = dict(zip(names, columns, strict=True)) | {"after": after_seq, "kinds": list(kinds), "until": until}
        return {number: (seq, day) for number, seq, day in self._all(_SQL["made_later"], asked)}

    def standings(self, accounts: Sequence[int], after_seq: int) -> dict[int, Standing]:
        """The accounts that exist of these, each with its entries behind a place in the books; one snapshot."""
        found = self._all(_SQL["entries"], {"accounts": list(accounts), "after": after_seq})
        return {
            account: Standing(
                int(above),
                tuple(
                    AccountEntry(block, instant_of(at_us), day, kind, int(minor))
                    for block, at_us, day, kind, minor in zip(*(column or () for column in rest), strict=True)
                ),
            )
            for account, above, *rest in found
        }

    def paid_into(self, accounts: Sequence[int], after_seq: int, kind: str, first: date, last: date) -> set[int]:
        """Which of these accounts an entry of a kind was paid into, of value on a day of [first, last]."""
        asked = {"accounts": list(accounts), "after": after_seq, "kind": kind, "first": first, "last": last}
        return {account for (account,) in self._all(_SQL["paid_into"], asked)}
