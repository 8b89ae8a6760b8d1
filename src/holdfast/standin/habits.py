"""What accounts paid lately, in memory: payees, the largest amount, how many payments, those of the last hour.

Nothing is read at a start: an account's record is made from the copy by one indexed query when a payment of it is
first judged, and then kept current by the feed. Bounded whatever the number of customers: the newest DEBITS_MAX
debits of at most DAYS days, PAYEES_MAX payees an account, and the ACCOUNTS_MAX accounts that were judged last.
"""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from holdfast.contracts.blocks import Pending, Transfer, days_of

DAYS = 90
DEBITS_MAX = 500
PAYEES_MAX = 20
ACCOUNTS_MAX = 20_000
INSTANTS_MAX = 500
HOUR_US = 3_600_000_000
MINUTE_US = 60_000_000
KINDS = ("payment", "order")
"""What makes a habit: what customers pay by hand or by order; cards have limits of their own."""
BY_HAND = ("payment", "exchange")
"""What a day's limit counts at the main bank, and so here: exchanges too, though they are made there alone."""


class Debit(NamedTuple):
    """One booked payment out of an account. own: booked by the bank itself, not entered from the journal."""

    block: int
    at_us: int
    credit: int
    amount_minor: int
    kind: str
    value_day: int
    own: bool


def debit_of(block: int, at_us: int, item: Transfer | Pending) -> Debit:
    """What was booked, or is held, as a debit of its account."""
    own = item.journal_number < 0
    return Debit(block, at_us, item.credit, item.amount_minor, item.kind, days_of(item.value_date), own)


@dataclass(slots=True)
class Record:
    """One account on one day of the bank. payees: the last paid at the end; instants: when payments by hand were
    booked, the oldest first; paid_minor and cards_minor: by hand and by card on that day; block: the newest that it
    was made from; currency: the account's, empty while no block has opened it."""

    day: date
    block: int = 0
    currency: str = ""
    payees: dict[int, None] = field(default_factory=dict)
    largest_minor: int = 0
    payments: int = 0
    paid_minor: int = 0
    cards_minor: int = 0
    instants: deque[int] = field(default_factory=lambda: deque(maxlen=INSTANTS_MAX))

    def add(self, debit: Debit) -> None:
        """Count one more; debits come in the books' order."""
        today = debit.value_day == days_of(self.day)
        if debit.kind == "card":
            self.cards_minor += debit.amount_minor if today else 0
        if debit.kind in BY_HAND:
            self.paid_minor += debit.amount_minor if today else 0
        if debit.kind not in KINDS:
            return
        self.payees.pop(debit.credit, None)
        self.payees[debit.credit] = None
        if len(self.payees) > PAYEES_MAX:
            del self.payees[next(iter(self.payees))]
        self.largest_minor = max(self.largest_minor, debit.amount_minor)
        self.payments += 1
        if debit.kind == "payment" and debit.own:
            self.instants.append(debit.at_us)

    def paid_since(self, since_us: int) -> int:
        """How many payments by hand were booked after an instant."""
        return sum(at_us > since_us for at_us in self.instants)


def record_of(day: date, debits: Sequence[Debit]) -> Record:
    """The record of an account from its debits, in the books' order."""
    record = Record(day, debits[-1].block if debits else 0)
    for debit in debits:
        record.add(debit)
    return record


def oldest_day(day: date) -> int:
    """The first value date, in days, that still counts as lately."""
    return days_of(day) - DAYS


class Habits:
    """Records by account, those that were not asked for longest leave first. Used under the view's lock."""

    def __init__(self) -> None:
        self._records: OrderedDict[int, Record] = OrderedDict()

    def known(self, account: int, day: date) -> Record | None:
        """The record, None when it must be made anew: there is none, or it is of another day."""
        record = self._records.get(account)
        if record is None or record.day != day:
            return None
        self._records.move_to_end(account)
        return record

    def keep(
        self, account: int, day: date, debits: Sequence[Debit], paid_minor: int | None = None, *, currency: str = ""
    ) -> Record:
        """Make and keep an account's record from its debits, in the books' order. paid_minor: what was paid by hand on
        that day, where more than these debits were looked at; currency: the account's."""
        record = self._records[account] = record_of(day, debits)
        record.currency = currency
        if paid_minor is not None:
            record.paid_minor = paid_minor
        self._records.move_to_end(account)
        if len(self._records) > ACCOUNTS_MAX:
            self._records.popitem(last=False)
        return record

    def booked(self, block: int, at_us: int, item: Transfer | Pending) -> None:
        """A transfer or a hold came by the feed; what posts a hold was counted with it, and blocks that the record was
        made from already are not counted again."""
        if isinstance(item, Transfer) and item.tie and item.tie.settles:
            return
        record = self._records.get(item.debit)
        if record is not None and block > record.block:
            record.currency = item.currency
            record.add(debit_of(block, at_us, item))

    def forget(self) -> None:
        """Make every record anew when it is next asked for."""
        self._records.clear()
