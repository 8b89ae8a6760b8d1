"""A customer opens an account, alone or together with another customer who agrees.

The account's id and number are fixed when it is asked for, so opening may be begun again wherever it fell: the books
open an account once, and owners and facts are written together with the request's end in one transaction.

People who share an account share a cohort (contracts.epochs): both are served by the same bank at any moment, and a
payment from the account is judged by one. Moving a customer to another cohort while payments are on their way is not
safe yet, so a joint account of two customers of different cohorts is refused in words.
"""

import secrets
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from holdfast.bank.accounts.models import AGREED, DECLINED, OPENED, WAITING, WITHDRAWN, AccountRequest
from holdfast.bank.customers.known import known_accounts
from holdfast.bank.customers.models import Account, Customer, Owner
from holdfast.bank.customers.numbers import SERIALS, make_number
from holdfast.bank.customers.opening import NewAccount, account_fact, open_in_books, tell_customer
from holdfast.bank.errors import NoNumberLeft
from holdfast.bank.exchange.facts import tell
from holdfast.guard import name_fits

PRODUCTS = ("current", "savings")
CURRENCIES = ("NOK", "EUR", "SEK", "DKK", "GBP", "USD", "JPY", "KWD")
ACCOUNTS_MAX = 20
"""Open accounts of one customer, those asked for included."""
TITLE_MAX = 40
NUMBER_TRIES = 200
OPEN_STATES = (WAITING, AGREED)
ANSWERS = {"agree": AGREED, "decline": DECLINED, "withdraw": WITHDRAWN}
"""What the two whom a request concerns may answer, and what it then is."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for."""

    id: uuid.UUID
    product: str
    currency: str
    title: str


def find_partner(asker: Customer, number: str, name: str) -> Customer | str:
    """Who is to own it too, or why not: `unknown` (also for a name that is not the owner's), `self`, `cohort`."""
    owners = Customer.objects.filter(accounts__number=number, left=None).order_by("id")
    fitting = [one for one in owners if name and name_fits(name, [one.name])]
    if any(one.id == asker.id for one in fitting):
        return "self"
    if len(fitting) != 1:
        return "unknown"
    return fitting[0] if fitting[0].cohort == asker.cohort else "cohort"


def ask(asker: Customer, wish: Wish, partner: Customer | None) -> AccountRequest | None:
    """Ask for it, and open it when nobody else has to agree; the same wish again is the same request.

    None when the customer has ACCOUNTS_MAX accounts, when one of them left, or the id is another customer's."""
    try:
        made = _ask(asker, wish, partner)
    except IntegrityError:  # the same form at the same instant
        made = AccountRequest.objects.filter(id=wish.id, asker=asker).first()
    if made is not None and made.state == AGREED:
        return open_agreed(made.number)
    return made


def _ask(asker: Customer, wish: Wish, partner: Customer | None) -> AccountRequest | None:
    with transaction.atomic():
        ids = [one.id for one in (asker, partner) if one is not None]
        held = Customer.objects.select_for_update().filter(id__in=ids, left=None).order_by("id")
        if len(held) < len(ids):
            return None
        made = AccountRequest.objects.filter(id=wish.id).first()
        if made is not None:
            return made if made.asker_id == asker.id else None
        waiting = AccountRequest.objects.filter(asker=asker, state__in=OPEN_STATES).count()
        if Owner.objects.filter(customer=asker, account__closed=None).count() + waiting >= ACCOUNTS_MAX:
            return None
        return AccountRequest.objects.create(
            id=wish.id,
            asker=asker,
            partner=partner,
            product=wish.product,
            currency=wish.currency,
            title=wish.title,
            account_number=_free_number(),
            state=WAITING if partner else AGREED,
        )


def _free_number() -> str:
    """A number that no account has or is kept for; raises NoNumberLeft."""
    for _ in range(NUMBER_TRIES):
        number = make_number(secrets.randbelow(SERIALS))
        if (
            number is not None
            and not Account.objects.filter(number=number).exists()
            and not AccountRequest.objects.filter(account_number=number).exists()
        ):
            return number
    raise NoNumberLeft(f"no free account number was found in {NUMBER_TRIES} tries")


def answer(request: uuid.UUID, customer: int, what: str) -> AccountRequest | None:
    """The partner agrees (and it is opened) or declines, or the asker withdraws it; None for anybody else, and
    for who left.

    Answered before, it stays as it was answered."""
    with transaction.atomic():
        made = AccountRequest.objects.select_for_update().filter(id=request).first()
        if made is None or customer != (made.asker_id if what == "withdraw" else made.partner_id):
            return None
        if not Customer.objects.select_for_update().filter(id=customer, left=None):
            return None
        if made.state == WAITING:
            made.state = ANSWERS[what]
            made.ended_at = None if made.state == AGREED else timezone.now()
            made.save(update_fields=["state", "ended_at"])
    return open_agreed(made.number) if made.state == AGREED else made


def open_agreed(number: int) -> AccountRequest:
    """Open what was agreed: in the books first, then here with its facts, once. Safe to repeat."""
    wanted = AccountRequest.objects.select_related("asker").get(number=number)
    owners = tuple(sorted(one for one in (wanted.asker_id, wanted.partner_id) if one is not None))
    new = NewAccount(
        wanted.account,
        wanted.account_number,
        wanted.title,
        wanted.product,
        wanted.currency,
        wanted.asker.cohort,
        owners,
    )
    open_in_books([new])
    with transaction.atomic():
        made = AccountRequest.objects.select_for_update().get(number=number)
        if made.state != AGREED:
            return made
        held = list(Customer.objects.select_for_update().filter(id__in=owners).order_by("id"))
        account = Account.objects.create(
            id=new.id,
            number=new.number,
            title=new.title,
            product=new.product,
            currency=new.currency,
            cohort=new.cohort,
        )
        Owner.objects.bulk_create([Owner(account=account, customer=one) for one in held])
        tell("account", [(str(account.id), account_fact(account, owners))])
        for one in held:
            tell_customer(one.id)
        made.state, made.ended_at = OPENED, timezone.now()
        made.save(update_fields=["state", "ended_at"])
    known_accounts.forget()
    return made


def open_what_was_left() -> int:
    """A job: what was agreed and not opened, because the bank fell between, is opened now; how many were."""
    left = list(AccountRequest.objects.filter(state=AGREED).order_by("number").values_list("number", flat=True)[:20])
    for number in left:
        open_agreed(number)
    return len(left)


def requests_of(customer: int) -> tuple[list[AccountRequest], list[AccountRequest]]:
    """(those that wait for this customer's answer, those that this customer asked for and that wait for another's)."""
    open_ones = AccountRequest.objects.filter(state__in=OPEN_STATES).select_related("asker", "partner")
    return (
        list(open_ones.filter(partner=customer, state=WAITING).order_by("number")[:ACCOUNTS_MAX]),
        list(open_ones.filter(asker=customer).order_by("number")[:ACCOUNTS_MAX]),
    )
