"""Changes to one customer's factors and devices happen one after the other: the lock that they take first."""

from holdfast.bank.customers.models import Customer


def lock_customer(customer: int) -> None:
    """Wait for the changes before this one; in the caller's transaction, to whose end it is held."""
    Customer.objects.select_for_update().get(id=customer)
