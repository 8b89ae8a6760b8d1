"""A customer's new password: told to the spare bank, and the end of every other session and known device."""

from django.db import transaction

from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.factors.devices import end_others
from holdfast.bank.factors.locks import lock_customer


def set_password(customer: int, verifier: str, own_session: str, event: str = "event.password_changed") -> None:
    """From now on this verifier holds, at both banks; all sessions but this one end, all devices are as new. Who
    left has none any more. event: as it is told."""
    with transaction.atomic():
        lock_customer(customer)
        if not Customer.objects.filter(id=customer, left=None).update(verifier=verifier):
            return
        tell_customer(customer)
        end_others(customer, own_session, event)
    known_customers.forget()
