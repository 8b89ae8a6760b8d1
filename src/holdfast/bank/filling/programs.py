"""Some made-up customers have a program from the beginning, so that a rehearsal has customers who use the API.

Their tokens stand in the list of logins, which is only right for somebody made up.
"""

from collections.abc import Sequence
from typing import Any

from holdfast.bank.api.tokens import open_token
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.numbers import make_number
from holdfast.bank.customers.opening import NewAccount
from holdfast.bank.filling.made_up import MadeUp
from holdfast.contracts.api import Scope, new_token

EVERY = 12
"""Of so many customers who log in one has a program."""
NAME = "Bookkeeping (made up)"
DAYS = 365
DAY_MINOR = 10_000_000
ABROAD = ("EUR", "NOK")
FIRST_SERIAL = 910_000


def make_tokens(logins: Sequence[dict[str, Any]]) -> None:
    """Write a new token into some of the logins; those with a role of their own have none."""
    plain = [login for login in logins if not login["role"] and login["accounts"]]
    for login in plain[::EVERY]:
        login["token"] = new_token(int(login["cohort"]), int(login["customer"]))


def add_abroad(made: MadeUp, logins: Sequence[dict[str, Any]], own: str) -> None:
    """Those with a program have an empty account in another currency too, which stands in no list of logins."""
    currency = next(one for one in ABROAD if one != own)
    ident, serial = max(one.id for one in made.opening.accounts), FIRST_SERIAL
    for login in [one for one in logins if "token" in one]:
        while (number := make_number(serial)) is None:
            serial += 1
        ident, serial, customer = ident + 1, serial + 1, int(login["customer"])
        cohort = int(login["cohort"])
        account = NewAccount(ident, number, f"{currency} account", "current", currency, cohort, (customer,))
        made.opening.accounts.append(account)


def give_tokens(logins: Sequence[dict[str, Any]]) -> None:
    """These customers have these tokens from the beginning, to look, to pay and to exchange money."""
    scopes = frozenset({Scope.ACCOUNTS_READ.value, Scope.PAYMENTS_WRITE.value, Scope.EXCHANGE_WRITE.value})
    for login in logins:
        if "token" in login:
            customer = Customer.objects.get(id=login["customer"])
            open_token(customer, login["token"], name=NAME, scopes=scopes, days=DAYS, day_minor=DAY_MINOR)
