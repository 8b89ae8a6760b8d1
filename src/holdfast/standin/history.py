"""What happened to a customer's money: fed books and own journal, merged by payment id.

A booking is done; an accepted entry is done too, and says that the books follow. A refusal of either bank's
own is shown only after a door granted the claim on it (rule 5); until then it reads "being checked".
"""

import asyncio
import contextlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import Refusal, Transfer, days_of
from holdfast.contracts.journal import Entry
from holdfast.standin.bank import SpareBank
from holdfast.standin.errors import DoorsAway
from holdfast.standin.phrases import Phrases
from holdfast.standin.waiting import INCOMING_KINDS

LINES_MAX = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list. amount_minor is signed from the account's side; state: done, checking or refused.

    claim: an own refusal that may be told only once claimed; confirmed: to its payee the outage can be confirmed.
    """

    id: uuid.UUID
    account: int
    title: str
    amount_minor: int
    currency: str
    state: str
    kind: str
    words: str
    at_us: int
    reason: Reason = Reason.OK
    claim: bool = False
    accepted_here: bool = False
    place: int = 0
    due: bool = False
    confirmed: bool = False

    @property
    def tag(self) -> tuple[str, str]:
        """(signal, the state's key among the words)."""
        if self.due:
            return "notice", "state.due"
        return {"done": "calm", "checking": "notice", "refused": "alarm"}[self.state], f"state.{self.state}"


Told = Transfer | Refusal


def reason_of(code: str) -> Reason:
    """The reason of a code; unknown ones read as not completed."""
    try:
        return Reason(code)
    except ValueError:
        return Reason.NOT_COMPLETED


class History:
    """Reads lines for accounts of one customer, in the customer's language."""

    def __init__(self, bank: SpareBank, phrases: Phrases) -> None:
        self._bank = bank
        self._phrases = phrases

    def title(self, kind: str, other: int, name: str) -> str:
        """What a movement is called: the name written on it, else the other account's, else its kind."""
        return name or self._bank.view.profile.title(other) or self._phrases.kind(kind)

    def _with_text(self, words: str, text: str) -> str:
        return self._phrases.say("line.with_text", before=words, text=text) if text else words

    def _when(self, at_us: int, item: Told) -> tuple[int, str]:
        """(instant to sort by, words): the value date, where the books were written on another day."""
        today = self._phrases.instant(at_us).date()
        if isinstance(item, Refusal) or item.value_date >= today:
            return at_us, self._phrases.at_short(at_us)
        day = item.value_date
        return days_of(day) * 86_400_000_000, self._phrases.day_short(day, today)

    def _of_item(self, account: int, block: int, at_us: int, item: Told) -> Line:
        out = item.debit == account
        other = item.credit if out else item.debit
        note = item.note if isinstance(item, Transfer) else None
        name = (note.payee if out else note.payer) if note else ""
        amount = -item.amount_minor if out else item.amount_minor
        sort_us, when = self._when(at_us, item)
        base = Line(
            item.id,
            account,
            self.title(item.kind, other, name),
            amount,
            item.currency,
            "done",
            item.kind,
            self._with_text(
                self._phrases.say("line.booked", kind=self._phrases.kind(item.kind), when=when),
                note.text if note else "",
            ),
            sort_us,
            place=block,
        )
        if isinstance(item, Transfer):
            return base
        reason = reason_of(item.reason)
        return replace(
            base,
            state="refused" if item.source == "journal" else "checking",
            reason=reason,
            claim=item.source != "journal",
        )

    def _of_entry(self, account: int, entry: Entry) -> Line:
        payment = entry.payment()
        out = payment.debit == account
        other, name = (payment.credit, payment.payee) if out else (payment.debit, payment.payer)
        amount = -payment.amount_minor if out else payment.amount_minor
        key = "line.booked"
        if entry.kind == "accept":
            key = "line.received_here" if payment.kind in INCOMING_KINDS else "line.paid_here"
        words = self._phrases.say(key, kind=self._phrases.kind(payment.kind), when=self._phrases.at_short(entry.at_us))
        state = {"accept": "done", "void": "checking", "refusal": "checking"}[entry.kind]
        if entry.kind == "void" and payment.kind == "card":
            state = "refused"  # a card network is answered at once, and what was booked all the same is given back
        return Line(
            payment.id,
            account,
            self.title(payment.kind, other, name),
            amount,
            payment.currency,
            state,
            payment.kind,
            self._with_text(words, payment.text),
            entry.at_us,
            reason_of(entry.body["reason"]),
            entry.kind == "refusal",
            entry.kind == "accept",
        )

    def _merge(self, account: int, entries: Iterable[Entry], items: Iterable[tuple[int, int, Told]]) -> list[Line]:
        lines: dict[uuid.UUID, Line] = {}
        for entry in entries:
            lines[entry.payment().id] = self._of_entry(account, entry)
        for block, at_us, item in sorted(items, key=lambda one: one[0]):
            old = lines.get(item.id)
            new = self._of_item(account, block, at_us, item)
            if old is None:
                lines[item.id] = new
            elif isinstance(item, Transfer):
                when = self._phrases.at_short(at_us)
                done = self._phrases.say("line.in_books", before=old.words, when=when)
                lines[item.id] = replace(new, words=done, at_us=old.at_us) if old.accepted_here else new
            elif old.state != "done" and (not new.claim or old.state == "checking"):
                lines[item.id] = replace(new, at_us=old.at_us)
        return list(lines.values())

    def _read(self, accounts: Iterable[int]) -> list[Line]:
        lines: dict[uuid.UUID, Line] = {}
        for account in accounts:
            entries = self._bank.journal_reader.of_account(account, LINES_MAX)
            items = self._bank.copy_reader.of_account(account, LINES_MAX)
            for line in self._merge(account, entries, items):
                if line.id not in lines or line.amount_minor < 0:
                    lines[line.id] = line
        return sorted(lines.values(), key=lambda line: (line.at_us, line.place), reverse=True)

    async def unclaimed(self, accounts: Iterable[int]) -> list[Line]:
        """The newest lines as this bank has them; whoever tells a customer of them claims own refusals first."""
        return await asyncio.get_running_loop().run_in_executor(self._bank.readers, self._read, list(accounts))

    async def lines(self, accounts: Iterable[int], cohort: int, epoch: int, limit: int = LINES_MAX) -> list[Line]:
        """The newest lines of these accounts, newest first; own refusals are claimed before they are told."""
        found = (await self.unclaimed(accounts))[:limit]
        granted = await self.granted([line.id for line in found if line.claim], cohort, epoch)
        return [self._told(line, granted) for line in found]

    async def told(self, accounts: Iterable[int]) -> list[Line]:
        """As `lines`, by what was claimed before; no door is asked, so that nothing is told by looking."""
        found = (await self.unclaimed(accounts))[:LINES_MAX]
        return [self._told(line, self._bank.doors.refused) for line in found]

    def _told(self, line: Line, granted: set[uuid.UUID]) -> Line:
        if line.claim and line.id in granted:
            line = replace(line, state="refused")
        if line.state == "refused":
            reason = self._phrases.reason(line.reason)
            return replace(line, words=self._phrases.say("line.refused", before=line.words, reason=reason))
        if line.state == "checking":
            return replace(line, words=self._phrases.say("line.checking", before=line.words))
        return line

    async def granted(self, refused: list[uuid.UUID], cohort: int, epoch: int) -> set[uuid.UUID]:
        """Those of the refused ids that may be told; with no door in reach, only those claimed before."""
        asked = [ident for ident in refused if ident not in self._bank.doors.refused]
        if asked:
            with contextlib.suppress(DoorsAway):  # they read "being checked" until a door answers
                await self._bank.doors.claim("refused", [(ident, cohort, epoch) for ident in asked])
        return self._bank.doors.refused.intersection(refused)

    def orders_due(self, accounts: Iterable[int]) -> list[Line]:
        """Standing orders due on the bank's day that nothing is known of yet."""
        view, lines = self._bank.view, list[Line]()
        day = view.profile.business_date()
        with view.lock:
            orders = view.profile.orders_of(list(accounts), day)
        for number, order in orders:
            ident = ids.order_payment_id(number, day)
            if self._bank.journal_reader.find(ident) is None and not self._bank.copy_reader.items(ident):
                lines.append(
                    Line(
                        ident,
                        int(order["debit"]),
                        str(order["payee"]),
                        -int(order["amount_minor"]),
                        str(order["currency"]),
                        "checking",
                        "order",
                        self._phrases.say("line.due", day=self._phrases.day_short(day, day)),
                        0,
                        due=True,
                    )
                )
        return lines
