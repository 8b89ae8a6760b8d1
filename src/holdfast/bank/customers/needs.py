"""What a customer needs of the bank: told once, by the customer or by staff for them, and told on to whoever serves."""

from collections.abc import Iterable

from django.db import transaction

from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.contracts.needs import CODES, clash, known_needs

UNKNOWN, CLASH = "unknown", "clash"


def keep_needs(customer: int, needs: Iterable[str], by_staff: str = "") -> str:
    """Keep exactly these; "" when they are kept, else why not, with nothing changed. by_staff: who told it for the
    customer, who then gets a mail that says so. Said again it changes nothing."""
    wanted = list(dict.fromkeys(needs))
    if set(wanted) - set(CODES):
        return UNKNOWN
    if clash(wanted):
        return CLASH
    kept = known_needs(wanted)
    with transaction.atomic():
        lock_customer(customer)
        before = Customer.objects.get(id=customer)
        if known_needs(before.needs) == kept:
            return ""
        Customer.objects.filter(id=customer).update(needs=kept)
        tell_customer(customer)
        if by_staff:
            history.note(customer, "event.needs_by_staff")
        else:
            history.record(customer, "event.needs_told")
    known_customers.forget()
    return ""
