"""A few made-up customers have a loan, and the last month's interest and fees were booked, so that there is something
to look at. Deterministic by seed.
"""

import random
import uuid
from datetime import date, timedelta

from holdfast.bank.charges.booking import book_decided
from holdfast.bank.charges.closing import BATCH, close_step
from holdfast.bank.charges.engine.days import add_months
from holdfast.bank.charges.engine.loans import Plan, plan_of
from holdfast.bank.charges.loans import NewLoan, collect_instalments, open_loans, terms_of
from holdfast.bank.filling.made_up import UNIT, MadeUp

LOAN_EVERY = 40
"""Of so many current accounts one has a loan."""
PAID_OUT_DAYS_AGO = 80
RATE_PPM = 69_000
CUSTOMERS_MAX = 5_000
"""Of a larger bank the worker ends the days once it is open: opening it must not wait for that."""


def charge_past(made: MadeUp, seed: int, currency: str, today: date) -> None:
    """Loans with the instalments that were due, and the end of the last month."""
    if len(made.opening.customers) > CUSTOMERS_MAX:
        return
    loans = open_loans(make_loans(made, seed, currency, today))
    for due in sorted({one.pay_on for loan in loans for one in plan_of(terms_of(loan)) if one.pay_on < today}):
        while collect_instalments(due):
            pass
    for day in (today.replace(day=1), today):
        while close_step(day, BATCH) is not None:
            pass
        while book_decided(BATCH):  # of value in what comes after
            pass


def make_loans(made: MadeUp, seed: int, currency: str, today: date) -> list[NewLoan]:
    """Loans for some who own a current account alone and have no role of their own."""
    draw = random.Random(f"{seed} loans")  # noqa: S311  # made-up data, not secrets
    alone = [
        one
        for one in made.opening.accounts
        if one.product == "current"
        and one.currency == currency
        and len(one.owners) == 1
        and one.owners[0] not in made.roles
    ]
    paid_out = today - timedelta(days=PAID_OUT_DAYS_AGO)
    return [
        NewLoan(
            uuid.uuid5(uuid.NAMESPACE_URL, f"fill|{seed}|loan|{one.id}"),
            one.owners[0],
            one.id,
            one.cohort,
            draw.choice(("Car loan", "Home improvements", "Boat loan")),
            currency,
            draw.randrange(60, 251) * 1_000 * UNIT,
            RATE_PPM,
            draw.choice(list(Plan)),
            paid_out,
            add_months(paid_out, 1),
            draw.choice((24, 36, 60)),
        )
        for one in draw.sample(alone, len(alone) // LOAN_EVERY)
    ]
