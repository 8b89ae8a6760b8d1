"""Open the test customers: two, each with an account, funded from an own account that holds nothing but test money.

A job of the worker, so that a bank of an earlier release has them at its next start. Whoever finds it half done goes
on: the books open an account once and book the funding under a derived id, and the customers come last, in one
transaction.
In the books test money is told from customers' by its accounts: `own:test_money`, which stands below zero by exactly
what was ever given out, and the accounts whose numbers begin with contracts.test_customers.BRANCH.
"""

import hashlib
import itertools
import secrets
import uuid
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from holdfast.bank.books import books, installation, reader, rows
from holdfast.bank.charges.closing import LOCK
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.numbers import make_number
from holdfast.bank.customers.opening import (
    NewAccount,
    NewCustomer,
    Opening,
    open_all,
    open_in_books,
    open_own_accounts,
)
from holdfast.bank.database.alone import alone
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.facts import bank_facts
from holdfast.bank.factors.models import KnownSession
from holdfast.bank.payments.pay import bank_today
from holdfast.contracts.blocks import Note
from holdfast.contracts.epochs import Mode, cohort_of
from holdfast.contracts.test_customers import BRANCH, COUNT, FIRST, NAMES
from holdfast.ledger.api import Post, Result

TEST_MONEY = {"test_money": 31}
"""The own account from which test money comes, and its id."""
FUNDED_MINOR = 5_000
"""Of each account. What they pay goes to and fro between the two, so it is never used up; whoever stole both passwords
could lose no more than this."""
SESSIONS_KEPT, FORGOTTEN_MAX = timedelta(days=1), 2_000
PRODUCT = "test"
"""No price list has it, so nothing is charged and nothing earned."""


def open_test_customers() -> bool:
    """A job: open them where they are not yet; whether they were opened now. It waits while the bank is being filled or
    ends a day, and while the spare bank serves their groups. Raises BankError when the books refuse the funding."""
    if not bank_facts.bank() or _there() or not Customer.objects.exists():
        return False
    opening = _opening()
    if any(rows.row(one.cohort).mode is not Mode.PRIMARY for one in opening.accounts):
        return False
    with alone(LOCK) as ours:
        if not ours or _there():
            return False
        if not reader().accounts(list(TEST_MONEY.values())):
            open_own_accounts(TEST_MONEY, installation().currency)
        open_in_books(opening.accounts)
        _fund(opening.accounts)
        open_all(opening)
    return True


def cohorts_of_test_customers() -> list[int]:
    """Of those who are open; none before they are."""
    return list(Customer.objects.filter(id__in=range(FIRST, FIRST + COUNT), left=None).values_list("cohort", flat=True))


def forget_sessions() -> int:
    """A job: a login each minute is no history that anybody reads, so sessions of test customers are kept for a day;
    how many went, at most so many at a time."""
    old = KnownSession.objects.filter(
        customer__in=range(FIRST, FIRST + COUNT), seen__lt=timezone.now() - SESSIONS_KEPT
    ).values_list("session", flat=True)[:FORGOTTEN_MAX]
    return KnownSession.objects.filter(session__in=list(old)).delete()[0]


def _there() -> bool:
    return Customer.objects.filter(id=FIRST).exists()


def _numbers() -> Iterator[str]:
    return (number for serial in itertools.count(1) if (number := make_number(serial, BRANCH)))


def _opening() -> Opening:
    """Who is to be opened. Nobody can guess the names of login, so nobody can use up the tries at them."""
    opening = Opening()
    for ident, name, number in zip(range(FIRST, FIRST + COUNT), NAMES, _numbers(), strict=False):
        cohort = cohort_of(number)
        username = f"test-{secrets.token_hex(8)}"
        opening.customers.append(NewCustomer(ident, name, username, cohort))
        opening.accounts.append(
            NewAccount(ident, number, "Test account", PRODUCT, installation().currency, cohort, (ident,))
        )
    return opening


def _fund(accounts: list[NewAccount]) -> None:
    posts = [_funding(account) for account in accounts]
    for posted in books().post_many(posts):
        if posted.result not in (Result.POSTED, Result.ALREADY_POSTED):
            raise BankError(f"test money was not booked: {posted.result.value}, {posted.reason.value}")


def _funding(account: NewAccount) -> Post:
    name = f"test money|{account.id}"
    return Post(
        id=uuid.uuid5(uuid.NAMESPACE_URL, name),
        debit=TEST_MONEY["test_money"],
        credit=account.id,
        amount_minor=FUNDED_MINOR,
        currency=account.currency,
        kind="opening",
        value_date=bank_today(),
        cohort=account.cohort,
        epoch=rows.row(account.cohort).epoch,
        cause="test money",
        note=Note(hashlib.sha256(name.encode()).digest()[:16], "", NAMES[account.id - FIRST], "Test money"),
    )
