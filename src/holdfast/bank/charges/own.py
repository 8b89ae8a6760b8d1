"""The bank's own accounts for charges; opened when they are first needed, so that a bank of an earlier release has them
too."""

from holdfast.bank.books import books, installation, reader
from holdfast.bank.customers.opening import open_own_accounts
from holdfast.bank.exchange.facts import bank_facts
from holdfast.contracts.blocks import AccountChange

ACCOUNTS = {"interest_paid": 21, "interest_earned": 22, "instalments": 23, "loans_paid_out": 24}
"""Interest to customers; interest from them; instalments that were collected and not divided yet; loans on their way to
an account."""
LOANS_FROM = 2 * 10**12
"""Above it the ids of the accounts on which loans' principals stand."""


def open_own() -> None:
    """Open those that are missing. Safe to repeat."""
    known = reader().accounts(list(ACCOUNTS.values()))
    missing = {name: account for name, account in ACCOUNTS.items() if account not in known}
    if missing:
        open_own_accounts(missing, installation().currency)


def own(name: str) -> int:
    """The id of one of the bank's own accounts: those above, or of the fact `bank` (fees, rounding …)."""
    return ACCOUNTS.get(name) or bank_facts.own(name)


def loan_account(loan: int) -> int:
    """The account on which a loan's principal stands; it is the bank's claim, so its normal side is debit."""
    return LOANS_FROM + loan


def open_loan_account(loan: int, currency: str, cohort: int) -> None:
    """Open it in the books. Safe to repeat."""
    account = loan_account(loan)
    if account not in reader().accounts([account]):
        books().change_accounts([AccountChange(account, f"loan:{loan}", currency, "debit", 0, 0, cohort)])
