"""Hold payments by form back for as long as the customer chose, undo them, and carry out the others.

A held payment is none yet: no intent, nothing reserved. When its time has come the worker pays it as any form, judged
anew, under its form's id, so that with whatever was sent again it is entered once. One that was undone, or could not go
out within a minute since this bank was away, is recorded as a refusal in the books under that id before anything is
told of it, and claimed at the register (protocol.md, rules 5 and 9). When the books hold the payment, it was paid:
by the same form at the spare bank, say. Each step may be taken twice.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.calls import claim_refused
from holdfast.bank.customers.models import Customer
from holdfast.bank.errors import BankError
from holdfast.bank.mail.writing import language_of, recipient_of, write
from holdfast.bank.payments.models import HeldPayment, Intent, Told, UndoWindow
from holdfast.bank.payments.outcomes import Request, may_tell_refusal
from holdfast.bank.payments.pay import POST_S_MAX, as_post, note_outcome, pay
from holdfast.bank.web.words import writings
from holdfast.contracts.answers import Outcome, PaymentAnswer, Reason
from holdfast.contracts.epochs import Mode
from holdfast.contracts.metadata import metadata_of
from holdfast.ledger.api import BooksBusy, LedgerError, OutcomeUnknown, Result
from holdfast.telemetry import get_log

WINDOWS_S = (0, 10, 20, 30)
LATE = timedelta(seconds=60)
BEHIND = timedelta(seconds=10)
HELD_MAX = 10
BATCH = 10
KEPT = timedelta(days=90)
HELD, GOING, GONE, REFUSED, UNDONE, TOO_LATE = "held", "going", "gone", "refused", "undone", "late"
ENDING = (REFUSED, UNDONE, TOO_LATE)
"""Of these a refusal must be recorded, claimed and told."""


def window_of(customer: int) -> int:
    """For how many seconds the customer wants payments held back; 0: not at all."""
    return UndoWindow.objects.filter(customer=customer).values_list("seconds", flat=True).first() or 0


def choose_window(customer: int, seconds: int) -> None:
    """From the next payment on; one of WINDOWS_S. What is held already goes out when it was to."""
    if seconds:
        UndoWindow.objects.update_or_create(customer=customer, defaults={"seconds": seconds})
    else:
        UndoWindow.objects.filter(customer=customer).delete()


def hold(request: Request, seconds: int) -> PaymentAnswer | Reason:
    """Hold the payment back, once for each id; the same form sent again reads the same. A Reason when it is not held:
    OK to go on with it (it is on its way, or the books know it), or why it is refused."""
    known = HeldPayment.objects.filter(id=request.id).first()
    if known is None:
        if Intent.objects.filter(id=request.id).exists() or reader().outcomes([request.id]):
            return Reason.OK
        if _is_behind():
            return Reason.OK
        known = _write_down(request, seconds)
        if known is None:
            return Reason.TOO_MANY
    if not _same(known, request):
        return PaymentAnswer(Outcome.CONFLICT, Reason.OTHER_CONTENT)
    if known.state == HELD:
        return PaymentAnswer(Outcome.CHECKING)
    return {UNDONE: Reason.CANCELLED, TOO_LATE: Reason.NOT_COMPLETED}.get(known.state, Reason.OK)


def _is_behind() -> bool:
    """Whether the worker does not keep up, a whole batch being late: then none more is held, so that none becomes too
    late by that. One that waits for the books alone is not behind."""
    due = HeldPayment.objects.filter(settled=None, state__in=(HELD, GOING), goes_at__lt=timezone.now() - BEHIND)
    return _ours(due)[BATCH - 1 :].exists()


@transaction.atomic
def _write_down(request: Request, seconds: int) -> HeldPayment | None:
    """The payment as it is held; None when the customer has HELD_MAX held already."""
    Customer.objects.select_for_update().get(id=request.customer)
    if HeldPayment.objects.filter(customer=request.customer, settled=None).count() >= HELD_MAX:
        return None
    made = HeldPayment(
        id=request.id,
        customer=request.customer,
        debit=request.debit,
        credit=request.credit,
        amount_minor=request.amount_minor,
        currency=request.currency,
        credit_currency=request.credit_currency,
        payer=request.payer,
        payee=request.payee,
        text=request.text,
        birth=request.birth,
        cohort=request.cohort,
        goes_at=timezone.now() + timedelta(seconds=seconds),
        metadata=dict(request.metadata) or None,
    )
    HeldPayment.objects.bulk_create([made], ignore_conflicts=True)
    return HeldPayment.objects.get(id=request.id)


def _same(held: HeldPayment, request: Request) -> bool:
    names = ("customer", "debit", "credit", "amount_minor", "currency", "payee", "text")
    same = all(getattr(held, name) == getattr(request, name) for name in names)
    return same and metadata_of(held.metadata) == request.metadata


def find_held(payment: uuid.UUID, customer: int) -> HeldPayment | None:
    """A payment that this customer had held back, whatever became of it."""
    return HeldPayment.objects.filter(id=payment, customer=customer).first()


def held_now(customer: int) -> list[HeldPayment]:
    """What the customer may still undo, the next to go out first."""
    return list(HeldPayment.objects.filter(customer=customer, state=HELD, settled=None).order_by("goes_at")[:HELD_MAX])


def undo(held: HeldPayment) -> bool:
    """Undo it, and record that where books and doors answer, else the worker goes on; False: it is on its way."""
    HeldPayment.objects.filter(id=held.id, state=HELD).update(state=UNDONE)
    held.refresh_from_db()
    if held.state == UNDONE and held.settled is None:
        _try(settle, held)
    return held.state == UNDONE


def carry_out_held() -> int:
    """The worker's part: pay what is due, of the customers that this bank serves; how many were taken up."""
    due = _ours(HeldPayment.objects.filter(state__in=(HELD, GOING), settled=None, goes_at__lte=timezone.now()))
    return _each(_go, list(due.order_by("goes_at")[:BATCH]))


def settle_held() -> int:
    """The worker's part: what was undone or refused and does not stand in the books, or was not claimed, at once."""
    ending = _ours(HeldPayment.objects.filter(state__in=ENDING, settled=None))
    return _each(settle, list(ending.order_by("goes_at")[:BATCH]))


def forget_old() -> int:
    """A job: what ended long ago is no longer kept here, the books remember it; how many went."""
    return HeldPayment.objects.filter(settled__lt=timezone.now() - KEPT).delete()[0]


def settle(held: HeldPayment) -> None:
    """Record the refusal in the books, claim it, then tell it; or learn that it was paid. Raises what books and doors
    raise, with nothing told."""
    row = rows.row(held.cohort)
    if not may_tell_refusal(held.birth, row):
        return
    reason = Reason.CANCELLED if held.state == UNDONE else Reason.NOT_COMPLETED
    posted = books().post(as_post(_request(held), reason, "undo"), deadline_s=POST_S_MAX)
    if posted.result is Result.STALE:
        return
    if posted.result not in (Result.REFUSED, Result.ALREADY_REFUSED):
        _end(held, GONE)
        return
    note_outcome(held.id, posted)
    granted = {held.id.hex}
    if posted.source == "own":
        granted, _ = claim_refused([(held.id.hex, held.cohort, row.epoch)])
    if held.id.hex in granted:
        _tell(held, posted.reason)


def _go(held: HeldPayment) -> None:
    """Take it up, so that it can no longer be undone, then pay it; too late it is ended instead. Taken up again it is
    the same payment, by its id."""
    waiting = HeldPayment.objects.filter(id=held.id, state__in=(HELD, GOING), settled=None)
    late = held.goes_at < timezone.now() - LATE
    if not waiting.update(state=TOO_LATE if late else GOING):
        return
    if late:
        held.state = TOO_LATE
        settle(held)
        return
    answer = pay(_request(held), proved=True)
    if not isinstance(answer, PaymentAnswer) or answer.outcome is Outcome.CHECKING:
        return
    if answer.outcome in (Outcome.REFUSED_OWN, Outcome.REFUSED_SETTLED):
        waiting.update(state=REFUSED)
        held.state = REFUSED
        settle(held)
    else:
        _end(held, GONE)


def _request(held: HeldPayment) -> Request:
    """The form as it was sent, under the row that is known now."""
    row = rows.row(held.cohort)
    return Request(
        id=held.id,
        customer=held.customer,
        debit=held.debit,
        credit=held.credit,
        amount_minor=held.amount_minor,
        currency=held.currency,
        credit_currency=held.credit_currency,
        payer=held.payer,
        payee=held.payee,
        text=held.text,
        birth=held.birth,
        cohort=held.cohort,
        epoch=row.epoch,
        forced=row.forced,
        metadata=metadata_of(held.metadata),
    )


def _ours(found: QuerySet[HeldPayment]) -> QuerySet[HeldPayment]:
    """Those of customers that this bank serves, and that no unread journal may hold as accepted (rule 18)."""
    known = rows.all()
    found = found.exclude(cohort__in=[cohort for cohort, row in known.items() if row.mode is not Mode.PRIMARY])
    for forced in {row.forced for row in known.values() if row.forced}:
        unread = [cohort for cohort, row in known.items() if row.forced == forced]
        found = found.exclude(Q(cohort__in=unread, birth__lte=forced))
    return found


def _each(step: Callable[[HeldPayment], None], found: list[HeldPayment]) -> int:
    """Take a step with each; one that fails leaves the others alone, unless the books do not answer."""
    for held in found:
        if not _try(step, held):
            break
    return len(found)


def _try(step: Callable[[HeldPayment], None], held: HeldPayment) -> bool:
    """Whether the books answered; what failed is taken up again."""
    try:
        step(held)
    except (BooksBusy, OutcomeUnknown):
        return False
    except (BankError, LedgerError) as error:
        get_log().warning("a held payment waits", payment=held.id.hex, state=held.state, words=str(error)[:200])
    return True


def _end(held: HeldPayment, state: str) -> bool:
    """Nothing is left to do; False when that was so already."""
    return bool(HeldPayment.objects.filter(id=held.id, settled=None).update(state=state, settled=timezone.now()))


def _tell(held: HeldPayment, reason: Reason) -> None:
    """From now on it may be shown as refused; who did not undo it themselves has a mail, once."""
    with transaction.atomic():
        if not _end(held, held.state):
            return
        Told.objects.get_or_create(payment=held.id)
        if held.state == UNDONE:
            return
        to = recipient_of(Customer.objects.get(id=held.customer))
        spoken = writings()[language_of(to)]
        why = spoken.say("undo.late_why") if held.state == TOO_LATE else spoken.reason(reason)
        amount = spoken.amount(held.amount_minor, held.currency)
        write(to, "payment-not-made", amount=amount, at=spoken.moment(held.goes_at), why=why)
