"""One made-up customer whom no rehearsal uses, so that a person can try how one logs in without a simulated customer
who does the same: `otto`."""

import hashlib
import itertools
import uuid
from datetime import date, timedelta

from holdfast.bank.customers.numbers import make_number
from holdfast.bank.customers.opening import NewAccount, NewCustomer
from holdfast.bank.filling.made_up import OWN_ACCOUNTS, PAST_DAYS, UNIT, MadeUp
from holdfast.contracts.blocks import Note
from holdfast.contracts.epochs import FIRST_EPOCH, cohort_of
from holdfast.ledger.api import Post

ROLE = "aside"
NAME, USERNAME = "Otto Onetime (made up)", "otto"
FIRST_SERIAL = 900_000
OPENING_MINOR = 20_000 * UNIT


def add_otto(made: MadeUp, seed: int, currency: str, today: date) -> NewCustomer:
    """Add the customer, one account and its opening to what was made up."""
    number = next(found for serial in itertools.count(FIRST_SERIAL) if (found := make_number(serial)))
    cohort = cohort_of(number)
    customer = NewCustomer(
        max(one.id for one in made.opening.customers) + 1, NAME, USERNAME, cohort, f"{USERNAME}@example.test"
    )
    account = NewAccount(
        max(one.id for one in made.opening.accounts) + 1,
        number,
        "Everyday account",
        "current",
        currency,
        cohort,
        (customer.id,),
    )
    made.opening.customers.append(customer)
    made.opening.accounts.append(account)
    made.roles[customer.id] = ROLE
    name = f"fill|{seed}|{USERNAME}"
    opening = Post(
        id=uuid.uuid5(uuid.NAMESPACE_URL, name),
        debit=OWN_ACCOUNTS["settlement"],
        credit=account.id,
        amount_minor=OPENING_MINOR,
        currency=currency,
        kind="opening",
        value_date=today - timedelta(days=PAST_DAYS + 1),
        cohort=cohort,
        epoch=FIRST_EPOCH,
        cause="fill",
        note=Note(hashlib.sha256(name.encode()).digest()[:16], "", NAME, "Opening balance"),
    )
    made.posts.insert(0, opening)
    return customer
