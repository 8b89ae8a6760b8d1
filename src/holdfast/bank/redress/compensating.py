"""What the rules of compensation give in a review: once for each rule, incident and customer.

A later review of the same incident gives what the rule comes to by then, less what was given: so a fixed amount comes
once, and an amount for each payment grows with the payments that were found.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import connection
from django.db.models import Count, Sum

from holdfast.bank.accounting.closing import bank_days
from holdfast.bank.books import histories, installation
from holdfast.bank.charges.reading import place_before
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.redress.late import owners_of
from holdfast.bank.redress.models import Given, Review
from holdfast.bank.redress.periods import GIVEN_ENDS
from holdfast.bank.redress.ruling import Kind, Rules, Suffered, amount_minor, rules_on
from holdfast.contracts import ids, test_customers

BATCH = 500
TEST_CUSTOMERS = (test_customers.FIRST, test_customers.FIRST + test_customers.COUNT - 1)
"""The bank's own, who suffer nothing."""
PREFIX = "rule:"
WAGES = "salary"
HOUR_S = 3_600
_TRIED_BY = (Path(__file__).parent / "sql" / "tried_by.sql").read_text()


def hours_without(review: Review) -> float:
    """For how many hours no bank served."""
    if review.without_from is None or review.without_to is None:
        return 0.0
    return max(0.0, (review.without_to - review.without_from).total_seconds() / HOUR_S)


def compensation_of(review: Review) -> tuple[list[Given], int] | None:
    """What the next customers are given by rule, and the last one looked at; None when none is left."""
    rules = rules_on(review.first_day, installation().currency)
    if rules is None:
        return None
    hours, tried = hours_without(review), _tried_by(review)
    long = any(one.kind is Kind.WITHOUT_SERVICE and hours > one.hours_more_than for one in rules.rules)
    customers = _next(review) if long else list(tried)
    if not customers:
        return None
    accounts = _accounts_of(customers)
    paid = _paid_wages(review, [one.id for own in accounts.values() for one in own]) if long else set()
    before = _given_before(review, customers)
    out: list[Given] = []
    for customer, own in accounts.items():
        concerned = long and (review.cohorts is None or own[0].cohort in review.cohorts)
        wages = any(one.id in paid for one in own)
        suffered = Suffered(hours if concerned else 0.0, wages, tried.get(customer, 0))
        out += _given(review, rules, customer, own[0], suffered, before)
    return out, customers[-1]


def _next(review: Review) -> list[int]:
    found = Customer.objects.filter(id__gt=review.after, left=None).exclude(id__range=TEST_CUSTOMERS).order_by("id")
    return list(found.values_list("id", flat=True)[:BATCH])


def _tried_by(review: Review) -> dict[int, int]:
    """The next customers who tried payments, and how many; in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(_TRIED_BY, {"review": review.number, "after": review.after, "limit": BATCH})
        return dict(cursor.fetchall())


def _accounts_of(customers: Sequence[int]) -> dict[int, list[Account]]:
    """The open accounts in the bank's own currency of which each is the first owner, the oldest first; only of those
    who have one."""
    found = Account.objects.filter(owner__customer__in=customers, currency=installation().currency, closed=None)
    accounts = list(found.distinct().order_by("id"))
    owners, ours, out = owners_of([one.id for one in accounts]), set(customers), dict[int, list[Account]]()
    for one in accounts:
        if owners[one.id] in ours:
            out.setdefault(owners[one.id], []).append(one)
    return dict(sorted(out.items()))


def _paid_wages(review: Review, accounts: Sequence[int]) -> set[int]:
    """The accounts into which wages came on a day of the time without a bank."""
    if review.without_from is None or review.without_to is None:
        return set()
    first, last = (bank_days().of(one) for one in (review.without_from, review.without_to))
    return histories().paid_into(accounts, place_before(first), WAGES, first, last)


def _given_before(review: Review, customers: Sequence[int]) -> dict[tuple[int, str], tuple[int, int]]:
    """How often earlier reviews of the incident gave these customers something by a rule, and how much together."""
    rows = Given.objects.filter(
        customer__in=customers, kind__startswith=PREFIX, ended__in=GIVEN_ENDS, review__incident=review.incident
    )
    sums = rows.values("customer", "kind").annotate(times=Count("id"), minor=Sum("amount_minor"))
    return {(one["customer"], one["kind"]): (one["times"], int(one["minor"])) for one in sums}


def _given(  # noqa: PLR0917  # one customer with all that the amounts are made of
    review: Review,
    rules: Rules,
    customer: int,
    account: Account,
    suffered: Suffered,
    before: dict[tuple[int, str], tuple[int, int]],
) -> Iterator[Given]:
    for rule in rules.rules:
        kind = f"{PREFIX}{rule.name}"
        times, given_minor = before.get((customer, kind), (0, 0))
        would_minor = amount_minor(rule, suffered)
        if would_minor <= given_minor:
            continue
        yield Given(
            review=review,
            payment=ids.charge_id(f"compensation:{rule.name}", customer, f"{review.incident}:{times}"),
            kind=kind,
            customer=customer,
            account=account.id,
            cohort=account.cohort,
            currency=account.currency,
            charged_minor=0,
            would_minor=would_minor,
            amount_minor=would_minor - given_minor,
            period=f"{rule.name}:{customer}:{times}",
            calculation={
                "rule": rule.name,
                "version": rules.version,
                "kind": rule.kind.value,
                "on": rule.on.value,
                "hours_more_than": rule.hours_more_than,
                "each_minor": rule.each_minor,
                "most_minor": rule.most_minor,
                "minutes": int(suffered.hours * 60),
                "refused": suffered.refused,
                "before_minor": given_minor,
            },
        )
