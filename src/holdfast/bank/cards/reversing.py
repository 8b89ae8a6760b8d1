"""What the replay of the spare bank's journal means for card uses.

A card network waits only seconds for yes or no. Where the spare bank would not accept a use, it cannot know whether
this bank has booked it just before it fell silent, yet it has to answer: it journals a void and answers declined.
The void is settled as a refusal, unless this bank had booked the use: then the network was told declined while the
money moved, and the same amount is given back by a transfer of its own, under an id derived from the use's. However
often the entry is replayed, that id is booked once, so what was declined and booked is given back exactly once; a
person sees an exception. The network's last answer was declined in every such case: it asks a second bank only when
it has no answer of the first, and from then on both banks answer declined (authorising.py looks for the reversal).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from holdfast.bank.books import books, reader
from holdfast.bank.cards.models import CardUse
from holdfast.bank.errors import JournalBroken
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.payments.pay import new_note
from holdfast.contracts import ids
from holdfast.contracts.cards import KIND, REVERSAL_KIND
from holdfast.contracts.journal import Entry
from holdfast.ledger.api import Action, Hold, Post, Posted, Result

BOOKED = (Result.POSTED, Result.ALREADY_POSTED)


def settle_void(entry: Entry, posted: Posted) -> tuple[str, str]:
    """How a card's void ended, `refused`, `already` or `reversed`, and the words of its exception, "" without one.

    Raises what the books raise, and JournalBroken when not even the suspense account takes the reversal.
    """
    payment = entry.payment()
    if posted.result is Result.ALREADY_POSTED:
        held = reader().hold(payment.id)
        freed_before = reader().outcome(ids.card_reversal_id(payment.id)) is not None
        if held is not None and held.ended in ("voided", "expired") and not freed_before:
            return "already", ""
        if held is not None and held.ended != "posted":
            _free(entry)
        else:
            _give_back(entry, held)
        return "reversed", (
            f"Card use {payment.id} was told declined by the spare bank and was booked here; it is given back by "
            f"{ids.card_reversal_id(payment.id)}."
        )
    if posted.result is Result.CONFLICT:
        found = reader().outcome(payment.id)
        if found is not None and found.result is Result.ALREADY_POSTED:
            return "already", (
                f"Card use {payment.id} was told declined by the spare bank and is booked here with another amount or "
                "account; nothing is given back until a person has asked the card network."
            )
    return ("refused" if posted.result is Result.REFUSED else "already"), ""


def _free(entry: Entry) -> None:
    """Void what the use only held."""
    back = replace(_back(entry), action=Action.VOID, settles=entry.payment().id, over_floor=False, note=None)
    payment = entry.payment()
    if books().post_many([replace(back, debit=payment.debit, credit=payment.credit)])[0].result not in BOOKED:
        raise JournalBroken(f"journal entry {entry.number}: what the card use holds cannot be freed")


def _give_back(entry: Entry, held: Hold | None) -> None:
    """Book the reversal; to the suspense account when the customer's account takes no bookings any more. Of what was
    held, the transfer that posted it is given back: it may be of less."""
    back, moved = _back(entry), entry.payment().id
    if held is not None and held.by is not None:
        moved = held.by
        back = replace(back, amount_minor=reader().booked([moved])[moved].amount_minor)
    suspended = replace(back, credit=bank_facts.own("suspense"))
    for post in (replace(back, reverses=moved), back, suspended):
        if books().post_many([post])[0].result in BOOKED:
            return
    raise JournalBroken(f"journal entry {entry.number}: the card use that it voids cannot be given back")


def _back(entry: Entry) -> Post:
    payment = entry.payment()
    return Post(
        id=ids.card_reversal_id(payment.id),
        debit=payment.credit,
        credit=payment.debit,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        kind=REVERSAL_KIND,
        value_date=payment.value_date,
        cohort=payment.cohort,
        epoch=entry.epoch,
        cause=f"card-reversal:{payment.id.hex}",
        note=new_note(payment.payee, payment.payer, f"Given back: declined. {payment.text}"),
        source="journal",
        journal_number=entry.number,
        over_floor=True,
    )


def note_replayed(ended: Iterable[tuple[Entry, str]]) -> None:
    """Write down the spare bank's card uses beside our own, so that limits and pages count them. Safe to repeat."""
    found = [(entry, how) for entry, how in ended if entry.kind in ("accept", "void") and entry.payment().kind == KIND]
    CardUse.objects.bulk_create([_as_use(entry) for entry, _ in found], ignore_conflicts=True)
    taken = [entry.payment().id for entry, _ in found if entry.kind == "accept"]
    CardUse.objects.filter(id__in=taken).update(outcome="posted", reason="", source="journal")
    for entry, how in found:
        if how in ("refused", "reversed"):
            reason = str(entry.body.get("reason", ""))[:30]
            CardUse.objects.filter(id=entry.payment().id).update(outcome="refused", reason=reason, source="journal")


def _as_use(entry: Entry) -> CardUse:
    payment = entry.payment()
    at = datetime.fromtimestamp(entry.at_us / 1e6, UTC)
    return CardUse(
        id=payment.id,
        card=str(entry.body.get("card", ""))[:32],
        customer=payment.customer,
        debit=payment.debit,
        credit=payment.credit,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        merchant=payment.payee,
        cause=payment.cause,
        asked_at=at,
        hold=entry.settles(),
        cohort=payment.cohort,
        epoch=0,
        created=at,
    )
