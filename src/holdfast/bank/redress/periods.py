"""What interest and fees of whole periods a review gives: one sum for each customer, over all that they own.

For each of the customer's accounts what a closed period comes to now is compared with what it would have come to
(charges/engine/attempts.py), with late charges that are given back counted as never taken. Of the sum over accounts,
rules and periods, what earlier reviews gave is taken off: so a second review gives the difference alone, and one made
twice gives nothing. A period that runs still is for a later review.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import installation
from holdfast.bank.charges.engine.asif import Moved
from holdfast.bank.charges.engine.attempts import Attempt, Difference, differences, history_from
from holdfast.bank.charges.models import DayEnd, LoanPayment, Repayment
from holdfast.bank.charges.publishing import price_book
from holdfast.bank.charges.reading import place_before, read_histories
from holdfast.bank.customers.models import Account
from holdfast.bank.orders.models import Charge, Refund
from holdfast.bank.payments.pay import bank_today
from holdfast.bank.redress.finding import counting_by_account
from holdfast.bank.redress.late import INSTALMENT, ORDER, owners_of
from holdfast.bank.redress.models import Given, Review
from holdfast.contracts import ids

CHARGES = "charges"
BATCH = 500
GIVEN_ENDS = ("booked", "aside")
_CUSTOMERS = (Path(__file__).parent / "sql" / "customers.sql").read_text()


def customers_after(review: Review, after: int, limit: int) -> list[int]:
    """The next customers whom the review concerns, by their numbers."""
    asked: dict[str, Any] = {"review": review.number, "incident": review.incident, "after": after, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, asked)
        return [customer for (customer,) in cursor.fetchall()]


def closed_days() -> set[date]:
    """The days whose end is done: a period that ends with one of them was charged."""
    return set(DayEnd.objects.filter(state="done").values_list("day", flat=True))


def sums_of(review: Review) -> tuple[list[Given], int] | None:
    """What the next customers are given for interest and fees, and the last customer looked at; None when none is
    left."""
    customers = customers_after(review, review.after, BATCH)
    if not customers:
        return None
    accounts = _accounts_of(customers)
    tried = counting_by_account(review, list(accounts))
    moved = {account: _moved(account, tried.get(account, [])) for account in accounts}
    for account, more in _given_back(review, list(accounts)).items():
        moved[account] += more
    found = _differences(accounts, {account: one for account, one in moved.items() if one})
    before = _given_before(customers)
    own: dict[int, dict[int, Account]] = {customer: {} for customer in customers}
    lacking: dict[int, list[Difference]] = {customer: [] for customer in customers}
    for account, (owner, one) in accounts.items():
        own[owner][account] = one
    for difference in found:
        lacking[accounts[difference.account][0]].append(difference)
    out = []
    for customer in customers:
        made = _given(review, customer, own[customer], lacking[customer], before.get(customer, (0, 0)), tried)
        if made is not None:
            out.append(made)
    return out, customers[-1]


def _accounts_of(customers: Sequence[int]) -> dict[int, tuple[int, Account]]:
    """The accounts in the bank's own currency whose first owner is one of these, with that owner."""
    found = Account.objects.filter(owner__customer__in=customers, currency=installation().currency).distinct()
    accounts = {one.id: one for one in found}
    owners, ours = owners_of(list(accounts)), set(customers)
    return {one: (owners[one], account) for one, account in accounts.items() if owners[one] in ours}


def _moved(account: int, tried: Iterable[Attempt]) -> list[Moved]:
    return [change for one in tried for change in one.moved(account)]


def _given_back(review: Review, accounts: Sequence[int]) -> dict[int, list[Moved]]:
    """Late charges that were given back, or are by this review, as if they had never been taken."""
    day_of = bank_days().of
    back: dict[Any, tuple[int, int, date]] = {
        one.charge_id or one.instalment: (one.account, one.refunded_minor, day_of(one.at))
        for one in Refund.objects.filter(account__in=accounts)
    }
    to_be = Given.objects.filter(review=review, account__in=accounts, kind__in=(ORDER, INSTALMENT))
    for given in to_be:
        back.setdefault(given.of, (given.account, given.amount_minor, bank_today()))
    taken = {one.id: day_of(one.at) for one in Charge.objects.filter(id__in=back)}
    for model in (LoanPayment, Repayment):
        taken |= dict(model._default_manager.filter(id__in=back).values_list("id", "day"))
    given_days = Review.objects.filter(state="given").values_list("first_day", flat=True)
    since = min([review.first_day, *given_days])  # as of the tries: what earlier reviews gave is taken off the whole
    out: dict[int, list[Moved]] = {}
    for of, (account, minor, returned) in back.items():
        if of in taken and since <= taken[of] < returned:
            out.setdefault(account, []).append(Moved(minor, returned, taken[of]))
    return out


def _differences(accounts: dict[int, tuple[int, Account]], moved: dict[int, list[Moved]]) -> list[Difference]:
    prices, closed = price_book(installation().currency), closed_days()
    first = history_from(moved, prices)
    if first is None:
        return []
    past = read_histories(sorted(moved), first, place_before(first))
    return [
        one
        for account, changes in moved.items()
        if account in past
        for one in differences(account, accounts[account][1].product, past[account], prices, changes, closed)
    ]


def _given_before(customers: Collection[int]) -> dict[int, tuple[int, int]]:
    """How often earlier reviews gave these customers something for periods, and how much together."""
    rows = Given.objects.filter(customer__in=customers, kind=CHARGES, ended__in=GIVEN_ENDS, review__state="given")
    sums = rows.values("customer").annotate(times=Count("id"), minor=Sum("amount_minor"))
    return {one["customer"]: (one["times"], int(one["minor"])) for one in sums}


def _given(  # noqa: PLR0917  # one customer with all that the sum is made of
    review: Review,
    customer: int,
    own: dict[int, Account],
    found: Sequence[Difference],
    before: tuple[int, int],
    tried: dict[int, list[Attempt]],
) -> Given | None:
    """The customer's sum, booked to the account that lacks most of it; None when nothing is to be given."""
    times, given_minor = before
    lacking_minor = sum(one.difference_minor for one in found) - given_minor
    if lacking_minor <= 0:
        return None
    by_account = dict.fromkeys(own, 0)
    for one in found:
        by_account[one.account] += one.difference_minor
    open_ones = {account: minor for account, minor in by_account.items() if own[account].closed is None}
    account = min(open_ones or by_account, key=lambda one: (-by_account[one], one))
    is_minor, would_minor = (sum(getattr(one, name) for one in found) for name in ("is_minor", "would_minor"))
    return Given(
        review=review,
        payment=ids.charge_id("redress-charges", account, f"{customer}:{times}"),
        kind=CHARGES,
        customer=customer,
        account=account,
        cohort=own[account].cohort,
        currency=own[account].currency,
        charged_minor=is_minor,
        would_minor=would_minor,
        amount_minor=lacking_minor,
        period=f"{customer}:{times}",
        calculation={
            "before_minor": given_minor,
            "until": review.until.isoformat(),
            "lines": [_line(one, own[one.account].number) for one in found],
            "tried": sorted({_told(one) for account in own for one in tried.get(account, []) if one.changes_something}),
        },
    )


def _line(one: Difference, number: str) -> dict[str, Any]:
    return {
        "account": number,
        "rule": one.rule,
        "first": one.first.isoformat(),
        "end": one.end.isoformat(),
        "is_minor": one.is_minor,
        "would_minor": one.would_minor,
        "now": one.now.to_json() if one.now else None,
        "would": one.would.to_json() if one.would else None,
    }


def _told(one: Attempt) -> tuple[str, str, int, int, int]:
    """An attempt as it is shown: when it was tried, when it was made ("" for never), how much, from where, to where."""
    made = one.made_on.isoformat() if one.made_on else ""
    return one.day.isoformat(), made, one.amount_minor, one.debit, one.credit
