"""A customer's new password: told to the spare bank, and the end of every other session and known device."""

from django.db import transaction

from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.customers.opening import customer_fact
from holdfast.bank.exchange.facts import tell
from holdfast.bank.factors.devices import end_others
from holdfast.bank.factors.locks import lock_customer


def set_password(customer: int, verifier: str, own_session: str, event: str = "event.password_changed") -> None:
    """From now on this verifier holds, at both banks; all sessions but this one end, all devices are as new. event: as
    it is told."""
    with transaction.atomic():
        lock_customer(customer)
        Customer.objects.filter(id=customer).update(verifier=verifier)
        accounts = Account.objects.filter(owner__customer=customer).values_list("id", flat=True)
        tell("customer", [(str(customer), customer_fact(Customer.objects.get(id=customer), list(accounts)))])
        end_others(customer, own_session, event)
    known_customers.forget()
