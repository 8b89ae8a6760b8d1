"""Open what a new customer begins with: themselves and a first account, in books, bank and profile stream."""

from django.db import IntegrityError, connection, transaction

from holdfast.bank.books import installation
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.numbers import make_number
from holdfast.bank.customers.opening import NewAccount, NewCustomer, Opening, open_all, open_in_books
from holdfast.bank.errors import BankError
from holdfast.bank.factors import history
from holdfast.bank.joining.models import Registration
from holdfast.bank.web.words import writings
from holdfast.contracts.epochs import cohort_of

BRANCH = "9713"
"""The first four digits of account numbers of those who registered; made-up customers have others."""
PRODUCT = "current"
DRAWS_MAX = 50


class NameTaken(BankError):
    """Somebody has this name of login. Nothing was opened; choose another."""


def open_customer(wanted: Registration) -> None:
    """Make them a customer, and end the registration, in one transaction; the account in the books comes first, and
    harms nobody if the rest fails. Raises NameTaken with nothing opened."""
    if Customer.objects.filter(username=wanted.username).exists():
        raise NameTaken(f"the name of login of registration {wanted.token} is taken")
    number, ident, account = _draw_number(), _draw("joined_customer"), _draw("joined_account")
    cohort = cohort_of(number)
    title = writings()[wanted.language].say("register.account")
    opening = Opening(
        [NewCustomer(ident, wanted.name, wanted.username, cohort, wanted.email, wanted.language, wanted.verifier)],
        [NewAccount(account, number, title, PRODUCT, installation().currency, cohort, (ident,))],
    )
    open_in_books(opening.accounts)
    try:
        with transaction.atomic():
            ours = Registration.objects.filter(token=wanted.token, joined=False)
            if not ours.update(joined=True, verifier="", name=""):
                return  # another request with the same code was first
            open_all(opening)
            history.note(ident, "event.registered")
    except IntegrityError as error:
        raise NameTaken(f"the name of login of registration {wanted.token} was just taken") from error


def _draw(sequence: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval(%s::regclass)", (sequence,))
        return int(cursor.fetchone()[0])


def _draw_number() -> str:
    """A new account number; serials without a check digit are passed over (one in eleven)."""
    drawn = (make_number(_draw("joined_number"), BRANCH) for _ in range(DRAWS_MAX))
    return next(number for number in drawn if number is not None)
