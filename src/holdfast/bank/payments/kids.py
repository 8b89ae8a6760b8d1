"""Which accounts ask for a KID with each payment; the spare bank is told (fact `kid`)."""

from django.db import transaction

from holdfast.bank.customers.known import accounts_by_number
from holdfast.bank.exchange.facts import tell
from holdfast.bank.payments.models import KidNeed
from holdfast.contracts.kid import NEEDS


def set_kid_need(account: int, need: str) -> None:
    """Payments to this account `may` or `must` carry a KID; "" ends that. Safe to repeat."""
    if need and need not in NEEDS:
        raise ValueError(f"{need!r} does not say whether a payment carries a KID")
    with transaction.atomic():
        if need:
            KidNeed.objects.update_or_create(account=account, defaults={"need": need})
        else:
            KidNeed.objects.filter(account=account).delete()
        tell("kid", [(str(account), {"need": need} if need else None)])
    accounts_by_number.forget()
