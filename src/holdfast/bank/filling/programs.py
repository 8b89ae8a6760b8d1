"""Some made-up customers have a program from the beginning, so that a rehearsal has customers who use the API.

Their tokens stand in the list of logins, which is only right for somebody made up.
"""

from collections.abc import Sequence
from typing import Any

from holdfast.bank.api.tokens import open_token
from holdfast.bank.customers.models import Customer
from holdfast.contracts.api import Scope, new_token

EVERY = 12
"""Of so many customers who log in one has a program."""
NAME = "Bookkeeping (made up)"
DAYS = 365
DAY_MINOR = 10_000_000


def make_tokens(logins: Sequence[dict[str, Any]]) -> None:
    """Write a new token into some of the logins; those with a role of their own have none."""
    plain = [login for login in logins if not login["role"] and login["accounts"]]
    for login in plain[::EVERY]:
        login["token"] = new_token(int(login["cohort"]), int(login["customer"]))


def give_tokens(logins: Sequence[dict[str, Any]]) -> None:
    """These customers have these tokens from the beginning, to look and to pay."""
    scopes = frozenset({Scope.ACCOUNTS_READ.value, Scope.PAYMENTS_WRITE.value})
    for login in logins:
        if "token" in login:
            customer = Customer.objects.get(id=login["customer"])
            open_token(customer, login["token"], name=NAME, scopes=scopes, days=DAYS, day_minor=DAY_MINOR)
