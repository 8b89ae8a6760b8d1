"""Paying emergency money back: by the customer's own press, or by the bank from the due day on; and settling what was
left open.

Only this bank books it, and the customer's id for it changes only once the books have refused the one before, so an
advance is paid back once. From its due day on it is taken from the account once the agreed amount stays there
afterwards; it costs nothing until then, and after.
"""

import uuid
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.errors import StaleEpoch
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.hardship.giving import as_post, note_answer
from holdfast.bank.hardship.keeping import HARDSHIP, help_known
from holdfast.bank.hardship.models import Advance
from holdfast.bank.hardship.owing import ASKED, GIVEN, cause_of, tell_owed
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.payments.pay import POST_S_MAX, bank_today, new_note
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.help_now import BACK_KIND
from holdfast.ledger.api import Post, Posted, Result

BATCH = 25
LOOKED_AT = 500
"""Due advances whose accounts one step of the job looks at."""
OPEN_AGE = timedelta(seconds=30)


class Back(StrEnum):
    """How paying back went."""

    DONE = "done"
    NO_MONEY = "no_money"
    FROZEN = "frozen"
    LATER = "later"


def pay_back(customer: int, advance: uuid.UUID, epoch: int) -> Back:
    """Pay one of the customer's own advances back, whole, out of the account that it went to. Raises StaleEpoch,
    OutcomeUnknown, BooksBusy: the same may then be asked again. Of somebody else's advance nothing is done: LATER."""
    one = Advance.objects.filter(id=advance, customer=customer, state=GIVEN).first()
    if one is None:
        return Back.LATER
    if one.paid_back is not None:
        return Back.DONE
    if frozen_now.customer(customer) or frozen_now.account(one.account):
        return Back.FROZEN
    if reader().accounts([one.account])[one.account].available_minor < one.amount_minor and not one.back_asked:
        return Back.NO_MONEY
    Advance.objects.filter(id=one.id).update(back_asked=timezone.now())
    posted = books().post(_post(one, epoch), deadline_s=POST_S_MAX)
    if posted.result is Result.STALE:
        raise StaleEpoch(posted.known_epoch)
    return Back.DONE if _note_back(one, posted) else Back.NO_MONEY


def _post(one: Advance, epoch: int) -> Post:
    return Post(
        id=ids.advance_back_id(one.id, one.back_attempts),
        debit=one.account,
        credit=HARDSHIP,
        amount_minor=one.amount_minor,
        currency=one.currency,
        kind=BACK_KIND,
        value_date=bank_today(),
        cohort=one.cohort,
        epoch=epoch,
        cause=cause_of(one.month, one.number),
        note=new_note("", "", ""),
    )


def _note_back(one: Advance, posted: Posted) -> bool:
    """Note how the books answered; whether it is paid back. A refusal ends this id, and the next try has another."""
    with transaction.atomic():
        lock_customer(one.customer)
        same = Advance.objects.filter(id=one.id, back_attempts=one.back_attempts)
        if posted.result in (Result.POSTED, Result.ALREADY_POSTED):
            same.filter(paid_back=None).update(paid_back=timezone.now(), back_asked=None)
            tell_owed(one.customer)
            return True
        same.update(back_attempts=one.back_attempts + 1, back_asked=None)
        return False


class _Place:
    """How far the job has come through what is due; it begins again behind the last."""

    after: uuid.UUID = uuid.UUID(int=0)


def take_back_due() -> int:
    """The worker's job: advances that are due, of customers served here, whose account keeps the agreed amount after
    it; a step at a time. How many were paid back."""
    due = Advance.objects.filter(state=GIVEN, paid_back=None, due__lte=bank_today(), cohort__in=cohorts_ours())
    found = list(due.filter(id__gt=_Place.after).order_by("id")[:LOOKED_AT])
    states = reader().accounts([one.account for one in found]) if found else {}
    available = {account: state.available_minor for account, state in states.items()}
    stays, paid = help_known().terms.left_minor, 0
    _Place.after = found[-1].id if len(found) == LOOKED_AT else uuid.UUID(int=0)
    for one in found:
        if available.get(one.account, 0) < one.amount_minor + stays or rows.row(one.cohort).forced:
            continue
        if paid == BATCH:
            _Place.after = uuid.UUID(int=one.id.int - 1)
            break
        try:
            done = pay_back(one.customer, one.id, rows.row(one.cohort).epoch) is Back.DONE
        except StaleEpoch:
            continue
        paid += done
        available[one.account] -= one.amount_minor if done else 0
    return paid


def settle_open() -> int:
    """The worker's job: what was asked for and not answered, as a process fell. An advance is refused in the books,
    unless they have it; a paying back is looked up, and asked again while nothing is known. How many were settled."""
    before, ours = timezone.now() - OPEN_AGE, cohorts_ours()
    settled = 0
    for one in Advance.objects.filter(state=ASKED, asked__lt=before, cohort__in=ours).order_by("asked")[:BATCH]:
        if rows.row(one.cohort).forced:
            continue
        posted = books().post(as_post(one, rows.row(one.cohort).epoch, Reason.NOT_COMPLETED))
        if posted.result is not Result.STALE:
            note_answer(one, posted)
            settled += 1
    for one in Advance.objects.filter(back_asked__lt=before, paid_back=None, cohort__in=ours).order_by("id")[:BATCH]:
        if rows.row(one.cohort).forced:
            continue
        posted = books().post(_post(one, rows.row(one.cohort).epoch))
        if posted.result is not Result.STALE:
            _note_back(one, posted)
            settled += 1
    return settled
