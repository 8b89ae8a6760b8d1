"""Standing orders of the coming days, so that a bank that stays up has some each morning: for many people a bill or
rent, and each day one that its payer's money of today does not cover (a salary that comes that day would).
"""

import random
from collections import defaultdict
from datetime import date, timedelta

from holdfast.bank.customers.opening import NewAccount, NewOrder
from holdfast.bank.filling.made_up import UNIT, MadeUp

DAYS = 3
SHARE = 0.08
SHORT_BY_MINOR = 10_000 * UNIT


def add_coming_orders(made: MadeUp, seed: int, currency: str, today: date) -> None:
    """Orders due on the days after `today`, beside those that are due today."""
    draw = random.Random(f"{seed} coming")  # noqa: S311  # made-up data, not secrets
    names = {customer.id: customer.name for customer in made.opening.customers}
    firms = [one for one in made.opening.accounts if one.owners[0] in made.firms]
    payers = [
        one
        for one in made.opening.accounts
        if one.product != "savings" and one.owners[0] not in made.firms and one.owners[0] not in made.roles
    ]
    balance = balances(made)
    poorest = sorted(payers, key=lambda one: (balance[one.id], one.id))
    for days in range(1, DAYS + 1):
        due = today + timedelta(days=days)
        for account in payers:
            if draw.random() < SHARE:
                firm = firms[draw.randrange(2, len(firms))]
                amount = draw.randrange(20_000, 90_000)
                _add(made, account, firm, amount, currency, names, ("Invoice", "bill"), due)
        for short in poorest[days - 1 : days]:
            amount = balance[short.id] + SHORT_BY_MINOR
            _add(made, short, firms[0], amount, currency, names, ("Rent", "rent"), due)


def balances(made: MadeUp) -> dict[int, int]:
    """What each account has after the past, in minor units."""
    found: defaultdict[int, int] = defaultdict(int)
    for post in made.posts:
        found[post.debit] -= post.amount_minor
        found[post.credit] += post.amount_minor
    return found


def _add(  # noqa: PLR0917  # who pays whom, what for, when
    made: MadeUp,
    payer: NewAccount,
    firm: NewAccount,
    amount_minor: int,
    currency: str,
    names: dict[int, str],
    what: tuple[str, str],
    due: date,
) -> None:
    text, kind = what
    made.opening.orders.append(
        NewOrder(
            len(made.opening.orders) + 1,
            payer.cohort,
            payer.id,
            firm.id,
            amount_minor,
            currency,
            names[payer.owners[0]],
            names[firm.owners[0]],
            text,
            kind,
            due,
        )
    )
