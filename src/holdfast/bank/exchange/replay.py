"""Enter the spare bank's journal in the books (protocol.md, rule 14): never lost, never twice.

The journal is pulled in order; each chunk is booked first, then its results and the new position are stored in
one transaction. A chunk that was booked but not stored is booked again after a crash: the books answer that they
have it, under the same id. An entry that cannot be booked as it stands is forced (the account goes below its
floor), suspended (a side that takes no bookings is replaced by the suspense account) or, where the books hold its
id with other content, entered under an id of its own; each of these opens an exception for a person.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction

from holdfast.bank.api.following import follow_payments
from holdfast.bank.books import books, reader, rows
from holdfast.bank.calls import call
from holdfast.bank.cards.freezing import follow_journal
from holdfast.bank.cards.reversing import note_replayed, settle_void
from holdfast.bank.currencies.positions import opened_in
from holdfast.bank.customers.sessions import revoke
from holdfast.bank.errors import ReplayBusy
from holdfast.bank.exchange.entering import MONEY_KINDS, Ended, Entering, check_chain, metadata_taken
from holdfast.bank.exchange.models import JournalException, JournalPosition
from holdfast.bank.factors.following import follow_factor
from holdfast.bank.freezing.everything import follow_freeze
from holdfast.bank.hardship.owing import follow_advances
from holdfast.bank.payments.models import Intent
from holdfast.bank.sealed.fields import SealedText
from holdfast.contracts.epochs import Mode
from holdfast.contracts.journal import GENESIS_HASH, Entry

CHUNK = 1000
CHUNK_AHEAD = 200
"""Small: it runs beside everything that a bank has to do when it comes back."""
CHUNKS_MAX = 10_000
LOCK_KEY = 4707010002
WORDS_MAX = 140
LOCK_WAIT_MS = 5000
_SQL = Path(__file__).parent / "sql"
_STORE_REPLAYED = (_SQL / "store_replayed.sql").read_text()
_STORE_INTENTS = (_SQL / "store_intents.sql").read_text()
ENDS = ("posted", "already", "forced", "suspended", "refused", "reversed")


def replay(to: int | None, chunks_max: int = CHUNKS_MAX, chunk: int = CHUNK) -> dict[str, int]:
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
        with ThreadPoolExecutor(1, "journal-pull") as pulling:
            _replay_all(to, chunks_max, chunk, counts, pulling)
    return {"replayed_to": stored_position().position, **counts}


def _replay_all(
    to: int | None, chunks_max: int, chunk: int, counts: dict[str, int], pulling: ThreadPoolExecutor
) -> None:
    """Chunk by chunk; while one is entered the next is pulled."""
    position = stored_position()
    after, digest = position.position, bytes.fromhex(position.hash)
    if to is not None and after >= to:
        return
    coming = pulling.submit(pull, after, digest, chunk)
    for number in range(chunks_max):
        entries = coming.result()
        if not entries:
            return
        after, digest = entries[-1].number, entries[-1].hash()
        more = (to is None or after < to) and number + 1 < chunks_max
        if more:
            coming = pulling.submit(pull, after, digest, chunk)
        for ended in enter(entries):
            if ended.ended in counts:
                counts[ended.ended] += 1
        if not more:
            return


def replay_ahead() -> int:
    """While the spare bank serves somebody: enter a chunk of its journal; how many entries were entered.

    So money from those it serves reaches those served here within seconds, and a hand-back finds little left.
    Nothing while customers are handed back: that replay must not wait for this one.
    """
    modes = {row.mode for row in rows.all().values()}
    if Mode.STANDIN not in modes or Mode.HANDING_BACK in modes:
        return 0
    before = stored_position().position
    return replay(None, chunks_max=1, chunk=CHUNK_AHEAD)["replayed_to"] - before


def stored_position() -> JournalPosition:
    """How far the journal was replayed; the beginning when never."""
    return JournalPosition.objects.filter(id=1).first() or JournalPosition(id=1, position=0, hash=GENESIS_HASH.hex())


def pull(after: int, last_hash: bytes, limit: int = CHUNK) -> list[Entry]:
    """The next entries, checked: no hole, each bound to the one before. Raises CallFailed, JournalBroken."""
    answer = call("standin", "GET", "/-/journal", timeout_s=5.0, after=after, limit=limit)
    return check_chain(answer.get("entries", []), after, last_hash)


def enter(entries: list[Entry]) -> list[Ended]:
    """Book a chunk of checked entries in order, then store how each ended and the new position."""
    entering = Entering(
        books(),
        reader().accounts,
        reader().booked,
        suspense=partial(opened_in, "suspense"),
        loss=partial(opened_in, "loss"),
        settle_card_void=settle_void,
    )
    ended = entering.enter(entries)
    for entry in entries:
        if entry.kind == "logout":
            revoke(str(entry.body.get("session", ""))[:64], from_journal=True)
        elif entry.kind == "card":
            follow_journal(entry)
        elif entry.kind == "factor":
            follow_factor(entry)
        elif entry.kind == "freeze":
            follow_freeze(entry)
    _store(ended)
    return ended


def _store(ended: list[Ended]) -> None:
    """Results, exceptions and position, whole or not at all."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STORE_REPLAYED, {"rows": json.dumps([_as_row(one) for one in ended])})
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
        accepts = [one.entry for one in ended if one.entry.kind == "accept"]
        follow_payments(accepts)
        by_hand = [_as_intent(one) for one in accepts if _by_hand(one)]
        cursor.execute(_STORE_INTENTS, {"rows": json.dumps(by_hand)})
        others = [one.payment().id for one in accepts if not _by_hand(one)]
        Intent.objects.filter(id__in=others).update(outcome="posted", reason="", source="journal")
        note_replayed([(one.entry, one.ended) for one in ended])
        follow_advances(ended)
        last = ended[-1].entry
        JournalPosition.objects.update_or_create(id=1, defaults={"position": last.number, "hash": last.hash().hex()})


def _by_hand(entry: Entry) -> bool:
    """Whether a customer of ours asked for it by a form: it then counts in what they paid lately, here too."""
    payment = entry.payment()
    return payment.kind == "payment" and payment.customer > 0


def _as_intent(entry: Entry) -> dict[str, Any]:
    payment = entry.payment()
    return {
        "id": payment.id.hex,
        "customer": payment.customer,
        "debit": payment.debit,
        "credit": payment.credit,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "payer": _sealed("payer", payment.payer),
        "payee": _sealed("payee", payment.payee),
        "words": _sealed("text", payment.text),
        "cohort": payment.cohort,
        "epoch": entry.epoch,
        "at_us": entry.at_us,
        "metadata": metadata_taken(payment),
    }


def _sealed(name: str, words: str) -> str:
    field = Intent._meta.get_field(name)
    return field.sealed(words[:WORDS_MAX]) if isinstance(field, SealedText) else words


def _as_row(one: Ended) -> dict[str, Any]:
    payment = one.entry.payment() if one.entry.kind in MONEY_KINDS else None
    return {
        "number": one.entry.number,
        "payment": payment.id.hex if payment else None,
        "kind": one.entry.kind,
        "ended": one.ended,
        "at_us": one.entry.at_us,
        "debit": payment.debit if payment else 0,
        "credit": payment.credit if payment else 0,
    }


def known_mode_counts() -> dict[str, int]:
    """How many cohorts are in each mode, as this bank knows."""
    counts: dict[str, int] = {}
    for row in rows.all().values():
        counts[row.mode.value] = counts.get(row.mode.value, 0) + 1
    return counts
