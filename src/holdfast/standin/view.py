"""What the spare bank knows at one moment: accounts, profile, waiting entries, the head of the books.

Accounts and facts of customers are looked up where they are stored (lookups.py), so nothing here grows with their
number; what is in memory is what waits, and what was judged lately. One lock, held for microseconds (a large block:
about a millisecond), never while the journal is written; whoever holds it sees all of one moment.
Two sums of waiting entries: `judging` has each entry from the moment it was decided, so that the next in the
same group cannot spend its money again; `shown` has it from its fsync on, so that no page shows what a
crash could take back.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from holdfast.contracts.blocks import (
    GENESIS_HASH,
    AccountChange,
    Answer,
    Block,
    Pending,
    Refusal,
    Release,
    Transfer,
    held_change,
)
from holdfast.contracts.cards import Card
from holdfast.contracts.freezing import Freeze
from holdfast.contracts.profile import Fact
from holdfast.contracts.sessions import Session
from holdfast.guard import TIGHT_SHARE, LimitSet, aged, shrunk
from holdfast.standin.habits import HOUR_US, KINDS, MINUTE_US, Habits, Record
from holdfast.standin.profile import Profile
from holdfast.standin.waiting import Accepted, Waiting

JUDGED_KINDS = (*KINDS, "card")


@dataclass(frozen=True, slots=True)
class Account:
    """One account as of the fed block; balance_minor counts on its normal side, held_minor is kept of it for
    transfers to come."""

    account: int
    code: str
    currency: str
    side: str
    floor_minor: int
    flags: int
    cohort: int
    balance_minor: int
    held_minor: int = 0

    def having(self, balance_minor: int, held_minor: int) -> "Account":
        """The same account with another balance (a feed makes thousands a second: dataclasses.replace takes thrice)."""
        return Account(
            self.account,
            self.code,
            self.currency,
            self.side,
            self.floor_minor,
            self.flags,
            self.cohort,
            balance_minor,
            held_minor,
        )

    @property
    def available_minor(self) -> int:
        """What may leave the account by the books."""
        return self.balance_minor - self.floor_minor - self.held_minor

    def moved(self, net_credit_minor: int) -> int:
        """How far credits minus debits move the balance on its normal side."""
        return net_credit_minor if self.side == "credit" else -net_credit_minor


class Accounts(Protocol):
    """Accounts as of the view's head; used under its lock where they must be of one moment. A dict is one."""

    def get(self, number: int, /) -> Account | None:
        """The account, None when no block has opened it."""

    def update(self, changed: Mapping[int, Account], /) -> None:
        """These are as a block that was applied has made them."""


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
    item: Answer
    debit: Account | None
    credit: Account | None


@dataclass(frozen=True, slots=True)
class BlockChange:
    """What some blocks change, computed before the lock is taken. items: with block and its instant."""

    head: Head
    accounts: dict[int, Account]
    items: tuple[tuple[int, int, Answer], ...]
    judged: tuple[Judged, ...] = ()


def change_of(blocks: Iterable[Block], accounts: Accounts, head: Head, ended: Head | None = None) -> BlockChange:
    """Work out new account states from blocks in order; accounts unknown to the copy raise KeyError. ended: the head
    behind the last of them, where it was checked before (a hash takes time)."""
    changed: dict[int, Account] = {}
    items: list[tuple[int, int, Answer]] = []
    judged: list[Judged] = []
    last: Block | None = None

    def state(number: int) -> Account:
        found = changed.get(number) or accounts.get(number)
        if found is None:
            raise KeyError(number)
        return found

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
                    old.held_minor if old else 0,
                )
                continue
            if not isinstance(item, Release):
                items.append((block.number, block.at_us, item))
            if was_judged(item):
                before = [changed.get(number) or accounts.get(number) for number in (item.debit, item.credit)]
                judged.append(Judged(block.number, block.at_us, item, *before))
            if isinstance(item, Refusal):
                continue
            amount, held = item.amount_minor if isinstance(item, Transfer) else 0, held_change(item)
            for number, net in ((item.debit, -amount), (item.credit, amount)):
                one = state(number)
                lowered = held and (one.side == "credit") == (number == item.debit)
                changed[number] = one.having(
                    one.balance_minor + one.moved(net), one.held_minor + (held if lowered else 0)
                )
        last = block
    if ended is None:
        ended = head if last is None else Head(last.number, last.hash(), last.at_us)
    return BlockChange(ended, changed, tuple(items), tuple(judged))


def was_judged(item: object) -> TypeGuard[Answer]:
    """Whether the bank judged it as it was asked for: not what it entered from the journal, nor what posts a hold."""
    if not isinstance(item, Transfer | Refusal | Pending) or item.source != "own" or item.kind not in JUDGED_KINDS:
        return False
    return not (isinstance(item, Transfer) and item.tie)


class View:
    """Take `lock` for anything that reads two of them together."""

    def __init__(
        self, clock_us: Callable[[], int] = lambda: time.time_ns() // 1000, accounts: Accounts | None = None
    ) -> None:
        self._clock_us = clock_us
        self.lock = threading.Lock()
        self.accounts: Accounts = {} if accounts is None else accounts
        self.held: Callable[[uuid.UUID, int], int] = lambda _, __: 0
        """How much of an account is held under an id, 0 when it has ended."""
        self.profile = Profile()
        self.head = Head()
        self.fact_number = 0
        self.fed_at_us = 0
        self.answered_at_us = 0
        """When the main bank answered the feed last, whatever it said."""
        self.bank_head = 0
        self.filled = False
        self.judging = Waiting()
        self.shown = Waiting()
        self.unreplayed: dict[uuid.UUID, int] = {}
        """Payments of the journal that the books do not show yet, by id with their journal number, in its order."""
        self.habits = Habits()
        self.ageing_trouble = ""
        self.ended_sessions: set[str] = set()
        self.freezes: dict[str, tuple[int, bool]] = {}
        """The last freeze or unfreeze journaled here, by card: (changed_us, frozen)."""
        self.frozen_here: dict[int, Freeze] = {}
        """The last freeze of everything journaled here, by customer."""
        self._who_froze: dict[int, set[int]] = {}
        """Customers in frozen_here, by the accounts that they froze."""

    def apply_blocks(self, change: BlockChange) -> None:
        """Blocks that the copy has committed; waiting entries that came back leave the sums."""
        with self.lock:
            self.accounts.update(change.accounts)
            for block, at_us, item in change.items:
                if isinstance(item, Refusal):
                    if item.source == "journal":
                        self.unreplayed.pop(item.id, None)
                    continue
                ident = self.judging.settled_by(item)
                if ident is not None:
                    self.judging.remove(ident)
                    self.shown.remove(ident)
                    self.unreplayed.pop(ident, None)
                elif item.id not in self.judging.entries:
                    self.unreplayed.pop(item.id, None)
                self.habits.booked(block, at_us, item)
            self.head = change.head

    def apply_facts(self, facts: Iterable[Fact], number: int, commit: Callable[[], None] = lambda: None) -> None:
        """Facts up to this number; commit: has them where they are stored, in the same step."""
        with self.lock:
            commit()
            for fact in facts:
                self.profile.apply(fact)
            self.fact_number = max(number, self.fact_number)

    def adopt(self, other: "View") -> None:
        """Become in one step what another view holds; lock and clock stay."""
        with self.lock:
            for name, value in vars(other).items():
                if name not in ("lock", "_clock_us"):
                    setattr(self, name, value)

    def decided(self, accepted: Accepted) -> None:
        """An entry was decided (lock held by the caller)."""
        self.judging.add(accepted)
        self.unreplayed[accepted.payment.id] = accepted.number

    def take_back(self, accepted: Accepted) -> None:
        """What was decided was not written after all (lock held by the caller)."""
        self.judging.remove(accepted.payment.id)
        self.unreplayed.pop(accepted.payment.id, None)

    def settled_upto(self, position: int) -> int:
        """The journal entry up to which the books show what became of every one. position: the last that was on disk
        before this was asked."""
        with self.lock:
            open_ones = [next(iter(self.unreplayed.values()), None), next(iter(self.judging.by_number), None)]
        return min([position, *(number - 1 for number in open_ones if number is not None)])

    def committed(self, accepted: Accepted) -> None:
        """Its commit is on disk: it may be shown, unless its block came back meanwhile."""
        with self.lock:
            if accepted.payment.id in self.judging.entries:
                self.shown.add(accepted)

    def available(self, account: Account, waiting: Waiting) -> int:
        """What may be spent: balance above floor and holds, with waiting entries and without the holds that
        those post (lock held by the caller)."""
        free = account.available_minor + account.moved(waiting.net.get(account.account, 0))
        return free + self.settled_here(account.account, waiting)

    def settled_here(self, account: int, waiting: Waiting | None = None) -> int:
        """How much of what is held of an account entries taken here post (of `shown`, if no others are given)."""
        settling = (self.shown if waiting is None else waiting).settling.get(account, ())
        return sum(self.held(one, account) for one in settling)

    def cover(self, hold: uuid.UUID | None, account: int) -> int:
        """How much of the account is held for what posts this hold now; 0 when nothing is, or an entry taken here
        posts it already (lock held by the caller)."""
        if hold is None or self.settles_here(hold, account):
            return 0
        return self.held(hold, account)

    def settles_here(self, hold: uuid.UUID, account: int) -> bool:
        """Whether an entry taken here posts this hold already: a hold is posted once."""
        return hold in self.judging.settling.get(account, ())

    def waiting_today(self, waiting: Iterable[Accepted]) -> int:
        """What of these was paid by hand on the bank's day, in minor units of its currency (lock held)."""
        day = self.profile.business_date()
        return sum(
            one.value_minor for one in waiting if one.payment.kind == "payment" and one.payment.value_date == day
        )

    def currency_of(self, account: int) -> str:
        """The account's currency, which never changes; empty when no block has opened it."""
        one = self.accounts.get(account)
        return one.currency if one else ""

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

    def session_ended(self, session: Session) -> bool:
        """Whether it was logged out or revoked, at either bank, or ended with all others of its customer's: by a
        word of the main bank, or because the customer froze everything here."""
        freeze, told = self.frozen_here.get(session.customer), self.profile.all_ended(session.customer)
        if any(one and one.ends(session.session, session.began) for one in (freeze and freeze.all_ended(), told)):
            return True
        return session.session in self.ended_sessions or self.profile.is_revoked(session.session)

    def note_freeze(self, freeze: Freeze) -> None:
        """A customer froze everything here, as the journal says (the lock is held where others read meanwhile)."""
        self.frozen_here[freeze.customer] = freeze
        for account in freeze.accounts:
            self._who_froze.setdefault(account, set()).add(freeze.customer)

    def untold_freeze(self, customer: int) -> Freeze | None:
        """What the customer froze here while the bank has told nothing as late of it: until then it holds by our own
        word, accounts, cards and programs alike. None when there is none such."""
        freeze = self.frozen_here.get(customer)
        told_us = self.profile.freeze_change(customer).changed_us if freeze else 0
        return freeze if freeze and freeze.changed_us > told_us else None

    def customer_frozen(self, customer: int) -> bool:
        """Whether this customer has everything frozen, by the later of what the bank told and what is journaled."""
        return self.untold_freeze(customer) is not None or self.profile.freeze_change(customer).frozen

    def account_frozen(self, account: int) -> bool:
        """Whether this account pays nothing because an owner froze everything, at either bank."""
        here = any(self.untold_freeze(customer) for customer in self._who_froze.get(account, ()))
        return here or self.profile.is_frozen(account)

    def card_changed(self, card: Card) -> tuple[int, bool]:
        """When the card was last frozen or unfrozen, and whether that was here: a fed fact as late stands above.
        (The lock is held by the caller where both must be of one moment.)"""
        here_us, _ = self.freezes.get(card.id, (0, False))
        return max(here_us, card.changed_us), here_us > card.changed_us

    def card_frozen(self, card: Card) -> bool:
        """Whether the card is frozen, by the later of what the bank told and what was journaled here."""
        _, here = self.card_changed(card)
        return self.freezes[card.id][1] if here else card.frozen
