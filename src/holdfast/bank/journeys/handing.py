"""Hand the control room what its test customers log in with.

Nothing of it is kept here in the open: each time it is asked for, both get a new password and a new authenticator, as a
customer would choose them, and what they had before ends. Only the answer holds them, on the line between the two
buildings; the spare bank learns of them as of any customer's.
"""

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from holdfast.bank.customers.models import Account, Customer
from holdfast.bank.customers.passwords import make_verifiers
from holdfast.bank.factors import sealing
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import Authenticator
from holdfast.bank.factors.passwording import set_password
from holdfast.bank.factors.stream import tell_factors
from holdfast.contracts.test_customers import COUNT, FIRST
from holdfast.signing.onetime import new_secret

PASSWORD_BYTES = 24


def renew_logins() -> list[dict[str, Any]]:
    """New passwords and authenticators of the test customers, with what a journey needs to know of each; none before
    they are opened."""
    found = list(Customer.objects.filter(id__in=range(FIRST, FIRST + COUNT), left=None).order_by("id"))
    words = [secrets.token_urlsafe(PASSWORD_BYTES) for _ in found]
    numbers = dict(Account.objects.filter(id__in=[one.id for one in found]).values_list("id", "number"))
    return [
        {
            "customer": one.id,
            "name": one.name,
            "username": one.username,
            "cohort": one.cohort,
            "account": one.id,
            "number": numbers[one.id],
            "password": word,
            "authenticator": _renew(one.id, verifier),
        }
        for one, word, verifier in zip(found, words, make_verifiers(words), strict=True)
    ]


def _renew(customer: int, verifier: str) -> str:
    """Set both; the authenticator's secret, base32."""
    secret = new_secret()
    with transaction.atomic():
        lock_customer(customer)
        now = timezone.now()
        Authenticator.objects.update_or_create(
            customer_id=customer,
            defaults={"sealed": sealing.seal(secret, customer), "session": "", "proved": now, "devices_since": now},
        )
        tell_factors(customer)
        set_password(customer, verifier, "")
    return secret
