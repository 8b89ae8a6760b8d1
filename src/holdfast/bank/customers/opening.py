"""Open customers, accounts, standing orders and cards, in bulk: books and profile stream learn of them together.

Used by `fill` and by imports of whole banks. Accounts are opened in the books first: an account there that no
customer knows of harms nobody, the other way round would.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.utils import timezone

from holdfast.bank.books import books, reader
from holdfast.bank.cards.freezing import open_cards
from holdfast.bank.customers.models import Account, Customer, Owner
from holdfast.bank.exchange.facts import tell
from holdfast.bank.orders.models import Order, Plan
from holdfast.contracts.blocks import AccountChange
from holdfast.contracts.cards import Card

BATCH = 2000


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to open; see customers.models.Customer."""

    id: int
    name: str
    username: str
    cohort: int
    email: str = ""
    language: str = "en"
    verifier: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to open; owners are customer ids, floor_minor the least its balance may become."""

    id: int
    number: str
    title: str
    product: str
    currency: str
    cohort: int
    owners: tuple[int, ...]
    floor_minor: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A standing order to open; see orders.models.Order."""

    id: int
    cohort: int
    debit: int
    credit: int
    amount_minor: int
    currency: str
    payer: str
    payee: str
    text: str
    kind: str
    due: date


@dataclass
class Opening:
    """What to open, gathered."""

    customers: list[NewCustomer] = field(default_factory=list)
    accounts: list[NewAccount] = field(default_factory=list)
    orders: list[NewOrder] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


def open_own_accounts(own: dict[str, int], currency: str) -> None:
    """Open the bank's own accounts {name: id}; floors so low that they never refuse."""
    books().change_accounts(
        [
            AccountChange(
                account, f"own:{name}", currency, "debit" if name == "settlement" else "credit", -(10**17), 0, 0
            )
            for name, account in own.items()
        ]
    )


def open_in_books(accounts: Sequence[NewAccount]) -> None:
    """Open those accounts in the books that are not there yet, so that transfers can be booked on them."""
    known = reader().accounts([new.id for new in accounts])
    missing = [new for new in accounts if new.id not in known]
    for start in range(0, len(missing), BATCH):
        books().change_accounts(
            [
                AccountChange(new.id, new.number, new.currency, "credit", new.floor_minor, new.flags, new.cohort)
                for new in missing[start : start + BATCH]
            ]
        )


def open_all(opening: Opening) -> None:
    """Open accounts in the books, then everything here with its profile facts, whole or not at all."""
    open_in_books(opening.accounts)
    owned: dict[int, list[int]] = {}
    for new in opening.accounts:
        for owner in new.owners:
            owned.setdefault(owner, []).append(new.id)
    with transaction.atomic():
        for start in range(0, len(opening.customers), BATCH):
            _open_customers(opening.customers[start : start + BATCH], owned)
        for start in range(0, len(opening.accounts), BATCH):
            _open_accounts(opening.accounts[start : start + BATCH])
        for start in range(0, len(opening.orders), BATCH):
            open_orders(opening.orders[start : start + BATCH])
        open_cards(opening.cards)


def customer_fact(customer: NewCustomer | Customer, accounts: Sequence[int]) -> dict[str, object]:
    """The body of the profile fact `customer`."""
    more: dict[str, object] = {}
    if isinstance(customer, Customer) and customer.former_until is not None:
        more = {"former": {"name": customer.former_name, "until": customer.former_until.isoformat()}}
    return {
        "name": customer.name,
        "username": customer.username,
        "cohort": customer.cohort,
        "email": customer.email,
        "language": customer.language,
        "verifier": customer.verifier,
        "accounts": sorted(accounts),
        "needs": list(customer.needs),
        **({"phone": customer.phone} if isinstance(customer, Customer) and customer.phone else {}),
        **({"told": customer.told} if isinstance(customer, Customer) and customer.told else {}),
        **more,
    }


def tell_customer(customer: int) -> None:
    """Tell a customer as they stand now, and one who left as nobody; in the transaction that changed it."""
    found = Customer.objects.get(id=customer)
    accounts = Owner.objects.filter(customer=customer).values_list("account_id", flat=True)
    tell("customer", [(str(customer), None if found.left else customer_fact(found, list(accounts)))])


def account_fact(account: NewAccount | Account, owners: Sequence[int]) -> dict[str, object]:
    """The body of the profile fact `account`."""
    return {
        "number": account.number,
        "title": account.title,
        "product": account.product,
        "cohort": account.cohort,
        "owners": list(owners),
    }


def _open_customers(batch: Sequence[NewCustomer], owned: dict[int, list[int]]) -> None:
    with transaction.atomic():
        Customer.objects.bulk_create(
            [
                Customer(
                    id=new.id,
                    name=new.name,
                    username=new.username,
                    cohort=new.cohort,
                    email=new.email,
                    language=new.language,
                    verifier=new.verifier,
                    needs=list(new.needs),
                )
                for new in batch
            ]
        )
        tell("customer", [(str(new.id), customer_fact(new, owned.get(new.id, []))) for new in batch])


def _open_accounts(batch: Sequence[NewAccount]) -> None:
    with transaction.atomic():
        Account.objects.bulk_create(
            [
                Account(
                    id=new.id,
                    number=new.number,
                    title=new.title,
                    product=new.product,
                    currency=new.currency,
                    cohort=new.cohort,
                )
                for new in batch
            ]
        )
        Owner.objects.bulk_create(
            [Owner(account_id=new.id, customer_id=owner) for new in batch for owner in new.owners]
        )
        tell("account", [(str(new.id), account_fact(new, new.owners)) for new in batch])


def open_orders(batch: Sequence[NewOrder]) -> None:
    """Store standing orders and tell them; one transaction."""
    with transaction.atomic():
        plans = Plan.objects.bulk_create([_plan_of(new) for new in batch])
        Order.objects.bulk_create(
            [
                Order(
                    plan=plan.id,
                    number=0,
                    id=new.id,
                    cohort=new.cohort,
                    debit=new.debit,
                    credit=new.credit,
                    amount_minor=new.amount_minor,
                    currency=new.currency,
                    payer=new.payer,
                    payee=new.payee,
                    text=new.text,
                    kind=new.kind,
                    due=new.due,
                )
                for new, plan in zip(batch, plans, strict=True)
            ]
        )
        tell(
            "order",
            [
                (
                    str(new.id),
                    {
                        "cohort": new.cohort,
                        "debit": new.debit,
                        "credit": new.credit,
                        "amount_minor": new.amount_minor,
                        "currency": new.currency,
                        "payer": new.payer,
                        "payee": new.payee,
                        "text": new.text,
                        "kind": new.kind,
                        "due": new.due.isoformat(),
                    },
                )
                for new in batch
            ],
        )


def _plan_of(new: NewOrder) -> Plan:
    """A single payment as its payer sees and cancels it."""
    return Plan(
        cohort=new.cohort,
        debit=new.debit,
        credit=new.credit,
        amount_minor=new.amount_minor,
        currency=new.currency,
        payer=new.payer,
        payee=new.payee,
        text=new.text,
        kind=new.kind,
        rhythm="once",
        first=new.due,
        number=1,
        state="active",
        made=timezone.now(),
    )
