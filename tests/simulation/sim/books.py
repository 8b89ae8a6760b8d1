"""The books as a model in memory: `ledger/sql/post_block.sql` said in Python.

tests/ledger proves on random batches that both give the same results, balances and block hashes.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import (
    FLAG_CLOSED,
    FLAG_FROZEN_IN,
    FLAG_FROZEN_OUT,
    GENESIS_HASH,
    NO_NOTE,
    AccountChange,
    Block,
    Item,
    Refusal,
    Transfer,
)
from holdfast.contracts.epochs import Mode, Row
from holdfast.contracts.metadata import metadata_of
from holdfast.ledger.api import AccountState, Booked, Post, Posted, Result


class ModelBooks:
    """Durable: it outlives the primary's process."""

    def __init__(self, clock_us: Callable[[], int] | None = None) -> None:
        self.accounts_now: dict[int, AccountState] = {}
        self.blocks: list[Block] = []
        self.transfers: dict[uuid.UUID, tuple[Transfer, int]] = {}
        self.refusals: dict[uuid.UUID, tuple[Refusal, int]] = {}
        self.rows: dict[int, Row] = {}
        self.wrote: dict[tuple[int, int], set[str]] = {}
        self.entered: dict[uuid.UUID, int] = {}
        """How often each id was entered: once, if all is well."""
        self._clock_us = clock_us or (lambda: 1_000_000_000_000_000 + len(self.blocks))

    def open(self, changes: Sequence[AccountChange]) -> None:
        """Open or change accounts, in one block."""
        for one in changes:
            old = self.accounts_now.get(one.account)
            self.accounts_now[one.account] = AccountState(
                one.account, one.code, one.currency, one.side, one.floor_minor, one.flags, one.cohort,
                old.balance_minor if old else 0,
            )  # fmt: skip
        self._append(list(changes))

    def learn_rows(self, rows: Iterable[Row]) -> None:
        """Rows of a higher epoch, or of the same with another mode."""
        for row in rows:
            old = self.rows.get(row.cohort)
            if old is None or row.epoch > old.epoch or (row.epoch == old.epoch and row != old):
                self.rows[row.cohort] = row

    def post_many(self, posts: Sequence[Post]) -> list[Posted]:
        """One block: each post judged in order after fence, repeats and conflicts."""
        for post in posts:
            known = self.rows.get(post.cohort)
            if post.source == "own" and (known is None or post.epoch > known.epoch):
                self.rows[post.cohort] = Row(post.cohort, Mode.PRIMARY, post.epoch)
        items: list[Item] = []
        results = [self._one(post, items) for post in posts]
        if items:
            self._append(items)
        return [self._posted(post, result, reason) for post, (result, reason) in zip(posts, results, strict=True)]

    def _one(self, post: Post, items: list[Item]) -> tuple[Result, Reason]:
        row = self.rows.get(post.cohort)
        if post.source == "own" and row and (
            post.epoch < row.epoch or row.mode is not Mode.PRIMARY or post.birth > post.epoch
        ):  # fmt: skip
            return Result.STALE, Reason.OK
        seen = self.transfers.get(post.id)
        if seen is not None:
            same = content(seen[0]) == content(post) and (
                post.source == "journal" or post.refuse is not None or seen[0].metadata == metadata_of(post.metadata)
            )
            return (Result.ALREADY_POSTED, Reason.OK) if same else (Result.CONFLICT, Reason.OTHER_CONTENT)
        refused = self.refusals.get(post.id)
        if refused is not None and not (post.source == "journal" and post.refuse is None):
            same = content(refused[0]) == content(post)
            if same:
                return Result.ALREADY_REFUSED, Reason(refused[0].reason)
            return Result.CONFLICT, Reason.OTHER_CONTENT
        reason = post.refuse or self._objection(post)
        if reason is None:
            self._book(post, items)
            return Result.POSTED, Reason.OK
        if post.source == "own" or post.refuse is not None:
            self._refuse(post, reason, items)
        return Result.REFUSED, reason

    def _objection(self, post: Post) -> Reason | None:
        debit, credit = self.accounts_now.get(post.debit), self.accounts_now.get(post.credit)
        if debit is None or credit is None:
            return Reason.ACCOUNT_UNKNOWN
        if post.debit == post.credit:
            return Reason.SAME_ACCOUNT
        if debit.currency != post.currency or credit.currency != post.currency:
            return Reason.OTHER_CURRENCY
        if (debit.flags | credit.flags) & FLAG_CLOSED:
            return Reason.ACCOUNT_CLOSED
        if debit.flags & FLAG_FROZEN_OUT or credit.flags & FLAG_FROZEN_IN:
            return Reason.ACCOUNT_FROZEN
        short = (debit.side == "credit" and debit.balance_minor - post.amount_minor < debit.floor_minor) or (
            credit.side == "debit" and credit.balance_minor - post.amount_minor < credit.floor_minor
        )
        return Reason.NOT_ENOUGH_MONEY if short and not post.over_floor else None

    def _book(self, post: Post, items: list[Item]) -> None:
        transfer = Transfer(
            post.id, post.debit, post.credit, post.amount_minor, post.currency, post.kind, post.value_date, post.cohort,
            post.epoch, post.source, post.journal_number, post.cause, post.over_floor,
            post.note.hash() if post.note else NO_NOTE, metadata=metadata_of(post.metadata),
        )  # fmt: skip
        for account, net in ((post.debit, -post.amount_minor), (post.credit, post.amount_minor)):
            state = self.accounts_now[account]
            moved = net if state.side == "credit" else -net
            self.accounts_now[account] = replace(state, balance_minor=state.balance_minor + moved)
        self.entered[post.id] = self.entered.get(post.id, 0) + 1
        self.transfers[post.id] = (transfer, len(self.blocks) + 1)
        self._mark(post)
        items.append(transfer)

    def _refuse(self, post: Post, reason: Reason, items: list[Item]) -> None:
        refusal = Refusal(
            post.id, post.debit, post.credit, post.amount_minor, post.currency, post.kind, reason.value,
            post.rules_version, post.cohort, post.epoch, post.source, post.journal_number,
        )  # fmt: skip
        self.refusals[post.id] = (refusal, len(self.blocks) + 1)
        self._mark(post)
        items.append(refusal)

    def _mark(self, post: Post) -> None:
        if post.source == "own" and post.cause != "deposit":
            self.wrote.setdefault((post.cohort, post.epoch), set()).add("primary")

    def _posted(self, post: Post, result: Result, reason: Reason) -> Posted:
        seen, refused = self.transfers.get(post.id), self.refusals.get(post.id)
        block = seen[1] if seen else refused[1] if refused else 0
        source = seen[0].source if seen else refused[0].source if refused else post.source
        row = self.rows.get(post.cohort)
        return Posted(post.id, result, reason, block, source, row.epoch if row else 0)

    def _append(self, items: list[Item]) -> None:
        previous = self.blocks[-1].hash() if self.blocks else GENESIS_HASH
        self.blocks.append(Block(len(self.blocks) + 1, previous, self._clock_us(), tuple(items)))

    def accounts(self, numbers: Sequence[int]) -> dict[int, AccountState]:
        """The accounts that exist of these."""
        return {one: self.accounts_now[one] for one in numbers if one in self.accounts_now}

    def booked(self, idents: Sequence[uuid.UUID]) -> dict[uuid.UUID, Booked]:
        """The transfers that exist of these ids."""
        found = {one: self.transfers[one][0] for one in idents if one in self.transfers}
        return {one: Booked(item.journal_number, item.over_floor) for one, item in found.items()}

    def outcomes(self, idents: Iterable[uuid.UUID]) -> dict[uuid.UUID, Posted]:
        """How these ids ended."""
        out = {}
        for one in idents:
            if one in self.transfers:
                out[one] = Posted(one, Result.ALREADY_POSTED, Reason.OK, *self._place(self.transfers[one]))
            elif one in self.refusals:
                reason = Reason(self.refusals[one][0].reason)
                out[one] = Posted(one, Result.ALREADY_REFUSED, reason, *self._place(self.refusals[one]))
        return out

    @staticmethod
    def _place(found: tuple[Transfer | Refusal, int]) -> tuple[int, str, int]:
        return found[1], found[0].source, 0


def content(one: Post | Transfer | Refusal) -> tuple[int, int, int, str]:
    """What makes two requests with one id the same request."""
    return one.debit, one.credit, one.amount_minor, one.currency
