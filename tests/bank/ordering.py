"""Standing orders and salaries of tests, and how one that was missed in an outage ends."""

import itertools
import uuid
from datetime import date, timedelta

from django.utils import timezone

from holdfast.bank.books import books, rows
from holdfast.bank.commands import write_order_run
from holdfast.bank.customers.opening import NewOrder, open_orders
from holdfast.bank.orders.charging import charge_late_orders
from holdfast.bank.orders.executing import retry_orders, run_orders
from holdfast.bank.worker.refusals import tell_refusals
from holdfast.ledger.api import Post

_orders = itertools.count(900_000)
TODAY = timezone.localdate()
PAY_DAY = date(2026, 3, 20)


def let_nothing_wait():
    """Orders, refusals and charges that other tests left are settled, so that counts are of one test alone."""
    for _ in range(20):
        if not run_orders().done:
            break
    tell_refusals()
    for _ in range(20):
        if not charge_late_orders() + retry_orders():
            break


def order(town, amount_minor, debit=None, due=TODAY, run=True):
    ident = next(_orders)
    debit = debit or town.ann
    open_orders(
        [
            NewOrder(
                ident,
                town.cohort,
                debit.account,
                town.ben.account,
                amount_minor,
                "NOK",
                debit.name,
                town.ben.name,
                "Rent",
                "rent",
                due,
            )
        ]
    )
    if run:
        write_order_run(due, timezone.now() - timedelta(seconds=1))
    return ident


def salary(town, person, amount_minor, value_date=TODAY, ident=None):
    books().post(
        Post(
            id=ident or uuid.uuid4(),
            debit=1,
            credit=person.account,
            amount_minor=amount_minor,
            currency="NOK",
            kind="salary",
            value_date=value_date,
            cohort=town.cohort,
            epoch=rows.row(town.cohort).epoch,
            cause="file",
        )
    )
