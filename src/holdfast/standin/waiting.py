"""Entries accepted here whose block has not come back by the feed yet (rule 12)."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from holdfast.contracts import ids
from holdfast.contracts.blocks import Pending, Transfer
from holdfast.contracts.journal import Payment

INCOMING_KINDS = ("salary", "credit")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One accepted payment: its journal number and when (microseconds since 1970 UTC); value_minor: what it came to
    then in the bank's own currency, and counts as until it leaves; settles: the hold it posts."""

    payment: Payment
    number: int
    at_us: int
    value_minor: int
    settles: uuid.UUID | None = None


def settles(item: Transfer | Pending, accepted: Accepted) -> bool:
    """Whether this item is what became of the entry: posted, forced, suspended, or there already, perhaps held."""
    if item.journal_number == accepted.number:
        return True
    payment = accepted.payment
    same = (item.debit, item.credit, item.amount_minor, item.currency) == (
        payment.debit,
        payment.credit,
        payment.amount_minor,
        payment.currency,
    )
    return item.id == payment.id and same


class Waiting:
    """A set of accepted entries with its sums: credits minus debits of each account in its currency, exposure of each
    cohort in the bank's own.

    Invariant: the sums are those of `entries`, each with the value that its journal entry has, whatever rates came
    later. An entry leaves only when its block has come back, never at replay, hand-back or midnight, so the exposure
    over any number of outages stays below its limit.
    """

    def __init__(self) -> None:
        self.entries: dict[uuid.UUID, Accepted] = {}
        self.by_number: dict[int, uuid.UUID] = {}
        self.net: defaultdict[int, int] = defaultdict(int)
        self.of_account: defaultdict[int, set[uuid.UUID]] = defaultdict(set)
        self.exposure: defaultdict[int, int] = defaultdict(int)
        self.exposure_total = 0
        self.settling: defaultdict[int, set[uuid.UUID]] = defaultdict(set)
        """Holds that entries post, by the debited account; hardly ever any."""

    def _count(self, accepted: Accepted, sign: int) -> None:
        payment = accepted.payment
        self.net[payment.debit] -= sign * payment.amount_minor
        self.net[payment.credit] += sign * payment.amount_minor
        if payment.kind not in INCOMING_KINDS:
            self.exposure[payment.cohort] += sign * accepted.value_minor
            self.exposure_total += sign * accepted.value_minor

    def add(self, accepted: Accepted) -> None:
        """Add one; the same id again changes nothing."""
        payment = accepted.payment
        if payment.id in self.entries:
            return
        self.entries[payment.id] = accepted
        self.by_number[accepted.number] = payment.id
        if accepted.settles is not None:
            self.settling[payment.debit].add(accepted.settles)
        self.of_account[payment.debit].add(payment.id)
        self.of_account[payment.credit].add(payment.id)
        self._count(accepted, 1)

    def remove(self, ident: uuid.UUID) -> None:
        """Take one out; unknown ids change nothing."""
        accepted = self.entries.pop(ident, None)
        if accepted is None:
            return
        payment = accepted.payment
        self.by_number.pop(accepted.number, None)
        if accepted.settles is not None:
            self.settling[payment.debit].discard(accepted.settles)
        for account in (payment.debit, payment.credit):
            self.of_account[account].discard(ident)
            if not self.of_account[account]:
                del self.of_account[account]
        self._count(accepted, -1)

    def settled_by(self, item: Transfer | Pending) -> uuid.UUID | None:
        """The id of the waiting entry that this booked transfer settles, None without one."""
        for ident in (item.id, self.by_number.get(item.journal_number)):
            accepted = self.entries.get(ident) if ident is not None else None
            if accepted is not None and (
                settles(item, accepted) or item.id == ids.journal_conflict_id(accepted.number)
            ):
                return ident
        return None
