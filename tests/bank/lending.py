"""What tests of loans share: a loan as agreed, what is owed of it, and its instalments collected."""

import uuid
from datetime import date

from holdfast.bank.books import books, reader, rows
from holdfast.bank.charges.engine.loans import Plan
from holdfast.bank.charges.loans import NewLoan, collect_instalments, open_loans
from holdfast.bank.charges.models import Loan
from holdfast.bank.charges.own import loan_account
from holdfast.ledger.api import Post

PAID_OUT, FIRST = date(2025, 1, 15), date(2025, 2, 17)


def loan(town, person=None, **more):
    """100,000.00 over 12 months at 6 %: 8,606.64 and the fee of 35.00 a month (worked by hand in test_loans.py)."""
    person = person or town.ann
    agreed = {
        "principal_minor": 10_000_000, "rate_ppm": 60_000, "plan": Plan.ANNUITY, "instalments": 12,
        "paid_out": PAID_OUT, "first_due": date(2025, 2, 15),
    }  # fmt: skip
    wanted = NewLoan(
        form=uuid.uuid4(), customer=person.id, account=person.account, cohort=town.cohort, title="Boat", currency="NOK",
        **{**agreed, **more},
    )  # fmt: skip
    (made,) = open_loans([wanted])
    assert open_loans([wanted]) == [made]
    return made


def owed(made):
    account = loan_account(made.id)
    return reader().accounts([account])[account].balance_minor


def collect(day):
    moved = 0
    while found := collect_instalments(day):
        moved += found
    return moved


def poor_one(town):
    poor = town.person(0)
    made = loan(town, poor)
    town_takes(town, poor, 10_000_000)
    return poor, made


def late_since(made):
    return Loan.objects.get(id=made.id).late_since


def town_takes(town, person, minor):
    sides = (person.account, town.ben.account) if minor > 0 else (1, person.account)
    said = {"currency": "NOK", "kind": "payment", "value_date": PAID_OUT, "cohort": town.cohort, "cause": "test"}
    books().post(Post(uuid.uuid4(), *sides, abs(minor), epoch=rows.row(town.cohort).epoch, **said))
