"""The bank as a simulated process. Books, intents and the replay's position are durable; all else dies with it."""

import uuid
from dataclasses import replace
from typing import Any

from holdfast.bank.errors import JournalBroken, StaleEpoch
from holdfast.bank.exchange.entering import Entering, check_chain
from holdfast.bank.payments.outcomes import Request, answer_of, before, claims_are_lost, may_tell_refusal
from holdfast.contracts.answers import OUTCOME_HEADER, STALE_STATUS, PaymentAnswer, Reason
from holdfast.contracts.blocks import block_to_wire
from holdfast.contracts.epochs import FIRST_EPOCH, Mode, Row
from holdfast.contracts.journal import GENESIS_HASH, Payment
from holdfast.ledger.api import Post, Result
from sim.books import ModelBooks
from sim.kernel import Ask, Kernel, Lost, Node, Sleep, Task
from sim.town import DAY, LOSS, SUSPENSE, Town

CHUNK = 6
ORPHAN_S_MAX = 3.0
OPEN_S = 3.0
WORK_EVERY_S = 0.4


class Primary(Node):
    """Django and PostgreSQL, seen from the protocol."""

    def __init__(self, kernel: Kernel, town: Town) -> None:
        super().__init__("primary", kernel)
        self.town = town
        self.books = ModelBooks()
        self.intents: dict[uuid.UUID, tuple[Request, float]] = {}
        self.told: set[uuid.UUID] = set()
        self.position = (0, GENESIS_HASH)
        self.exceptions: dict[int, str] = {}
        self.posting: list[Post] = []
        self.replaying = False

    def start(self) -> None:
        self.posting, self.replaying = [], False
        self.kernel.spawn(self, self._work())

    def kill(self) -> None:
        """The web dies; a backend that had its statement may still commit it (measured: up to 3 s later)."""
        for post in self.posting:
            if self.kernel.random.random() < 0.6:
                self.kernel.at(self.kernel.random.uniform(0.01, ORPHAN_S_MAX), lambda one=post: self._orphan(one))
        super().kill()

    def _orphan(self, post: Post) -> None:
        self.kernel.tell(f"primary: an orphaned backend commits {post.id.hex[:6]}")
        self.books.post_many([post])

    def row(self, cohort: int) -> Row:
        """The newest row known."""
        return self.books.rows.get(cohort, Row(cohort, Mode.PRIMARY, FIRST_EPOCH))

    # customers
    def on_pay(self, row: Row, payment: Payment, birth: int) -> Task:
        """POST /pay through a door."""
        known = self.row(row.cohort)
        if row.mode is not Mode.PRIMARY or row.epoch < known.epoch or (
            row.epoch == known.epoch and known.mode is not Mode.PRIMARY
        ):  # fmt: skip
            return _stale()
        if row.epoch > known.epoch or row.forced != known.forced:
            self.books.learn_rows([row])
        request = _request(payment, birth, row)
        try:
            held = before(request)
        except StaleEpoch:
            return _stale()
        if held is not None:
            return _answer(payment, held)
        self.intents.setdefault(payment.id, (request, self.kernel.now))
        yield from self._pause()
        posted = yield from self._post(_post(payment, row, birth))
        try:
            told = answer_of(request, posted)
        except StaleEpoch:
            return _stale()
        yield from self._pause()
        return _answer(payment, told)

    def on_file(self, lines: list[Payment]) -> Task:
        """A clearing file: each line once; refused whole while a cohort is elsewhere."""
        rows = [self.row(line.cohort) for line in lines]
        if any(row.mode is not Mode.PRIMARY for row in rows):
            return _stale()
        yield from self._pause()
        posts = [_post(line, row, 0, "file") for line, row in zip(lines, rows, strict=True)]
        if any(posted.result is Result.STALE for posted in self.books.post_many(posts)):
            return _stale()
        yield from self._pause()
        return 200, {}

    def _post(self, post: Post) -> Task:
        self.posting.append(post)
        yield from self._pause()
        if post in self.posting:
            self.posting.remove(post)
        return self.books.post_many([post])[0]

    def _pause(self) -> Task:
        yield Sleep(self.kernel.random.uniform(0.0005, 0.006))

    # what other buildings ask
    def on_epochs(self) -> Task:
        """The highest epoch known."""
        return {"newest": max((row.epoch for row in self.books.rows.values()), default=0)}
        yield

    def on_feed(self, after: int) -> Task:
        """Blocks after a number, as they travel."""
        return len(self.books.blocks), [
            block_to_wire(block, block.hash()) for block in self.books.blocks[after : after + 8]
        ]
        yield

    def on_replay(self, to: int) -> Task:
        """Enter the journal up to a position."""
        if self.replaying:
            return {"error": "another replay is running"}
        self.replaying = True
        try:
            while self.position[0] < to:
                try:
                    raw = yield Ask("standin", "journal", (self.position[0], CHUNK), 2.0)
                    entries = check_chain(raw, *self.position)
                except (Lost, JournalBroken) as error:
                    return {"error": str(error)}
                if not entries:
                    break
                yield from self._enter(entries)
        finally:
            self.replaying = False
        return {"replayed_to": self.position[0]}

    def _enter(self, entries: list[Any]) -> Task:
        entering = Entering(
            self.books, self.books.accounts, self.books.booked, suspense=lambda _: SUSPENSE, loss=lambda _: LOSS
        )
        ended = entering.enter(entries)
        yield from self._pause()  # a kill here: booked, but the position not stored
        for one in ended:
            if one.exception:
                self.exceptions[one.entry.number] = one.ended
        self.position = (entries[-1].number, entries[-1].hash())

    def on_reconcile(self) -> Task:
        """All accounts at one block."""
        head, end = len(self.books.blocks), self.kernel.now + 2.0
        while True:
            try:
                block, theirs = yield Ask("standin", "balances", (), 1.0)
            except Lost as error:
                return {"error": str(error)}
            if block >= head:
                break
            if self.kernel.now > end:
                return {"error": "the spare bank lags"}
            yield Sleep(0.05)
        ours = self.town.balances_at(self.books.blocks[:block])
        differences = [account for account in ours if theirs.get(account) != ours[account]]
        return {"accounts": len(ours), "differences": differences, "block": block}

    def on_prove(self, since: int) -> Task:  # as the real call
        """Balances are the sums of their transfers."""
        yield from self._pause()
        made = self.town.balances_at(self.books.blocks)
        findings = [
            {"words": f"account {account}"}
            for account, state in self.books.accounts_now.items()
            if made[account] != state.balance_minor
        ]
        return {"findings": findings, "block": len(self.books.blocks)}

    # the worker
    def _work(self) -> Task:
        while True:
            yield from self._fetch_rows()
            yield from self._run_orders()
            self._sweep()
            yield from self._tell_refusals()
            yield Sleep(WORK_EVERY_S * self.kernel.random.uniform(0.7, 1.3))

    def _door(self) -> str:
        return self.kernel.random.choice(["door-1", "door-2"])

    def _fetch_rows(self) -> Task:
        try:
            rows = yield Ask(self._door(), "rows", (), 1.0)
        except Lost:
            return
        self.books.learn_rows([row for row in rows if row.epoch > self.row(row.cohort).epoch or row.forced])

    def _run_orders(self) -> Task:
        for payment in self.town.orders_due(self.now()):
            row = self.row(payment.cohort)
            if row.mode is not Mode.PRIMARY or self.books.outcomes([payment.id]):
                continue
            if row.forced:
                if claims_are_lost(0, row.epoch):
                    continue
                try:
                    denied = yield Ask(
                        self._door(), "claims", ("taken", [(payment.id.hex, row.cohort, row.epoch)]), 1.0
                    )
                except Lost:
                    continue
                if denied:
                    self.books.post_many([_post(payment, row, 0, "order", Reason.CLAIMED_REFUSED)])
                    continue
            yield from self._post(_post(payment, row, 0, "order"))

    def _sweep(self) -> None:
        """Intents without outcome are settled by a refusal under the head lock, never by absence (rule 13)."""
        for ident, (request, at) in self.intents.items():
            row = self.row(request.cohort)
            if self.kernel.now - at < OPEN_S or row.mode is not Mode.PRIMARY or self.books.outcomes([ident]):
                continue
            meant = replace(
                self.town.payments[ident], debit=request.debit, credit=request.credit, amount_minor=request.amount_minor
            )
            self.books.post_many([_post(meant, row, request.birth, "sweep", Reason.NOT_COMPLETED)])

    def _tell_refusals(self) -> Task:
        """Rule 5 for notices: each own refusal is claimed under the epoch served now before anyone reads it."""
        known = [(ident, request.birth) for ident, (request, _) in self.intents.items()]
        known += [(payment.id, 0) for payment in self.town.orders_due(self.now())]
        for ident, birth in known:
            posted = self.books.outcomes([ident]).get(ident)
            if posted is None or ident in self.told:
                continue
            found = (self.books.transfers.get(ident) or self.books.refusals[ident])[0]
            payment = replace(
                self.town.payments[ident], debit=found.debit, credit=found.credit, amount_minor=found.amount_minor
            )
            if posted.result is Result.ALREADY_POSTED:
                self.town.tell(payment, "done", "a notice of the bank")
                self.told.add(ident)
            elif posted.source == "journal":
                self.town.tell(payment, "refused", "a notice of the bank")
                self.told.add(ident)
            elif may_tell_refusal(birth, self.row(payment.cohort)):
                row = self.row(payment.cohort)
                try:
                    denied = yield Ask(self._door(), "claims", ("refused", [(ident.hex, row.cohort, row.epoch)]), 1.0)
                except Lost:
                    continue
                if not denied:
                    self.town.tell(payment, "refused", "a notice of the bank")
                    self.told.add(ident)


def _request(payment: Payment, birth: int, row: Row) -> Request:
    return Request(
        payment.id, payment.customer, payment.debit, payment.credit, payment.amount_minor, payment.currency,
        payment.currency, "", "", "", birth, row.cohort, row.epoch, row.forced,
    )  # fmt: skip


def _post(payment: Payment, row: Row, birth: int, cause: str = "form", refuse: Reason | None = None) -> Post:
    return Post(
        payment.id, payment.debit, payment.credit, payment.amount_minor, payment.currency, payment.kind, DAY,
        row.cohort, row.epoch, cause, birth=birth, refuse=refuse,
    )  # fmt: skip


def _stale() -> tuple[int, dict[str, str]]:
    return STALE_STATUS, {}


def _answer(payment: Payment, told: PaymentAnswer) -> tuple[int, dict[str, str]]:
    return 303, {OUTCOME_HEADER: f"{told.outcome.value} {payment.id.hex}"}
