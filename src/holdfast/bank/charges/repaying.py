"""A loan is paid back early, whole or in part, when its customer asks: quoted, decided, booked, then noted at the loan.

What it comes to is decided and stored under the lock of the loan's row, where instalments are decided too: so of two
forms sent at once, and of a form and the day's instalment, one finds the loan as it was quoted and the other is told
that it stands elsewhere now. The entries are one linked group under derived ids, so that a repeat books nothing twice.
What was decided and not booked when its process died is booked by the worker on the same day; on a later one, and when
an owner froze everything since, the books are asked to refuse it, unless they hold it already: what was quoted holds
for its day alone.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from holdfast.bank.books import books, reader
from holdfast.bank.charges.engine.loans import Extra, Grown, Instalment, plan_of
from holdfast.bank.charges.loans import (
    PART_KIND,
    TAKEN,
    divided,
    early_fee_of,
    extras_of,
    left_of,
    loan_entry,
    payoff_of,
    terms_of,
    where,
)
from holdfast.bank.charges.models import Loan, LoanPayment, Repayment
from holdfast.bank.charges.own import loan_account, own
from holdfast.bank.exchange.feed import standin_cursor
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.ledger.api import BooksBusy, OutcomeUnknown, Post, Result
from holdfast.telemetry import get_log

KIND = "repayment"
EXTRAS_MAX = 100
"""So often a loan is paid back in part."""
LEFT_MINOR_MIN = 100
"""So much of the principal at least is left for each instalment to come, in minor units."""
POST_S_MAX = 3.0
FINISH_MAX = 100


class Against(StrEnum):
    """Why a loan is not paid back now; nothing was done."""

    OVER = "over"
    BUSY = "busy"
    CHANGED = "changed"
    FROZEN = "frozen"
    SHORT = "short"
    DUE = "due"
    WHOLE = "whole"
    REST = "rest"
    OFTEN = "often"


@dataclass(frozen=True, slots=True)
class Quote:
    """What paying back on a day comes to, in minor units. owed_minor: the principal before it, principal_minor: of it,
    what is paid back; short_minor: what the account lacks for it; grown: the calculation of the interest; coming: the
    instalments that are left after it."""

    loan: Loan
    day: date
    whole: bool
    version: str
    owed_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    late_interest_minor: int
    late_fee_minor: int
    short_minor: int
    grown: tuple[Grown, ...] = ()
    coming: tuple[Instalment, ...] = ()

    @property
    def total_minor(self) -> int:
        """What is taken from the account."""
        late_minor = self.late_interest_minor + self.late_fee_minor
        return self.principal_minor + self.interest_minor + self.fee_minor + late_minor


def quote(loan: Loan, day: date, part_minor: int | None = None) -> Quote | Against:
    """What paying back the whole (None) or a part of the principal comes to on a day, or why it cannot be; an account
    that lacks the money for it is told in the quote."""
    left = left_of(loan)
    if not left:
        return Against.OVER
    if loan.repaying or LoanPayment.objects.filter(loan=loan, state__in=("decided", "booked")).exists():
        return Against.BUSY
    if frozen_now.account(loan.account):
        return Against.FROZEN
    return _whole(loan, day) if part_minor is None else _part(loan, day, part_minor, left)


def _whole(loan: Loan, day: date) -> Quote:
    version, made = payoff_of(loan, day)
    late = (made.late_interest_minor, made.late_fee_minor)
    amounts = (made.principal_minor, made.principal_minor, made.interest_minor, made.fee_minor, *late)
    return Quote(loan, day, True, version, *amounts, _short_minor(loan, made.total_minor), made.grown)


def _part(loan: Loan, day: date, part_minor: int, left: list[Instalment]) -> Quote | Against:
    owed_minor = left[0].owed_minor
    if left[0].due <= day or loan.late_since:
        return Against.DUE
    if part_minor >= owed_minor:
        return Against.WHOLE
    if owed_minor - part_minor < LEFT_MINOR_MIN * len(left):
        return Against.REST
    if loan.extras >= EXTRAS_MAX:
        return Against.OFTEN
    version, fee_minor = early_fee_of(loan, day)
    coming = plan_of(terms_of(loan), [*extras_of(loan), Extra(day, part_minor)])[loan.paid :]
    short_minor = _short_minor(loan, part_minor + fee_minor)
    amounts = (owed_minor, part_minor, 0, fee_minor, 0, 0)
    return Quote(loan, day, False, version, *amounts, short_minor, coming=tuple(coming))


def _short_minor(loan: Loan, total_minor: int) -> int:
    state = reader().accounts([loan.account]).get(loan.account)
    return total_minor if state is None else max(0, total_minor - max(0, state.available_minor))


def find_repayment(loan: Loan, form: uuid.UUID) -> Repayment | None:
    """What was decided for this form."""
    return Repayment.objects.filter(form=form, loan=loan).first()


def repay(made: Quote, form: uuid.UUID, customer: int) -> Repayment | Against:
    """Pay back what was quoted, or say why not. The same form again is answered as the first time; its `state` says
    whether it is booked, refused, or still being carried out."""
    decided = _decide(made, form, customer)
    if isinstance(decided, Against):
        return decided
    try:
        block = _carry_out(decided, made.day)
    except (BooksBusy, OutcomeUnknown):
        return decided  # the worker goes on with it
    if block:
        standin_cursor.wait_for(block)
    decided.refresh_from_db()
    return decided


def _decide(made: Quote, form: uuid.UUID, customer: int) -> Repayment | Against:
    if made.short_minor:
        return Against.SHORT
    with transaction.atomic():
        held = Loan.objects.select_for_update().get(id=made.loan.id)
        known = find_repayment(held, form)
        if known is not None:
            return known
        if where(held) != where(made.loan):
            return Against.CHANGED
        if LoanPayment.objects.filter(loan=held, state__in=("decided", "booked")).exists():
            return Against.BUSY
        one = Repayment.objects.create(
            id=ids.charge_id(KIND, loan_account(held.id), form.hex),
            form=form,
            loan=held,
            customer=customer,
            day=made.day,
            whole=made.whole,
            paid=held.paid,
            extras=held.extras,
            late_since=held.late_since,
            principal_minor=made.principal_minor,
            interest_minor=made.interest_minor,
            fee_minor=made.fee_minor,
            late_interest_minor=made.late_interest_minor,
            late_fee_minor=made.late_fee_minor,
            version=made.version,
            state="decided",
            asked=timezone.now(),
        )
        Loan.objects.filter(id=held.id).update(repaying=one.id)
        return one


def finish_repayments(day: date, limit: int = FINISH_MAX) -> int:
    """Book, or have refused, what was decided and left by a process that died; how many ended."""
    waiting = Repayment.objects.filter(state="decided", loan__cohort__in=cohorts_ours()).select_related("loan")
    return sum(_carry_out(one, day) > 0 for one in waiting.order_by("id")[:limit])


def _carry_out(one: Repayment, day: date) -> int:
    """Have it booked as one linked group, refused of another day than its own, and of an account that an owner froze
    since; the block in which the books hold the end of it, 0 when it has none yet."""
    refuse = Reason.CUSTOMER_FROZEN if frozen_now.account(one.loan.account) else None
    posts = _entries(one, refuse if one.day == day else Reason.NOT_COMPLETED)
    posted = books().post_many(posts, deadline_s=POST_S_MAX)[0]
    if posted.result in TAKEN:
        _note_booked(one)
    elif posted.result in (Result.REFUSED, Result.ALREADY_REFUSED):
        _note_refused(one, posted.reason)
    else:
        if posted.result is not Result.STALE:
            get_log().error("repayment_not_ended", repayment=str(one.id), result=posted.result.value)
        return 0
    return posted.block


def _entries(one: Repayment, refuse: Reason | None) -> list[Post]:
    """One entry on the customer's account, divided in the same group."""
    bank = own("instalments")
    posts = [
        loan_entry(one, one.id, one.loan.account, bank, one.total_minor, KIND),
        *(loan_entry(one, _part_id(one, name), bank, to, minor, PART_KIND) for name, to, minor in divided(one)),
    ]
    return [replace(post, refuse=refuse, linked=one.id) for post in posts]


def _part_id(one: Repayment, name: str) -> uuid.UUID:
    return ids.charge_id(f"{KIND}-{name}", loan_account(one.loan_id), one.form.hex)


def _note_booked(one: Repayment) -> None:
    with transaction.atomic():
        if not Repayment.objects.filter(id=one.id, state="decided").update(state="booked"):
            return
        loan = Loan.objects.filter(id=one.loan_id, repaying=one.id)
        if one.whole:
            loan.update(repaying=None, repaid=one.day, next_pay_on=None, late_since=None)
        else:
            loan.update(repaying=None, extras=F("extras") + 1)


def _note_refused(one: Repayment, reason: Reason) -> None:
    with transaction.atomic():
        if Repayment.objects.filter(id=one.id, state="decided").update(state="refused", reason=reason.value):
            Loan.objects.filter(id=one.loan_id, repaying=one.id).update(repaying=None)
