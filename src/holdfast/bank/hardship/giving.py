"""Emergency money: whether a customer gets an advance now, and giving it, once however often it is asked for.

Nothing here is a final refusal. What stands against it is a sentence about now, and no id is spent on it; so a press at
one bank and another at the other one mean the same advance, which the books enter once (docs/decisions/0039). What this
bank gives in a day is reserved under one row's lock before the books are asked; what was reserved and not answered
counts until it is settled.
"""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, reader, rows
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.errors import StaleEpoch
from holdfast.bank.exchange.feed import standin_cursor
from holdfast.bank.exchange.models import HeldEpoch, Outage
from holdfast.bank.freezing.known import frozen_now
from holdfast.bank.hardship.keeping import HARDSHIP, help_known
from holdfast.bank.hardship.models import Advance, AdvanceDay
from holdfast.bank.hardship.owing import ASKED, GIVEN, REFUSED, cause_of, due_of, note_given
from holdfast.bank.payments.outcomes import claims_are_lost
from holdfast.bank.payments.pay import POST_S_MAX, bank_today, new_note
from holdfast.contracts import ids
from holdfast.contracts.answers import Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT
from holdfast.contracts.epochs import Mode
from holdfast.contracts.help_now import KIND, Opened, Terms, Why, account_for, month_of, next_number
from holdfast.contracts.needs import HARD_TIMES
from holdfast.contracts.test_customers import is_test_customer
from holdfast.guard import RULES_VERSION
from holdfast.ledger.api import Post, Posted, Result

STOPPED = FLAG_CLOSED | FLAG_FROZEN_IN | FLAG_FROZEN_OUT


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer is offered now. why: why nothing is, None for the advance of this number; account: where it goes;
    left: how many the month has after it."""

    terms: Terms
    month: str
    number: int = 0
    account: int = 0
    why: Why | None = None
    left: int = 0

    def ident(self, customer: int) -> uuid.UUID:
        """The id of the advance."""
        return ids.advance_id(customer, self.month, self.number)


def offer_to(customer: Customer, incident: bool) -> Offer:
    """What the customer is offered now. incident: whether the doors show that something is wrong."""
    terms, month = help_known().terms, month_of(bank_today())
    taken = {one.number for one in Advance.objects.filter(customer=customer.id, month=month)}
    number = next_number(taken, terms)
    account = _account_of(customer.id, terms)
    why = _against(customer, terms, incident, account) or (None if number else Why.MONTH)
    if why is None and _reserved_minor(bank_today()) + terms.amount_minor > terms.main_day_minor:
        why = Why.DAY
    return Offer(terms, month, number, account, why, max(0, terms.times_a_month - len(taken) - 1))


def _against(customer: Customer, terms: Terms, incident: bool, account: int) -> Why | None:
    """What stands against any advance now."""
    if not terms.gives or is_test_customer(customer.id) or not is_open(customer, terms, incident):
        return Why.CLOSED
    if frozen_now.customer(customer.id):
        return Why.FROZEN
    if not account:
        return Why.NO_ACCOUNT
    if frozen_now.account(account) or reader().accounts([account])[account].flags & STOPPED:
        return Why.FROZEN
    of_before = Advance.objects.filter(customer=customer.id, state=GIVEN, paid_back=None)
    return Why.OWES if of_before.exclude(month=month_of(bank_today())).exists() else None


def is_open(customer: Customer, terms: Terms, incident: bool) -> bool:
    """Whether the bank gives this customer emergency money now: always, or in an outage and some days after it, or
    since they told us that money is short."""
    if terms.opened is not Opened.IN_AN_OUTAGE:
        return terms.opened is Opened.ALWAYS
    if incident or HARD_TIMES in customer.needs:
        return True
    since = timezone.now() - timedelta(days=terms.after_days)
    away = HeldEpoch.objects.filter(cohort=customer.cohort, mode=Mode.STANDIN.value, at__gte=since)
    return away.exists() or Outage.objects.filter(until__gte=since).exists()


def _account_of(customer: int, terms: Terms) -> int:
    found = Account.objects.filter(owner__customer=customer, closed=None)
    return account_for(found.values_list("id", "product", "currency"), terms.currency)


def _reserved_minor(day: date) -> int:
    return AdvanceDay.objects.filter(day=day).values_list("reserved_minor", flat=True).first() or 0


def give(customer: Customer, asked: Offer, *, epoch: int, incident: bool) -> Why | None:
    """Give the advance that was asked for; None when it stands in the books, else why it does not yet. Raises
    StaleEpoch, OutcomeUnknown, BooksBusy: the same request may then be sent again, at either bank."""
    row = rows.row(customer.cohort)
    if row.forced and claims_are_lost(0, epoch):
        return Why.LATER
    known = Advance.objects.filter(id=asked.ident(customer.id)).first() or _begin(customer, asked, incident)
    if isinstance(known, Why):
        return known
    if known.state == ASKED:
        return _settle(known, books().post(as_post(known, epoch), deadline_s=POST_S_MAX))
    return None if known.state == GIVEN else Why.LATER


def _begin(customer: Customer, asked: Offer, incident: bool) -> Advance | Why:
    """One that was not asked for before: reserved, or why it is not given now."""
    now = offer_to(customer, incident)
    if now.why is not None:  # which the same press may be, sent twice, that meanwhile was taken down
        return Advance.objects.filter(id=asked.ident(customer.id)).first() or now.why
    if now.month != asked.month or not 1 <= asked.number <= now.terms.times_a_month:
        return Why.LATER
    return _reserve(customer, asked, now) or Why.DAY


def _reserve(customer: Customer, asked: Offer, now: Offer) -> Advance | None:
    """Count it against the day before the books are asked; None when the day has no room. One at a time."""
    day, terms = bank_today(), now.terms
    ident = asked.ident(customer.id)
    with transaction.atomic():
        AdvanceDay.objects.get_or_create(day=day)
        total = AdvanceDay.objects.select_for_update().get(day=day)
        found = Advance.objects.filter(id=ident).first()
        if found is not None:
            return found
        if total.reserved_minor + terms.amount_minor > terms.main_day_minor:
            return None
        AdvanceDay.objects.filter(day=day).update(reserved_minor=total.reserved_minor + terms.amount_minor)
        return Advance.objects.create(
            id=ident,
            customer=customer.id,
            account=now.account,
            cohort=customer.cohort,
            month=asked.month,
            number=asked.number,
            amount_minor=terms.amount_minor,
            currency=terms.currency,
            day=day,
            due=due_of(day),
        )


def as_post(one: Advance, epoch: int, refuse: Reason | None = None) -> Post:
    """The advance as the books take it. refuse: to settle one whose outcome is not known."""
    return Post(
        id=one.id,
        debit=HARDSHIP,
        credit=one.account,
        amount_minor=one.amount_minor,
        currency=one.currency,
        kind=KIND,
        value_date=one.day,
        cohort=one.cohort,
        epoch=epoch,
        cause=cause_of(one.month, one.number),
        note=new_note("", "", ""),
        refuse=refuse,
        rules_version=RULES_VERSION,
    )


def _settle(one: Advance, posted: Posted) -> Why | None:
    if posted.result is Result.STALE:
        raise StaleEpoch(posted.known_epoch)
    given = note_answer(one, posted)
    if posted.result is Result.POSTED:
        standin_cursor.wait_for(posted.block)
    return None if given else Why.LATER


def note_answer(one: Advance, posted: Posted) -> bool:
    """Note how the books answered; whether the customer has the money. An id that is booked with other content is an
    advance too: it was given under other terms."""
    given = posted.result in (Result.POSTED, Result.ALREADY_POSTED, Result.CONFLICT)
    if posted.result is Result.CONFLICT and (booked := reader().booked([one.id]).get(one.id)):
        Advance.objects.filter(id=one.id).update(account=booked.credit, amount_minor=booked.amount_minor)
    note_given(one.id, GIVEN if given else REFUSED)
    return given
