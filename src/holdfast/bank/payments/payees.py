"""The list of payees that a customer keeps; the spare bank is told of each change (fact `payee`).

A payee on the list is no trusted one: for the rules somebody is known who was paid, not who was written down.
"""

from django.db import transaction

from holdfast.bank.customers.known import KnownAccount
from holdfast.bank.customers.models import Customer
from holdfast.bank.exchange.facts import tell
from holdfast.bank.payments.models import SavedPayee
from holdfast.guard import NameCheck

PAYEES_MAX = 200


def payees_of(customer: int) -> list[SavedPayee]:
    """The list, by name."""
    found = SavedPayee.objects.filter(customer=customer).order_by("id")[:PAYEES_MAX]
    return sorted(found, key=lambda one: one.name.casefold())


def find_payee(customer: int, account: int) -> SavedPayee | None:
    """The account on the customer's list, None when it is not there."""
    return SavedPayee.objects.filter(customer=customer, account=account).first()


def save_payee(customer: int, account: KnownAccount, name: str, answer: NameCheck) -> bool:
    """Put an account on the list, or give it another name there; False when the list is full. Safe to repeat."""
    with transaction.atomic():
        Customer.objects.select_for_update().get(id=customer)
        others = SavedPayee.objects.filter(customer=customer).exclude(account=account.id)
        if others.count() >= PAYEES_MAX:
            return False
        SavedPayee.objects.update_or_create(
            customer=customer,
            account=account.id,
            defaults={"number": account.number, "name": name, "checked": answer.value},
        )
        tell("payee", [(_key(customer, account.id), {"customer": customer, "account": account.id, "name": name})])
    return True


def remove_payee(customer: int, account: int) -> bool:
    """Take an account off the list; False when it is not there."""
    with transaction.atomic():
        if not SavedPayee.objects.filter(customer=customer, account=account).delete()[0]:
            return False
        tell("payee", [(_key(customer, account), None)])
    return True


def _key(customer: int, account: int) -> str:
    return f"{customer}:{account}"
