"""Make a whole made-up bank: own accounts, customers, accounts, some months of transfers, standing orders.

Deterministic by seed but for passwords. If the bank has customers already nothing is changed.
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

from holdfast.bank.books import books, installation, reader
from holdfast.bank.charges.closing import LOCK
from holdfast.bank.charges.publishing import FIRST_DAY, ensure_price_list
from holdfast.bank.currencies.publishing import ensure_rates
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import NewCustomer, Opening, open_all, open_in_books, open_own_accounts
from holdfast.bank.customers.passwords import make_verifiers
from holdfast.bank.database.alone import alone
from holdfast.bank.errors import BankError
from holdfast.bank.exchange.facts import LIMITS_DEFAULT, mark_payee, set_bank_fact, set_limits
from holdfast.bank.filling.charges import charge_past
from holdfast.bank.filling.coming import add_coming_orders
from holdfast.bank.filling.factors import give_factors, make_factors
from holdfast.bank.filling.made_up import OWN_ACCOUNTS, make_up
from holdfast.bank.filling.otto import add_otto
from holdfast.bank.filling.programs import add_abroad, give_tokens, make_tokens
from holdfast.bank.payments.kids import set_kid_need
from holdfast.bank.payments.pay import calendar_today
from holdfast.ledger.api import Post, Result

POSTS_CHUNK = 5000
WITH_KID = ("Sample Power", "Pretend Mobile")
"""Firms that ask for a KID with each payment."""
LIMITS = {
    "normal": asdict(LIMITS_DEFAULT.normal),
    "spare": asdict(LIMITS_DEFAULT.spare),
    "spare_cohort_minor": LIMITS_DEFAULT.cohort_minor,
    "spare_total_minor": LIMITS_DEFAULT.total_minor,
    "deadline_percent": LIMITS_DEFAULT.deadline_percent,
}


def say(words: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def fill_bank(customers: int, seed: int, passwords: int | None, business_date: date | None) -> None:
    """Fill the bank if it has no customers; raises BankError when the books refuse what was made up."""
    if Customer.objects.exists():
        say("The bank has customers already; nothing was changed.")
        return
    started = time.monotonic()
    home = installation()
    day = business_date or calendar_today()
    made = make_up(customers, seed, home.currency, day)
    add_coming_orders(made, seed, home.currency, day)
    say(f"{len(made.opening.customers)} customers with {len(made.opening.accounts)} accounts made up")
    people = [one for one in made.opening.customers if one.id not in made.firms]
    otto = add_otto(made, seed, home.currency, day)
    logins = give_passwords(made.opening, [*people[:passwords], otto], made.roles)
    make_factors(logins)
    make_tokens(logins)
    add_abroad(made, logins, home.currency)
    say(f"{len(logins)} passwords hashed after {time.monotonic() - started:.1f} s")
    with alone(LOCK):  # nobody ends a day of a bank that is not whole yet
        open_bank(home.bank_name, home.currency, day)
        open_in_books(made.opening.accounts)
        book_past(made.posts)
        say(f"{len(made.posts)} transfers booked after {time.monotonic() - started:.1f} s")
        write_logins(logins)
        open_all(made.opening)
        give_factors(logins)
        give_tokens(logins)
        names = {one.id: one.name for one in made.opening.customers}
        for account in made.opening.accounts:
            if made.roles.get(account.owners[0]) == "landlord":
                mark_payee(account.id, "rent")
            if made.roles.get(account.owners[0]) == "firm" and names[account.owners[0]] in WITH_KID:
                set_kid_need(account.id, "must")
        charge_past(made, seed, home.currency, day)
        say(f"the bank is open after {time.monotonic() - started:.1f} s")


def open_bank(name: str, currency: str, business_date: date, prices_from: date = FIRST_DAY) -> None:
    """The bank's own accounts, limits, price list and rates; the fact `bank`. Safe to repeat."""
    known = reader().accounts(list(OWN_ACCOUNTS.values()))
    missing = {key: account for key, account in OWN_ACCOUNTS.items() if account not in known}
    if missing:
        open_own_accounts(missing, currency)
    ensure_price_list(currency, prices_from)
    offset = (business_date - calendar_today()).days
    day = business_date.isoformat()
    set_bank_fact(
        "bank", {"name": name, "currency": currency, "business_date": day, "day_offset": offset, **OWN_ACCOUNTS}
    )
    set_limits(LIMITS)
    ensure_rates(business_date)


def book_past(posts: Sequence[Post]) -> None:
    """Book transfers of the past in order; raises BankError when one is refused."""
    for start in range(0, len(posts), POSTS_CHUNK):
        for posted in books().post_many(posts[start : start + POSTS_CHUNK]):
            if posted.result not in (Result.POSTED, Result.ALREADY_POSTED):
                raise BankError(f"transfer {posted.id} of the past was {posted.result.value}: {posted.reason.value}")


def give_passwords(opening: Opening, chosen: Sequence[NewCustomer], roles: dict[int, str]) -> list[dict[str, object]]:
    """Give each chosen customer of the opening a new password; what they log in with, as write_logins takes it."""
    words = [secrets.token_urlsafe(12) for _ in chosen]
    verifiers = dict(zip([one.id for one in chosen], make_verifiers(words), strict=True))
    opening.customers = [replace(one, verifier=verifiers.get(one.id, "")) for one in opening.customers]
    owned: dict[int, list[dict[str, object]]] = {}
    for account in opening.accounts:
        for owner in account.owners:
            owned.setdefault(owner, []).append({"id": account.id, "number": account.number})
    return [
        {
            "username": one.username,
            "password": word,
            "customer": one.id,
            "name": one.name,
            "cohort": one.cohort,
            "accounts": owned.get(one.id, []),
            "role": roles.get(one.id, ""),
        }
        for one, word in zip(chosen, words, strict=True)
    ]


def write_logins(logins: Sequence[dict[str, object]]) -> None:
    """Write DATA/bank/logins.json, readable by its owner only."""
    path = installation().folder("bank") / "logins.json"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(logins, out, indent=1)
    path.chmod(0o600)
