"""Shadow: in good times the spare bank judges what the bank judged, and how often they agree is known.

Each payment, order and card use that the bank booked or refused by itself arrives by the feed with its accounts as
they were just before it; it is judged as if it were asked here fresh: no exposure, data of age 0, and under the limits
of good times, since data and rules are to be compared, not limits. Nothing is journaled.

It runs in a thread of its own behind a bounded queue, a short batch and a pause at a time, and rests REST times as long
as it worked, so that payments and feed wait for it at most some milliseconds; what finds the queue full is dropped and
counted. The tally is stored each half minute beside the copy; a crash loses at most that.
"""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import Answer, Pending, Refusal, Transfer
from holdfast.contracts.cards import Card, card_words
from holdfast.contracts.epochs import Bank, Mode
from holdfast.guard import NO_HABIT, CardFacts, judge_card, step_at
from holdfast.guard.payments import UNLIMITED
from holdfast.standin.deciding import habit_of, is_new_payee, paid_of
from holdfast.standin.habits import DEBITS_MAX, Habits, Record, oldest_day
from holdfast.standin.judging import Ask, Standing, objection
from holdfast.standin.reader import CopyReader
from holdfast.standin.tally import Compared, Tally, tally_from_wire
from holdfast.standin.view import BlockChange, Judged, View
from holdfast.telemetry import get_log

QUEUE_MAX = 20_000
BATCH = 40
PAUSE_S = 0.01
REST = 19
STORE_EVERY_S = 30.0
CAUSES = ("form", "order:", "card:")
"""What the bank judged; what it booked for other causes (charges, corrections, an opening) nobody asked to be paid."""
NO_JUDGEMENT = (
    Reason.NOT_COMPLETED,
    Reason.CANCELLED,
    Reason.CLAIMED_REFUSED,
    Reason.OTHER_CONTENT,
    Reason.SPARE_LIMIT,
)
"""Refusals that say nothing about the payment itself."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One change of the copy that is to be judged; age_s: how old the newest of it was when it arrived."""

    change: BlockChange
    age_s: float


class Shadow:
    """Follows the copy. `follow` is called by the copy's thread and returns at once; all else runs in `run`."""

    def __init__(
        self, view: View, reader: CopyReader, path: Path, clock_us: Callable[[], int] = lambda: time.time_ns() // 1000
    ) -> None:
        self._view = view
        self._reader = reader
        self._path = path
        self._clock_us = clock_us
        self._queue: deque[Waiting] = deque()
        self._queued = 0
        self._gap = False
        self._lock = threading.Lock()
        self._habits = Habits()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.dropped = 0
        self.not_judged = 0
        self.spent_s = 0.0
        self._unrested_s = 0.0
        self.tally = self._load()

    def _load(self) -> Tally:
        try:
            return tally_from_wire(json.loads(self._path.read_text()))
        except (OSError, KeyError, ValueError, TypeError):
            return Tally(self._clock_us())

    def start(self) -> None:
        """Begin to judge what is followed."""
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and store the tally."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2)
        self.store()

    def follow(self, change: BlockChange) -> None:
        """Queue what a change brought, or drop it when too much waits."""
        weight = max(len(change.items), 1)
        with self._lock:
            if self._queued + weight > QUEUE_MAX:
                self.dropped += len(change.judged)
                self._gap = True
                return
            self._queued += weight
            self._queue.append(Waiting(change, max(self._clock_us() - change.head.at_us, 0) / 1e6))

    def _run(self) -> None:
        stored = time.monotonic()
        while not self._stop.wait(max(PAUSE_S, REST * self._unrested_s)):
            self._unrested_s = 0.0
            try:
                self.step()
                if time.monotonic() - stored > STORE_EVERY_S:
                    stored = time.monotonic()
                    self.store()
            except Exception as error:  # it only measures: it must never end the process, nor stop measuring
                get_log().error("shadow_failed", why=repr(error))
                self._habits.forget()

    def step(self) -> None:
        """Judge at least one waiting change, and more up to a batch."""
        done = 0
        while done < BATCH:
            with self._lock:
                if not self._queue:
                    return
                waiting = self._queue.popleft()
                self._queued -= max(len(waiting.change.items), 1)
                gap, self._gap = self._gap, False
            if gap:
                self._habits.forget()
            done += self._judge_all(waiting)

    def _judge_all(self, waiting: Waiting) -> int:
        """All of one change, in the books' order, pausing after each batch; how many items it had."""
        began, age = time.thread_time(), step_at(waiting.age_s).name
        rested = began
        judged = iter(waiting.change.judged)
        following = next(judged, None)
        for number, (block, at_us, item) in enumerate(waiting.change.items, 1):
            if following is not None and following.item is item:
                self._compare(following, age)
                following = next(judged, None)
            if isinstance(item, Transfer | Pending):
                self._habits.booked(block, at_us, item)
            if number % BATCH == 0:
                self._stop.wait(max(PAUSE_S, REST * (time.thread_time() - rested)))
                rested = time.thread_time()
        ended = time.thread_time()
        self.spent_s += ended - began
        self._unrested_s += ended - rested
        return len(waiting.change.items)

    def _compare(self, one: Judged, age: str) -> None:
        item = one.item
        bank, spare = _said(item), self._judge(one)
        if bank is None or spare is None:
            self.not_judged += bank is not None
            return
        value = self._view.profile.worth(item.amount_minor, item.currency)
        compared = Compared(item.id.hex, one.at_us, item.kind, item.debit, item.credit, value, age, bank, spare)
        with self._lock:
            self.tally.add(compared)

    def _judge(self, one: Judged) -> Reason | None:
        """What the spare bank would have had against it; None when it cannot know what was asked."""
        item, against = one.item, Reason.OK
        customer, own = self._asked_by(item)
        records = {account: self._record(account, one.block) for account in own}
        if item.kind == "card":
            card = self._card(item, customer)
            if card is None:
                return None
            against = self._card_objection(card, item, records)
        if self._view.profile.is_frozen(item.debit):
            against = Reason.CUSTOMER_FROZEN
        ask = Ask(
            Bank.STANDIN,
            Mode.STANDIN,
            item.cohort,
            item.epoch,
            item.epoch,
            item.amount_minor,
            activity=item.kind != "order",
            against=against,
            deadline=True,
        )
        return objection(ask, self._standing(one, customer, own, records))

    def _standing(self, one: Judged, customer: int, own: list[int], records: dict[int, Record]) -> Standing:
        item, profile = one.item, self._view.profile
        debit, credit = one.debit, one.credit
        minute, hour = self._view.paid_lately(records.values(), (), one.at_us)
        compared = item.kind == "payment" and item.credit not in own
        return Standing(
            debit_flags=-1 if debit is None else debit.flags,
            credit_flags=-1 if credit is None else credit.flags,
            same_account=item.debit == item.credit,
            same_currency=all(account is None or account.currency == item.currency for account in (debit, credit)),
            available_minor=debit.available_minor if debit else 0,
            value_minor=profile.worth(item.amount_minor, item.currency),
            exposure_cohort_minor=0,
            exposure_total_minor=0,
            exposure_cohort_minor_max=UNLIMITED,
            exposure_total_minor_max=UNLIMITED,
            paid_today_minor=paid_of(self._view, records.values()),
            payments_last_minute=minute,
            payee_blocked=profile.is_blocked(item.credit),
            limits=profile.limits.normal,
            payments_last_hour=hour,
            new_payee=compared and is_new_payee(item.credit, records.values(), ()),
            habit=habit_of(self._view, records.values(), ()) if compared else NO_HABIT,
            own=profile.own_limits(customer).at(one.at_us),
        )

    def _asked_by(self, item: Answer) -> tuple[int, list[int]]:
        """(customer, their accounts). The books do not name who paid: of several owners the one with the payer's name,
        or the first."""
        profile = self._view.profile
        owners = profile.owners(item.debit)
        payer = item.note.payer if not isinstance(item, Refusal) and item.note else ""
        named = [owner for owner in owners if profile.name(owner) == payer]
        customer = (named or owners or [0])[0]
        return customer, profile.own_accounts(customer) or [item.debit]

    def _record(self, account: int, block: int) -> Record:
        """What the account paid lately, before a block."""
        day = self._view.profile.business_date()
        known = self._habits.known(account, day)
        if known is not None:
            return known
        debits = self._reader.debits(account, oldest_day(day), DEBITS_MAX, before=block)
        return self._habits.keep(account, day, debits, currency=self._view.currency_of(account))

    def _card(self, item: Answer, customer: int) -> Card | None:
        """The card that was used: the one that the booking's words name; of a refusal, the only one of the account."""
        with self._view.lock:
            cards = [card for card in self._view.profile.own_cards(customer) if card.account == item.debit]
        if not isinstance(item, Refusal) and item.note is not None:
            cards = [card for card in cards if card_words(card.last4) == item.note.text]
        return cards[0] if len(cards) == 1 else None

    def _card_objection(self, card: Card, item: Answer, records: dict[int, Record]) -> Reason:
        today = self._view.profile.business_date()
        record = records.get(item.debit)
        used = record.cards_minor if record else 0
        return judge_card(CardFacts(card, self._view.card_frozen(card), item.amount_minor, used, today))

    def to_wire(self) -> dict[str, Any]:
        """What /-/shadow answers."""
        with self._lock:
            told = self.tally.to_wire()
        return {
            **told,
            "dropped": self.dropped,
            "not_judged": self.not_judged,
            "waiting": self._queued,
            "spent_s": round(self.spent_s, 3),
        }

    def store(self) -> None:
        """Write the tally down; a full disk is no trouble of payments."""
        fresh = self._path.with_suffix(".new")
        with self._lock:
            told = self.tally.to_wire()
        try:
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as out:
                json.dump(told, out)
            fresh.replace(self._path)
        except OSError as error:
            get_log().warning("shadow_not_stored", why=str(error))


def _said(item: Answer) -> Reason | None:
    """What the bank decided; None when it judged nothing."""
    if isinstance(item, Transfer | Pending):
        return Reason.OK if item.cause.startswith(CAUSES) else None
    reason = Reason(item.reason) if item.reason in Reason.__members__.values() else None
    return None if reason in NO_JUDGEMENT else reason
