"""What card uses hold of accounts: held until the network says what became of it, or its time has passed.

A use that is not final is a pending transfer in the books. What becomes of it is another question of the network, with
a transaction of its own: it posts what was held, wholly or in part, or frees it. A larger amount needs cover: the hold
is exchanged for it, both or neither. Where the spare bank had booked the use (it holds nothing), the difference is
moved.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from holdfast.bank.books import books, reader
from holdfast.bank.cards.models import CardUse
from holdfast.bank.database.alone import alone
from holdfast.bank.errors import BankError
from holdfast.contracts import cards, ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.cards import REVERSAL_KIND
from holdfast.ledger.api import Action, Booked, BooksBusy, Hold, Post, Posted, Result

SETTING = "HOLDFAST_CARD_HOLD_DAYS"
HOLD_DAYS, HOLD_DAYS_MAX = 7, 60
POST_S_MAX = 3.0
ENDED, UNKNOWN = "ended", "unknown"


def hold_days(environment: Mapping[str, str] = os.environ) -> int:
    """For how many days a use that is not final is held; raises BankError when the setting is not from 1 to 60."""
    told = environment.get(SETTING, str(HOLD_DAYS))
    if not told.isascii() or not told.isdigit() or not 1 <= int(told) <= HOLD_DAYS_MAX:
        raise BankError(f"{SETTING} must be a number of days from 1 to {HOLD_DAYS_MAX}, it is {told!r}")
    return int(told)


hold_days()  # a setting that cannot be meant ends the start, not a customer's purchase


def as_asked(use: cards.CardUse, post: Post) -> Post:
    """The use as the books take it: moved, held, posted or freed; a refusal stays one."""
    if use.release:
        return replace(post, settles=use.settles, action=Action.VOID, note=None)
    if use.settles is not None:
        return replace(post, settles=use.settles)
    if use.final or post.refuse is not None:
        return post
    until = timezone.now() + timedelta(days=hold_days())
    return replace(post, action=Action.PENDING, expires_us=int(until.timestamp() * 1_000_000))


def settle(use: cards.CardUse, post: Post) -> Posted:
    """Do what became of a hold, once. Raises what the books raise."""
    if post.settles is None:
        return books().post(post, deadline_s=POST_S_MAX)
    held = reader().hold(post.settles)
    if held is None:
        booked = reader().booked([post.settles]).get(post.settles)
        return _settle_booked(use, post, booked) if booked else books().post(post, deadline_s=POST_S_MAX)
    if not held.ended and not use.release and post.amount_minor > held.amount_minor:
        return _exchange(post, held)
    posted = books().post(post, deadline_s=POST_S_MAX)
    if use.release and posted.result in (Result.POSTED, Result.ALREADY_POSTED):
        CardUse.objects.filter(id=post.settles).update(outcome="released")
    return posted


def _exchange(post: Post, held: Hold) -> Posted:
    group = ids.card_exchange_id(post.id)
    void = replace(
        post, id=group, amount_minor=held.amount_minor, action=Action.VOID, settles=held.id, linked=group, note=None
    )
    return books().post_many([void, replace(post, settles=None, linked=group)], deadline_s=POST_S_MAX)[1]


def _settle_booked(use: cards.CardUse, post: Post, booked: Booked) -> Posted:
    """The spare bank booked the use itself: what is left over is given back, what is missing is moved, once. Of what it
    did not book, or another card did, nothing is known to be held; a refusal stays one, also when it was booked since.
    Raises BooksBusy while another question settles the same use.
    """
    found = reader().outcome(post.id)
    if found is not None and found.result is Result.ALREADY_REFUSED:
        said = books().post(post, deadline_s=POST_S_MAX)
        # Refused may have been the difference: then the content is not that of the use.
        return found if said.result is Result.CONFLICT and _written_down(post) else said
    if not _is_of(booked, post) or post.refuse is not None:
        return books().post(post, deadline_s=POST_S_MAX)
    with alone(int.from_bytes(post.settles.bytes[:8], signed=True)) as ours:  # type: ignore[union-attr]  # it settles one
        earlier = _earlier(post) if ours else UNKNOWN
        if earlier == UNKNOWN:
            raise BooksBusy("another question about the same card use is being answered; nothing was posted")
        if earlier == ENDED:
            return books().post(replace(post, refuse=Reason.HOLD_ENDED), deadline_s=POST_S_MAX)
        return _move_difference(use, post, booked)


def _move_difference(use: cards.CardUse, post: Post, booked: Booked) -> Posted:
    too_much = booked.amount_minor - (0 if use.release else post.amount_minor)
    if too_much == 0:
        found = reader().outcome(post.settles) if post.settles else None
        return replace(found, id=post.id) if found else books().post(post, deadline_s=POST_S_MAX)
    plain = replace(post, settles=None, action=Action.TRANSFER, amount_minor=abs(too_much))
    if too_much > 0:
        plain = replace(plain, debit=post.credit, credit=post.debit, kind=REVERSAL_KIND, reverses=post.settles)
    return books().post(plain, deadline_s=POST_S_MAX)


def _is_of(booked: Booked, post: Post) -> bool:
    """Whether the spare bank booked this, for the same card's account."""
    same = (booked.debit, booked.credit, booked.currency) == (post.debit, post.credit, post.currency)
    return same and booked.journal_number >= 0


def _earlier(post: Post) -> str:
    """Whether a question asked before settled the same use: ENDED, UNKNOWN while its outcome is not written down, or ""
    for none. The books are asked too, as whoever booked may have died before noting it."""
    asked = CardUse.objects.filter(id=post.id).values_list("created", flat=True).first() or timezone.now()
    others = CardUse.objects.filter(hold=post.settles).exclude(id=post.id)
    open_ones = list(others.filter(outcome="").values_list("id", "created"))
    booked = reader().outcomes([ident for ident, _ in open_ones])
    if others.filter(outcome="posted").exists() or any(one.result is Result.ALREADY_POSTED for one in booked.values()):
        return ENDED
    first = (asked, post.id)
    return UNKNOWN if any((at, ident) < first and ident not in booked for ident, at in open_ones) else ""


def _written_down(post: Post) -> bool:
    """Whether the use was asked for with this content."""
    return CardUse.objects.filter(
        id=post.id, debit=post.debit, credit=post.credit, amount_minor=post.amount_minor, currency=post.currency
    ).exists()


def free_expired() -> int:
    """A job: free what was held and not asked for in its time; how many. Bounded; the rest at the next run."""
    return books().expire_pendings()
