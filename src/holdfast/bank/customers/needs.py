"""What a customer needs of the bank: told once, by the customer or by staff for them, and told on to whoever serves."""

from collections.abc import Iterable

from django.db import transaction

from holdfast.bank.customers.known import known_customers
from holdfast.bank.customers.models import Customer
from holdfast.bank.customers.opening import tell_customer
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.contracts.needs import CALL_ME, CODES, clash, known_needs
from holdfast.contracts.phones import plain_phone

UNKNOWN, CLASH, PHONE, NO_PHONE = "unknown", "clash", "phone", "no_phone"


def keep_needs(customer: int, needs: Iterable[str], phone: str = "", by_staff: str = "") -> str:
    """Keep exactly these and this number to call; "" when they are kept, else why not, with nothing changed. by_staff:
    who told it for the customer, who then gets a mail that says so. Said again it changes nothing."""
    wanted = list(dict.fromkeys(needs))
    if set(wanted) - set(CODES):
        return UNKNOWN
    if clash(wanted):
        return CLASH
    kept, plain = known_needs(wanted), plain_phone(phone)
    if phone.strip() and not plain:
        return PHONE
    if CALL_ME in kept and not plain:
        return NO_PHONE
    with transaction.atomic():
        lock_customer(customer)
        before = Customer.objects.get(id=customer)
        if (known_needs(before.needs), before.phone) == (kept, plain):
            return ""
        Customer.objects.filter(id=customer).update(needs=kept, phone=plain)
        tell_customer(customer)
        if by_staff:
            history.note(customer, "event.needs_by_staff")
        else:
            history.record(customer, "event.needs_told")
    known_customers.forget()
    return ""
