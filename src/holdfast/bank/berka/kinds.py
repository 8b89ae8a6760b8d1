"""The bank's Czech words: what a transaction or an order is called here, and the bank's own account across.

Source: the description of the PKDD'99 Discovery Challenge data set (P. Berka, 1999).
"""

from dataclasses import dataclass

from holdfast.bank.berka.rows import BadRow

CREDIT_TYPE = "PRIJEM"
DEBIT_TYPES = ("VYDAJ", "VYBER")
"""The records use both words for money that leaves an account."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of transaction: its name in the books, the bank's own account across, words for the customer."""

    name: str
    own: str
    words: str


_CASH_IN = Kind("cash_in", "settlement", "Cash paid in")
_CASH_OUT = Kind("cash_out", "settlement", "Cash withdrawn")
_TRANSFER_IN = Kind("transfer_in", "clearing", "From another bank")
_TRANSFER_OUT = Kind("transfer_out", "clearing", "To another bank")

_CREDITS = {
    ("VKLAD", ""): _CASH_IN,
    ("PREVOD Z UCTU", ""): _TRANSFER_IN,
    ("PREVOD Z UCTU", "DUCHOD"): Kind("pension", "clearing", "Pension"),
    ("", "UROK"): Kind("interest", "interest", "Interest"),
}
_DEBITS = {
    ("VYBER", ""): _CASH_OUT,
    ("VYBER", "SIPO"): Kind("household", "settlement", "Household payment in cash"),
    ("VYBER", "POJISTNE"): Kind("insurance", "settlement", "Insurance in cash"),
    ("VYBER", "UVER"): Kind("loan_payment", "settlement", "Loan payment in cash"),
    ("VYBER", "SLUZBY"): Kind("fee", "fees", "Fee for the statement"),
    ("VYBER", "SANKC. UROK"): Kind("penalty_interest", "fees", "Interest on a negative balance"),
    ("VYBER KARTOU", ""): Kind("card", "clearing", "Withdrawn by card"),
    ("PREVOD NA UCET", ""): _TRANSFER_OUT,
    ("PREVOD NA UCET", "SIPO"): Kind("household", "clearing", "Household payment"),
    ("PREVOD NA UCET", "POJISTNE"): Kind("insurance", "clearing", "Insurance"),
    ("PREVOD NA UCET", "UVER"): Kind("loan_payment", "clearing", "Loan payment"),
    ("PREVOD NA UCET", "LEASING"): Kind("leasing", "clearing", "Leasing"),
}
ORDER_KINDS = {
    "SIPO": ("household", "Household payment"),
    "UVER": ("loan", "Loan payment"),
    "POJISTNE": ("insurance", "Insurance"),
    "LEASING": ("leasing", "Leasing"),
    "": ("transfer", "Standing order"),
}


def is_credit(type_word: str) -> bool:
    """Whether a row's type brings money to the account; raises BadRow for a type that is not known."""
    if type_word == CREDIT_TYPE:
        return True
    if type_word in DEBIT_TYPES:
        return False
    raise BadRow(f"the type {type_word[:40]!r} is not known")


def kind_of(credit: bool, operation: str, symbol: str) -> Kind:
    """The kind of a transaction; raises BadRow when operation and symbol do not go together."""
    found = (_CREDITS if credit else _DEBITS).get((operation, symbol))
    if found is None:
        way = "credit" if credit else "debit"
        raise BadRow(f"the operation {operation[:40]!r} with symbol {symbol[:40]!r} is not known for a {way}")
    return found


def order_kind(symbol: str) -> tuple[str, str]:
    """An order's kind and its words; raises BadRow for a symbol that is not known."""
    found = ORDER_KINDS.get(symbol)
    if found is None:
        raise BadRow(f"the symbol {symbol[:40]!r} is not known")
    return found
