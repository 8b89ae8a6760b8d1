"""What the spare bank knows, in memory: accounts, profile, waiting entries. Rebuilt at every start.

One lock, held for microseconds (a large block: about a millisecond), never while anything is written to disk.
Two sums of waiting entries: `judging` has each entry from the moment it was decided, so that the next in the
same group cannot spend its money again; `shown` has it from its fsync on, so that no page shows what a
crash could take back.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from holdfast.contracts.blocks import GENESIS_HASH, AccountChange, Block, Refusal, Transfer
from holdfast.contracts.cards import Card
from holdfast.contracts.profile import Fact
from holdfast.guard import TIGHT_SHARE, LimitSet, aged, shrunk
from holdfast.standin.habits import HOUR_US, KINDS, MINUTE_US, Habits, Record
from holdfast.standin.profile import Profile
from holdfast.standin.waiting import Accepted, Waiting

JUDGED_KINDS = (*KINDS, "card")


@dataclass(frozen=True, slots=True)
class Account:
    """One account as of the fed block; balance_minor counts on its normal side."""

    account: int
    code: str
    currency: str
    side: str
    floor_minor: int
    flags: int
    cohort: int
    balance_minor: int

    def moved(self, net_credit_minor: int) -> int:
        """How far credits minus debits move the balance on its normal side."""
        return net_credit_minor if self.side == "credit" else -net_credit_minor


@dataclass(frozen=True, slots=True)
class Head:
    """The last fed block: number, hash, when it was committed."""

    number: int = 0
    hash: bytes = GENESIS_HASH
    at_us: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """A payment, order or card use that the bank judged, with its accounts as they were just before it."""

    block: int
    at_us: int
    item: Transfer | Refusal
    debit: Account | None
    credit: Account | None


@dataclass(frozen=True, slots=True)
class BlockChange:
    """What some blocks change, computed before the lock is taken. items: with block and its instant."""

    head: Head
    accounts: dict[int, Account]
    items: tuple[tuple[int, int, Transfer | Refusal], ...]
    judged: tuple[Judged, ...] = ()


def change_of(blocks: Iterable[Block], accounts: dict[int, Account], head: Head) -> BlockChange:
    """Work out new account states from blocks in order; accounts unknown to the copy raise KeyError."""
    changed: dict[int, Account] = {}
    items: list[tuple[int, int, Transfer | Refusal]] = []
    judged: list[Judged] = []

    def state(number: int) -> Account:
        return changed.get(number) or accounts[number]

    for block in blocks:
        for item in block.items:
            if isinstance(item, AccountChange):
                old = changed.get(item.account) or accounts.get(item.account)
                changed[item.account] = Account(
                    item.account,
                    item.code,
                    item.currency,
                    item.side,
                    item.floor_minor,
                    item.flags,
                    item.cohort,
                    old.balance_minor if old else 0,
                )
                continue
            items.append((block.number, block.at_us, item))
            if item.source == "own" and item.kind in JUDGED_KINDS:
                before = [changed.get(number) or accounts.get(number) for number in (item.debit, item.credit)]
                judged.append(Judged(block.number, block.at_us, item, *before))
            if isinstance(item, Transfer):
                for number, net in ((item.debit, -item.amount_minor), (item.credit, item.amount_minor)):
                    one = state(number)
                    changed[number] = replace(one, balance_minor=one.balance_minor + one.moved(net))
        head = Head(block.number, block.hash(), block.at_us)
    return BlockChange(head, changed, tuple(items), tuple(judged))


class View:
    """All hot data. Take `lock` for anything that reads two of them together."""

    def __init__(self, clock_us: Callable[[], int] = lambda: time.time_ns() // 1000) -> None:
        self._clock_us = clock_us
        self.lock = threading.Lock()
        self.accounts: dict[int, Account] = {}
        self.profile = Profile()
        self.head = Head()
        self.fact_number = 0
        self.fed_at_us = 0
        self.bank_head = 0
        self.filled = False
        self.judging = Waiting()
        self.shown = Waiting()
        self.unreplayed: set[uuid.UUID] = set()
        self.paid: dict[int, int] = {}
        self.paid_date: date | None = None
        self.habits = Habits()
        self.ageing_trouble = ""
        self.ended_sessions: set[str] = set()
        self.freezes: dict[str, tuple[int, bool]] = {}
        """The last freeze or unfreeze journaled here, by card: (changed_us, frozen)."""

    def apply_blocks(self, change: BlockChange) -> None:
        """Blocks that the copy has committed; waiting entries that came back leave the sums."""
        with self.lock:
            self.accounts.update(change.accounts)
            for block, at_us, item in change.items:
                if isinstance(item, Refusal):
                    if item.source == "journal":
                        self.unreplayed.discard(item.id)
                    continue
                ident = self.judging.settled_by(item)
                if ident is not None:
                    self.judging.remove(ident)
                    self.shown.remove(ident)
                    self.unreplayed.discard(ident)
                elif item.id not in self.judging.entries:
                    self.unreplayed.discard(item.id)
                self.habits.booked(block, at_us, item)
                if item.kind == "payment" and item.value_date == self.paid_date:
                    self.paid[item.debit] = self.paid.get(item.debit, 0) + item.amount_minor
            self.head = change.head

    def apply_facts(self, facts: Iterable[Fact], number: int) -> None:
        """Facts that the copy has committed, up to this number."""
        with self.lock:
            for fact in facts:
                self.profile.apply(fact)
            self.fact_number = max(number, self.fact_number)

    def adopt(self, other: "View") -> None:
        """Become in one step what another view holds; lock and clock stay."""
        with self.lock:
            for name, value in vars(other).items():
                if name not in ("lock", "_clock_us"):
                    setattr(self, name, value)

    def set_paid(self, day: date, paid: dict[int, int]) -> None:
        """What was paid out of each account on the bank's day, from the copy (after a start or a new day)."""
        with self.lock:
            self.paid_date, self.paid = day, paid

    def decided(self, accepted: Accepted) -> None:
        """An entry was decided (lock held by the caller)."""
        self.judging.add(accepted)
        self.unreplayed.add(accepted.payment.id)

    def committed(self, accepted: Accepted) -> None:
        """Its commit is on disk: it may be shown, unless its block came back meanwhile."""
        with self.lock:
            if accepted.payment.id in self.judging.entries:
                self.shown.add(accepted)

    def available(self, account: Account, waiting: Waiting) -> int:
        """What may be spent: balance above the floor with waiting entries (lock held by the caller)."""
        return account.balance_minor + account.moved(waiting.net.get(account.account, 0)) - account.floor_minor

    def paid_today(self, customer: int) -> int:
        """Payments of the bank's day from all accounts of the customer, waiting ones too (lock held)."""
        total, day = 0, self.profile.business_date()
        for account in self.profile.own_accounts(customer):
            total += self.paid.get(account, 0) if day == self.paid_date else 0
            for ident in self.judging.of_account.get(account, ()):
                payment = self.judging.entries[ident].payment
                if payment.debit == account and payment.kind == "payment" and payment.value_date == day:
                    total += payment.amount_minor
        return total

    def waiting_from(self, accounts: Iterable[int]) -> list[Accepted]:
        """Waiting payments and orders out of some accounts (lock held)."""
        found = []
        for account in accounts:
            for ident in self.judging.of_account.get(account, ()):
                one = self.judging.entries[ident]
                if one.payment.debit == account and one.payment.kind in KINDS:
                    found.append(one)
        return found

    def paid_lately(self, records: Iterable[Record], waiting: Iterable[Accepted], now_us: int) -> tuple[int, int]:
        """How many payments by hand left a customer's accounts within a minute and an hour, waiting ones too."""
        records = list(records)
        by_hand = [one.at_us for one in waiting if one.payment.kind == "payment"]
        minute, hour = (
            sum(record.paid_since(since_us) for record in records) + sum(at_us > since_us for at_us in by_hand)
            for since_us in (now_us - MINUTE_US, now_us - HOUR_US)
        )
        return minute, hour

    def age_s(self) -> int:
        """Whole seconds since the copy was last known to be level with the bank."""
        return max(self._clock_us() - self.fed_at_us, 0) // 1_000_000

    def limits_now(self) -> LimitSet:
        """The limits that hold at this instant: those told, shrunk by the age of the copy; a tenth of them when the
        rules fail at that."""
        try:
            return aged(self.profile.limits, self.age_s())
        except Exception as error:
            self.ageing_trouble = f"The age of the data could not be judged: {type(error).__name__}: {error}"[:200]
            return shrunk(self.profile.limits, 100 // TIGHT_SHARE)

    def session_ended(self, session: str) -> bool:
        """Whether this session was logged out or revoked, at either bank."""
        return session in self.ended_sessions or session in self.profile.revoked

    def card_changed(self, card: Card) -> tuple[int, bool]:
        """When the card was last frozen or unfrozen, and whether that was here: a fed fact as late stands above.
        (The lock is held by the caller where both must be of one moment.)"""
        here_us, _ = self.freezes.get(card.id, (0, False))
        return max(here_us, card.changed_us), here_us > card.changed_us

    def card_frozen(self, card: Card) -> bool:
        """Whether the card is frozen, by the later of what the bank told and what was journaled here."""
        _, here = self.card_changed(card)
        return self.freezes[card.id][1] if here else card.frozen
