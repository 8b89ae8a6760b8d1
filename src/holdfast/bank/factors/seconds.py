"""The second factor that every customer has beside the password: a passkey or an authenticator app.

Nobody uses the bank by a password alone (docs/decisions/0025): a login without a second factor begins a session that
can set one up and do nothing else. The last one is never removed by its owner; who lost all is helped by two people of
the bank, who remove what was lost, and sets a new one up at the next login.
"""

from django.db import transaction

from holdfast.bank.errors import BankError
from holdfast.bank.factors import history
from holdfast.bank.factors.locks import lock_customer
from holdfast.bank.factors.models import Authenticator, Passkey, RecoveryCode, RecoverySalt
from holdfast.bank.factors.stream import tell_factors, tell_removed


class LastFactor(BankError):
    """It is the customer's only second factor, so it was not removed. Add another one first."""


def has_passkey(customer: int) -> bool:
    """Whether the customer has a passkey."""
    return Passkey.objects.filter(customer=customer).exists()


def has_authenticator(customer: int) -> bool:
    """Whether the customer has an authenticator app in use."""
    return Authenticator.objects.filter(customer=customer).exclude(proved=None).exists()


def has_second(customer: int) -> bool:
    """Whether the customer has anything beside the password."""
    return has_authenticator(customer) or has_passkey(customer)


def forget_codes(customer: int) -> None:
    """The recovery codes no longer hold; in the caller's transaction, which tells it."""
    RecoveryCode.objects.filter(customer=customer).delete()
    RecoverySalt.objects.filter(customer=customer).delete()


def remove_all(customer: int, event: str) -> bool:
    """Remove authenticator, passkeys and recovery codes of a customer who lost them; False when there are none. event:
    as it is told."""
    with transaction.atomic():
        lock_customer(customer)
        if not has_second(customer):
            return False
        forget_factors(customer)
        history.note(customer, event)
    return True


def forget_factors(customer: int) -> None:
    """Nothing logs the customer in any more but a password; in the caller's transaction, under the customer's lock."""
    Authenticator.objects.filter(customer=customer).delete()
    for known in Passkey.objects.filter(customer=customer):
        tell_removed(known.id)
        known.delete()
    forget_codes(customer)
    tell_factors(customer)
