"""How payments ended, as far as a customer may be told.

The books decide. A refusal of this bank's own may be told only after a claim at the register (protocol.md,
rule 5); until then it is being checked.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from holdfast.bank.books import reader
from holdfast.bank.payments.models import Told
from holdfast.contracts.answers import Reason
from holdfast.ledger.api import Result


@dataclass(frozen=True, slots=True)
class Fate:
    """state: `done`, `checking` or `refused`; told: the refusal was claimed, or stands in both banks' records."""

    state: str
    reason: Reason = Reason.OK
    source: str = ""
    block: int = 0


CHECKING = Fate("checking")


def fates(payments: Collection[uuid.UUID]) -> dict[uuid.UUID, Fate]:
    """The fate of each payment that the books hold; the others are still open. Two queries."""
    if not payments:
        return {}
    outcomes = reader().outcomes(list(payments))
    own = [
        one for one, posted in outcomes.items() if posted.result is Result.ALREADY_REFUSED and posted.source == "own"
    ]
    told = set(Told.objects.filter(payment__in=own).values_list("payment", flat=True)) if own else set()
    out = {}
    for one, posted in outcomes.items():
        if posted.result is Result.ALREADY_POSTED:
            out[one] = Fate("done", Reason.OK, posted.source, posted.block)
        elif posted.source == "journal" or one in told:
            out[one] = Fate("refused", posted.reason, posted.source, posted.block)
        else:
            out[one] = CHECKING
    return out
