"""Help now at the spare bank: emergency money by one button, taken into the journal like a payment, within its limits.

An advance moves money from the bank's own account `hardship` to the customer's, under the id that the main bank derives
as well: pressed at both banks, or again after a fault, it is entered in the books once. Being derived, its id is older
than every epoch (rule 11): the door claims it, and it is never finally refused here. What stands against it is said as
a sentence about now and leaves no trace, so that the same press can be tried again. It counts in the exposure like any
payment, and may use what is kept for payments that must arrive by a time. What this bank gives in a day is looked at in
the writer's order, over all that is in the journal or about to be.
"""

import asyncio
import time
import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from holdfast.contracts import ids
from holdfast.contracts.answers import OUTCOME_HEADER, Outcome, Reason
from holdfast.contracts.blocks import FLAG_CLOSED, FLAG_FROZEN_IN, FLAG_FROZEN_OUT
from holdfast.contracts.help_now import KIND, Help, Opened, Owed, Place, Terms, Why, account_for, month_of, next_number
from holdfast.contracts.journal import Payment
from holdfast.contracts.test_customers import is_test_customer
from holdfast.standin import metrics
from holdfast.standin.bank import SpareBank
from holdfast.standin.deciding import Order
from holdfast.standin.gate import Visit, stale
from holdfast.standin.judging import Ask, Decision, Step
from holdfast.standin.owing import Got, got_of, owed_by
from holdfast.standin.pages import typed
from holdfast.standin.render import render

HERE = "/help-now"
WORD_MAX = 40
DAY_US = 86_400_000_000
LOOKED_BACK_US = 14 * DAY_US
"""The bank's day may stand still over holidays, or an outage; entries of a day are not older than this."""
WORDS_OF = {
    Reason.CUSTOMER_FROZEN: Why.FROZEN,
    Reason.ACCOUNT_FROZEN: Why.FROZEN,
    Reason.ACCOUNT_CLOSED: Why.FROZEN,
    Reason.DAY_LIMIT: Why.DAY,
}
"""What the judgement's reasons mean here; any other is LATER."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer is offered now; see the main bank's. got: this month's; owed: all that is not paid back."""

    terms: Terms
    month: str
    number: int
    account: int
    why: Why | None
    got: tuple[Got, ...]
    owed: tuple[Owed, ...]

    @property
    def left(self) -> int:
        """How many the month has after the offered one."""
        return max(0, self.terms.times_a_month - len(self.got) - 1)


class DaySum:
    """What this bank gave on one day: entries on disk are added up once, those about to be written each time. Used in
    the writer's order, which is one thread, with the view's lock held."""

    def __init__(self, bank: SpareBank) -> None:
        self._bank = bank
        self._day = date.min
        self._upto = 0
        self._minor = 0

    def given_minor(self, account: int, day: date) -> int:
        """In minor units; account: the bank's own of advances."""
        if day != self._day:
            self._day, self._upto, self._minor = day, 0, 0
        since_us = time.time_ns() // 1000 - LOOKED_BACK_US
        for entry in self._bank.journal_reader.accepted_from(account, self._upto, since_us):
            self._upto = entry.number
            payment = entry.payment()
            self._minor += payment.amount_minor if payment.value_date == day else 0
        judging = self._bank.view.judging
        waiting = [judging.entries[one] for one in judging.of_account.get(account, ())]
        return self._minor + sum(
            one.payment.amount_minor
            for one in waiting
            if one.number > self._upto and one.payment.debit == account and one.payment.value_date == day
        )


class Helping:
    """Handlers of /help-now."""

    def __init__(self, bank: SpareBank) -> None:
        self.bank = bank
        self._sums = DaySum(bank)

    async def show(self, request: Request, visit: Visit) -> Response:
        """GET /help-now: what is offered, owed and near."""
        return await self._page(request, visit)

    async def get(self, request: Request, visit: Visit) -> Response:
        """POST /help-now: 303 to the page once it is on disk, 422 with the reason in words, 409 for an old row."""
        form = await request.form(max_files=0, max_fields=10)
        ident, month, number = (typed(form, name, 64) for name in ("id", "month", "number"))
        offer = await self._offer(visit)
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) == 1 else 0
        derived = ids.advance_id(visit.who, offer.month, wanted)
        if month != offer.month or ident.replace("-", "") != derived.hex or wanted > offer.terms.times_a_month:
            return await self._page(request, visit, Why.LATER)
        if not any(one.ident == derived and one.given for one in offer.got):
            if offer.why is not None:
                return await self._page(request, visit, offer.why)
            decision = await self.bank.taking.take(self._order(derived, wanted, offer, visit))
            if decision.step is Step.STALE:
                return stale(decision.known)
            if decision.outcome is not Outcome.DONE:
                return await self._page(request, visit, _why(decision))
            metrics.PAYMENTS.labels(decision.outcome.value).inc()
        return RedirectResponse(f"{HERE}?given={wanted}", 303, {OUTCOME_HEADER: f"{Outcome.DONE.value} {derived}"})

    def _order(self, ident: uuid.UUID, number: int, offer: Offer, visit: Visit) -> Order:
        terms, row = offer.terms, visit.row
        payment = Payment(
            ident,
            terms.account,
            offer.account,
            terms.amount_minor,
            terms.currency,
            KIND,
            self.bank.view.profile.business_date(),
            int(row.cohort or 0),
            f"advance:{offer.month}:{number}",
            "",
            "",
            "",
            visit.who,
        )
        ask = Ask(
            row.bank,
            row.mode,
            payment.cohort,
            row.epoch,
            0,
            payment.amount_minor,
            activity=False,
            deadline=True,
        )
        return Order(payment, ask, objection=lambda: self._against(payment, terms), only_now=True)

    def _against(self, payment: Payment, terms: Terms) -> Reason:
        """What stands against it beside accounts and exposure; in the writer's order, the view's lock held."""
        view = self.bank.view
        if view.customer_frozen(payment.customer) or view.account_frozen(payment.credit):
            return Reason.CUSTOMER_FROZEN
        account = view.accounts.get(payment.credit)
        if account is not None and account.flags & FLAG_FROZEN_OUT:
            return Reason.ACCOUNT_FROZEN
        given_minor = self._sums.given_minor(payment.debit, payment.value_date)
        return Reason.DAY_LIMIT if given_minor + payment.amount_minor > terms.spare_day_minor else Reason.OK

    async def _offer(self, visit: Visit) -> Offer:
        return await asyncio.get_running_loop().run_in_executor(self.bank.readers, self._look, visit)

    def _look(self, visit: Visit) -> Offer:
        """What is known of the customer's advances (a reader's thread)."""
        profile = self.bank.view.profile
        terms, month = profile.help().terms, month_of(profile.business_date())
        got = got_of(self.bank, visit.who, terms)
        owed = owed_by(self.bank, visit.who, terms, got)
        account = self._account(visit.who, terms)
        number = next_number({one.number for one in got}, terms)
        why = self._closed(visit, terms, account)
        if why is None and any(one.month != month for one in owed):
            why = Why.OWES
        return Offer(terms, month, number, account, why or (None if number else Why.MONTH), got, owed)

    def _closed(self, visit: Visit, terms: Terms, account: int) -> Why | None:
        """That this bank shows the page is the outage in which money is given: while the main bank still takes the
        customer's payments by the row, the press itself finds out, and the door asks whoever then serves."""
        if not terms.gives or is_test_customer(visit.who):
            return Why.CLOSED
        if not account:
            return Why.NO_ACCOUNT
        with self.bank.view.lock:
            found = self.bank.view.accounts.get(account)
            frozen = self.bank.view.customer_frozen(visit.who) or self.bank.view.account_frozen(account)
        stopped = found is None or found.flags & (FLAG_CLOSED | FLAG_FROZEN_IN | FLAG_FROZEN_OUT)
        return Why.FROZEN if frozen or stopped else None

    def _account(self, customer: int, terms: Terms) -> int:
        """The account that the money goes to; the same that the main bank means."""
        profile, found = self.bank.view.profile, []
        with self.bank.view.lock:
            for number in profile.own_accounts(customer):
                account = self.bank.view.accounts.get(number)
                if account is not None and not account.flags & FLAG_CLOSED:
                    found.append((number, profile.product(number), account.currency))
        return account_for(found, terms.currency)

    async def _page(self, request: Request, visit: Visit, why: Why | None = None) -> Response:
        offer, told = await self._offer(visit), self.bank.view.profile.help()
        offer = replace(offer, why=why) if why else offer
        postcode = request.query_params.get("postcode", "").strip()[:WORD_MAX]
        chosen = told.find_area(request.query_params.get("area", "")[:WORD_MAX], postcode)
        given = request.query_params.get("given", "")
        profile = self.bank.view.profile
        return render(
            self.bank,
            "help-now",
            visit.frame,
            status=422 if why else 200,
            offer=offer,
            ident=ids.advance_id(visit.who, offer.month, offer.number).hex,
            why=_words(offer),
            title=profile.title(offer.account),
            to=profile.number(offer.account),
            due=visit.phrases.day(profile.business_date() + timedelta(days=offer.terms.back_days)),
            given=next((one for one in offer.got if one.given and str(one.number) == given), None),
            day=visit.phrases.day,
            areas=told.areas,
            chosen=chosen,
            postcode=postcode,
            places_known=bool(told.places),
            by_kind=_by_kind(told, chosen),
        )


def _why(decision: Decision) -> Why:
    return WORDS_OF.get(decision.reason, Why.LATER)


def _words(offer: Offer) -> str:
    """The key of what is said against an advance, "" where one is offered."""
    if offer.why is None:
        return ""
    if offer.why is Why.CLOSED and (offer.terms.opened is Opened.NEVER or not offer.terms.gives):
        return "helpnow.why_never"
    return f"helpnow.why_{offer.why.value}"


def _by_kind(told: Help, area: str) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in told.near(area):
        found.setdefault(place.kind, []).append(place)
    return found
