"""Signs that somebody talked a customer into a payment: then a page stops them once and says what to do. Pure.

Nothing is refused by these rules. They look only at payments for which the customer must prove who they are anyway, so
everyday payments are never interrupted. Sources: the patterns that banks and the police of several countries warn of
(safe account, changed invoice, investment, somebody who pretends to be a relative or an authority).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from holdfast.guard.names import NameCheck
from holdfast.guard.payments import Risk

MOST_PERCENT = 50
"""A payment to a new payee of that share of what the account has is most of it."""
INVESTMENT = re.compile(
    r"\b(invest|crypto|krypto|bitcoin|btc|ethereum|forex|trading|aksje|gevinst|recovery fee|frigi)", re.IGNORECASE
)
TEXT_CHARACTERS_MAX = 140


class Scam(StrEnum):
    """What it looks like; NONE: nothing."""

    NONE = "none"
    OTHER_NAME = "other_name"
    INVESTMENT = "investment"
    SAFE_ACCOUNT = "safe_account"


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of one payment. available_minor: what the account has before it; text: the message, as typed."""

    risk: Risk
    amount_minor: int
    available_minor: int
    name: NameCheck
    text: str


def scam_of(signs: Signs) -> Scam:
    """The first pattern that it fits, the plainest first."""
    if signs.risk is Risk.NONE:
        return Scam.NONE
    if signs.name is NameCheck.NONE:
        return Scam.OTHER_NAME
    if INVESTMENT.search(signs.text[:TEXT_CHARACTERS_MAX]):
        return Scam.INVESTMENT
    if signs.risk is Risk.NEW_PAYEE and signs.amount_minor * 100 >= signs.available_minor * MOST_PERCENT:
        return Scam.SAFE_ACCOUNT
    return Scam.NONE
