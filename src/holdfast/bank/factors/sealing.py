"""The secrets of authenticators are sealed before the database sees them (signing/sealing.py), each bound to its
customer; `rotate` seals everything anew under a new key while the bank works.
"""

from holdfast.bank.books import installation
from holdfast.bank.errors import SealBroken
from holdfast.signing.sealing import NotSealed, Sealer

FILE = "bank-factors.keys"


class Keys(Sealer):
    """The keys of this bank's file."""

    def __init__(self) -> None:
        super().__init__(lambda: installation().keys / "primary" / FILE, b"holdfast bank factor 1")


keys = Keys()


def seal(secret: str, customer: int) -> str:
    """The secret under the newest key, as text; raises SealBroken without keys."""
    try:
        return keys.seal(secret, str(customer))
    except NotSealed as error:
        raise SealBroken(str(error)) from error


def unseal(stored: str, customer: int) -> str:
    """What was sealed for this customer; raises SealBroken when no key opens it."""
    try:
        return keys.unseal(stored, str(customer))
    except NotSealed as error:
        raise SealBroken(str(error)) from error
