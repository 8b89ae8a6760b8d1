"""What a bank confirms in writing to the payee of a payment that an outage of its own kept back (requirement S4).

A token, signed by the bank that made it, that the doors read and show at `/confirmation?proof=…` to whoever has the
address: the customer gives it to the payee, who checks it at the bank's own address, also when both banks are down. It
says no more than the payee must know.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

PURPOSE = "outage confirmation"
SIGNERS = frozenset({"primary", "standin"})
ADDRESS = "/confirmation"
TOKEN_CHARACTERS_MAX = 2000
WORDS_MAX = 140


class How(StrEnum):
    """What became of the payment. NOT_KNOWN: when the confirmation was made it was not known whether it was made."""

    LATE = "late"
    NOT_MADE = "not_made"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The payment, and the outage of the bank's main system. payment: its id in hex; due: the day by which it should
    have been made; made_at: when it was, for How.LATE; until: None while the outage lasts; at: when this was written.
    """

    payment: str
    payer: str
    payee: str
    amount_minor: int
    currency: str
    due: date
    how: How
    since: datetime
    until: datetime | None
    at: datetime
    made_at: datetime | None = None

    def to_payload(self) -> dict[str, Any]:
        """What is signed; instants in seconds since 1970 UTC."""
        return {
            "payment": self.payment,
            "payer": self.payer[:WORDS_MAX],
            "payee": self.payee[:WORDS_MAX],
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "due": self.due.isoformat(),
            "how": self.how.value,
            "since": self.since.timestamp(),
            "until": self.until.timestamp() if self.until else None,
            "at": self.at.timestamp(),
            "made_at": self.made_at.timestamp() if self.made_at else None,
        }


def confirmation_from_payload(raw: dict[str, Any]) -> Confirmation:
    """Read what a bank signed; raises KeyError, ValueError or TypeError when it has not the agreed form."""
    return Confirmation(
        str(raw["payment"]),
        str(raw["payer"]),
        str(raw["payee"]),
        int(raw["amount_minor"]),
        str(raw["currency"]),
        date.fromisoformat(raw["due"]),
        How(raw["how"]),
        _instant(raw["since"]),
        _instant(raw["until"]) if raw["until"] is not None else None,
        _instant(raw["at"]),
        _instant(raw["made_at"]) if raw["made_at"] is not None else None,
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
