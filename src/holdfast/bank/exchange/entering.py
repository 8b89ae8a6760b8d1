"""Entering the spare bank's journal in the books: how each entry ends (protocol.md, rule 14). Pure but for the books.

An accepted entry always ends in the books: posted, there already, forced (the account goes below its floor) or
suspended (a side that takes no bookings is replaced by the suspense account); under an id of its own when the books
hold its id with other content. Replaying changes nothing more, in any order and any number of times, because the
books enter an id once. Voids and the spare bank's own refusals become refusals that every repeat is told.
"""

import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from holdfast.bank.errors import JournalBroken
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT, Note
from holdfast.contracts.cards import KIND as CARD_KIND
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.journal import Entry, Payment, entry_from_wire
from holdfast.contracts.metadata import metadata_trouble
from holdfast.ledger.api import AccountState, Booked, Post, Posted, Result

SALT_BYTES = 16
TIED_AT_ONCE = 200
"""Posts at once where some are judged row by row."""
NOT_OF_A_HOLD = (Reason.HOLD_UNKNOWN, Reason.HOLD_DIFFERS, Reason.HOLD_ENDED, Reason.HOLD_EXPIRED)
MONEY_KINDS = ("accept", "void", "refusal")
TAKEN = (Result.POSTED, Result.ALREADY_POSTED, Result.CONFLICT)
"""What the books say of an id that stands in them; anything else of an accepted entry is carried."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How one entry ended, and the words of its exception if it needs a person."""

    entry: Entry
    ended: str
    exception: str = ""


class Posts(Protocol):
    """What entering needs of the books."""

    def post_many(self, posts: Sequence[Post]) -> list[Posted]: ...


def is_card_void(entry: Entry) -> bool:
    """Whether the spare bank told a card use as declined without knowing whether it was booked here."""
    return entry.kind == "void" and entry.payment().kind == CARD_KIND


def check_chain(raw: Iterable[dict[str, Any]], after: int, last_hash: bytes) -> list[Entry]:
    """Read entries and check number and hash of each; raises JournalBroken."""
    entries = []
    for one in raw:
        try:
            entry = entry_from_wire(one)
        except BadMessage as error:
            raise JournalBroken(str(error)) from error
        if entry.number != after + 1 or entry.previous != last_hash:
            raise JournalBroken(f"journal entry {entry.number} does not follow entry {after}")
        after, last_hash = entry.number, bytes.fromhex(one["hash"])  # entry_from_wire has found it to be its hash
        entries.append(entry)
    return entries


def as_post(entry: Entry) -> Post:
    """A payment entry as the books take it."""
    payment = entry.payment()
    refuse = None
    if entry.kind == "void" and not is_card_void(entry):
        refuse = Reason.NOT_COMPLETED
    elif entry.kind in ("void", "refusal"):
        refuse = Reason(entry.body.get("reason", Reason.NOT_COMPLETED.value))
    return Post(
        id=payment.id,
        debit=payment.debit,
        credit=payment.credit,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        kind=payment.kind,
        value_date=payment.value_date,
        cohort=payment.cohort,
        epoch=entry.epoch,
        cause=payment.cause,
        note=Note(os.urandom(SALT_BYTES), payment.payer, payment.payee, payment.text),
        refuse=refuse,
        rules_version=str(entry.body.get("rules_version", "")),
        source="journal",
        journal_number=entry.number,
        settles=entry.settles() if entry.kind == "accept" else None,
        metadata=metadata_taken(payment),
    )


def metadata_taken(payment: Payment) -> dict[str, str] | None:
    """What the books take of it: an accepted entry is never dropped because of words beside it."""
    named = dict(payment.metadata)
    return named if named and not metadata_trouble(named) else None


def _parts(posts: Sequence[Post]) -> Iterator[Sequence[Post]]:
    """What is booked at once: all, or some where any is judged row by row, while everybody who pays waits."""
    most = TIED_AT_ONCE if any(post.tied for post in posts) else max(len(posts), 1)
    yield from (posts[start : start + most] for start in range(0, len(posts), most))


class Entering:
    """Enters checked entries in order. accounts and booked read the books: states by account, transfers by id;
    suspense and loss name the bank's own accounts in a currency; settle_card_void says how a card use ended that the
    spare bank told as declined."""

    def __init__(
        self,
        books: Posts,
        accounts: Callable[[Sequence[int]], Mapping[int, AccountState]],
        booked: Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, Booked]],
        *,
        suspense: Callable[[str], int],
        loss: Callable[[str], int],
        settle_card_void: Callable[[Entry, Posted], tuple[str, str]] = lambda _, posted: (posted.result.value, ""),
    ) -> None:
        self._settle_card_void = settle_card_void
        self._books = books
        self._accounts = accounts
        self._booked = booked
        self._suspense = suspense
        self._loss = loss

    def enter(self, entries: Sequence[Entry]) -> list[Ended]:
        """Book a chunk; how each of its entries ended, in order."""
        concerned = [entry for entry in entries if entry.kind in MONEY_KINDS]
        posts = [as_post(entry) for entry in concerned]
        results = self._post(posts)
        together = self._without_holds(list(zip(concerned, posts, results, strict=True)))
        forced = self._force(together)
        ended = {one.number: self._settle(one, post, posted, forced.get(one.number)) for one, post, posted in together}
        return [ended.get(entry.number) or Ended(entry, entry.kind) for entry in entries]

    def _post(self, posts: Sequence[Post]) -> list[Posted]:
        return [posted for part in _parts(posts) for posted in self._books.post_many(part)]

    def _without_holds(self, together: list[tuple[Entry, Post, Posted]]) -> list[tuple[Entry, Post, Posted]]:
        """Card uses whose hold cannot be posted, as it has ended meanwhile, are booked as any."""
        loose = [replace(post, settles=None) for _, post, posted in together if posted.reason in NOT_OF_A_HOLD]
        again = iter(zip(loose, self._post(loose), strict=True))
        return [
            (entry, *next(again)) if posted.reason in NOT_OF_A_HOLD else (entry, post, posted)
            for entry, post, posted in together
        ]

    def _force(self, together: Sequence[tuple[Entry, Post, Posted]]) -> dict[int, Posted]:
        """Accepted entries that the books refused, booked below the floor; the outcomes by number."""
        refused = [(one, post) for one, post, posted in together if one.kind == "accept" and posted.result not in TAKEN]
        outcomes = self._post([replace(post, over_floor=True) for _, post in refused])
        return {one.number: outcome for (one, _), outcome in zip(refused, outcomes, strict=True)}

    def _settle(self, entry: Entry, post: Post, posted: Posted, forced: Posted | None = None) -> Ended:
        if is_card_void(entry):
            return Ended(entry, *self._settle_card_void(entry, posted))
        if entry.kind != "accept":
            return Ended(entry, "refused" if posted.result is Result.REFUSED else "already")
        match posted.result:
            case Result.POSTED:
                return Ended(entry, "posted")
            case Result.ALREADY_POSTED:
                return self._already(entry, post)
            case Result.CONFLICT:
                return self._conflict(entry, post)
        return self._carry(entry, post, forced)

    def _already(self, entry: Entry, post: Post) -> Ended:
        """Booked before: by the primary, or by an earlier try of ours that fell before it could store how it ended."""
        booked = self._booked([post.id]).get(post.id)
        if booked is not None and booked.journal_number == entry.number and booked.over_floor:
            return Ended(entry, "forced", _forced_words(post))
        return Ended(entry, "already")

    def _conflict(self, entry: Entry, post: Post) -> Ended:
        """The id is booked with other content: our own suspended entry of an earlier try, or another payment."""
        for changed in self._with_suspense(post):
            if self._outcome_of(changed) is Result.ALREADY_POSTED:
                return Ended(entry, "suspended", _suspended_words(post))
        other = replace(post, id=ids.journal_conflict_id(entry.number), settles=None)
        words = f"The books hold {post.id} with other content; entered under {other.id}."
        result = self._outcome_of(other)
        if result is Result.POSTED:
            return Ended(entry, "posted", words)
        if result is Result.ALREADY_POSTED:  # by an earlier try of ours, perhaps below the floor
            before = self._already(entry, other)
            return Ended(
                entry, "forced" if before.ended == "forced" else "posted", f"{words} {before.exception}".strip()
            )
        carried = self._carry(entry, other)
        return Ended(entry, carried.ended, f"{words} {carried.exception}")

    def _carry(self, entry: Entry, post: Post, forced: Posted | None = None) -> Ended:
        """Refused by the books: below the floor it is forced; a side that takes no bookings is suspended."""
        forced = forced or self._books.post_many([replace(post, over_floor=True)])[0]
        if forced.result in (Result.POSTED, Result.ALREADY_POSTED):
            return Ended(entry, "forced", _forced_words(post))
        for changed in self._with_suspense(post):
            if self._outcome_of(changed) in (Result.POSTED, Result.ALREADY_POSTED):
                return Ended(entry, "suspended", _suspended_words(post))
        raise JournalBroken(f"journal entry {entry.number} cannot be entered: {forced.reason.value}")

    def _outcome_of(self, post: Post) -> Result:
        return self._books.post_many([post])[0].result

    def _with_suspense(self, post: Post) -> list[Post]:
        """The post with each side that takes no bookings replaced, at the least one of them, the likeliest first. It
        posts no hold: that is of other accounts."""
        post = replace(post, settles=None)
        states = self._accounts([post.debit, post.credit])
        debit, credit = states.get(post.debit), states.get(post.credit)
        bad_debit = _takes_none(debit, post.currency, FLAG_CLOSED | FLAG_FROZEN_OUT)
        bad_credit = _takes_none(credit, post.currency, FLAG_CLOSED | FLAG_FROZEN_IN)
        suspense = self._suspense(post.currency)
        only_credit = replace(post, credit=suspense, over_floor=True)
        only_debit = replace(post, debit=suspense, over_floor=True)
        both = replace(post, debit=self._loss(post.currency), credit=suspense, over_floor=True)
        if bad_debit and bad_credit:
            return [both]
        return [only_debit, only_credit] if bad_debit else [only_credit, only_debit]


def _takes_none(state: AccountState | None, currency: str, flags: int) -> bool:
    return state is None or bool(state.flags & flags) or state.currency != currency


def _suspended_words(post: Post) -> str:
    return (
        f"Account {post.debit} or {post.credit} takes no bookings (unknown, closed or frozen); the suspense "
        "account stands in its place."
    )


def _forced_words(post: Post) -> str:
    return f"Account {post.debit} had not enough money; the bank carries the risk."
