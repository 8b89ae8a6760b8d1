"""Enter the spare bank's journal in the books (protocol.md, rule 14): never lost, never twice.

The journal is pulled in order; each chunk is booked first, then its results and the new position are stored in
one transaction. A chunk that was booked but not stored is booked again after a crash: the books answer that they
have it, under the same id. An entry that cannot be booked as it stands is forced (the account goes below its
floor), suspended (a side that takes no bookings is replaced by the suspense account) or, where the books hold its
id with other content, entered under an id of its own; each of these opens an exception for a person.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.calls import call
from holdfast.bank.cards.freezing import follow_journal
from holdfast.bank.cards.reversing import is_card_void, note_replayed, settle_void
from holdfast.bank.customers.sessions import revoke
from holdfast.bank.errors import JournalBroken, ReplayBusy
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.exchange.models import JournalException, JournalPosition, Replayed
from holdfast.bank.payments.models import Intent
from holdfast.bank.payments.pay import new_note
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT
from holdfast.contracts.errors import BadMessage
from holdfast.contracts.journal import GENESIS_HASH, Entry, entry_from_wire
from holdfast.ledger.api import AccountState, Post, Posted, Result

CHUNK = 1000
CHUNKS_MAX = 10_000
LOCK_KEY = 4707010002
LOCK_WAIT_MS = 5000
ENDS = ("posted", "already", "forced", "suspended", "refused", "reversed")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one entry ended, and the words of its exception if it needs a person."""

    entry: Entry
    ended: str
    exception: str = ""


def replay(to: int | None) -> dict[str, int]:
    """Enter the journal up to position `to` (None: its end); counts of this call, and where it stands.

    Raises CallFailed when the spare bank does not answer, JournalBroken when its journal is not whole,
    ReplayBusy when another replay is running.
    """
    counts = dict.fromkeys(ENDS, 0)
    with psycopg.connect(settings.DATABASE_URL, connect_timeout=2, autocommit=True) as lock:
        lock.execute("select set_config('lock_timeout', %s, false)", (str(LOCK_WAIT_MS),))
        try:
            lock.execute("select pg_advisory_lock(%s)", (LOCK_KEY,))
        except psycopg.errors.LockNotAvailable as error:
            raise ReplayBusy("another replay of the journal is running") from error
        position = stored_position()
        for _ in range(CHUNKS_MAX):
            if to is not None and position.position >= to:
                break
            entries = pull(position.position, bytes.fromhex(position.hash))
            if not entries:
                break
            for ended in enter(entries):
                if ended.ended in counts:
                    counts[ended.ended] += 1
            position = stored_position()
    return {"replayed_to": position.position, **counts}


def stored_position() -> JournalPosition:
    """How far the journal was replayed; the beginning when never."""
    return JournalPosition.objects.filter(id=1).first() or JournalPosition(id=1, position=0, hash=GENESIS_HASH.hex())


def pull(after: int, last_hash: bytes) -> list[Entry]:
    """The next entries, checked: no hole, each bound to the one before. Raises CallFailed, JournalBroken."""
    answer = call("standin", "GET", "/-/journal", timeout_s=5.0, after=after, limit=CHUNK)
    return check_chain(answer.get("entries", []), after, last_hash)


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
        after, last_hash = entry.number, entry.hash()
        entries.append(entry)
    return entries


def enter(entries: list[Entry]) -> list[Ended]:
    """Book a chunk of checked entries in order, then store how each ended and the new position."""
    concerned = [entry for entry in entries if entry.kind in ("accept", "void", "refusal")]
    results = books().post_many([_as_post(entry) for entry in concerned])
    ended: dict[int, Ended] = {}
    for entry, posted in zip(concerned, results, strict=True):
        ended[entry.number] = _settle(entry, posted)
    for entry in entries:
        if entry.kind == "logout":
            revoke(str(entry.body.get("session", ""))[:64], from_journal=True)
        elif entry.kind == "card":
            follow_journal(entry)
        ended.setdefault(entry.number, Ended(entry, entry.kind))
    in_order = [ended[entry.number] for entry in entries]
    _store(in_order)
    return in_order


def _as_post(entry: Entry) -> Post:
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
        note=new_note(payment.payer, payment.payee, payment.text),
        refuse=refuse,
        rules_version=str(entry.body.get("rules_version", "")),
        source="journal",
        journal_number=entry.number,
    )


def _settle(entry: Entry, posted: Posted) -> Ended:
    if is_card_void(entry):
        return Ended(entry, *settle_void(entry, posted))
    if entry.kind != "accept":
        return Ended(entry, "refused" if posted.result is Result.REFUSED else "already")
    post = _as_post(entry)
    match posted.result:
        case Result.POSTED:
            return Ended(entry, "posted")
        case Result.ALREADY_POSTED:
            return Ended(entry, "already")
        case Result.CONFLICT:
            return _conflict(entry, post)
    return _carry(entry, post)


def _conflict(entry: Entry, post: Post) -> Ended:
    """The id is booked with other content: our own suspended entry of an earlier try, or another payment."""
    for changed in _with_suspense(post):
        if _outcome_of(changed) is Result.ALREADY_POSTED:
            return Ended(entry, "suspended", _suspended_words(post))
    other = replace(post, id=ids.journal_conflict_id(entry.number))
    words = f"The books hold {post.id} with other content; entered under {other.id}."
    result = books().post_many([other])[0].result
    if result in (Result.POSTED, Result.ALREADY_POSTED):
        return Ended(entry, "posted", words)
    carried = _carry(entry, other)
    return Ended(entry, carried.ended, f"{words} {carried.exception}")


def _carry(entry: Entry, post: Post) -> Ended:
    """Refused by the books: below the floor it is forced; a side that takes no bookings is suspended."""
    forced = books().post_many([replace(post, over_floor=True)])[0]
    if forced.result in (Result.POSTED, Result.ALREADY_POSTED):
        return Ended(entry, "forced", f"Account {post.debit} had not enough money; the bank carries the risk.")
    for changed in _with_suspense(post):
        if _outcome_of(changed) in (Result.POSTED, Result.ALREADY_POSTED):
            return Ended(entry, "suspended", _suspended_words(post))
    raise JournalBroken(f"journal entry {entry.number} cannot be entered: {forced.reason.value}")


def _outcome_of(post: Post) -> Result:
    return books().post_many([post])[0].result


def _with_suspense(post: Post) -> list[Post]:
    """The post with each side that takes no bookings replaced, at the least one of them, the likeliest first."""
    states = reader().accounts([post.debit, post.credit])
    debit, credit = states.get(post.debit), states.get(post.credit)
    bad_debit = _takes_none(debit, post.currency, FLAG_CLOSED | FLAG_FROZEN_OUT)
    bad_credit = _takes_none(credit, post.currency, FLAG_CLOSED | FLAG_FROZEN_IN)
    suspense, loss = bank_facts.own("suspense"), bank_facts.own("loss")
    only_credit = replace(post, credit=suspense, over_floor=True)
    only_debit = replace(post, debit=suspense, over_floor=True)
    both = replace(post, debit=loss, credit=suspense, over_floor=True)
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


def _store(ended: list[Ended]) -> None:
    """Results, exceptions and position, whole or not at all."""
    now = timezone.now()
    with transaction.atomic():
        Replayed.objects.bulk_create([_as_row(one, now) for one in ended], ignore_conflicts=True)
        JournalException.objects.bulk_create(
            [
                JournalException(
                    number=one.entry.number,
                    payment=one.entry.payment().id,
                    kind=one.ended,
                    amount_minor=one.entry.payment().amount_minor,
                    currency=one.entry.payment().currency,
                    words=one.exception[:300],
                )
                for one in ended
                if one.exception
            ],
            ignore_conflicts=True,
        )
        booked = [one.entry.payment().id for one in ended if one.entry.kind == "accept"]
        Intent.objects.filter(id__in=booked).update(outcome="posted", reason="", source="journal")
        note_replayed([(one.entry, one.ended) for one in ended])
        last = ended[-1].entry
        JournalPosition.objects.update_or_create(id=1, defaults={"position": last.number, "hash": last.hash().hex()})


def _as_row(one: Ended, now: datetime) -> Replayed:
    payment = one.entry.payment() if one.entry.kind in ("accept", "void", "refusal") else None
    return Replayed(
        number=one.entry.number,
        payment=payment.id if payment else None,
        kind=one.entry.kind,
        ended=one.ended,
        accepted_at=datetime.fromtimestamp(one.entry.at_us / 1e6, UTC),
        entered_at=now,
        debit=payment.debit if payment else 0,
        credit=payment.credit if payment else 0,
    )


def known_mode_counts() -> dict[str, int]:
    """How many cohorts are in each mode, as this bank knows."""
    counts: dict[str, int] = {}
    for row in rows.all().values():
        counts[row.mode.value] = counts.get(row.mode.value, 0) + 1
    return counts
