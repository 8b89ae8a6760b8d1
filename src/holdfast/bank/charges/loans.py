"""Loans: opened in the books, their instalments collected on their days, divided into principal, interest and fees.

What an instalment comes to is decided and stored first, then taken from the customer's account as one entry, then
divided among the bank's own accounts; each under a derived id, so that a run repeated or killed midway takes nothing
twice. An instalment that is not covered is not tried in the books: it is collected as soon as the account covers it.
Who is found without cover when the pay day is over is late from then on, with what that costs by the price list; a day
on which the bank itself was away makes nobody late (lateness.py). Loans are looked at in turn, so that many without
cover keep nobody waiting for ever.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import Count

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges.engine.days import DayCount
from holdfast.bank.charges.engine.loans import (
    Extra,
    Instalment,
    Payoff,
    Plan,
    Terms,
    late_interest_minor,
    payoff,
    plan_of,
)
from holdfast.bank.charges.engine.prices import LoanPrices
from holdfast.bank.charges.lateness import last_days_away, late_after
from holdfast.bank.charges.models import Loan, LoanPayment, Repayment
from holdfast.bank.charges.own import loan_account, open_loan_account, open_own, own
from holdfast.bank.charges.publishing import price_book
from holdfast.bank.errors import BankError
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.orders.executing import cohorts_ours
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts import ids
from holdfast.ledger.api import AccountState, Post, Posted, Result

BATCH = 100
PAGE = 2_000
PAGES_MAX = 10
"""So many loans are looked at in a step that finds none covered; the next step goes on behind them."""
TRIES_MAX = 10
"""So often the books are asked in a day for an instalment that they refused though the account had covered it."""
KIND, PAYOUT_KIND, PART_KIND = "instalment", "loan", "loan_part"
TAKEN = (Result.POSTED, Result.ALREADY_POSTED)


@dataclass(frozen=True, slots=True)
class NewLoan:
    """A loan to open; form: the request that asks for it, customer and account (current) whose it is."""

    form: uuid.UUID
    customer: int
    account: int
    cohort: int
    title: str
    currency: str
    principal_minor: int
    rate_ppm: int
    plan: Plan
    paid_out: date
    first_due: date
    instalments: int


def terms_of(loan: Loan) -> Terms:
    """A loan as the engine takes it."""
    return Terms(
        loan.principal_minor,
        loan.rate_ppm,
        DayCount(loan.count),
        Plan(loan.plan),
        loan.paid_out,
        loan.first_due,
        loan.instalments,
        loan.instalment_fee_minor,
    )


def extras_of(loan: Loan, most: int | None = None) -> list[Extra]:
    """What was paid back of it beside the plan, by day; of a loan without, no query. most: only so many, the first."""
    if not loan.extras:
        return []
    found = Repayment.objects.filter(loan=loan, whole=False, state="booked").order_by("extras")
    return [Extra(one.day, one.principal_minor) for one in found[:most]]


def plan_for(loan: Loan) -> list[Instalment]:
    """All its instalments, with what was paid back beside them."""
    return plan_of(terms_of(loan), extras_of(loan))


def left_of(loan: Loan) -> list[Instalment]:
    """Those that are still to be paid; none of a loan that was paid back whole."""
    return [] if loan.repaid else plan_for(loan)[loan.paid :]


def open_loans(wanted: Sequence[NewLoan]) -> list[Loan]:
    """Open each and pay it out to its account, once for each form. Raises ValueError for terms that cannot be meant,
    BankError when the books did not take it all; the same forms again go on where it stopped."""
    open_own()
    made = [_agree(one) for one in wanted]
    for one in made:
        open_loan_account(one.id, one.currency, one.cohort)
    for start in range(0, len(made), BATCH):
        part = made[start : start + BATCH]
        claims = [_post(one, "loan-claim", loan_account(one.id), own("loans_paid_out"), PART_KIND) for one in part]
        payouts = [_post(one, "loan-payout", own("loans_paid_out"), one.account, PAYOUT_KIND) for one in part]
        posts = [*claims, *payouts]
        for post, posted in zip(posts, books().post_many(posts), strict=True):
            if posted.result not in TAKEN:
                raise BankError(f"{post.cause} was not paid out: {posted.result.value} {posted.reason.value}")
    return made


def _agree(wanted: NewLoan) -> Loan:
    version, prices = prices_on(wanted.currency, wanted.paid_out)
    said = {name: getattr(wanted, name) for name in NewLoan.__dataclass_fields__ if name != "form"}
    agreed = {
        **said,
        "plan": wanted.plan.value,
        "count": DayCount.THIRTY_360.value,
        "instalment_fee_minor": prices.instalment_fee_minor,
        "version": version,
    }
    first = plan_of(terms_of(Loan(**agreed)))[0]
    with transaction.atomic():
        return Loan.objects.get_or_create(form=wanted.form, defaults={**agreed, "next_pay_on": first.pay_on})[0]


def prices_on(currency: str, day: date) -> tuple[str, LoanPrices]:
    """What loans cost on a day, and by which version; raises ValueError where there is no price list."""
    held = price_book(currency).on(day)
    if held is None:
        raise ValueError(f"there is no price list in {currency} for {day}")
    return held.version, held.loan


def _post(loan: Loan, rule: str, debit: int, credit: int, kind: str) -> Post:
    return Post(
        id=ids.charge_id(rule, loan_account(loan.id), loan.paid_out.isoformat()),
        debit=debit,
        credit=credit,
        amount_minor=loan.principal_minor,
        currency=loan.currency,
        kind=kind,
        value_date=loan.paid_out,
        cohort=loan.cohort,
        epoch=rows.row(loan.cohort).epoch,
        cause=f"loan:{loan.id}",
    )


def collect_instalments(today: date | None = None, limit: int = BATCH) -> int:
    """One step: finish what was begun, then take instalments that are payable; how many entries were made."""
    day = today or bank_today()
    moved = _book_decided(day, limit) + _divide_booked(limit)
    if moved:
        return moved
    decided = _decide(day, limit)
    return _book_decided(day, limit) + _divide_booked(limit) if decided else 0


class _Turn:
    """The last loan that was looked at in this process: the next look begins behind it."""

    after = 0


_turn = _Turn()


def _decide(day: date, limit: int) -> int:
    """Write down what instalments come to whose accounts cover them, all loans in turn from where the last look ended;
    how many."""
    begun, decided, around = _turn.after, 0, False
    for _ in range(PAGES_MAX):
        ours = Loan.objects.filter(cohort__in=cohorts_ours(), repaying=None)
        payable = ours.filter(next_pay_on__lte=day, id__gt=_turn.after)
        page = list(payable.order_by("id")[:PAGE])
        decided += _decide_page(page, day, limit - decided)
        if decided == limit or (around and _turn.after >= begun):
            break
        if len(page) < PAGE:
            _turn.after = 0
            if around or not begun:
                break
            around = True
    return decided


def _decide_page(page: Sequence[Loan], day: date, limit: int) -> int:
    if not page:
        return 0
    states = reader().accounts([one.account for one in page])
    away = last_days_away([one.cohort for one in page], day)
    refused = LoanPayment.objects.filter(day=day, state="refused").values_list("loan").annotate(Count("id"))
    tries, decided = dict(refused), 0
    for loan in page:
        _turn.after = loan.id
        if frozen_now.account(loan.account) or tries.get(loan.id, 0) >= TRIES_MAX:
            continue  # its customer stopped everything, and nobody is late for that; or the books refuse it
        made = _covered(loan, states.get(loan.account), day, tries.get(loan.id, 0))
        if made is not None:
            decided += _keep(loan, made)
        else:
            _be_late(loan, day, away[loan.cohort])
        if decided == limit:
            break
    return decided


def _keep(loan: Loan, made: LoanPayment) -> int:
    """Store what was decided, if the loan still stands where it was read: its customer may be paying it back; how
    many."""
    with transaction.atomic():
        if where(_lock(loan.id)) != where(loan):
            return 0
        LoanPayment.objects.bulk_create([made], ignore_conflicts=True)
        return 1


def _lock(loan: int) -> Loan:
    """The loan as it is now, locked: always before its payments, so that two processes never wait for each other."""
    return Loan.objects.select_for_update().get(id=loan)


def where(loan: Loan) -> tuple[object, ...]:
    """Where a loan stands: what was decided of it holds while this is the same."""
    return loan.paid, loan.extras, loan.repaid, loan.repaying, loan.late_since


def _covered(loan: Loan, state: AccountState | None, day: date, tries: int) -> LoanPayment | None:
    """The next instalment if what may leave the account covers it. No instalment but the last is below the principal's
    share (unless more was paid back), so that of most accounts without cover no plan is computed."""
    as_agreed = loan.paid + 1 < loan.instalments and not loan.extras
    least_minor = loan.principal_minor // loan.instalments if as_agreed else 1
    if state is None or state.available_minor < least_minor:
        return None
    made = payment_of(loan, day, tries)
    return made if state.available_minor >= made.total_minor else None


def _be_late(loan: Loan, day: date, away: date) -> None:
    if loan.late_since is None and loan.next_pay_on is not None and day > late_after(loan.next_pay_on, away):
        Loan.objects.filter(id=loan.id, late_since=None, next_pay_on=loan.next_pay_on).update(late_since=day)


def payment_of(loan: Loan, day: date, tries: int = 0, due: Instalment | None = None) -> LoanPayment:
    """What the next instalment comes to when it is collected on a day, with what being late costs by the list of that
    day. tries: how often the books refused it on that day: what they refused stays refused under its id; due: the
    instalment, where it is computed already."""
    due = due or plan_for(loan)[loan.paid]
    version, prices = prices_on(loan.currency, day)
    period = f"{due.number}:{day.isoformat()}" + (f":{tries}" if tries else "")
    return LoanPayment(
        id=ids.charge_id("instalment", loan_account(loan.id), period),
        loan=loan,
        number=due.number,
        day=day,
        interest_minor=due.interest_minor,
        principal_minor=due.principal_minor,
        fee_minor=due.fee_minor,
        late_interest_minor=late_interest_minor(due, day, prices.late_rate_ppm, loan.late_since),
        late_fee_minor=prices.late_fee_minor if _costs(loan, day) else 0,
        version=version,
        state="decided",
        late_since=loan.late_since,
    )


def payoff_of(loan: Loan, day: date, extras: Sequence[Extra] | None = None) -> tuple[str, Payoff]:
    """What pays it back whole on a day, with the late fee of the instalment that is late; and by which version.
    extras: of the loan, where they are read already."""
    version, prices = prices_on(loan.currency, day)
    fees = (prices.early_fee_minor, prices.late_rate_ppm)
    paid_beside = extras_of(loan) if extras is None else extras
    made = payoff(terms_of(loan), loan.paid, day, *fees, loan.late_since, paid_beside)
    return version, replace(made, late_fee_minor=prices.late_fee_minor if _costs(loan, day) else 0)


def early_fee_of(loan: Loan, day: date) -> tuple[str, int]:
    """What paying back a part costs on a day, in minor units; and by which version."""
    version, prices = prices_on(loan.currency, day)
    return version, prices.early_fee_minor


def _costs(loan: Loan, day: date) -> bool:
    """Whether being late costs: not on the first day of it."""
    return loan.late_since is not None and day > loan.late_since


def _book_decided(day: date, limit: int) -> int:
    """Take what was decided from the accounts, one entry each."""
    waiting = LoanPayment.objects.filter(state="decided", loan__cohort__in=cohorts_ours()).select_related("loan")
    found = list(waiting.order_by("id")[:limit])
    posts = [loan_entry(one, one.id, one.loan.account, own("instalments"), one.total_minor, KIND) for one in found]
    ended = 0
    for one, posted in zip(found, books().post_many(posts), strict=True):
        if posted.result is not Result.STALE:
            _note(one, posted, day)
            ended += 1
    return ended


def _note(one: LoanPayment, posted: Posted, day: date) -> None:
    with transaction.atomic():
        if posted.result in TAKEN:
            LoanPayment.objects.filter(id=one.id, state="decided").update(state="booked")
            return
        _lock(one.loan_id)
        LoanPayment.objects.filter(id=one.id).update(state="refused")
        _be_late(one.loan, day, last_days_away([one.loan.cohort], day)[one.loan.cohort])


def _divide_booked(limit: int) -> int:
    """Divide what was taken among the loan, interest and fees; then the next instalment is the next one."""
    waiting = LoanPayment.objects.filter(state="booked", loan__cohort__in=cohorts_ours()).select_related("loan")
    found = list(waiting.order_by("id")[:limit])
    parts: list[tuple[LoanPayment, Post]] = []
    for one in found:
        for name, to, amount_minor in divided(one):
            ident = ids.charge_id(f"instalment-{name}", loan_account(one.loan_id), str(one.number))
            parts.append((one, loan_entry(one, ident, own("instalments"), to, amount_minor, PART_KIND)))
    left = {
        one.id
        for (one, _), posted in zip(parts, books().post_many([post for _, post in parts]), strict=True)
        if posted.result not in TAKEN
    }
    for one in found:
        if one.id not in left:
            _go_on(one)
    return len(found) - len(left)


def divided(one: LoanPayment | Repayment) -> list[tuple[str, int, int]]:
    """How what was taken is divided: (name, account that it goes to, minor units), without what is 0."""
    parts = (
        ("principal", loan_account(one.loan_id), one.principal_minor),
        ("interest", own("interest_earned"), one.interest_minor + one.late_interest_minor),
        ("fees", own("fees"), one.fee_minor + one.late_fee_minor),
    )
    return [part for part in parts if part[2]]


def loan_entry(  # noqa: PLR0917  # an entry as it is booked
    one: LoanPayment | Repayment, ident: uuid.UUID, debit: int, credit: int, amount_minor: int, kind: str
) -> Post:
    """An entry of an instalment, or of an early repayment, as the books take it."""
    loan = one.loan
    return Post(
        id=ident,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=loan.currency,
        kind=kind,
        value_date=one.day,
        cohort=loan.cohort,
        epoch=rows.row(loan.cohort).epoch,
        cause=f"loan:{loan.id}:{one.number if isinstance(one, LoanPayment) else 'early'}",
    )


def _go_on(one: LoanPayment) -> None:
    plan = plan_for(one.loan)
    following = plan[one.number].pay_on if one.number < len(plan) else None
    with transaction.atomic():
        _lock(one.loan_id)
        LoanPayment.objects.filter(id=one.id).update(state="split")
        Loan.objects.filter(id=one.loan_id, paid=one.number - 1).update(
            paid=one.number, next_pay_on=following, late_since=None
        )
